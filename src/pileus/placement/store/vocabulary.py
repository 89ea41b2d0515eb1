"""The names there are: standard ones, which a library brings, and those made here (resource classes and traits)."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import os_resource_classes
import os_traits
import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.placement.errors import UnknownClass, UnknownTraits
from pileus.placement.tables import provider_traits, resource_classes, traits

CLASSES: tuple[str, ...] = tuple(os_resource_classes.STANDARDS)
TRAITS: tuple[str, ...] = tuple(os_traits.get_traits())
STANDARD_CLASSES = frozenset(CLASSES)
STANDARD_TRAITS = frozenset(TRAITS)
SHARES = os_traits.MISC_SHARES_VIA_AGGREGATE


_ORDER = {name: place for place, name in enumerate(CLASSES)}


def class_order(name: str) -> tuple[int, str]:
    """Sorts resource classes: standard ones as they are numbered, then the others by name."""
    return _ORDER.get(name, len(_ORDER)), name


def trait_order(name: str) -> tuple[bool, str]:
    """Sorts traits: standard ones first."""
    return name not in STANDARD_TRAITS, name


class Named(NamedTuple):
    """A name that was made here, and when (microseconds since the epoch)."""

    name: str
    modified_at: int


def unknown_classes(tx: Tx, names: Iterable[str]) -> set[str]:
    return _unknown(tx, resource_classes, STANDARD_CLASSES, names)


def check_classes(tx: Tx, names: Iterable[str]) -> None:
    """Raises UnknownClass."""
    for name in sorted(unknown_classes(tx, names)):
        raise UnknownClass(name)


def check_traits(tx: Tx, names: Iterable[str]) -> None:
    """Raises UnknownTraits."""
    unknown = _unknown(tx, traits, STANDARD_TRAITS, names)
    if unknown:
        raise UnknownTraits(unknown)


def begin_to_use_classes(tx: Tx, names: Iterable[str]) -> None:
    """Raises UnknownClass. To be called in the transaction that makes inventories of these classes."""
    check_classes(tx, names)
    _begin_to_use(tx, resource_classes, set(names) - STANDARD_CLASSES)


def begin_to_use_traits(tx: Tx, names: Iterable[str]) -> None:
    """To be called in the transaction that gives a provider traits."""
    _begin_to_use(tx, traits, set(names) - STANDARD_TRAITS)


def custom_classes(tx: Tx) -> list[Named]:
    return _all(tx, resource_classes)


def find_class(tx: Tx, name: str) -> Named | None:
    """Raises nothing: None is no such class."""
    return _find(tx, resource_classes, STANDARD_CLASSES, name)


def find_trait(tx: Tx, name: str) -> Named | None:
    return _find(tx, traits, STANDARD_TRAITS, name)


def existing_traits(
    tx: Tx, *, names: Collection[str] | None = None, prefix: str = "", associated: bool | None = None
) -> list[Named]:
    """The traits there are, filtered: among names, beginning with prefix, on some provider or on none."""
    now = clock.now()
    found = [Named(name, now) for name in TRAITS] + _all(tx, traits)
    if names is not None:
        chosen = frozenset(names)
        found = [trait for trait in found if trait.name in chosen]
    if prefix:
        found = [trait for trait in found if trait.name.startswith(prefix)]
    if associated is not None:
        used = set(tx.scalars(sa.select(provider_traits.c.trait).distinct()))
        found = [trait for trait in found if (trait.name in used) is associated]
    return found


def make_class(tx: Tx, name: str) -> bool:
    """Whether it was not there yet."""
    return _make(tx, resource_classes, name)


def make_trait(tx: Tx, name: str) -> bool:
    return _make(tx, traits, name)


def delete_class(tx: Tx, name: str) -> None:
    tx.execute(resource_classes.delete().where(resource_classes.c.name == name))


def delete_trait(tx: Tx, name: str) -> None:
    tx.execute(traits.delete().where(traits.c.name == name))


def _unknown(tx: Tx, table: sa.Table, standard: frozenset[str], names: Iterable[str]) -> set[str]:
    custom = set(names) - standard
    if not custom:
        return custom
    return custom - set(tx.scalars(sa.select(table.c.name).where(table.c.name.in_(sorted(custom)))))


def _begin_to_use(tx: Tx, table: sa.Table, names: set[str]) -> None:
    if not names:
        return
    used = table.update().where(table.c.name.in_(sorted(names))).values(users=table.c.users + 1)
    if rows_changed(tx.execute(used)) != len(names):
        raise SerializationFailure("a resource class or trait was deleted meanwhile")


def _all(tx: Tx, table: sa.Table) -> list[Named]:
    rows = tx.execute(sa.select(table).order_by(table.c.created_at, table.c.name))
    return [Named(row.name, row.updated_at or row.created_at) for row in rows]


def _find(tx: Tx, table: sa.Table, standard: frozenset[str], name: str) -> Named | None:
    if name in standard:
        return Named(name, clock.now())
    row = tx.execute(sa.select(table).where(table.c.name == name)).first()
    return None if row is None else Named(name, row.updated_at or row.created_at)


def _make(tx: Tx, table: sa.Table, name: str) -> bool:
    if tx.execute(sa.select(table.c.name).where(table.c.name == name)).first() is not None:
        return False
    try:
        tx.execute(table.insert().values(name=name, users=0, created_at=clock.now()))
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error
    return True
