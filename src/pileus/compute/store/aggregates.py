"""Host aggregates, and the availability zones that they make."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.aggregates import ZONE_KEY, Aggregate
from pileus.compute.tables_resources import aggregate_hosts, aggregates
from pileus.kernel import clock, ids
from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.kernel.errors import Conflict, NotFound
from pileus.kernel.numerals import natural

_ALL = sa.select(aggregates).order_by(aggregates.c.number)
_HOSTS = sa.select(aggregate_hosts.c.aggregate_number, aggregate_hosts.c.host).order_by(
    aggregate_hosts.c.added_at, aggregate_hosts.c.host
)


def all_aggregates(tx: Tx) -> list[Aggregate]:
    """Every aggregate, in the order they were made."""
    hosts: dict[int, list[str]] = {}
    for number, host in tx.execute(_HOSTS):
        hosts.setdefault(number, []).append(host)
    return [_aggregate(row, hosts.get(row.number, [])) for row in tx.execute(_ALL)]


def get(tx: Tx, number: str) -> Aggregate:
    """Raises NotFound."""
    asked = natural(number)
    row = None if asked is None else tx.execute(_ALL.where(aggregates.c.number == asked)).first()
    if row is None:
        raise NotFound(f"Aggregate {number} could not be found.")
    hosts = [host for _, host in tx.execute(_HOSTS.where(aggregate_hosts.c.aggregate_number == row.number))]
    return _aggregate(row, hosts)


def zones(tx: Tx) -> dict[str, str]:
    """Host -> availability zone, of the hosts that an aggregate gives one."""
    found = {}
    for aggregate in all_aggregates(tx):
        zone = aggregate.metadata.get(ZONE_KEY)
        if zone is not None:
            found.update(dict.fromkeys(aggregate.hosts, zone))
    return found


def insert(tx: Tx, name: str, metadata: Mapping[str, str]) -> Aggregate:
    """Raises Conflict when the name is taken."""
    id = ids.new_uuid()
    values = {"id": id, "name": name, "metadata_json": _json(metadata), "version": 1, "created_at": clock.now()}
    try:
        with tx.begin_nested():
            tx.execute(aggregates.insert().values(values))
    except sa.exc.IntegrityError:
        raise _taken(name) from None
    row = tx.execute(_ALL.where(aggregates.c.id == id)).one()
    return _aggregate(row, [])


def change(tx: Tx, aggregate: Aggregate, name: str, metadata: Mapping[str, str]) -> None:
    """Raises Conflict when the name is taken, SerializationFailure when it was changed since it was read."""
    update = (
        aggregates.update()
        .where(aggregates.c.number == aggregate.number, aggregates.c.version == aggregate.version)
        .values(name=name, metadata_json=_json(metadata), version=aggregate.version + 1, updated_at=clock.now())
    )
    try:
        with tx.begin_nested():
            changed = rows_changed(tx.execute(update))
    except sa.exc.IntegrityError:
        raise _taken(name) from None
    if changed != 1:
        raise SerializationFailure(f"aggregate {aggregate.number} was changed meanwhile")


def delete(tx: Tx, aggregate: Aggregate) -> None:
    tx.execute(aggregates.delete().where(aggregates.c.number == aggregate.number))


def add_host(tx: Tx, aggregate: Aggregate, host: str) -> None:
    """Raises Conflict when it is there already."""
    row = {"aggregate_number": aggregate.number, "host": host, "added_at": clock.now()}
    try:
        with tx.begin_nested():
            tx.execute(aggregate_hosts.insert().values(row))
    except sa.exc.IntegrityError:
        raise Conflict(
            f"Cannot add host to aggregate {aggregate.number}. Reason: Aggregate {aggregate.number} already has "
            f"host {host}.."
        ) from None
    change(tx, aggregate, aggregate.name, aggregate.metadata)


def remove_host(tx: Tx, aggregate: Aggregate, host: str) -> None:
    """Raises NotFound when it is not there."""
    gone = tx.execute(
        aggregate_hosts.delete().where(
            aggregate_hosts.c.aggregate_number == aggregate.number, aggregate_hosts.c.host == host
        )
    )
    if rows_changed(gone) != 1:
        raise NotFound(f"Aggregate {aggregate.number} has no host {host}.")
    change(tx, aggregate, aggregate.name, aggregate.metadata)


def forget_host(tx: Tx, host: str) -> None:
    """Takes a host out of every aggregate, when its service is deleted."""
    tx.execute(aggregate_hosts.delete().where(aggregate_hosts.c.host == host))


def _json(metadata: Mapping[str, str]) -> str:
    return msgspec.json.encode(metadata).decode()


def _aggregate(row: sa.Row[Any], hosts: Sequence[str]) -> Aggregate:
    return Aggregate(
        number=row.number,
        id=row.id,
        name=row.name,
        metadata=msgspec.json.decode(row.metadata_json),
        hosts=tuple(hosts),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _taken(name: str) -> Conflict:
    return Conflict(f"Aggregate {name} already exists.")
