"""``pileus doctor``: each need of this host, and what to do about the ones that are not met."""

import shutil
import sys
from pathlib import Path

from pileus.cli.place import Place
from pileus.host.spec import Check
from pileus.settings import Config

LEAST_DISK_GIB = 5
GIB = 1 << 30


def checks(place: Place, *, fake: bool) -> list[Check]:
    """What a fake or a real cloud needs here."""
    config = place.load().config if place.exists else _defaults()
    found = [_python(), _disk(place.state_dir)]
    if fake or config.cloud.fake:
        return found
    from pileus.host import daemons

    return found + daemons.checks(place.layout, config)


def _defaults() -> Config:
    from pileus.kernel import config

    return config.load(Config, None).config


def _python() -> Check:
    return Check("python", "ok", f"Python {sys.version.split()[0]}")


def _disk(state_dir: Path) -> Check:
    there = next(path for path in (state_dir, *state_dir.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / GIB:.1f} GiB free below {there}"
    if free < LEAST_DISK_GIB * GIB:
        return Check("disk", "warning", detail, f"free at least {LEAST_DISK_GIB} GiB, or choose another --state-dir")
    return Check("disk", "ok", detail)
