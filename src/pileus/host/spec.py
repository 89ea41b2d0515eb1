"""What the supervisor runs: one ProcessSpec a process. Standard library only, because the supervisor is kept tiny.

The real cloud's native daemons come from ``pileus.host.daemons``, which offers

    specs(layout, config) -> list[ProcessSpec]      what to run
    prepare(layout, config, progress)               before the supervisor starts: databases, namespace, bridges
    configure(layout, config, progress)             once every process is ready
    clean(layout)                                   after everything was stopped: devices, namespaces
    checks(layout, config) -> list[Check]           for `pileus doctor`: what this host needs

each safe to run twice.
"""

import signal
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class ProcessSpec:
    """One process that runs for as long as the cloud does.

    name        its pid file is ``run/NAME.pid``, its standard output and error go to ``log/NAME.out``.
    argv        stays in the foreground (no ``--detach``, no ``--monitor``: the supervisor restarts it). A prefix such
                as ``ip netns exec NAMESPACE`` or ``unshare -m`` is part of it, if it ends in an exec.
    env         is added to the supervisor's environment.
    ready       when it can be used: absolute paths of unix sockets that must all accept; or one ``http://ADDRESS/PATH``
                that must answer GET with 200; or a command, found through PATH, that must exit with 0. None: at once.
    after       names of the processes that must be ready before this one starts, and that are stopped after it.
    """

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    ready: list[str] | None = None
    stop_signal: int = signal.SIGTERM
    after: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ProcessSpec":
        return cls(**values)


@dataclass(frozen=True)
class Check:
    """One need of this host, as `pileus doctor` shows it. ``advice``: what to do about it, a command if it can be."""

    name: str
    state: Literal["ok", "warning", "missing"]
    detail: str
    advice: str = ""


class Progress(Protocol):
    """How long work tells what it is doing. ``with progress.step("Creating the OVN databases"): ...``"""

    def step(self, name: str) -> AbstractContextManager[None]: ...
