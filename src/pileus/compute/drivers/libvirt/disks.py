"""A guest's folder: its disks, made under a temporary name first, so that one that has its name is whole."""

import base64
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pileus.compute.drivers.base import Guest
from pileus.compute.drivers.libvirt.images import GIB, virtual_size
from pileus.host.command import run
from pileus.kernel.errors import GiveUp

MIB = 1 << 20
ROOT, CONFIG_DRIVE, RESCUE, CONSOLE = "disk", "disk.config", "disk.rescue", "console.log"
BASE = "base-"  # + the name of a file of the image cache
CONFIG_LABEL = "config-2"
ROTATE_AT, ROTATE_KEEP = 4 * MIB, 1 * MIB


class Folder:
    """Where a guest's disks and console log are."""

    def __init__(self, instances: Path, guest_id: str) -> None:
        self.path = instances / guest_id
        self.before = instances / f"{guest_id}.before"  # what a move may go back to
        self.next = instances / f"{guest_id}.next"  # what a move is making

    def file(self, name: str) -> Path:
        return self.path / name

    @property
    def root(self) -> Path:
        return self.path / ROOT

    @property
    def rescue(self) -> Path:
        return self.path / RESCUE

    @property
    def stable_rescue(self) -> Path:
        """A rescue disk behind all others, whose names stay what they are."""
        return self.path / f"{RESCUE}-stable"

    @property
    def config_drive(self) -> Path:
        return self.path / CONFIG_DRIVE

    @property
    def console(self) -> Path:
        return self.path / CONSOLE

    def make(self, guest: Guest, base: Path | None) -> None:
        """All disks that the guest is to have and has not: root disk, local disks, config drive."""
        self.path.mkdir(parents=True, exist_ok=True)
        if base is not None:
            self._use(base)
            _once(self.root, lambda part: make_overlay(part, base, guest.root_gb * GIB))
        elif guest.image is not None and not self.root.exists():
            raise GiveUp(f"Image {guest.image.id} is not on this host.")
        for name, kind, size_mb in local_disks(guest):
            _once(self.file(name), functools.partial(_make_local, kind=kind, size_mb=size_mb))
        files = guest.config_drive
        if files is not None:
            _once(self.config_drive, lambda part: make_config_drive(part, files))

    @property
    def is_rescued(self) -> bool:
        return self.rescue.exists() or self.stable_rescue.exists()

    def make_rescue(self, base: Path, *, stable: bool) -> None:
        self._use(base)
        _once(self.stable_rescue if stable else self.rescue, lambda part: make_overlay(part, base, 0))

    def _use(self, base: Path) -> None:
        """A hard link beside the disk that stands on a base image: the cache sees how many use it by their number."""
        link = self.path / f"{BASE}{base.name}"
        if not link.exists():
            os.link(base, link)

    def remove(self) -> None:
        for path in (self.path, self.before, self.next):
            shutil.rmtree(path, ignore_errors=True)

    def read_console(self, limit: int) -> str:
        """The last ``limit`` bytes of the console, over the rotation."""
        data = b""
        for path in (self.console, self.path / (CONSOLE + ".1")):
            if len(data) < limit and path.exists():
                data = _tail(path, limit - len(data)) + data
        return data.decode("utf-8", "replace")

    def rotate_console(self) -> None:
        """Keeps a guest that never stops writing from filling the disk. QEMU appends, so the file may be emptied."""
        if self.console.exists() and self.console.stat().st_size > ROTATE_AT:
            part = self.path / (CONSOLE + ".new")
            part.write_bytes(_tail(self.console, ROTATE_KEEP))
            part.replace(self.path / (CONSOLE + ".1"))
            with self.console.open("r+b") as file:
                file.truncate(0)


def local_disks(guest: Guest) -> list[tuple[str, str, int]]:
    """(file name, kind, size in MiB) of each disk that is no volume, in their order."""
    found: list[tuple[str, str, int]] = []
    numbers = {"blank": 0, "ephemeral": 0, "swap": 0}
    for disk in guest.disks:
        if disk.kind != "volume":
            found.append((f"disk.{disk.kind}{numbers[disk.kind]}", disk.kind, disk.size_mb))
            numbers[disk.kind] += 1
    return found


def make_overlay(path: Path, base: Path, size: int) -> None:
    """A qcow2 disk that stands on a base image, and is not smaller than it."""
    kind = base.suffix.removeprefix(".")
    wanted = max(size, virtual_size(base, kind))
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", kind, str(path), str(wanted))


def resize(path: Path, size: int) -> None:
    """Makes a qcow2 disk larger; one that is large enough is left as it is."""
    if size > virtual_size(path, "qcow2"):
        run("qemu-img", "resize", "-q", "-f", "qcow2", str(path), str(size))


def _make_local(path: Path, kind: str, size_mb: int) -> None:
    with path.open("wb") as file:
        file.truncate(size_mb * MIB)
    if kind == "swap":
        run("mkswap", "-q", str(path))
    elif kind == "ephemeral":
        run("mke2fs", "-q", "-F", "-t", "ext4", "-L", "ephemeral0", str(path), timeout=300)


def make_config_drive(path: Path, files: Mapping[str, str]) -> None:
    """An ISO 9660 image with the files of the config drive."""
    with tempfile.TemporaryDirectory(prefix="config-drive-") as folder:
        for name, content in files.items():
            target = (Path(folder) / name.lstrip("/")).resolve()
            if not target.is_relative_to(Path(folder).resolve()):
                raise GiveUp(f"{name} is no file of a config drive.", code=400)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_content(content))
        run(
            "genisoimage", "-quiet", "-o", str(path), "-ldots", "-allow-lowercase", "-allow-multidot", "-l", "-J", "-r",
            "-publisher", "Pileus", "-V", CONFIG_LABEL, folder,
        )  # fmt: skip


def _content(content: str) -> bytes:
    encoded = content.removeprefix("base64:")
    return content.encode() if encoded is content or encoded == content else base64.b64decode(encoded)


def _once(path: Path, make: Callable[[Path], None]) -> None:
    if path.exists():
        return
    part = path.with_name(path.name + ".new")
    part.unlink(missing_ok=True)
    make(part)
    part.replace(path)


def _tail(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - limit))
        return file.read(limit)
