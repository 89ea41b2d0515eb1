"""The host's image cache (``_base``), and qemu-img.

A file in the cache is complete, because it gets its name last, and is never written again, because guests' disks stand
on it.
"""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from oslo_utils.imageutils import format_inspector

from pileus.compute.drivers.base import Image
from pileus.host.command import run
from pileus.kernel.context import Context
from pileus.kernel.errors import GiveUp, NotFound, Unavailable
from pileus.kernel.services import Directory

SLOW = 3600.0
UNUSED = 86_400.0  # seconds
GIB = 1 << 30
# What QEMU reads as it is; anything else is converted.
KEPT_FORMATS = ("qcow2", "raw")
CONVERTED_FORMATS = ("vmdk", "vdi", "vhd", "vhdx", "qed")
# The names that differ between the image API and QEMU, and the image API's and the inspector's.
QEMU_NAMES = {"vhd": "vpc", "iso": "raw", "ami": "raw", "ari": "raw", "aki": "raw", "ploop": "parallels"}


class ImageCache:
    """Images of the image service, as files."""

    def __init__(self, folder: Path, services: Directory) -> None:
        self.folder = folder
        self._services = services

    def find(self, image_id: str) -> Path | None:
        """The cached file of an image; its ending is its format. It is kept for another day."""
        name = _name(image_id)
        found = next((path for kind in KEPT_FORMATS if (path := self.folder / f"{name}.{kind}").exists()), None)
        if found is not None:
            os.utime(found)
        return found

    def fetch(self, context: Context, image: Image) -> None:
        """Downloads, inspects and if needed converts an image. Raises GiveUp when it is bad or gone."""
        if self.find(image.id) is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = _name(image.id)
        part = self.folder / f"{name}.part"
        try:
            self._download(context, image, part)
            real = _inspect(part, image)
            if real in KEPT_FORMATS:
                part.replace(self.folder / f"{name}.{real}")
                return
            converted = self.folder / f"{name}.converted"
            convert(part, QEMU_NAMES.get(real, real), converted, "raw")
            converted.replace(self.folder / f"{name}.raw")
        finally:
            part.unlink(missing_ok=True)

    def _download(self, context: Context, image: Image, part: Path) -> None:
        try:
            pieces = self._services["image"].download(context, f"/v2/images/{image.id}/file")
        except NotFound as error:
            raise GiveUp(f"Image {image.id} could not be found.", code=404) from error
        # MD5 only finds damage of the transfer, as the image API gives no better to every version.
        digest = hashlib.md5(usedforsecurity=False)
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.flush()
            os.fsync(file.fileno())
        if image.checksum and digest.hexdigest() != image.checksum:
            raise Unavailable(f"Image {image.id} was damaged on its way: its checksum is not {image.checksum}.")

    def expire(self) -> None:
        """Removes images that no guest's disk stands on (see Folder) and that have not been asked for for a day."""
        for path in self.folder.glob("*") if self.folder.exists() else ():
            facts = path.stat()
            if facts.st_nlink == 1 and facts.st_mtime < time.time() - UNUSED:
                path.unlink(missing_ok=True)


def _name(image_id: str) -> str:
    return hashlib.sha256(image_id.encode()).hexdigest()[:40]


def _inspect(path: Path, image: Image) -> str:
    """The real format of a file that a user gave us.

    Raises GiveUp when it is not what it says it is, or would have QEMU open another file of this host.
    """
    try:
        inspector = format_inspector.detect_file_format(str(path))
        found = str(inspector)
        if inspector is not None:
            inspector.safety_check()
    except format_inspector.SafetyCheckFailed as error:
        raise GiveUp(f"Image {image.id} is unsafe and is not used: {error}", code=400) from error
    except format_inspector.ImageFormatError as error:
        raise GiveUp(f"Image {image.id} cannot be read: {error}", code=400) from error
    # What starts with a partition table or an ISO header is a raw disk all the same.
    found = "raw" if found in ("gpt", "mbr", "iso", "raw") else found
    said = "raw" if image.disk_format in ("iso", "ami", "ari", "aki", "raw") else image.disk_format
    if said != found:
        raise GiveUp(f"Image {image.id} is said to be {image.disk_format} but is {found}.", code=400)
    if found not in KEPT_FORMATS and found not in CONVERTED_FORMATS:
        raise GiveUp(f"Images of format {found} cannot be used on this host.", code=400)
    return found


def convert(source: Path, source_format: str, target: Path, target_format: str) -> None:
    """A flat copy of a disk, without what it stands on, under a name that appears when it is whole."""
    part = target.with_name(target.name + ".new")
    run(
        "qemu-img", "convert", "-U", "-f", source_format, "-O", target_format, str(source), str(part), timeout=SLOW
    )  # fmt: skip
    part.replace(target)


def info(path: Path, kind: str) -> dict[str, Any]:
    """What qemu-img says of a disk, which may be in use."""
    found: dict[str, Any] = json.loads(
        run("qemu-img", "info", "-U", "-f", kind, "--output=json", str(path), timeout=60)
    )
    return found


def virtual_size(path: Path, kind: str) -> int:
    """Bytes that a guest sees."""
    return int(info(path, kind)["virtual-size"])
