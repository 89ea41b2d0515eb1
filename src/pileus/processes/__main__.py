"""``python -m pileus.processes api|engine STATE_DIR``: what the supervisor starts."""

import sys
from pathlib import Path

from pileus.kernel import config
from pileus.settings import Config

CONFIG_FILE = "pileus.toml"


def main(name: str, state_dir: Path) -> None:
    """Runs one process of the cloud until SIGTERM."""
    settings = config.load(Config, state_dir / CONFIG_FILE).config
    if name == "api":
        from pileus.processes.api import run
    elif name == "engine":
        from pileus.processes.engine import run
    else:
        raise SystemExit(f"there is no process {name}; there are: api, engine")
    run(settings, state_dir)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
