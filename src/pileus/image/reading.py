"""Giving an image's data out: from the cache, or the first of its stores that has it."""

import logging
from collections.abc import Iterable, Sequence

from pileus.image.caching import Cache
from pileus.image.model import Image
from pileus.image.stores.base import Missing
from pileus.image.stores.configured import Stores
from pileus.kernel.errors import Unavailable

log = logging.getLogger(__name__)


class Reader:
    """Reads images' data."""

    def __init__(self, stores: Stores, cache: Cache | None) -> None:
        self._stores, self._cache = stores, cache

    def is_remote(self, image: Image) -> bool:
        """Whether all its data is in stores that are elsewhere."""
        kinds = {self._stores[name].kind for name in image.stores if name in self._stores}
        return bool(kinds) and "file" not in kinds

    def read(self, image: Image, offset: int, length: int, preferred: Sequence[str] = ()) -> Iterable[bytes] | None:
        """Part of the data; None when no store has it any more.

        Raises Unavailable when the stores that have it do not answer.
        """
        if self._cache is not None and not preferred and self.is_remote(image):
            cached = self._cache.read(image, offset, length)
            if cached is not None:
                return cached
        return self.read_stores(image, offset, length, preferred)

    def read_stores(
        self, image: Image, offset: int, length: int, preferred: Sequence[str] = ()
    ) -> Iterable[bytes] | None:
        """As ``read``, not from the cache."""
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
