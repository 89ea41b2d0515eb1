"""Resource providers and their trees."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from msgspec.structs import asdict, replace

from pileus.kernel import clock
from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.kernel.errors import Conflict
from pileus.placement.errors import DUPLICATE_NAME, PROVIDER_CANNOT_DELETE_PARENT
from pileus.placement.model import Provider
from pileus.placement.tables import inventories, provider_aggregates, provider_traits, providers

COLUMNS = (
    providers.c.uuid,
    providers.c.name,
    providers.c.generation,
    providers.c.parent_uuid,
    providers.c.root_uuid,
    providers.c.created_at,
    providers.c.updated_at,
)
_BY_UUID = sa.select(*COLUMNS).where(providers.c.uuid == sa.bindparam("uuid"))
_BY_UUIDS = sa.select(*COLUMNS).where(providers.c.uuid.in_(sa.bindparam("uuids", expanding=True)))
_OF_TREE = sa.select(*COLUMNS).where(providers.c.root_uuid == sa.bindparam("root_uuid"))
_OF_TREES = sa.select(*COLUMNS).where(providers.c.root_uuid.in_(sa.bindparam("root_uuids", expanding=True)))
_CHILD = sa.select(providers.c.uuid).where(providers.c.parent_uuid == sa.bindparam("uuid")).limit(1)
_NESTED = sa.select(providers.c.uuid).where(providers.c.parent_uuid.is_not(None)).limit(1)
_TAKEN = sa.select(providers.c.uuid, providers.c.name).where(
    sa.or_(providers.c.uuid == sa.bindparam("uuid"), providers.c.name == sa.bindparam("name"))
)
_INSERT = providers.insert()
_ADVANCE = (
    providers.update()
    .where(providers.c.uuid == sa.bindparam("of"), providers.c.generation == sa.bindparam("known"))
    .values(generation=sa.bindparam("next"), updated_at=sa.bindparam("now"))
)


def get(tx: Tx, uuid: str) -> Provider | None:
    row = tx.execute(_BY_UUID, {"uuid": uuid}).first()
    return None if row is None else Provider(*row)


def get_many(tx: Tx, uuids: Collection[str]) -> dict[str, Provider]:
    return {row.uuid: Provider(*row) for row in tx.execute(_BY_UUIDS, {"uuids": list(uuids)})} if uuids else {}


def tree(tx: Tx, root_uuid: str) -> list[Provider]:
    """Every provider of a tree."""
    return [Provider(*row) for row in tx.execute(_OF_TREE, {"root_uuid": root_uuid})]


def trees(tx: Tx, root_uuids: Collection[str]) -> list[Provider]:
    return (
        [Provider(*row) for row in tx.execute(_OF_TREES, {"root_uuids": list(root_uuids)}).all()] if root_uuids else []
    )


def any_nested(tx: Tx) -> bool:
    """Whether any provider of the cloud has a parent."""
    return tx.execute(_NESTED).first() is not None


def has_children(tx: Tx, uuid: str) -> bool:
    return tx.execute(_CHILD, {"uuid": uuid}).first() is not None


def insert(tx: Tx, provider: Provider) -> None:
    """Raises Conflict when the name or the UUID is taken."""
    for row in tx.execute(_TAKEN, {"uuid": provider.uuid, "name": provider.name}):
        raise _taken(f"uuid: {provider.uuid}" if row.uuid == provider.uuid else f"name: {provider.name}")
    try:
        tx.execute(_INSERT, asdict(provider))
    except sa.exc.IntegrityError as error:
        # Between our look and the insertion somebody took the name or removed the parent: look again.
        raise SerializationFailure(str(error.orig)) from error


def stay(tx: Tx, provider: Provider) -> None:
    """Raises SerializationFailure when a provider has left the tree it was read in: nothing may be put below it."""
    held = providers.update().where(providers.c.uuid == provider.uuid, providers.c.root_uuid == provider.root_uuid)
    if rows_changed(tx.execute(held.values(root_uuid=provider.root_uuid))) != 1:
        raise SerializationFailure(f"resource provider {provider.uuid} moved meanwhile")


def update(tx: Tx, provider: Provider, **values: Any) -> Provider:
    """Writes a provider's name or place. Raises Conflict when the name is taken."""
    name = values.get("name", provider.name)
    if name != provider.name and tx.execute(_TAKEN, {"uuid": "", "name": name}).first() is not None:
        raise _taken(name)
    values["updated_at"] = clock.now()
    try:
        tx.execute(providers.update().where(providers.c.uuid == provider.uuid).values(values))
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error
    return replace(provider, **values)


def move(tx: Tx, uuids: Iterable[str], root_uuid: str) -> None:
    """Makes providers members of another tree."""
    tx.execute(
        providers.update().where(providers.c.uuid.in_(list(uuids))).values(root_uuid=root_uuid, updated_at=clock.now())
    )


def advance(tx: Tx, provider: Provider) -> Provider:
    """The provider at its next generation.

    Raises SerializationFailure when it is not at the generation it was read at: then everything that was decided from
    it is decided again.
    """
    now = clock.now()
    changed = tx.execute(
        _ADVANCE,
        {"of": provider.uuid, "known": provider.generation, "next": provider.generation + 1, "now": now},
    )
    if rows_changed(changed) != 1:
        raise SerializationFailure(f"resource provider {provider.uuid} changed meanwhile")
    return replace(provider, generation=provider.generation + 1, updated_at=now)


def delete(tx: Tx, uuid: str) -> None:
    """A provider with its inventories, traits and aggregates. Raises Conflict when it has got children."""
    for table in (inventories, provider_traits, provider_aggregates):
        tx.execute(table.delete().where(table.c.provider_uuid == uuid))
    try:
        tx.execute(providers.delete().where(providers.c.uuid == uuid))
    except sa.exc.IntegrityError:
        raise Conflict(
            f"Unable to delete parent resource provider {uuid}: It has child resource providers.",
            type=PROVIDER_CANNOT_DELETE_PARENT,
        ) from None


def _taken(what: str) -> Conflict:
    return Conflict(f"Conflicting resource provider {what} already exists.", type=DUPLICATE_NAME)
