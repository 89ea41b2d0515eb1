"""A resize on the same host: the guest goes on in a copy of its folder, and the folder as it was is kept."""

import os
import shutil

from pileus.compute.drivers.libvirt.disks import BASE, Folder
from pileus.host.command import run

SLOW = 3600.0


def keep_before(folder: Folder) -> None:
    """Copies the folder of a guest that is off, and puts the copy in its place. Goes on where it was interrupted."""
    if not folder.before.exists():
        shutil.rmtree(folder.next, ignore_errors=True)
        folder.next.mkdir()
        for path in folder.path.iterdir():
            if path.name.startswith(BASE):
                os.link(path, folder.next / path.name)
            # Swap is made anew, in its new size.
            elif not path.name.startswith("disk.swap") and not path.name.endswith(".new"):
                run("cp", "--sparse=always", "--reflink=auto", str(path), str(folder.next / path.name), timeout=SLOW)
        folder.path.rename(folder.before)
    if not folder.path.exists():
        folder.next.rename(folder.path)


def drop_before(folder: Folder) -> None:
    """The guest stays as it is now."""
    shutil.rmtree(folder.before, ignore_errors=True)
    shutil.rmtree(folder.next, ignore_errors=True)


def go_back(folder: Folder) -> None:
    """The guest, which is off, gets its folder of before back; nothing to do when it has it."""
    if folder.before.exists():
        if folder.path.exists():
            shutil.rmtree(folder.next, ignore_errors=True)
            folder.path.rename(folder.next)
        folder.before.rename(folder.path)
    shutil.rmtree(folder.next, ignore_errors=True)
