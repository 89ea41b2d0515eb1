"""``pileus logs`` and ``pileus trace``: what the processes wrote, as a person reads it."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

FOLLOW_INTERVAL = 0.3
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def read(log_dir: Path, *, request_id: str | None = None, spans: bool = False) -> list[dict[str, Any]]:
    """Every line kept of a request (or all), oldest first; ``spans``: the measurements too."""
    lines = []
    for path in sorted(log_dir.glob("*.log*")):
        with path.open("rb") as file:
            lines += [line for line in _lines(file) if _wanted(line, request_id, spans)]
    return sorted(lines, key=lambda line: float(line["time"]))


def follow(log_dir: Path, *, request_id: str | None = None) -> Iterator[dict[str, Any]]:
    """Lines as they are written, from now on, for ever; a file that is rotated is opened anew."""
    positions = {path: path.stat().st_size for path in log_dir.glob("*.log")}
    while True:
        for path in sorted(log_dir.glob("*.log")):
            size = path.stat().st_size
            at = positions.get(path, 0)
            with path.open("rb") as file:
                file.seek(at if at <= size else 0)
                for line in _lines(file):
                    if _wanted(line, request_id, False):
                        yield line
                positions[path] = file.tell()
        time.sleep(FOLLOW_INTERVAL)


def _lines(file: Any) -> Iterator[dict[str, Any]]:
    for raw in file:
        try:
            line = _decode(raw)
        except msgspec.DecodeError:
            continue  # half a line, of a process that was killed while it wrote to a full disk
        if "time" in line:
            yield line


def _wanted(line: dict[str, Any], request_id: str | None, spans: bool) -> bool:
    if "span" in line and not spans:
        return False
    return request_id is None or request_id in (line.get("request_id"), line.get("global_request_id"))


def clock_of(line: dict[str, Any]) -> str:
    return datetime.fromtimestamp(line["time"]).strftime("%H:%M:%S.%f")[:-3]


def shown(line: dict[str, Any]) -> str:
    """One line of a log for a terminal."""
    request = f" [{line['request_id']}]" if line.get("request_id") else ""
    error = f"\n{line['error']}" if line.get("error") else ""
    text = f"{clock_of(line)} {line.get('level', ''):7} {line['process']:6}{request} {line.get('message', '')}"
    return text + error


def trace(log_dir: Path, request_id: str) -> list[dict[str, Any]]:
    """Every span and log line of one request in every process, in order; ``depth`` by which span is inside which."""
    lines = read(log_dir, request_id=request_id, spans=True)
    open_spans: list[tuple[str, float]] = []
    for line in lines:
        ends = float(line["time"]) + float(line.get("ms", 0)) / 1000
        # A line is inside every span of its own process that has not ended when it begins.
        open_spans = [(process, end) for process, end in open_spans if end >= float(line["time"])]
        line["depth"] = sum(1 for process, end in open_spans if process == line["process"] and end >= ends)
        if "span" in line:
            open_spans.append((line["process"], ends))
    return lines


def shown_span(line: dict[str, Any]) -> str:
    """One line of a trace for a terminal."""
    if "span" not in line:
        return shown(line)
    known = ("time", "span", "process", "name", "ms", "request_id", "global_request_id", "depth")
    facts = " ".join(f"{name}={value}" for name, value in line.items() if name not in known and value is not None)
    indent = "  " * line.get("depth", 0)
    return f"{clock_of(line)} {line['process']:6} {line['ms']:9.2f} ms  {indent}{line['span']} {line['name']}  {facts}"
