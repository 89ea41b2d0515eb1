"""Allocations, and sums of them."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict

from pileus.kernel.database import Tx
from pileus.placement.model import UNKNOWN_TYPE, Allocation, Consumer
from pileus.placement.store.consumers import COLUMNS as CONSUMER_COLUMNS
from pileus.placement.tables import allocations, consumers, providers

_COLUMNS = [allocations.c[name] for name in Allocation.__struct_fields__]
_OF_CONSUMERS = sa.select(*_COLUMNS).where(allocations.c.consumer_uuid.in_(sa.bindparam("uuids", expanding=True)))
_OF_CONSUMER = (
    sa.select(*_COLUMNS, providers.c.generation.label("provider_generation"))
    .join(providers, providers.c.uuid == allocations.c.provider_uuid)
    .where(allocations.c.consumer_uuid == sa.bindparam("uuid"))
)
_OF_PROVIDER = (
    sa.select(*_COLUMNS, consumers.c.generation.label("consumer_generation"))
    .join(consumers, consumers.c.uuid == allocations.c.consumer_uuid)
    .where(allocations.c.provider_uuid == sa.bindparam("uuid"))
)
_ANY_OF_PROVIDER = sa.select(allocations.c.used).where(allocations.c.provider_uuid == sa.bindparam("uuid")).limit(1)
_CONSUMER = sa.select(*CONSUMER_COLUMNS).where(consumers.c.uuid == sa.bindparam("uuid"))
_INSERT = allocations.insert()
_DELETE = allocations.delete().where(allocations.c.consumer_uuid.in_(sa.bindparam("uuids", expanding=True)))


def of_consumers(tx: Tx, uuids: Collection[str]) -> list[Allocation]:
    return [Allocation(*row) for row in tx.execute(_OF_CONSUMERS, {"uuids": list(uuids)})]


def of_consumer(tx: Tx, uuid: str) -> tuple[Consumer | None, list[tuple[Allocation, int]]]:
    """A consumer, and each of its allocations with the generation of the provider."""
    row = tx.execute(_CONSUMER, {"uuid": uuid}).first()
    if row is None:
        return None, []
    return Consumer(*row), [(Allocation(*found[:-1]), found[-1]) for found in tx.execute(_OF_CONSUMER, {"uuid": uuid})]


def of_provider(tx: Tx, uuid: str) -> list[tuple[Allocation, int]]:
    """Each allocation of a provider with the generation of the consumer."""
    return [(Allocation(*row[:-1]), row[-1]) for row in tx.execute(_OF_PROVIDER, {"uuid": uuid})]


def any_of_provider(tx: Tx, uuid: str) -> bool:
    return tx.execute(_ANY_OF_PROVIDER, {"uuid": uuid}).first() is not None


def insert(tx: Tx, new: Collection[Allocation]) -> None:
    if new:
        tx.execute(_INSERT, [asdict(allocation) for allocation in new])


def delete_of(tx: Tx, consumer_uuids: Collection[str]) -> None:
    tx.execute(_DELETE, {"uuids": list(consumer_uuids)})


def usages(tx: Tx, project_id: str, user_id: str | None) -> dict[str, int]:
    """What a project, or one user of it, uses of each resource class."""
    query = _owned(sa.select(allocations.c.resource_class, sa.func.sum(allocations.c.used)), project_id, user_id)
    return {name: int(used) for name, used in tx.execute(query.group_by(allocations.c.resource_class))}


def usages_by_type(
    tx: Tx, project_id: str, user_id: str | None, consumer_type: str | None
) -> dict[str, dict[str, int]]:
    """The same by consumer type, each with the number of consumers; type ``all`` puts everything together."""
    together = consumer_type == "all"
    kind = sa.literal("all") if together else sa.func.coalesce(consumers.c.consumer_type, UNKNOWN_TYPE)
    amounts = _owned(
        sa.select(kind.label("kind"), allocations.c.resource_class, sa.func.sum(allocations.c.used)),
        project_id,
        user_id,
    ).group_by("kind", allocations.c.resource_class)
    counts = _owned(
        sa.select(kind.label("kind"), sa.func.count(sa.distinct(allocations.c.consumer_uuid))), project_id, user_id
    ).group_by("kind")
    if consumer_type and not together:
        unknown = consumers.c.consumer_type.is_(None)
        chosen = unknown if consumer_type == UNKNOWN_TYPE else consumers.c.consumer_type == consumer_type
        amounts, counts = amounts.where(chosen), counts.where(chosen)
    found: dict[str, dict[str, int]] = {}
    for name, resource_class, used in tx.execute(amounts):
        found.setdefault(name, {})[resource_class] = int(used)
    for name, count in tx.execute(counts):
        if name in found:
            found[name]["consumer_count"] = count
    return found


def _owned(query: "sa.Select[Any]", project_id: str, user_id: str | None) -> "sa.Select[Any]":
    query = query.join(consumers, consumers.c.uuid == allocations.c.consumer_uuid)
    query = query.where(consumers.c.project_id == project_id)
    return query.where(consumers.c.user_id == user_id) if user_id else query
