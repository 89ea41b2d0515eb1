"""The supervisor starts in order, restarts what dies, stops in the opposite order, and says what runs."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pileus.host.spec import ProcessSpec
from pileus.host.supervisor import end_leftovers, is_ready
from tests.running import ROOT, wait_for

Start = Callable[[list[ProcessSpec]], None]

# Writes its name when it starts and when it is asked to stop, and is ready once its socket accepts.
CHILD = """
import pathlib, signal, socket, sys, time
name, directory = sys.argv[1], pathlib.Path(sys.argv[2])
def say(word):
    with (directory / "said").open("a") as file:
        file.write(f"{name} {word}\\n")
def stop(*_):
    say("stops")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
time.sleep(0.1)
say("starts")
listening = socket.socket(socket.AF_UNIX)
listening.bind(str(directory / f"{name}.sock"))
listening.listen()
while True:
    time.sleep(1)
"""


def child(directory: Path, name: str, *, after: list[str] | None = None) -> ProcessSpec:
    argv = [sys.executable, "-c", CHILD, name, str(directory)]
    return ProcessSpec(name, argv, ready=[str(directory / f"{name}.sock")], after=after or [])


def ask(state: Path, command: str) -> Any:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(state / "run" / "supervisor.sock"))
        connection.sendall(command.encode() + b"\n")
        return json.loads(connection.makefile().read())


def processes(state: Path) -> dict[str, Any]:
    try:
        return {process["name"]: process for process in ask(state, "status")["processes"]}
    except (OSError, json.JSONDecodeError):
        return {}


def all_ready(state: Path) -> bool:
    found = processes(state)
    return bool(found) and all(process["ready"] for process in found.values())


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "run").mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def run(specs: list[ProcessSpec]) -> None:
        (tmp_path / "run" / "specs.json").write_text(json.dumps([asdict(spec) for spec in specs]))
        command = [sys.executable, "-m", "pileus.host.supervisor", str(tmp_path)]
        started.append(subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}))
        wait_for(lambda: all_ready(tmp_path), 20, "not everything was ready")

    yield run
    for process in started:
        process.terminate()
        process.wait(20)


def said(directory: Path) -> list[str]:
    return (directory / "said").read_text().splitlines()


def test_processes_start_after_what_they_need_and_stop_before_it(tmp_path: Path, start: Start) -> None:
    start([child(tmp_path, "second", after=["first"]), child(tmp_path, "first")])
    assert ask(tmp_path, "stop") == {"stopped": True}
    assert said(tmp_path) == ["first starts", "second starts", "second stops", "first stops"]
    assert not list((tmp_path / "run").glob("*.pid"))


def test_what_dies_is_started_again(tmp_path: Path, start: Start) -> None:
    start([child(tmp_path, "one")])
    pid = processes(tmp_path)["one"]["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: processes(tmp_path)["one"]["pid"] not in (pid, None), 10, "it was not started again")
    wait_for(lambda: all_ready(tmp_path), 10, "it did not get ready again")
    found = processes(tmp_path)["one"]
    assert found["restarts"] == 1 and found["last_exit"] == -signal.SIGKILL


def test_a_program_that_is_not_there_is_reported_and_tried_ever_more_slowly(tmp_path: Path, start: Start) -> None:
    start([child(tmp_path, "one")])
    ask(tmp_path, "stop")
    command = [sys.executable, "-m", "pileus.host.supervisor", str(tmp_path)]
    broken = ProcessSpec("broken", ["/nonexistent/program"], ready=[str(tmp_path / "never.sock")])
    (tmp_path / "run" / "specs.json").write_text(json.dumps([asdict(broken)]))
    supervisor = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT / "src")})
    try:
        wait_for(lambda: processes(tmp_path).get("broken", {}).get("restarts", 0) >= 2, 10, "it was not tried again")
        assert "cannot start" in (tmp_path / "log" / "broken.out").read_text()
    finally:
        supervisor.terminate()
        supervisor.wait(10)


def test_leftovers_of_this_state_directory_are_ended_and_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)])
    others = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "elsewhere"])
    try:
        (tmp_path / "run" / "ours.pid").write_text(str(ours.pid))
        (tmp_path / "run" / "others.pid").write_text(str(others.pid))
        # Reaps our own child at once: a zombie would look alive to end_leftovers, which is never its parent.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        end_leftovers(tmp_path, ["ours", "others", "never"])
        assert not Path(f"/proc/{ours.pid}").exists()
        assert others.poll() is None
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        others.kill()
        others.wait()
        ours.wait()


def test_readiness_by_command_and_by_socket(tmp_path: Path) -> None:
    assert is_ready(["true"])
    assert not is_ready(["false"])
    assert not is_ready(["no-such-command"])
    path = str(tmp_path / "a.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        assert not is_ready([path])
        listening.listen()
        assert is_ready([path])


def test_what_processes_leave_behind_is_buried(tmp_path: Path, start: Start) -> None:
    orphan = f"(sleep 0.2 & echo $! > {tmp_path}/orphan); exec sleep 1000"
    start([ProcessSpec("parent", ["sh", "-c", orphan])])
    wait_for(lambda: (tmp_path / "orphan").exists() and (tmp_path / "orphan").read_text().strip(), 10, "it starts")
    pid = (tmp_path / "orphan").read_text().strip()
    parent = str(ask(tmp_path, "status")["pid"])
    assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == parent
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), 0.9, "the orphan is buried")
    assert processes(tmp_path)["parent"]["restarts"] == 0
