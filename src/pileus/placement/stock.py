"""Changing what providers have: inventories as a whole, one by one, and moved about between providers."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from pileus.kernel.database import Tx
from pileus.kernel.http.microversions import Version
from pileus.placement import allocating
from pileus.placement.errors import BadCapacity, InventoryInUse, NoInventory
from pileus.placement.model import Inventory, Provider, Wanted
from pileus.placement.store import inventories, providers, vocabulary

RESERVED_MAY_BE_TOTAL: Version = (1, 26)


def check_capacity(version: Version, wanted: Iterable[Inventory]) -> None:
    """Raises BadCapacity when more is reserved than there is; below 1.26, also when all is."""
    may_be_total = version >= RESERVED_MAY_BE_TOTAL
    for inventory in wanted:
        if inventory.capacity < 0 or (inventory.capacity == 0 and not may_be_total):
            raise BadCapacity(
                f"Invalid inventory for '{inventory.resource_class}' on resource provider "
                f"'{inventory.provider_uuid}'. The reserved value is greater than "
                f"{'total' if may_be_total else 'or equal to total'}."
            )


def add(tx: Tx, provider: Provider, inventory: Inventory) -> Provider:
    """Makes one inventory. Raises UnknownClass."""
    vocabulary.begin_to_use_classes(tx, [inventory.resource_class])
    inventories.insert(tx, [inventory])
    return providers.advance(tx, provider)


def change(tx: Tx, provider: Provider, inventory: Inventory) -> Provider:
    """Writes over one inventory. Raises UnknownClass, or NoInventory when it is not there."""
    vocabulary.check_classes(tx, [inventory.resource_class])
    if inventory.resource_class not in inventories.of_provider(tx, provider.uuid):
        raise NoInventory(inventory.resource_class)
    inventories.update(tx, [inventory])
    return providers.advance(tx, provider)


def replace_all(tx: Tx, provider: Provider, wanted: Mapping[str, Inventory]) -> Provider:
    """Makes wanted all that a provider has. Raises UnknownClass, or InventoryInUse when one that goes is in use."""
    present = inventories.of_provider(tx, provider.uuid)
    new = [inventory for name, inventory in wanted.items() if name not in present]
    vocabulary.begin_to_use_classes(tx, [inventory.resource_class for inventory in new])
    _remove(tx, provider, [inventory for name, inventory in present.items() if name not in wanted])
    inventories.insert(tx, new)
    inventories.update(tx, [inventory for name, inventory in wanted.items() if name in present])
    return providers.advance(tx, provider)


def remove(tx: Tx, provider: Provider, resource_class: str) -> Provider:
    """Raises UnknownClass, NoInventory, InventoryInUse."""
    vocabulary.check_classes(tx, [resource_class])
    present = inventories.of_provider(tx, provider.uuid)
    if resource_class not in present:
        raise NoInventory(resource_class)
    _remove(tx, provider, [present[resource_class]])
    return providers.advance(tx, provider)


def reshape(tx: Tx, stock: Sequence[tuple[Provider, Mapping[str, Inventory]]], wanted: Sequence[Wanted]) -> None:
    """Replaces inventories and allocations together, so that what is used can move with the inventory it is of.

    First every provider has both what it had and what it is to have, then the allocations move, then what is no longer
    wanted goes. Raises what replace_all and allocating.replace raise.
    """
    moved: list[tuple[Provider, Mapping[str, Inventory]]] = []
    for provider, desired in stock:
        if desired:
            both = inventories.of_provider(tx, provider.uuid) | dict(desired)
            provider = replace_all(tx, provider, both)
        moved.append((provider, desired))
    advanced = allocating.replace(tx, wanted)
    for provider, desired in moved:
        replace_all(tx, advanced.get(provider.uuid, provider), desired)


def made(fields: Mapping[str, object], provider: Provider, resource_class: str, now: int) -> Inventory:
    """An inventory of the fields of a request."""
    inventory = Inventory(provider_uuid=provider.uuid, resource_class=resource_class, total=0, created_at=now)
    return replace(inventory, **fields)


def _remove(tx: Tx, provider: Provider, gone: Sequence[Inventory]) -> None:
    in_use = [inventory.resource_class for inventory in gone if inventory.used]
    if in_use:
        raise InventoryInUse(sorted(in_use, key=vocabulary.class_order), provider.uuid)
    if gone:
        inventories.delete(tx, provider.uuid, [inventory.resource_class for inventory in gone])
