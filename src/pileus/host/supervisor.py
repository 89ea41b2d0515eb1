"""The supervisor: keeps the processes of one cloud on this host running. Standard library only, one thread, small.

    python -m pileus.host.supervisor STATE_DIR        (reads STATE_DIR/run/specs.json)

It starts what ``specs.json`` lists, in the order of ``after``, restarts whatever dies (at once, then ever more
slowly), and answers one-line requests on ``run/supervisor.sock`` with JSON: ``status``, ``stop``, ``restart NAME``. It
may be killed at any moment: the kernel tells its children (PR_SET_PDEATHSIG), which end, and the next one starts from
the same file.
"""

import contextlib
import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pileus.host.spec import ProcessSpec

KILL_AFTER = 15.0  # seconds between the polite signal and SIGKILL
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
STEADY = 30.0  # a process that ran this long is taken to be well: its next restart is immediate again
LOOK = 0.02  # seconds between looks while something is starting or stopping
READY_COMMAND_TIMEOUT = 5.0
MAX_OUTPUT = 16 << 20
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class Process:
    """One process that should run: its spec, and what has become of it."""

    def __init__(self, spec: ProcessSpec, run_dir: Path, log_dir: Path) -> None:
        self.spec = spec
        self.pid_file = run_dir / f"{spec.name}.pid"
        self.output = log_dir / f"{spec.name}.out"
        self.child: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.started_at = 0.0
        self.restarts = 0
        self.next_start = 0.0
        self.pause = FIRST_PAUSE
        self.last_exit: int | None = None
        self.stopping_since: float | None = None

    @property
    def running(self) -> bool:
        return self.child is not None

    def start(self) -> None:
        for path in self.spec.ready or ():
            # A socket that an earlier life left behind would look ready to nobody, and hinder some daemons.
            if path.startswith("/"):
                Path(path).unlink(missing_ok=True)
        if self.output.exists() and self.output.stat().st_size > MAX_OUTPUT:
            self.output.replace(self.output.with_suffix(".out.1"))
        try:
            with self.output.open("ab") as output:
                self.child = subprocess.Popen(
                    self.spec.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=os.environ | self.spec.env,
                    start_new_session=True,
                    preexec_fn=_die_with_parent,  # noqa: PLW1509 - there are no threads here
                )
        except OSError as error:
            self._note(f"cannot start: {error}")
            self._plan_restart(None)
            return
        self.started_at = time.monotonic()
        self.ready = self.spec.ready is None
        self.pid_file.write_text(f"{self.child.pid}\n")

    def _note(self, text: str) -> None:
        with self.output.open("a") as output:
            output.write(f"supervisor: {self.spec.name} {text}\n")

    def reap(self) -> bool:
        """Notices the child's end; True when it has ended just now."""
        if self.child is None or self.child.poll() is None:
            return False
        self._note(f"(pid {self.child.pid}) ended with {self.child.returncode}")
        self._plan_restart(self.child.returncode)
        return True

    def _plan_restart(self, code: int | None) -> None:
        ran = time.monotonic() - self.started_at if self.child is not None else 0.0
        self.pause = FIRST_PAUSE if ran > STEADY else min(LONGEST_PAUSE, self.pause * 2)
        self.next_start = time.monotonic() + self.pause
        self.last_exit = code
        self.restarts += 1
        self.child = None
        self.ready = False
        self.stopping_since = None
        self.pid_file.unlink(missing_ok=True)

    def check_ready(self) -> None:
        if self.running and not self.ready and is_ready(self.spec.ready or []):
            self.ready = True

    def ask_to_stop(self) -> None:
        """The polite signal first, SIGKILL to its whole session when that is not heard."""
        if self.child is None:
            return
        now = time.monotonic()
        if self.stopping_since is None:
            self.stopping_since = now
            _signal(self.child.pid, self.spec.stop_signal)
        elif now - self.stopping_since > KILL_AFTER:
            self.stopping_since = now
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)

    def status(self) -> dict[str, Any]:
        return {
            "name": self.spec.name,
            "pid": self.child.pid if self.child else None,
            "ready": self.ready,
            "restarts": self.restarts,
            "last_exit": self.last_exit,
            "uptime": round(time.monotonic() - self.started_at, 1) if self.child else None,
        }


