"""Taking an image's data in, from a client, into a store or into staging.

While it lasts the image is ``saving`` or ``uploading`` and a row tells which process receives it. If that process
dies, or the client goes away, the image is ``queued`` again and nothing is left of the data.
"""

import logging
import threading
from collections.abc import Callable, Iterable

from pileus.image.config import Settings
from pileus.image.inspection import Inspection
from pileus.image.model import (
    ACTIVE,
    SAVING,
    UPLOADING,
    Image,
    Location,
    change,
    emptied,
    moved,
)
from pileus.image.store import images, uploads
from pileus.image.stores.base import ByteStore, Denied, Full, Sink
from pileus.image.stores.configured import Stores
from pileus.image.transfer import Poured, hashes_of, pour
from pileus.kernel.database import Database, Tx, retried
from pileus.kernel.errors import BadRequest, Gone, TooLarge, Unavailable

log = logging.getLogger(__name__)
RENEW = 15.0  # seconds
Check = Callable[[Tx], None]


class Receiver:
    """Receives data in this process."""

    def __init__(self, database: Database, stores: Stores, settings: Settings) -> None:
        self._database, self._stores, self._settings = database, stores, settings
        self._active = 0
        self._lock = threading.Lock()

    def upload(
        self, image: Image, pieces: Iterable[bytes], *, store: ByteStore, expected: int | None, check: Check
    ) -> None:
        """Fills a queued image with data and makes it active.

        ``expected``: the size that was announced, bytes; ``check`` refuses (by raising) before anything is read.
        Raises Conflict, BadRequest, TooLarge, UnsupportedMediaType, Gone (the image was deleted meanwhile), ...
        """
        taken, token = self._begin(image, SAVING, check)
        inspection = Inspection() if taken.container_format == "bare" else None
        watched = pieces if inspection is None else inspection.watch(pieces)

        def finish(poured: Poured, sink: Sink) -> None:
            virtual_size = None
            if inspection is not None:
                must = self._settings.require_format_match
                virtual_size = inspection.virtual_size(taken.disk_format or "", must_match=must)
            name = sink.finish()
            filled = {
                **hashes_of(poured),
                "virtual_size": virtual_size or None,
                "locations": (Location(store.name, name),),
            }
            self._end(taken, token, lambda now: moved(now, ACTIVE, **filled), lambda: store.delete(name))

        self._receive(taken, token, watched, store, expected, finish)

    def stage(self, image: Image, pieces: Iterable[bytes], *, expected: int | None, check: Check) -> None:
        """Keeps data for a later import; the image stays ``uploading``."""
        taken, token = self._begin(image, UPLOADING, check)
        staging = self._stores.staging

        def finish(poured: Poured, sink: Sink) -> None:
            name = sink.finish()
            self._end(
                taken,
                token,
                lambda now: change(now, size=poured.size, staged=name),
                lambda: staging.delete(name),
            )

        self._receive(taken, token, pieces, staging, expected, finish)

    # -- the parts -----------------------------------------------------------------------------------------------

    def _begin(self, image: Image, status: str, check: Check) -> tuple[Image, str]:
        def attempt() -> tuple[Image, str]:
            with self._database.transaction() as tx:
                old = images.get(tx, image.id)
                check(tx)
                free = retriable(old) if uploads.is_abandoned(tx, old.id) else old
                taken = images.save(tx, old, moved(free, status))
                return taken, uploads.begin(tx, image.id)

        return retried(attempt)

    def _receive(
        self,
        image: Image,
        token: str,
        pieces: Iterable[bytes],
        store: ByteStore,
        expected: int | None,
        finish: Callable[[Poured, Sink], None],
    ) -> None:
        sink: Sink | None = None
        self._renew_while(+1)
        try:
            sink = store.create(image.id, expected)
            poured = pour(
                pieces, sink, limit=self._settings.size_cap, progress=lambda size: self._check_held(image.id, token)
            )
            if expected is not None and poured.size != expected:
                raise BadRequest(f"Size mismatch: {expected} bytes were announced, {poured.size} bytes came.")
            finish(poured, sink)
        except BaseException as error:
            if sink is not None:
                sink.abandon()
            self._give_up(image.id, token)
            reason = explained(error)
            if reason is error:
                raise
            raise reason from error
        finally:
            self._renew_while(-1)

    def _check_held(self, image_id: str, token: str) -> None:
        with self._database.read() as tx:
            if not uploads.holds(tx, image_id, token):
                raise vanished(image_id)

    def _end(self, image: Image, token: str, make: Callable[[Image], Image], discard: Callable[[], None]) -> None:
        """Writes what came of it; ``discard`` removes the data when the image is no longer ours to fill."""

        def attempt() -> bool:
            with self._database.transaction() as tx:
                now = images.find(tx, image.id)
                if not uploads.end(tx, image.id, token) or now is None:
                    return False
                images.save(tx, now, make(now))
                return True

        if not retried(attempt):
            discard()
            raise vanished(image.id)

    def _give_up(self, image_id: str, token: str) -> None:
        """Lets the image be uploaded again, unless it is somebody else's by now."""
        try:
            retried(lambda: give_up(self._database, image_id, token))
        except Unavailable:
            log.warning("image %s stays as it is until the reconciler finds it", image_id)

    def _renew_while(self, change: int) -> None:
        """One thread tells that this process lives, for as long as it receives anything."""
        with self._lock:
            self._active += change
            if change > 0 and self._active == 1:
                threading.Thread(target=self._renew, name="renew-uploads", daemon=True).start()

    def _renew(self) -> None:
        pause = threading.Event()
        while not pause.wait(RENEW):
            with self._lock:
                if self._active == 0:
                    return
            try:
                with self._database.transaction() as tx:
                    uploads.renew(tx)
            except Exception:
                log.exception("cannot renew uploads")


def give_up(database: Database, image_id: str, token: str) -> None:
    """Ends an upload without a result: the image is queued again."""
    with database.transaction() as tx:
        image = images.find(tx, image_id)
        if uploads.end(tx, image_id, token) and image is not None and image.status in (SAVING, UPLOADING):
            images.save(tx, image, emptied(image))


def retriable(image: Image) -> Image:
    """An image that nobody receives data for any more, as if nobody had begun."""
    if image.status == SAVING or (image.status == UPLOADING and image.staged is None):
        return emptied(image)
    return image


def vanished(image_id: str) -> Gone:
    return Gone(
        f"Image {image_id} could not be found after upload. The image may have been deleted during the upload, "
        "cleaning up the chunks uploaded."
    )


def explained(error: BaseException) -> BaseException:
    """An error of a store or a client, as the API tells it."""
    if isinstance(error, Full):
        return TooLarge(f"Image storage media is full: {error}")
    if isinstance(error, Denied):
        return Unavailable(f"Insufficient permissions on image storage media: {error}")
    if isinstance(error, ConnectionError):
        return BadRequest(f"The image data did not arrive whole: {error}")
    return error
