"""Inventories of resource providers."""

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from msgspec.structs import asdict

from pileus.kernel import clock
from pileus.kernel.database import SerializationFailure, Tx
from pileus.placement.model import Inventory
from pileus.placement.tables import inventories, providers

FIELDS = Inventory.__struct_fields__
_CHANGEABLE = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")
_COLUMNS = [inventories.c[name] for name in FIELDS]
_OF_PROVIDER = (
    sa.select(*_COLUMNS)
    .where(inventories.c.provider_uuid == sa.bindparam("uuid"))
    .order_by(inventories.c.created_at, inventories.c.resource_class)
)
_OF_PROVIDERS = sa.select(*_COLUMNS).where(inventories.c.provider_uuid.in_(sa.bindparam("uuids", expanding=True)))
_OF_TREES = (
    sa.select(*_COLUMNS)
    .join(providers, providers.c.uuid == inventories.c.provider_uuid)
    .where(providers.c.root_uuid.in_(sa.bindparam("root_uuids", expanding=True)))
)
_INSERT = inventories.insert()
_KEY = sa.and_(inventories.c.provider_uuid == sa.bindparam("of"), inventories.c.resource_class == sa.bindparam("class"))
_UPDATE = (
    inventories.update()
    .where(_KEY)
    .values({name: sa.bindparam(f"new_{name}") for name in _CHANGEABLE} | {"updated_at": sa.bindparam("now")})
)
_USE = inventories.update().where(_KEY).values(used=inventories.c.used + sa.bindparam("more"))


def of_provider(tx: Tx, uuid: str) -> dict[str, Inventory]:
    """By resource class, in the order they were made."""
    found = [Inventory(*row) for row in tx.execute(_OF_PROVIDER, {"uuid": uuid})]
    return {inventory.resource_class: inventory for inventory in found}


def of_providers(tx: Tx, uuids: Collection[str]) -> dict[tuple[str, str], Inventory]:
    """By provider and resource class."""
    rows = tx.execute(_OF_PROVIDERS, {"uuids": list(uuids)}).all() if uuids else ()
    return {(row[0], row[1]): Inventory(*row) for row in rows}


def of_trees(tx: Tx, root_uuids: Collection[str]) -> dict[str, list[Inventory]]:
    """The inventories of every provider of some trees, by provider."""
    found: dict[str, list[Inventory]] = {}
    for row in tx.execute(_OF_TREES, {"root_uuids": list(root_uuids)}).all() if root_uuids else ():
        found.setdefault(row[0], []).append(Inventory(*row))
    return found


def insert(tx: Tx, new: Iterable[Inventory]) -> None:
    rows = [asdict(inventory) for inventory in new]
    if not rows:
        return
    try:
        tx.execute(_INSERT, rows)
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error


def update(tx: Tx, changed: Iterable[Inventory]) -> None:
    """Writes what may change of inventories; what is used of them stays."""
    now = clock.now()
    rows = [
        {"of": inventory.provider_uuid, "class": inventory.resource_class, "now": now}
        | {f"new_{name}": getattr(inventory, name) for name in _CHANGEABLE}
        for inventory in changed
    ]
    if rows:
        tx.execute(_UPDATE, rows)


def delete(tx: Tx, provider_uuid: str, classes: Collection[str]) -> None:
    """Raises SerializationFailure when one of them has come into use."""
    try:
        tx.execute(
            inventories.delete().where(
                inventories.c.provider_uuid == provider_uuid, inventories.c.resource_class.in_(list(classes))
            )
        )
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error


def use(tx: Tx, changes: Mapping[tuple[str, str], int]) -> None:
    """Adds to (or takes from) what is used of inventories, always in the same order, so that two do not deadlock."""
    rows = [{"of": key[0], "class": key[1], "more": more} for key, more in sorted(changes.items()) if more]
    if rows:
        tx.execute(_USE, rows)
