"""Running native daemons in a test as the supervisor would, but without restarts."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pileus.host.spec import ProcessSpec


class Steps:
    """Progress that nobody watches."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        yield


class Daemons:
    """Starts processes in order, and stops those it started, by their pid."""

    def __init__(self, specs: list[ProcessSpec], log: Path) -> None:
        self.specs, self._log = {spec.name: spec for spec in specs}, log
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for name in self.specs:
            self.start_one(name)

    def start_one(self, name: str) -> None:
        spec = self.specs[name]
        self._log.mkdir(parents=True, exist_ok=True)
        with (self._log / f"{name}.out").open("ab") as output:
            self.running[name] = subprocess.Popen(
                spec.argv, env={**os.environ, **spec.env}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        wait_for(lambda: all(_accepts(path) for path in spec.ready or []), f"{name} is ready")

    def kill(self, *names: str) -> None:
        for name in names or list(self.running):
            self.running[name].kill()
            self.running.pop(name).wait()

    def stop(self) -> None:
        for name in reversed(list(self.running)):
            self.running[name].send_signal(self.specs[name].stop_signal)
            try:
                self.running[name].wait(5)
            except subprocess.TimeoutExpired:
                self.running[name].kill()
                self.running[name].wait()
            del self.running[name]

    def memory(self) -> dict[str, int]:
        """KiB of each process that are its share of all memory (PSS)."""
        found = {}
        for name, process in self.running.items():
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            found[name] = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return found


def wait_for(condition: object, what: str, timeout: float = 15.0) -> None:
    """Until ``condition()`` is true; fails with ``what`` after ``timeout`` seconds."""
    assert callable(condition)
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.01)


def _accepts(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True


def can_run_ovn() -> bool:
    return os.geteuid() == 0 and all(map(shutil.which, ("ovn-northd", "ovs-vswitchd", "ovn-controller", "ip")))
