"""A whole cloud in processes of its own, as a user starts it: `pileus up` in a private state directory."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
COMMAND_TIMEOUT = 300.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningCloud:
    """``pileus`` runs the admin command, ``openstack`` the stock client."""

    def __init__(self, state_dir: Path, *, fake: bool) -> None:
        self.state_dir, self.fake = state_dir, fake
        self.port = free_port()
        self.command = [sys.executable, "-m", "pileus.cli"]
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("OS_", "PILEUS_"))
        } | {"PYTHONPATH": str(ROOT / "src"), "OS_CLIENT_CONFIG_FILE": str(state_dir / "clouds.yaml")}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pileus(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [*self.command, *arguments, "--state-dir", str(self.state_dir)]
        return self._run(command, check)

    def openstack(self, *arguments: str, cloud: str = "pileus-admin", check: bool = True) -> Any:
        """The client's JSON output where the command has one, else its text."""
        client = str(Path(sys.executable).with_name("openstack"))
        done = self._run([client, "--os-cloud", cloud, *arguments], check)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            return done.stdout if done.returncode == 0 else done.stderr

    def _run(self, command: list[str], check: bool) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=COMMAND_TIMEOUT)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def up(self, *arguments: str) -> None:
        kind = ["--fake"] if self.fake else []
        self.pileus("up", *kind, "--listen", f"127.0.0.1:{self.port}", *arguments)

    def down(self) -> None:
        self.pileus("down", check=False)

    def pid(self, name: str) -> int:
        return int((self.state_dir / "run" / f"{name}.pid").read_text())

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pileus("status", "--json", check=False).stdout)
        return found


def wait_for(look: Callable[[], Any], timeout: float, what: str) -> Any:
    """What ``look`` returned, once that is true. Fails after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} within {timeout:.0f} s")
        time.sleep(0.1)
