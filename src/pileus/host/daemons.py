"""The native daemons of a real cloud on this host: OVN and libvirt (see spec.py for the five functions)."""

import re
import subprocess
from typing import Any

from pileus.host import libvirt, ovn
from pileus.host.layout import Layout
from pileus.host.spec import Check, ProcessSpec, Progress

PARTS: tuple[Any, ...] = (ovn, libvirt)
# What they are called -> the command that says which version is installed.
VERSIONS = {
    "ovn": ("ovn-controller", "--version"),
    "libvirt": (libvirt.DAEMON, "--version"),
    "qemu": ("qemu-system-x86_64", "--version"),
}
_NUMBER = re.compile(r"\d+\.\d+(?:\.\d+)?")


def specs(layout: Layout, config: Any) -> list[ProcessSpec]:
    return [spec for part in PARTS for spec in part.specs(layout, config)]


def prepare(layout: Layout, config: Any, progress: Progress) -> None:
    for part in PARTS:
        part.prepare(layout, config, progress)


def configure(layout: Layout, config: Any, progress: Progress) -> None:
    for part in PARTS:
        part.configure(layout, config, progress)


def clean(layout: Layout) -> None:
    """In the opposite order: guests' devices before the namespace that they are in."""
    for part in reversed(PARTS):
        part.clean(layout)


def checks(layout: Layout, config: Any) -> list[Check]:
    return [check for part in PARTS for check in part.checks(layout, config)]


def versions() -> dict[str, str]:
    """Name -> version of each native part that is installed."""
    found = {}
    for name, command in VERSIONS.items():
        try:
            text = subprocess.run(command, capture_output=True, text=True, timeout=10).stdout
        except OSError:
            continue
        number = _NUMBER.search(text)
        if number:
            found[name] = number[0]
    return found
