"""Reconciling what the database says with what the stores hold, after crashes."""

import logging

from pileus.image.caching import Cache
from pileus.image.config import Settings
from pileus.image.receiving import give_up
from pileus.image.store import images, tasks, uploads
from pileus.image.stores.configured import Stores
from pileus.kernel import clock
from pileus.kernel.database import Database, retried
from pileus.kernel.operations.periodic import Periodic

log = logging.getLogger(__name__)

UPLOADS_EVERY = 20.0
DATA_EVERY = 600.0
UNTOUCHED = 3600.0  # seconds before data that nobody knows counts as left behind


class Sweeper:
    """Periodic work of the image service."""

    def __init__(self, database: Database, stores: Stores, cache: Cache, settings: Settings) -> None:
        self._database, self._stores, self._cache, self._settings = database, stores, cache, settings

    def periodic(self) -> list[Periodic]:
        return [
            Periodic("image: abandoned uploads", UPLOADS_EVERY, self._end_uploads),
            # Every engine looks at what its own host can see: a store in a directory may be local.
            Periodic("image: data left behind", DATA_EVERY, self._sweep, everywhere=True),
            Periodic("image: cache", DATA_EVERY, self._cache.clean, everywhere=True),
            Periodic("image: deleted images", 3600.0, self.forget_deleted),
        ]

    def _end_uploads(self) -> None:
        self.end_abandoned_uploads()

    def _sweep(self) -> None:
        self.remove_orphans()

    def end_abandoned_uploads(self) -> int:
        """Lets images whose uploading process is gone be uploaded again; returns how many."""
        with self._database.read() as tx:
            found = uploads.abandoned(tx)
        for image_id, token in found:
            retried(lambda: give_up(self._database, image_id, token))  # noqa: B023
            log.warning("upload of image %s was abandoned: it is queued again", image_id)
        return len(found)

    def remove_orphans(self, untouched: float = UNTOUCHED) -> int:
        """Removes data that no image refers to and nobody has touched for so long; returns how many files.

        The database is read after the store: data is written before the row that refers to it, so what the store
        had then and no row names now was left behind.
        """
        removed = 0
        for store in (*self._stores, self._stores.staging):
            removed += store.sweep(untouched)
            old = [found.name for found in store.found() if found.age > untouched]
            with self._database.read() as tx:
                known = images.known_data(tx) | {(self._stores.staging.name, name) for name in images.known_staged(tx)}
            for name in old:
                if (store.name, name) not in known:
                    store.delete(name)
                    log.warning("removed %s from store %s: no image has it", name, store.name)
                    removed += 1
        return removed

    def forget_deleted(self) -> None:
        """Frees the ids of images deleted long ago, and forgets tasks nobody needs any more."""
        with self._database.transaction() as tx:
            tasks.forget_expired(tx)
            images.forget_deleted(tx, clock.now() - self._settings.deleted_lifetime * clock.DAY)
