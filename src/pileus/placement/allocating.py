"""Giving consumers their allocations: all of a request or nothing, and never more than there is.

What is used of an inventory is a number beside it (tables.py). Everything here happens in one transaction that moves
each provider on to its next generation, so whoever decided upon older numbers fails and decides again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.placement.errors import CONCURRENT_UPDATE, InvalidInventory, UnknownProvider
from pileus.placement.model import Allocation, Consumer, Inventory, Provider, Wanted
from pileus.placement.store import allocations, consumers, inventories, providers, vocabulary

Key = tuple[str, str]  # provider UUID, resource class


class _Situation(Struct, frozen=True):
    """What there is before anything changes."""

    consumers: Mapping[str, Consumer]
    held: Sequence[Allocation]
    providers: Mapping[str, Provider]
    stock: Mapping[Key, Inventory]


def replace(tx: Tx, wanted: Sequence[Wanted]) -> dict[str, Provider]:
    """Makes each consumer have what it wants and nothing else; the providers, as they are after it.

    Raises Conflict when a consumer is not at the generation that the client knows, UnknownProvider, UnknownClass, and
    InvalidInventory when something does not fit.
    """
    situation = _look(tx, wanted)
    for each in wanted:
        _check_generation(each, situation.consumers.get(each.consumer_uuid))
    vocabulary.check_classes(tx, {name for each in wanted for part in each.resources.values() for name in part})
    for uuid in {uuid for each in wanted for uuid in each.resources}:
        if uuid not in situation.providers:
            raise UnknownProvider(uuid)
    asked = [
        ((uuid, name), amount)
        for each in wanted
        for uuid, part in each.resources.items()
        for name, amount in part.items()
    ]
    _check_room(situation, asked)
    return _write(tx, wanted, situation, asked)


def release(tx: Tx, consumer_uuid: str) -> bool:
    """Takes all from a consumer, which is forgotten; whether it had anything."""
    held = allocations.of_consumers(tx, [consumer_uuid])
    if not held:
        return False
    allocations.delete_of(tx, [consumer_uuid])
    inventories.use(tx, _sum(held, -1))
    consumers.delete(tx, consumer_uuid)
    return True


def _look(tx: Tx, wanted: Sequence[Wanted]) -> _Situation:
    uuids = [each.consumer_uuid for each in wanted]
    known = consumers.get_many(tx, uuids)
    held = allocations.of_consumers(tx, list(known)) if known else []
    touched = {uuid for each in wanted for uuid in each.resources}
    emptied = {each.consumer_uuid for each in wanted if not each.resources}
    touched |= {allocation.provider_uuid for allocation in held if allocation.consumer_uuid in emptied}
    return _Situation(known, held, providers.get_many(tx, touched), inventories.of_providers(tx, touched))


def _check_generation(wanted: Wanted, consumer: Consumer | None) -> None:
    if not wanted.checks_generation:
        return
    real = None if consumer is None else consumer.generation
    if real != wanted.generation:
        expected = "null" if real is None else real
        raise Conflict(
            f"consumer generation conflict - expected {expected} but got {wanted.generation}", type=CONCURRENT_UPDATE
        )


def _check_room(situation: _Situation, asked: Sequence[tuple[Key, int]]) -> None:
    """Raises InvalidInventory when an amount is not one that may be allocated, or there is not enough.

    A provider that already has more allocated than it has room for may be used as long as that gets no worse.
    """
    stock, returned = situation.stock, _sum(situation.held, 1)
    names = {name for (_, name), _ in asked}
    bare = {uuid for (uuid, _), _ in asked if not any((uuid, name) in stock for name in names)}
    if bare:
        raise InvalidInventory(
            f"Inventory for '{', '.join(sorted(names))}' on resource provider '{', '.join(sorted(bare))}' invalid."
        )
    needed: Counter[Key] = Counter()
    for key, amount in asked:
        uuid, name = key
        inventory = stock.get(key)
        if inventory is None:
            raise InvalidInventory(f"Inventory for '{name}' on resource provider '{uuid}' invalid.")
        if not inventory.fits_units(amount):
            raise _refused(key, "violate inventory constraints")
        needed[key] += amount
        after = inventory.used - returned[key] + needed[key]
        if after > inventory.room and after > inventory.used:
            raise _refused(key, "exceed the capacity")


def _write(
    tx: Tx, wanted: Sequence[Wanted], situation: _Situation, asked: Sequence[tuple[Key, int]]
) -> dict[str, Provider]:
    now = clock.now()
    if situation.held:
        allocations.delete_of(tx, {allocation.consumer_uuid for allocation in situation.held})
    for each in wanted:
        _write_consumer(tx, each, situation.consumers.get(each.consumer_uuid), now)
    allocations.insert(
        tx,
        [
            Allocation(each.consumer_uuid, uuid, name, amount, now)
            for each in wanted
            for uuid, part in each.resources.items()
            for name, amount in part.items()
        ],
    )
    changes = _sum(situation.held, -1)
    for key, amount in asked:
        changes[key] += amount
    inventories.use(tx, changes)
    return {uuid: providers.advance(tx, situation.providers[uuid]) for uuid in sorted(situation.providers)}


def _write_consumer(tx: Tx, wanted: Wanted, consumer: Consumer | None, now: int) -> None:
    if not wanted.resources:
        # Whoever has nothing is not remembered.
        if consumer is not None:
            consumers.delete(tx, consumer.uuid)
        return
    kind = wanted.consumer_type or (None if consumer is None else consumer.consumer_type)
    owner = (wanted.project_id, wanted.user_id, kind)
    if consumer is None:
        consumers.insert(tx, Consumer(wanted.consumer_uuid, *owner, generation=1, created_at=now))
    else:
        generation = consumer.generation + 1
        consumers.update(tx, Consumer(consumer.uuid, *owner, generation, consumer.created_at, now))


def _sum(held: Sequence[Allocation], sign: int) -> Counter[Key]:
    total: Counter[Key] = Counter()
    for allocation in held:
        total[allocation.provider_uuid, allocation.resource_class] += sign * allocation.used
    return total


def _refused(key: Key, would: str) -> InvalidInventory:
    uuid, name = key
    return InvalidInventory(
        f"Unable to create allocation for '{name}' on resource provider '{uuid}'. The requested amount would {would}."
    )
