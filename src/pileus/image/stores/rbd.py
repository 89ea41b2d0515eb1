"""A store in a Ceph pool: each image's data is an RBD image with a protected snapshot, ready to be cloned.

The Python bindings come with Ceph's own packages; they are imported with the first use.
"""

import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC
from types import ModuleType
from typing import Any

from pileus.image.stores.base import Denied, Found, Full, InUse, Missing
from pileus.kernel.errors import Unavailable

SNAPSHOT = "snap"
UNFINISHED = "unfinished-"
CHUNK = 8 << 20
ORDER = 23  # objects of 8 MiB


def bindings() -> tuple[ModuleType, ModuleType]:
    """Ceph's modules rados and rbd. Raises Unavailable where they are not installed."""
    try:
        import rados
        import rbd
    except ImportError as error:
        raise Unavailable(f"This host has no Ceph client: {error}") from error
    return rados, rbd


class RbdStore:
    """``conf``: Ceph's configuration file; ``user``: the client's name without ``client.``."""

    kind = "rbd"
    read_only = False

    def __init__(self, name: str, pool: str, *, user: str = "glance", conf: str = "/etc/ceph/ceph.conf") -> None:
        self.name, self.pool = name, pool
        self._user, self._conf = user, conf
        self._cluster: Any = None
        self._lock = threading.Lock()

    @contextmanager
    def pool_context(self) -> Iterator[Any]:
        """The pool, of one connection that is kept. Raises the store's own words for Ceph's errors."""
        rados, rbd = bindings()
        try:
            with self._lock:
                if self._cluster is None:
                    cluster = rados.Rados(conffile=self._conf, rados_id=self._user)
                    cluster.connect(timeout=10)
                    self._cluster = cluster
            with self._cluster.open_ioctx(self.pool) as pool:
                yield pool
        except rbd.ImageNotFound as error:
            raise Missing(str(error)) from error
        except (rbd.ImageBusy, rbd.ImageHasSnapshots) as error:
            raise InUse(str(error)) from error
        except (rados.NoSpace, rbd.OSError) as error:
            raise Full(str(error)) from error
        except rados.PermissionDeniedError as error:
            raise Denied(str(error)) from error
        except rados.Error as error:
            self._cluster = None
            raise Unavailable(f"Ceph does not answer: {error}") from error

    def create(self, image_id: str, size: int | None) -> "RbdSink":
        name = f"{image_id}-{secrets.token_hex(4)}"
        _, rbd = bindings()
        with self.pool_context() as pool:
            rbd.RBD().create(
                pool, UNFINISHED + name, size or 0, ORDER, old_format=False, features=rbd.RBD_FEATURE_LAYERING
            )
        return RbdSink(self, name, size or 0)

    @contextmanager
    def image(self, pool: Any, name: str, *, read_only: bool = True) -> Iterator[Any]:
        _, rbd = bindings()
        with rbd.Image(pool, name, read_only=read_only) as image:
            yield image

    def _checked(self, name: str) -> str:
        if not name or "/" in name or "@" in name or name.startswith((UNFINISHED, ".")):
            raise Missing(name)
        return name

    def read(self, name: str, offset: int, length: int) -> Iterable[bytes]:
        self.size(name)
        return self._pieces(name, offset, length)

    def _pieces(self, name: str, offset: int, length: int) -> Iterator[bytes]:
        with self.pool_context() as pool, self.image(pool, name) as image:
            end = offset + length
            while offset < end:
                piece = image.read(offset, min(CHUNK, end - offset))
                if not piece:
                    return
                offset += len(piece)
                yield piece

    def size(self, name: str) -> int:
        with self.pool_context() as pool, self.image(pool, self._checked(name)) as image:
            return int(image.size())

    def delete(self, name: str) -> None:
        try:
            self._checked(name)
            self.remove(name)
        except Missing:
            return

    def remove(self, name: str) -> None:
        """Removes the snapshot and the image. Raises InUse while clones depend on them."""
        _, rbd = bindings()
        with self.pool_context() as pool:
            with self.image(pool, name, read_only=False) as image:
                for snapshot in list(image.list_snaps()):
                    if image.is_protected_snap(snapshot["name"]):
                        image.unprotect_snap(snapshot["name"])
                    image.remove_snap(snapshot["name"])
            rbd.RBD().remove(pool, name)

    def _listed(self) -> list[tuple[str, float]]:
        """(name, seconds since it was last written) of every image of the pool."""
        _, rbd = bindings()
        found = []
        with self.pool_context() as pool:
            for name in rbd.RBD().list(pool):
                with self.image(pool, name) as image:
                    found.append((name, time.time() - image.modify_timestamp().replace(tzinfo=UTC).timestamp()))
        return found

    def found(self) -> Iterator[Found]:
        return (Found(name, age) for name, age in self._listed() if not name.startswith(UNFINISHED))

    def sweep(self, older_than: float) -> int:
        stale = [name for name, age in self._listed() if name.startswith(UNFINISHED) and age > older_than]
        for name in stale:
            self.remove(name)
        return len(stale)

    def _fsid(self) -> str:
        with self.pool_context():
            return str(self._cluster.get_fsid())

    def url(self, name: str) -> str:
        return f"rbd://{self._fsid()}/{self.pool}/{name}/{SNAPSHOT}"

    def name_of(self, url: str) -> str | None:
        if not url.startswith("rbd://"):
            return None
        parts = url.removeprefix("rbd://").split("/")
        is_ours = len(parts) == 4 and parts[0] == self._fsid() and parts[1] == self.pool and parts[3] == SNAPSHOT
        return parts[2] if is_ours else None

    def properties(self) -> dict[str, Any]:
        return {"chunk_size": CHUNK, "pool": self.pool, "thin_provisioning": False, "fsid": self._fsid()}


class RbdSink:
    """One RBD image on its way, under a name that tells so until it is whole."""

    def __init__(self, store: RbdStore, name: str, size: int) -> None:
        self._store, self._name, self._size, self._at = store, name, size, 0
        self._done = False

    def write(self, piece: bytes) -> None:
        with self._store.pool_context() as pool, self._image(pool) as image:
            if self._at + len(piece) > self._size:
                self._size = self._at + len(piece) if self._at + len(piece) > 2 * self._size else 2 * self._size
                image.resize(self._size)
            image.write(piece, self._at)
            self._at += len(piece)

    def _image(self, pool: Any) -> Any:
        return self._store.image(pool, UNFINISHED + self._name, read_only=False)

    def finish(self) -> str:
        _, rbd = bindings()
        with self._store.pool_context() as pool:
            with self._image(pool) as image:
                if self._at != self._size:
                    image.resize(self._at)
                image.flush()
                image.create_snap(SNAPSHOT)
                image.protect_snap(SNAPSHOT)
            rbd.RBD().rename(pool, UNFINISHED + self._name, self._name)
        self._done = True
        return self._name

    def abandon(self) -> None:
        if self._done:
            return
        try:
            self._store.remove(UNFINISHED + self._name)
        except Missing:
            return
