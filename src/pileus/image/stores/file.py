"""A store in a directory. Data is written to a temporary name, flushed to disk, and renamed."""

import errno
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pileus.image.stores.base import Denied, Found, Full, Missing
from pileus.kernel.http.responses import CHUNK, FileBody

UNFINISHED = ".unfinished"


class FileStore:
    """``directory`` is made when it is first written to."""

    kind = "file"
    read_only = False

    def __init__(self, name: str, directory: Path) -> None:
        self.name = name
        self.directory = directory

    def create(self, image_id: str, size: int | None) -> "FileSink":
        unfinished = self.directory / UNFINISHED
        name = f"{image_id}-{secrets.token_hex(4)}"
        try:
            unfinished.mkdir(parents=True, exist_ok=True)
            return FileSink(unfinished / name, self.directory / name)
        except OSError as error:
            raise translated(error) from error

    def path(self, name: str) -> Path:
        """Raises Missing also for a name that is no plain file name."""
        path = self.directory / name
        if not name or name.startswith(".") or "/" in name or not path.is_file():
            raise Missing(name)
        return path

    def read(self, name: str, offset: int, length: int) -> Iterable[bytes]:
        return FileBody(self.path(name), offset, length)

    def size(self, name: str) -> int:
        return self.path(name).stat().st_size

    def delete(self, name: str) -> None:
        try:
            self.path(name).unlink(missing_ok=True)
        except Missing:
            return
        except OSError as error:
            raise translated(error) from error

    def found(self) -> Iterator[Found]:
        now = time.time()
        for entry in _entries(self.directory):
            if entry.is_file() and not entry.name.startswith("."):
                yield Found(entry.name, now - entry.stat().st_mtime)

    def sweep(self, older_than: float) -> int:
        now, count = time.time(), 0
        for entry in _entries(self.directory / UNFINISHED):
            if now - entry.stat().st_mtime > older_than:
                Path(entry.path).unlink(missing_ok=True)
                count += 1
        return count

    def url(self, name: str) -> str:
        return (self.directory / name).absolute().as_uri()

    def name_of(self, url: str) -> str | None:
        prefix = self.directory.absolute().as_uri() + "/"
        name = url.removeprefix(prefix)
        return name if url.startswith(prefix) and name and "/" not in name else None

    def properties(self) -> dict[str, Any]:
        return {"data_dir": str(self.directory), "chunk_size": CHUNK, "thin_provisioning": False}


class FileSink:
    """One file on its way."""

    def __init__(self, temporary: Path, final: Path) -> None:
        self._temporary, self._final = temporary, final
        self._file = temporary.open("xb", buffering=0)

    def write(self, piece: bytes) -> None:
        try:
            left = memoryview(piece)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise translated(error) from error

    def finish(self) -> str:
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self._temporary.rename(self._final)
            _flush_directory(self._final.parent)
        except OSError as error:
            raise translated(error) from error
        return self._final.name

    def abandon(self) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)


def translated(error: OSError) -> Exception:
    """The store's word for an error of the operating system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return Full(str(error))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Denied(str(error))
    return error


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except FileNotFoundError:
        return []


def _flush_directory(directory: Path) -> None:
    """A rename survives a power cut once the directory is on disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
