"""Giving an image's data out: from the cache, or the first of its stores that has it."""

import logging
from collections.abc import Iterable, Sequence

from pileus.image.model import Image
from pileus.image.stores.base import Missing
from pileus.image.stores.configured import Stores
from pileus.kernel.errors import Unavailable

log = logging.getLogger(__name__)


class Reader:
    """Reads images' data."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def read(self, image: Image, offset: int, length: int, preferred: Sequence[str] = ()) -> Iterable[bytes] | None:
        """Part of the data; None when no store has it any more.

        Raises Unavailable when the stores that have it do not answer.
        """
        places = sorted(image.locations, key=lambda place: place.store not in preferred)
        unavailable: Unavailable | None = None
        for place in places:
            if place.store not in self._stores:
                continue
            try:
                return self._stores[place.store].read(place.name, offset, length)
            except Missing:
                log.error("image %s: store %s has no %s", image.id, place.store, place.name)
            except Unavailable as error:
                log.warning("image %s: store %s: %s", image.id, place.store, error.message)
                unavailable = error
        if unavailable is not None:
            raise unavailable
        return None