class Supervisor:
    def __init__(self, state_dir: Path, specs: list[ProcessSpec]) -> None:
        self.run_dir, log_dir = state_dir / "run", state_dir / "log"
        log_dir.mkdir(parents=True, exist_ok=True)
        self.processes = {spec.name: Process(spec, self.run_dir, log_dir) for spec in specs}
        self.stopping = False
        self._selector = selectors.DefaultSelector()
        self._asked_to_stop: list[socket.socket] = []

    def run(self) -> None:
        """Returns once everything was stopped."""
        _prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._listen_for_signals()
        with self._control_socket():
            self._pid_file.write_text(f"{os.getpid()}\n")
            while not self._over():
                self._turn()
                for key, _ in self._selector.select(self._wait()):
                    key.data()
            self._pid_file.unlink(missing_ok=True)
        for asker in self._asked_to_stop:
            _answer(asker, {"stopped": True})

    @property
    def _pid_file(self) -> Path:
        return self.run_dir / "supervisor.pid"

    def _over(self) -> bool:
        return self.stopping and not any(process.running for process in self.processes.values())

    def _turn(self) -> None:
        for process in self.processes.values():
            process.reap()
            process.check_ready()
        self._reap_orphans()
        if self.stopping:
            for process in self.processes.values():
                if process.running and not self._running_dependents(process):
                    process.ask_to_stop()
            return
        now = time.monotonic()
        for process in self.processes.values():
            if process.stopping_since is not None:
                process.ask_to_stop()
            elif not process.running and now >= process.next_start and self._dependencies_ready(process):
                process.start()

    def _reap_orphans(self) -> None:
        """Buries what our processes left behind (guests are such): libvirt waits until a guest has left the process
        table, and an init that takes its time makes that a second and more for each.
        """
        ours = {process.child.pid for process in self.processes.values() if process.child is not None}
        with contextlib.suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if ended.si_pid in ours:
                    return  # reap() is to see it; it comes first at the next turn, which its signal has brought about
                os.waitpid(ended.si_pid, os.WNOHANG)

    def _wait(self) -> float:
        """Seconds until there is something to look at."""
        processes = self.processes.values()
        if self.stopping or any(process.stopping_since is not None for process in processes):
            return LOOK
        if any(process.running and not process.ready for process in processes):
            return LOOK
        pending = [process.next_start for process in processes if not process.running]
        return min(1.0, max(LOOK, min(pending) - time.monotonic())) if pending else 60.0

    def _dependencies_ready(self, process: Process) -> bool:
        return all(self.processes[name].ready for name in process.spec.after if name in self.processes)

    def _running_dependents(self, process: Process) -> bool:
        return any(process.spec.name in other.spec.after and other.running for other in self.processes.values())

    # -- the outside -----------------------------------------------------------------------------------------------

    def _listen_for_signals(self) -> None:
        reading, writing = socket.socketpair()
        reading.setblocking(False)
        writing.setblocking(False)
        signal.set_wakeup_fd(writing.fileno())
        self._wakeup = (reading, writing)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(reading, selectors.EVENT_READ, lambda: reading.recv(4096))

    def _stop(self) -> None:
        self.stopping = True

    @contextlib.contextmanager
    def _control_socket(self) -> Any:
        path = self.run_dir / "supervisor.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.bind(str(path))
            path.chmod(0o600)
            control.listen(16)
            self._selector.register(control, selectors.EVENT_READ, lambda: self._accept(control))
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def _accept(self, control: socket.socket) -> None:
        asker, _ = control.accept()
        asker.settimeout(1.0)
        try:
            command, _, argument = asker.recv(4096).decode().strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            asker.close()
            return
        if command == "stop":
            self.stopping = True
            self._asked_to_stop.append(asker)
            return
        _answer(asker, self._answer(command, argument))

    def _answer(self, command: str, argument: str) -> dict[str, Any]:
        if command == "status":
            return {
                "pid": os.getpid(),
                "stopping": self.stopping,
                "processes": [process.status() for process in self.processes.values()],
            }
        if command == "restart" and argument in self.processes:
            process = self.processes[argument]
            process.ask_to_stop()
            process.next_start = 0.0
            return {"restarting": argument}
        return {"error": f"unknown command or process: {command} {argument}".strip()}


def _answer(asker: socket.socket, document: dict[str, Any]) -> None:
    with contextlib.suppress(OSError), asker:
        asker.sendall(json.dumps(document).encode() + b"\n")


def is_ready(wanted: list[str]) -> bool:
    """Whether sockets accept, a URL answers 200, or a command succeeds (see ProcessSpec.ready)."""
    if wanted and wanted[0].startswith("http://"):
        return _http_answers(wanted[0])
    if all(path.startswith("/") for path in wanted):
        return all(_accepts(path) for path in wanted)
    try:
        done = subprocess.run(wanted, stdin=subprocess.DEVNULL, capture_output=True, timeout=READY_COMMAND_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _accepts(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(path) == 0


def _http_answers(url: str) -> bool:
    netloc, _, path = url.removeprefix("http://").partition("/")
    host, _, port = netloc.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1.0) as connection:
            connection.sendall(f"GET /{path} HTTP/1.1\r\nHost: {netloc}\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _libc_prctl() -> Callable[..., int]:
    return ctypes.CDLL(None, use_errno=True).prctl


_prctl = _libc_prctl()


def _die_with_parent() -> None:
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def end_leftovers(state_dir: Path, names: list[str]) -> None:
    """Ends processes of an earlier life of this cloud that its pid files name and that still run.

    A pid may have been given to somebody else since: only a process whose working directory or command line names
    this state directory is touched.
    """
    for name in names:
        pid_file = state_dir / "run" / f"{name}.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except (OSError, ValueError, IndexError):
            pid_file.unlink(missing_ok=True)
            continue
        if str(state_dir) in command:
            _signal(pid, signal.SIGTERM)
            _wait_for_end(pid)
        pid_file.unlink(missing_ok=True)


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + KILL_AFTER
    while Path(f"/proc/{pid}").exists():
        if time.monotonic() > deadline:
            _signal(pid, signal.SIGKILL)
            return
        time.sleep(LOOK)


def main(state_dir: Path) -> None:
    """Runs the supervisor of a state directory until it is told to stop."""
    listed = json.loads((state_dir / "run" / "specs.json").read_text())
    specs = [ProcessSpec.from_json(values) for values in listed]
    end_leftovers(state_dir, [spec.name for spec in specs])
    Supervisor(state_dir, specs).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
