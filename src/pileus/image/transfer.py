"""Moving an image's bytes: read, hashed, inspected and written in one pass, never whole in memory.

hashlib releases the GIL, so each hash runs on a thread of its own beside the writing.
"""

import hashlib
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import msgspec

from pileus.image.stores.base import Sink
from pileus.kernel.errors import TooLarge

PIECE = 1 << 20
AHEAD = 8  # pieces a hash may lag behind
PROGRESS = 2.0  # seconds between calls of ``progress``
HASH_ALGORITHM = "sha512"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Poured(msgspec.Struct, frozen=True):
    """What went through."""

    size: int
    checksum: str
    hash_value: str


class Hasher:
    """One hash, computed on its own thread."""

    def __init__(self, algorithm: str) -> None:
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._pieces: queue.Queue[bytes | None] = queue.Queue(AHEAD)
        self._thread = threading.Thread(target=self._work, name=f"hash-{algorithm}", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._hash.update(piece)

    def update(self, piece: bytes) -> None:
        self._pieces.put(piece)

    def stop(self) -> None:
        self._pieces.put(None)
        self._thread.join()

    def hexdigest(self) -> str:
        """Of everything, once stopped."""
        return self._hash.hexdigest()


def pieces_of(source: Readable) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        yield piece


def pour(
    pieces: Iterable[bytes],
    sink: Sink | None,
    *,
    limit: int,
    algorithm: str = HASH_ALGORITHM,
    progress: Callable[[int], None] | None = None,
) -> Poured:
    """Writes pieces into a sink (None: only hashes them), without finishing it.

    ``progress`` is called with the bytes so far, now and then. Raises TooLarge beyond ``limit`` bytes, and whatever
    the source, the sink and ``progress`` raise.
    """
    size, told = 0, time.monotonic()
    md5, secure = Hasher("md5"), Hasher(algorithm)
    try:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise TooLarge(f"The incoming image is too large: more than {limit} bytes.")
            md5.update(piece)
            secure.update(piece)
            if sink is not None:
                sink.write(piece)
            if progress is not None and time.monotonic() - told > PROGRESS:
                told = time.monotonic()
                progress(size)
    finally:
        md5.stop()
        secure.stop()
    return Poured(size, md5.hexdigest(), secure.hexdigest())


def hashes_of(poured: Poured, algorithm: str = HASH_ALGORITHM) -> dict[str, Any]:
    """The image's attributes that tell what its data is."""
    return {
        "size": poured.size,
        "checksum": poured.checksum,
        "os_hash_algo": algorithm,
        "os_hash_value": poured.hash_value,
    }
