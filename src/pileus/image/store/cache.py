"""What each host has in its cache."""

from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.image.tables import cache
from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed


class Entry(msgspec.Struct, frozen=True):
    """A copy on a host. ``name``: of its file; None while it is only asked for."""

    host: str
    image_id: str
    name: str | None
    size: int
    hits: int
    last_accessed: int
    last_modified: int


_COLUMNS = [cache.c[name] for name in Entry.__struct_fields__]
_ONE = sa.select(*_COLUMNS).where(cache.c.host == sa.bindparam("at"), cache.c.image_id == sa.bindparam("image"))


def find(tx: Tx, host: str, image_id: str) -> Entry | None:
    row = tx.execute(_ONE, {"at": host, "image": image_id}).first()
    return None if row is None else _entry(row)


def of_host(tx: Tx, host: str) -> list[Entry]:
    """The least recently used first."""
    query = sa.select(*_COLUMNS).where(cache.c.host == host).order_by(cache.c.last_accessed)
    return [_entry(row) for row in tx.execute(query)]


def hosts_of(tx: Tx, image_id: str) -> list[str]:
    """The hosts that have a copy."""
    query = sa.select(cache.c.host).where(cache.c.image_id == image_id, cache.c.name.is_not(None))
    return list(tx.scalars(query))


def queue(tx: Tx, host: str, image_id: str) -> bool:
    """Asks for a copy; False when there is one, or one was asked for."""
    if find(tx, host, image_id) is not None:
        return False
    now = clock.now()
    entry = Entry(host, image_id, None, 0, 0, now, now)
    tx.execute(cache.insert().values({name: getattr(entry, name) for name in Entry.__struct_fields__}))
    return True


def keep(tx: Tx, host: str, image_id: str, name: str, size: int) -> bool:
    """The copy was made; False when it is no longer wanted."""
    changed = tx.execute(
        cache.update()
        .where(cache.c.host == host, cache.c.image_id == image_id, cache.c.name.is_(None))
        .values(name=name, size=size, last_modified=clock.now())
    )
    return rows_changed(changed) == 1


def hit(tx: Tx, host: str, image_id: str) -> None:
    tx.execute(
        cache.update()
        .where(cache.c.host == host, cache.c.image_id == image_id)
        .values(hits=cache.c.hits + 1, last_accessed=clock.now())
    )


def remove(tx: Tx, entry: Entry) -> None:
    tx.execute(cache.delete().where(cache.c.host == entry.host, cache.c.image_id == entry.image_id))


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(**row._mapping)
