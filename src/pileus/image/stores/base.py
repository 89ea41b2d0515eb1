"""What every store of bytes can do.

Data becomes visible in a store at once and whole (``Sink.finish``), or not at all: whoever writes may die at any
instant, and what it left is removed by ``sweep``.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import msgspec


class Missing(Exception):
    """The store has nothing under that name."""


class Full(Exception):
    """The store has no room."""


class InUse(Exception):
    """The store cannot give the data up: something depends on it."""


class Denied(Exception):
    """The store does not take what it is asked to: it is read-only, or its rights do not allow it."""


class Found(msgspec.Struct, frozen=True):
    """Data in a store: its name, and seconds since it was last written."""

    name: str
    age: float


class Sink(Protocol):
    """Data on its way into a store."""

    def write(self, piece: bytes) -> None:
        """Raises Full, Denied."""
        ...

    def finish(self) -> str:
        """Makes the data durable and visible; the name it has now."""
        ...

    def abandon(self) -> None:
        """Leaves nothing behind; does nothing after ``finish``."""
        ...


class ByteStore(Protocol):
    """One store. ``name`` is its id in the API, ``kind`` of which driver it is."""

    name: str
    kind: str
    read_only: bool

    def create(self, image_id: str, size: int | None) -> Sink:
        """``size`` in bytes where it is known. Each sink makes data of its own, under a name of its own.

        Raises Denied.
        """
        ...

    def read(self, name: str, offset: int, length: int) -> Iterable[bytes]:
        """Raises Missing before the first piece."""
        ...

    def size(self, name: str) -> int:
        """Bytes. Raises Missing."""
        ...

    def delete(self, name: str) -> None:
        """Does nothing when there is nothing under that name. Raises InUse, Denied."""
        ...

    def found(self) -> Iterator[Found]:
        """Everything that is complete in the store."""
        ...

    def sweep(self, older_than: float) -> int:
        """Removes what was begun and not touched for so many seconds; how many that were."""
        ...

    def url(self, name: str) -> str:
        """The address of data, as the API's locations show it."""
        ...

    def name_of(self, url: str) -> str | None:
        """The name of data by its address; None when the address is not of this store."""
        ...

    def properties(self) -> dict[str, Any]:
        """What the API tells operators about the store."""
        ...
