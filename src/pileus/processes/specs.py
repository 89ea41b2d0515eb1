"""The cloud's own processes, for the supervisor."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pileus.host.spec import ProcessSpec
from pileus.kernel.config import PREFIX
from pileus.settings import Config, split_listen


def specs(state_dir: Path, config: Config, *, after: Sequence[str] = ()) -> list[ProcessSpec]:
    """The api and the engine; the engine starts once the native daemons ``after`` are ready."""
    # What the environment of `up` configured holds for every process, also for one that is restarted later.
    given = {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and "__" in name}
    # One arena instead of one for each of many threads: a third less memory, measured on the engine.
    environment = {**given, "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1"}
    address, port = split_listen(config.api.listen)
    reachable = "127.0.0.1" if address in ("0.0.0.0", "::") else address  # noqa: S104
    host = f"[{reachable}]" if ":" in reachable else reachable
    command = [sys.executable, "-m", "pileus.processes"]
    return [
        ProcessSpec("api", [*command, "api", str(state_dir)], environment, ready=[f"http://{host}:{port}/healthcheck"]),
        ProcessSpec(
            "engine",
            [*command, "engine", str(state_dir)],
            environment,
            ready=[str(state_dir / "run" / "agent.sock")],
            after=list(after),
        ),
    ]
