"""Traits of providers, and the aggregates they are in."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from pileus.kernel.database import SerializationFailure, Tx
from pileus.placement.tables import provider_aggregates, provider_traits, providers

_TRAITS = sa.select(provider_traits.c.trait).where(provider_traits.c.provider_uuid == sa.bindparam("uuid"))
_TRAITS_OF_TREES = (
    sa.select(provider_traits.c.provider_uuid, provider_traits.c.trait)
    .join(providers, providers.c.uuid == provider_traits.c.provider_uuid)
    .where(providers.c.root_uuid.in_(sa.bindparam("root_uuids", expanding=True)))
)
_HOLDERS = sa.select(provider_traits.c.trait, provider_traits.c.provider_uuid).where(
    provider_traits.c.trait.in_(sa.bindparam("traits", expanding=True))
)
_TRAIT_USED = sa.select(provider_traits.c.trait).where(provider_traits.c.trait == sa.bindparam("trait")).limit(1)
_AGGREGATES = sa.select(provider_aggregates.c.aggregate_uuid).where(
    provider_aggregates.c.provider_uuid == sa.bindparam("uuid")
)
_MEMBERS = sa.select(provider_aggregates.c.aggregate_uuid, provider_aggregates.c.provider_uuid).where(
    provider_aggregates.c.aggregate_uuid.in_(sa.bindparam("aggregates", expanding=True))
)
_mine = provider_aggregates.alias("mine")
_theirs = provider_aggregates.alias("theirs")
_ANCHORS = (
    sa.select(_mine.c.provider_uuid, providers.c.root_uuid)
    .join(_theirs, _theirs.c.aggregate_uuid == _mine.c.aggregate_uuid)
    .join(providers, providers.c.uuid == _theirs.c.provider_uuid)
    .where(_mine.c.provider_uuid.in_(sa.bindparam("uuids", expanding=True)))
    .distinct()
)


def traits_of(tx: Tx, provider_uuid: str) -> list[str]:
    return list(tx.scalars(_TRAITS, {"uuid": provider_uuid}))


def traits_of_trees(tx: Tx, root_uuids: Collection[str]) -> dict[str, list[str]]:
    """The traits of every provider of some trees, by provider."""
    found: dict[str, list[str]] = {}
    for provider_uuid, trait in tx.execute(_TRAITS_OF_TREES, {"root_uuids": list(root_uuids)}).all():
        found.setdefault(provider_uuid, []).append(trait)
    return found


def holders(tx: Tx, traits: Collection[str]) -> dict[str, set[str]]:
    """The providers that have each of some traits, by trait."""
    found: dict[str, set[str]] = {trait: set() for trait in traits}
    for trait, provider_uuid in tx.execute(_HOLDERS, {"traits": list(traits)}) if traits else ():
        found[trait].add(provider_uuid)
    return found


def trait_in_use(tx: Tx, trait: str) -> bool:
    return tx.execute(_TRAIT_USED, {"trait": trait}).first() is not None


def set_traits(tx: Tx, provider_uuid: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
    _replace(tx, provider_traits, provider_traits.c.trait, provider_uuid, sorted(add), sorted(remove))


def aggregates_of(tx: Tx, provider_uuid: str) -> list[str]:
    return list(tx.scalars(_AGGREGATES, {"uuid": provider_uuid}))


def members(tx: Tx, aggregates: Collection[str]) -> dict[str, set[str]]:
    """The providers in each of some aggregates, by aggregate."""
    found: dict[str, set[str]] = {aggregate: set() for aggregate in aggregates}
    for aggregate, provider_uuid in tx.execute(_MEMBERS, {"aggregates": list(aggregates)}) if aggregates else ():
        found[aggregate].add(provider_uuid)
    return found


def set_aggregates(tx: Tx, provider_uuid: str, aggregates: Collection[str]) -> None:
    wanted, now = set(aggregates), set(aggregates_of(tx, provider_uuid))
    column = provider_aggregates.c.aggregate_uuid
    _replace(tx, provider_aggregates, column, provider_uuid, sorted(wanted - now), sorted(now - wanted))


def anchors(tx: Tx, sharing: Collection[str]) -> dict[str, set[str]]:
    """The roots of the trees that share an aggregate with each of some providers."""
    found: dict[str, set[str]] = {}
    for provider_uuid, root_uuid in tx.execute(_ANCHORS, {"uuids": list(sharing)}) if sharing else ():
        found.setdefault(provider_uuid, set()).add(root_uuid)
    return found


def _replace(
    tx: Tx, table: sa.Table, column: "sa.Column[str]", provider_uuid: str, add: list[str], remove: list[str]
) -> None:
    if remove:
        tx.execute(table.delete().where(table.c.provider_uuid == provider_uuid, column.in_(remove)))
    if not add:
        return
    try:
        tx.execute(table.insert(), [{"provider_uuid": provider_uuid, column.name: value} for value in add])
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error
