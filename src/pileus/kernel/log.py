"""Structured logs: one JSON object a line, in one file a process, with the request id on every line.

Spans are log lines too (``"span"``: what was done, ``ms``: how long it took): ``pileus trace`` puts them together.
A line is written with one write(2) to a file opened for appending, so that lines of several threads and processes
never mix, and none is lost when the process is killed.
"""

import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pileus.kernel.context import current

MAX_BYTES = 64 << 20
KEEP = 3
SPAN = "pileus.span"
LEVELS = ("debug", "info", "warning", "error")

_encode = msgspec.json.Encoder(enc_hook=str).encode


class LineFile:
    """A log file that is appended to line by line and rotated by size."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._fd = sys.stderr.fileno() if path is None else self._open(path)
        self._written = 0 if path is None else os.fstat(self._fd).st_size

    @staticmethod
    def _open(path: Path) -> int:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def write(self, line: bytes) -> None:
        try:
            os.write(self._fd, line)
        except OSError as error:
            # A full disk must not stop the cloud: say so where an operator may see it, and go on.
            os.write(2, f"pileus: cannot write the log: {error}\n".encode())
            return
        self._written += len(line)
        if self.path is not None and self._written > MAX_BYTES:
            self._rotate(self.path)

    def _rotate(self, path: Path) -> None:
        for number in range(KEEP - 1, 0, -1):
            older = path.with_name(f"{path.name}.{number}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{number + 1}"))
        path.replace(path.with_name(f"{path.name}.1"))
        old, self._fd, self._written = self._fd, self._open(path), 0
        os.close(old)


class LineHandler(logging.Handler):
    """Turns log records into JSON lines."""

    def __init__(self, process: str, file: LineFile) -> None:
        super().__init__()
        self.process, self.file = process, file

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {
            "time": record.created,
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        context = current.get()
        if context is not None:
            line["request_id"] = context.request_id
            if context.global_request_id:
                line["global_request_id"] = context.global_request_id
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = "".join(traceback.format_exception(record.exc_info[1]))
        self.file.write(_encode(line) + b"\n")


_handler: LineHandler | None = None


def setup(process: str, path: Path | None, level: str = "info") -> None:
    """Sends this process's log to path (or standard error), from now on. May be called again."""
    global _handler
    root = logging.getLogger()
    if _handler is not None:
        root.removeHandler(_handler)
    _handler = LineHandler(process, LineFile(path))
    root.addHandler(_handler)
    root.setLevel(level.upper())
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    logging.captureWarnings(True)


def record_span(kind: str, name: str, started: float, **facts: Any) -> None:
    """Writes a span that began at ``started`` (time.time()) and ends now, if this process keeps a log."""
    if _handler is None:
        return
    context = current.get()
    line: dict[str, Any] = {
        "time": started,
        "span": kind,
        "process": _handler.process,
        "name": name,
        "ms": round((time.time() - started) * 1000, 2),
    }
    if context is not None:
        line["request_id"] = context.request_id
        if context.global_request_id:
            line["global_request_id"] = context.global_request_id
    line.update(facts)
    _handler.file.write(_encode(line) + b"\n")


@contextmanager
def span(kind: str, name: str, **facts: Any) -> Iterator[dict[str, Any]]:
    """Measures a block; what the block puts into the yielded mapping is written with the span."""
    started = time.time()
    try:
        yield facts
    except Exception as error:
        facts.setdefault("error", f"{type(error).__name__}: {error}")
        raise
    finally:
        record_span(kind, name, started, **facts)
