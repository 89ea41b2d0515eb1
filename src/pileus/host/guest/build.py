"""Builds the guest images, once for each state of what they are made from."""

import os
import shutil
import tempfile
from pathlib import Path

from pileus.host.guest.disk import make_disk
from pileus.host.guest.inputs import checks, kernel_version, key
from pileus.host.guest.tree import make_initramfs, make_root
from pileus.host.spec import Progress
from pileus.kernel.errors import GiveUp

# Two images, so that a server can be rebuilt from another one than its own.
NAMES = ("cirros-pileus", "cirros-pileus-alt")
__all__ = ["NAMES", "build", "checks"]


def build(cache_dir: Path, progress: Progress) -> list[Path]:
    """The guest images (qcow2) below ``cache_dir``, named after NAMES; built when they are not there.

    Needs root, because the files in them have owners.
    Raises GiveUp when a package is missing, Unavailable when a tool fails.
    """
    folder = cache_dir / key()
    images = [folder / f"{name}.qcow2" for name in NAMES]
    if all(image.exists() for image in images):
        return images
    if os.geteuid() != 0:
        raise GiveUp("Building the guest images needs root.")
    cache_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="building-", dir=cache_dir))
    try:
        _build_all(work, folder.name, progress)
        _publish(work / "images", folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for old in cache_dir.iterdir():
        if old != folder and not old.name.startswith("building-"):
            shutil.rmtree(old, ignore_errors=True)
    return images


def _build_all(work: Path, version: str, progress: Progress) -> None:
    kernel, initramfs = kernel_version(), work / "initrd.img"
    (work / "images").mkdir()
    make_initramfs(work / "initramfs", kernel, initramfs)
    for name in NAMES:
        with progress.step(f"Building the guest image {name}"):
            root = work / name
            make_root(root, kernel, name, version[:8])
            make_disk(root, Path(f"/boot/vmlinuz-{kernel}"), initramfs, work, work / "images" / f"{name}.qcow2")
            shutil.rmtree(root)


def _publish(made: Path, folder: Path) -> None:
    """All images appear at once; whoever built the same at the same time was first or is not."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.copytree(made, folder, dirs_exist_ok=True)
