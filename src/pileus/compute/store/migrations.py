"""Moves of servers from host to host, or to another size."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pileus.compute.model import Migration
from pileus.compute.store.rows import build, build_all, encode
from pileus.compute.tables import migrations
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx

LIVE_UNFINISHED = ("queued", "preparing", "running", "post-migrating")
UNFINISHED = (
    *LIVE_UNFINISHED,
    "pre-migrating",
    "migrating",
    "finished",
    "confirming",
    "reverting",
    "accepted",
)
_OPEN = sa.and_(migrations.c.server_id == sa.bindparam("server_id"), migrations.c.status.in_(UNFINISHED))
_UNFINISHED = sa.select(migrations).where(_OPEN).order_by(migrations.c.number.desc())
_END_ALL = migrations.update().where(migrations.c.server_id == sa.bindparam("at"), migrations.c.status.in_(UNFINISHED))


def insert(tx: Tx, **values: Any) -> str:
    """Returns the new migration's id."""
    now = clock.now()
    row = {"id": ids.new_uuid(), "created_at": now, "updated_at": now, **values}
    tx.execute(migrations.insert().values(encode(row, migrations)))
    return str(row["id"])


def update(tx: Tx, migration_id: str, **values: Any) -> None:
    tx.execute(
        migrations.update()
        .where(migrations.c.id == migration_id)
        .values(**encode({"updated_at": clock.now(), **values}, migrations))
    )


def get(tx: Tx, migration_id: str) -> Migration | None:
    return build(Migration, tx.execute(sa.select(migrations).where(migrations.c.id == migration_id)).first())


def by_number(tx: Tx, server_id: str, number: int) -> Migration | None:
    query = sa.select(migrations).where(migrations.c.server_id == server_id, migrations.c.number == number)
    return build(Migration, tx.execute(query).first())


def unfinished(tx: Tx, server_id: str) -> list[Migration]:
    """Newest first."""
    return build_all(Migration, tx.execute(_UNFINISHED, {"server_id": server_id}))


def with_status(tx: Tx, server_id: str, status: str) -> Migration | None:
    return next((one for one in unfinished(tx, server_id) if one.status == status), None)


def unfinished_ids(tx: Tx, server_id: str) -> list[str]:
    return [one.id for one in unfinished(tx, server_id)]


def hosts_of_unfinished(tx: Tx, server_id: str) -> set[str]:
    found = unfinished(tx, server_id)
    return {host for one in found for host in (one.source_host, one.dest_host) if host is not None}


def all_unfinished(tx: Tx) -> list[Migration]:
    return build_all(Migration, tx.execute(sa.select(migrations).where(migrations.c.status.in_(UNFINISHED))))


def find(
    tx: Tx,
    exact: Mapping[str, str],
    *,
    host: str | None,
    since: int | None,
    before: int | None,
    limit: int | None,
    marker: str | None,
) -> list[Migration] | None:
    """Moves with these values, from or to a host; newest first, those after a marker (None: there is no such)."""
    query = sa.select(migrations).where(*(migrations.c[column] == value for column, value in exact.items()))
    if host is not None:
        query = query.where(sa.or_(migrations.c.source_host == host, migrations.c.dest_host == host))
    if since is not None:
        query = query.where(migrations.c.updated_at >= since)
    if before is not None:
        query = query.where(migrations.c.updated_at <= before)
    if marker is not None:
        row = get(tx, marker)
        if row is None:
            return None
        query = query.where(migrations.c.number < row.number)
    return build_all(Migration, tx.execute(query.order_by(migrations.c.number.desc()).limit(limit)))


def newer_than(tx: Tx, moment: int) -> list[str]:
    """Ids of moves that changed since a moment."""
    return list(tx.scalars(sa.select(migrations.c.id).where(migrations.c.updated_at > moment)))


def end_all(tx: Tx, server_id: str) -> None:
    """The server is gone, and its moves with it."""
    tx.execute(_END_ALL, {"at": server_id, "status": "error", "updated_at": clock.now()})
