"""The stores of a configuration, by name."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

from pileus.image.config import Settings
from pileus.image.stores.base import ByteStore
from pileus.image.stores.file import FileStore
from pileus.kernel.config import ConfigError

STAGING = "os_glance_staging_store"


class Stores:
    """Every store, and the one that takes what names none."""

    def __init__(self, settings: Settings, state_dir: Path) -> None:
        self._by_name: dict[str, ByteStore] = {}
        for text in settings.stores:
            store = built(text, state_dir)
            if store.name in self._by_name:
                raise ConfigError(f"[image] stores: there are two of the name {store.name}")
            self._by_name[store.name] = store
        self.default = settings.default_store or next(iter(self._by_name))
        if self.default not in self._by_name:
            raise ConfigError(f"[image] default_store: there is no store {self.default}")
        staging = Path(settings.staging) if settings.staging else state_dir / "image" / "staging"
        self.staging = FileStore(STAGING, staging)

    def __getitem__(self, name: str) -> ByteStore:
        """Raises KeyError."""
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[ByteStore]:
        return iter(self._by_name.values())

    @property
    def names(self) -> list[str]:
        return list(self._by_name)

    @property
    def writable(self) -> list[str]:
        return [store.name for store in self if not store.read_only]

    def of_url(self, url: str) -> tuple[str, str] | None:
        """The store that an address is of, and the name there."""
        for store in self:
            name = store.name_of(url)
            if name is not None:
                return store.name, name
        return None


def built(text: str, state_dir: Path) -> ByteStore:
    """The store that ``NAME=KIND:PLACE`` says. Raises ConfigError."""
    name, equals, rest = text.partition("=")
    kind, colon, place = rest.partition(":")
    if not name or not equals or not colon:
        raise ConfigError(f"[image] stores: {text!r} is not NAME=KIND:PLACE")
    if kind == "file":
        return FileStore(name, Path(place) if place else state_dir / "image" / name)
    if kind == "http":
        from pileus.image.stores.http import HttpStore

        return HttpStore(name)
    if kind == "rbd":
        from pileus.image.stores.rbd import RbdStore

        pool, _, options = place.partition("?")
        given = dict(parse_qsl(options))
        if not pool or given.keys() - {"user", "conf"}:
            raise ConfigError(f"[image] stores: {text!r} is not NAME=rbd:POOL?user=USER&conf=FILE")
        return RbdStore(name, pool, **given)
    raise ConfigError(f"[image] stores: there is no kind of store {kind!r}; there are: file, http, rbd")
