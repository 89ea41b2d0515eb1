"""Copies of images on this host, so that data in a remote store is fetched from there once."""

import socket
from collections.abc import Iterable
from pathlib import Path

from pileus.image.model import Image
from pileus.image.store import cache, images
from pileus.image.store.cache import Entry
from pileus.image.stores.base import Missing
from pileus.image.stores.file import FileStore
from pileus.kernel.database import Database

STALLED = 86_400.0  # seconds


class Cache:
    """The cache of this host. ``limit``: the most bytes it keeps."""

    def __init__(self, database: Database, directory: Path, limit: int) -> None:
        self._database, self._limit = database, limit
        self.host = socket.gethostname()
        self.store = FileStore("cache", directory)

    def read(self, image: Image, offset: int, length: int) -> Iterable[bytes] | None:
        """Part of an image's data, when there is a copy."""
        with self._database.read() as tx:
            entry = cache.find(tx, self.host, image.id)
        if entry is None or entry.name is None:
            return None
        try:
            body = self.store.read(entry.name, offset, length)
        except Missing:
            self.remove([entry])
            return None
        with self._database.transaction() as tx:
            cache.hit(tx, self.host, image.id)
        return body

    def entries(self) -> list[Entry]:
        with self._database.read() as tx:
            return cache.of_host(tx, self.host)

    def keep(self, image_id: str, name: str, size: int) -> None:
        """A copy was made; older ones make room for it."""
        with self._database.transaction() as tx:
            wanted = cache.keep(tx, self.host, image_id, name, size)
        if not wanted:
            self.store.delete(name)
        self.prune()

    def remove(self, entries: Iterable[Entry]) -> int:
        """Forgets copies, and what was asked for; how many those were."""
        count = 0
        for entry in entries:
            with self._database.transaction() as tx:
                cache.remove(tx, entry)
            if entry.name is not None:
                self.store.delete(entry.name)
            count += 1
        return count

    def prune(self) -> tuple[int, int]:
        """Makes the cache as small as it has to be; (files, bytes) that went."""
        kept = [entry for entry in self.entries() if entry.name is not None]
        total, gone = sum(entry.size for entry in kept), []
        for entry in kept:
            if total <= self._limit:
                break
            total -= entry.size
            gone.append(entry)
        self.remove(gone)
        return len(gone), sum(entry.size for entry in gone)

    def clean(self) -> None:
        """Removes copies of images that are gone, and files that belong to nothing."""
        entries = self.entries()
        with self._database.read() as tx:
            living = images.by_ids(tx, [entry.image_id for entry in entries])
        self.remove(entry for entry in entries if entry.image_id not in living)
        self.store.sweep(STALLED)
        known = {entry.name for entry in self.entries()}
        for found in self.store.found():
            if found.name not in known and found.age > STALLED:
                self.store.delete(found.name)
