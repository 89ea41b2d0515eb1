"""Talking to the supervisor of a cloud."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from pileus.cli.failure import Failure
from pileus.host.spec import ProcessSpec

START_TIMEOUT = 60.0
STOP_TIMEOUT = 90.0
LOOK = 0.02


def ask(state_dir: Path, command: str, timeout: float = 5.0) -> dict[str, Any] | None:
    """The supervisor's answer; None when none is running. Raises Failure when it does not answer in time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(state_dir / "run" / "supervisor.sock"))
            connection.sendall(command.encode() + b"\n")
            data = b""
            while piece := connection.recv(65536):
                data += piece
        except TimeoutError:
            raise Failure(
                f"the supervisor did not answer '{command}' within {timeout:.0f} s",
                f"look into {state_dir}/log/supervisor.out",
            ) from None
        except OSError:
            return None
    return json.loads(data) if data else None


def write_specs(state_dir: Path, specs: Sequence[ProcessSpec]) -> None:
    path = state_dir / "run" / "specs.json"
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode([asdict(spec) for spec in specs])))
    part.replace(path)


def start(state_dir: Path) -> None:
    """Starts the supervisor in a session of its own, so that it outlives this command."""
    with (state_dir / "log" / "supervisor.out").open("ab") as output:
        subprocess.Popen(
            [sys.executable, "-m", "pileus.host.supervisor", str(state_dir)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )


def wait_ready(state_dir: Path, timeout: float = START_TIMEOUT) -> None:
    """Returns once every process is ready. Raises Failure, naming those that are not and what they said last."""
    deadline = time.monotonic() + timeout
    status = None
    while time.monotonic() < deadline:
        status = ask(state_dir, "status")
        if status is not None:
            processes = status["processes"]
            if all(process["ready"] for process in processes):
                return
            hopeless = [process for process in processes if process["restarts"] >= 4 and not process["ready"]]
            if hopeless:
                raise Failure(*_why(state_dir, hopeless))
        time.sleep(LOOK)
    if status is None:
        raise Failure("the supervisor did not start", f"look into {state_dir}/log/supervisor.out")
    raise Failure(*_why(state_dir, [process for process in status["processes"] if not process["ready"]]))


def _why(state_dir: Path, processes: Sequence[dict[str, Any]]) -> tuple[str, str]:
    names = ", ".join(process["name"] for process in processes)
    name = processes[0]["name"]
    last = _last_lines(state_dir / "log" / f"{name}.out")
    return (
        f"not ready: {names}" + (f"\n{name} said:\n{last}" if last else ""),
        f"look into {state_dir}/log/",
    )


def _last_lines(path: Path, count: int = 8) -> str:
    try:
        return "\n".join("  " + line for line in path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def stop(state_dir: Path) -> bool:
    """Stops the cloud's processes; False when none were running."""
    return ask(state_dir, "stop", STOP_TIMEOUT) is not None
