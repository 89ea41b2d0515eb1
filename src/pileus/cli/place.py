"""Where a cloud of this machine is: its state directory, and the files that clients read."""

import os
from pathlib import Path

from msgspec import Struct

from pileus.host.layout import Layout
from pileus.kernel import config
from pileus.kernel.config import Loaded
from pileus.processes.__main__ import CONFIG_FILE
from pileus.settings import Config

STATE_DIR_VARIABLE = "PILEUS_STATE_DIR"


class Place(Struct, frozen=True):
    """``private``: the state directory was named, so nothing is written outside of it."""

    state_dir: Path
    private: bool

    @property
    def layout(self) -> Layout:
        return Layout(self.state_dir)

    @property
    def config_file(self) -> Path:
        return self.state_dir / CONFIG_FILE

    @property
    def clouds_yaml(self) -> Path:
        if self.private:
            return self.state_dir / "clouds.yaml"
        base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        return Path(base) / "openstack" / "clouds.yaml"

    @property
    def openrc(self) -> Path:
        return self.state_dir / "openrc"

    @property
    def exists(self) -> bool:
        return self.config_file.exists()

    def load(self) -> Loaded[Config]:
        """Raises ConfigError."""
        return config.load(Config, self.config_file)


def find(state_dir: Path | None) -> Place:
    """The place of ``--state-dir``, of $PILEUS_STATE_DIR, or the machine's (root) or user's own."""
    named = state_dir or (Path(os.environ[STATE_DIR_VARIABLE]) if os.environ.get(STATE_DIR_VARIABLE) else None)
    if named is not None:
        return Place(named.expanduser().resolve(), True)
    if os.geteuid() == 0:
        return Place(Path("/var/lib/pileus"), False)
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Place(Path(base) / "pileus", False)


def cache_dir() -> Path:
    """What can be made again and serves every cloud of this machine: guest images, unpacked packages."""
    if os.geteuid() == 0 and "XDG_CACHE_HOME" not in os.environ:
        return Path("/var/cache/pileus")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pileus"
