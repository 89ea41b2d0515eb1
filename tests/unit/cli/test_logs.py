"""Logs of several processes put together, and one request followed through them."""

import json
from pathlib import Path
from typing import Any

from pileus.cli import logs

REQUEST = "req-11111111-1111-1111-1111-111111111111"


def write(directory: Path, process: str, *lines: dict[str, Any]) -> None:
    directory.mkdir(exist_ok=True)
    with (directory / f"{process}.log").open("a") as file:
        for line in lines:
            file.write(json.dumps({"process": process, "request_id": REQUEST, **line}) + "\n")


def test_lines_of_all_processes_are_in_the_order_of_time(tmp_path: Path) -> None:
    write(tmp_path, "engine", {"time": 2.0, "level": "info", "message": "second"})
    write(tmp_path, "api", {"time": 1.0, "level": "info", "message": "first"}, {"time": 1.5, "span": "request"})
    with (tmp_path / "api.log").open("a") as file:
        file.write('{"time": 3')  # a process was killed here
    assert [line["message"] for line in logs.read(tmp_path)] == ["first", "second"]


def test_a_request_is_found_by_its_own_id_and_by_the_id_it_was_given(tmp_path: Path) -> None:
    write(tmp_path, "api", {"time": 1.0, "message": "own", "level": "info"})
    other = {"time": 2.0, "message": "given", "request_id": "req-2", "global_request_id": REQUEST, "level": "info"}
    write(tmp_path, "api", other, {"time": 3.0, "message": "else", "request_id": "req-3", "level": "info"})
    assert [line["message"] for line in logs.read(tmp_path, request_id=REQUEST)] == ["own", "given"]


def test_a_trace_shows_what_happened_inside_what(tmp_path: Path) -> None:
    write(tmp_path, "api", {"time": 1.1, "span": "call", "name": "inner", "ms": 100})
    write(tmp_path, "api", {"time": 1.0, "span": "request", "name": "outer", "ms": 500})
    write(tmp_path, "engine", {"time": 1.2, "span": "step", "name": "step", "ms": 50})
    found = logs.trace(tmp_path, REQUEST)
    assert [(line["name"], line["depth"]) for line in found] == [("outer", 0), ("inner", 1), ("step", 0)]
    assert "inner" in logs.shown_span(found[1])
