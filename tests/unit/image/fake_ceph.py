"""Ceph's Python bindings, as far as the RBD store uses them, with the pool in memory."""

import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest


class Error(Exception):
    pass


class Pool:
    def __init__(self) -> None:
        self.images: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *exception: object) -> None:
        pass


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool()
    rados, rbd = ModuleType("rados"), ModuleType("rbd")
    names = ("ImageNotFound", "ImageBusy", "ImageHasSnapshots", "OSError")
    errors = {name: type(name, (Error,), {}) for name in names}
    rbd.__dict__.update(errors, RBD_FEATURE_LAYERING=1)
    rados.__dict__.update(
        {name: type(name, (Error,), {}) for name in ("NoSpace", "PermissionDeniedError")}, Error=Error
    )

    class Rados:
        def __init__(self, **options: Any) -> None:
            pass

        def connect(self, timeout: int) -> None:
            pass

        def open_ioctx(self, name: str) -> Pool:
            return pool

        def get_fsid(self) -> str:
            return "fsid"

    class RBD:
        def create(self, pool: Pool, name: str, size: int, order: int, **options: Any) -> None:
            pool.images[name] = {"data": bytearray(size), "snaps": {}}

        def list(self, pool: Pool) -> list[str]:
            return list(pool.images)

        def rename(self, pool: Pool, old: str, new: str) -> None:
            pool.images[new] = pool.images.pop(old)

        def remove(self, pool: Pool, name: str) -> None:
            if pool.images[name]["snaps"]:
                raise errors["ImageHasSnapshots"]
            del pool.images[name]

    class Image:
        def __init__(self, pool: Pool, name: str, read_only: bool = False) -> None:
            if name not in pool.images:
                raise errors["ImageNotFound"](name)
            self.it, self.read_only = pool.images[name], read_only

        def __enter__(self) -> "Image":
            return self

        def __exit__(self, *exception: object) -> None:
            pass

        def size(self) -> int:
            return len(self.it["data"])

        def resize(self, size: int) -> None:
            data = self.it["data"]
            self.it["data"] = data[:size].ljust(size, b"\0")

        def write(self, piece: bytes, at: int) -> None:
            assert not self.read_only
            assert at + len(piece) <= self.size()
            self.it["data"][at : at + len(piece)] = piece

        def read(self, at: int, length: int) -> bytes:
            return bytes(self.it["data"][at : at + length])

        def flush(self) -> None:
            pass

        def modify_timestamp(self) -> datetime:
            return datetime.now(UTC)

        def create_snap(self, name: str) -> None:
            self.it["snaps"][name] = False

        def protect_snap(self, name: str) -> None:
            self.it["snaps"][name] = True

        def unprotect_snap(self, name: str) -> None:
            self.it["snaps"][name] = False

        def is_protected_snap(self, name: str) -> bool:
            return bool(self.it["snaps"][name])

        def remove_snap(self, name: str) -> None:
            if self.it["snaps"].pop(name):
                raise errors["ImageBusy"]

        def list_snaps(self) -> list[dict[str, str]]:
            return [{"name": name} for name in self.it["snaps"]]

    rados.__dict__["Rados"] = Rados
    rbd.__dict__.update(RBD=RBD, Image=Image)
    monkeypatch.setitem(sys.modules, "rados", rados)
    monkeypatch.setitem(sys.modules, "rbd", rbd)
