"""Finding providers by what they are, have and have room for: one statement a search, kept for its shape."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from msgspec import Struct

from pileus.kernel.database import Tx
from pileus.placement.model import Provider
from pileus.placement.queries import AnyOf, Filters
from pileus.placement.store import providers as provider_rows
from pileus.placement.store import vocabulary
from pileus.placement.tables import inventories, provider_aggregates, provider_traits, providers


class Offer(Struct, frozen=True, gc=False):
    """A provider that has room for each of the resources asked for."""

    uuid: str
    root_uuid: str
    room: Mapping[str, tuple[float, int]]  # by resource class: what is left, and the most that one allocation may be


class Within(NamedTuple):
    """Where to look: below some roots, and at some providers wherever they are."""

    roots: Collection[str]
    providers: Collection[str]


_COLUMNS: Mapping[str, Sequence[Any]] = {
    "providers": provider_rows.COLUMNS,
    "roots": (providers.c.uuid, providers.c.root_uuid),
    "offers": (providers.c.uuid, providers.c.root_uuid),
}


class _Shape(Struct, frozen=True, kw_only=True):
    """What a statement is made of; the values are bound to it."""

    columns: str  # "providers": whole ones; "roots": only UUIDs; "offers": these, and what is left
    resources: int = 0
    required: int = 0
    forbidden: bool = False
    member_of: int = 0
    forbidden_aggregates: bool = False
    name: bool = False
    uuid: bool = False
    tree: bool = False
    root_required: int = 0
    root_forbidden: bool = False
    only_roots: bool = False
    within: bool = False
    limit: bool = False


def providers_matching(tx: Tx, filters: Filters) -> list[Provider]:
    """Raises UnknownClass, UnknownTraits."""
    check_names(tx, filters)
    shape, values = _bound(tx, filters)
    if shape is None:
        return []
    return [Provider(*row) for row in tx.execute(_statement(shape), values)]


def matching(
    tx: Tx, filters: Filters, *, root_required: Sequence[AnyOf], root_forbidden: AnyOf, limit: int | None
) -> dict[str, str]:
    """The providers that meet filters by themselves, in the order of their UUIDs, each with the root of its tree.

    root_required and root_forbidden are traits of those roots.
    """
    shape, values = _bound(
        tx, filters, columns="roots", root_required=root_required, root_forbidden=root_forbidden, limit=limit
    )
    return {} if shape is None else {row[0]: row[1] for row in tx.execute(_statement(shape), values).all()}


def offers(tx: Tx, filters: Filters, within: Within | None = None) -> list[Offer]:
    """The same, with what is left of each resource asked for."""
    shape, values = _bound(tx, filters, columns="offers", within=within)
    if shape is None:
        return []
    places = [(name, 2 + 2 * index) for index, name in enumerate(filters.resources)]
    return [
        Offer(row[0], row[1], {name: (float(row[place]), row[place + 1]) for name, place in places})
        for row in tx.execute(_statement(shape), values).all()
    ]


def roots(tx: Tx, required: Sequence[AnyOf], forbidden: AnyOf) -> set[str]:
    """The root providers with some traits and without others."""
    shape, values = _bound(tx, Filters(required=required, forbidden=forbidden), columns="roots", only_roots=True)
    assert shape is not None
    return {row[0] for row in tx.execute(_statement(shape), values)}


def check_names(tx: Tx, filters: Filters) -> None:
    """Raises UnknownClass, UnknownTraits."""
    vocabulary.check_classes(tx, filters.resources)
    vocabulary.check_traits(tx, filters.forbidden.union(*filters.required))


def _bound(
    tx: Tx,
    filters: Filters,
    *,
    columns: str = "providers",
    root_required: Sequence[AnyOf] = (),
    root_forbidden: AnyOf = frozenset(),
    only_roots: bool = False,
    within: Within | None = None,
    limit: int | None = None,
) -> tuple[_Shape | None, dict[str, Any]]:
    """The shape of a search and its values; no shape when nothing can be found."""
    values: dict[str, Any] = {}
    if filters.in_tree is not None:
        member = provider_rows.get(tx, filters.in_tree)
        if member is None:
            return None, values
        values["root"] = member.root_uuid
    for index, (resource_class, amount) in enumerate(filters.resources.items()):
        values |= {f"class{index}": resource_class, f"amount{index}": amount}
    values |= _lists("required", filters.required) | _lists("member_of", filters.member_of)
    values |= _lists("root_required", root_required)
    optional = {
        "forbidden": sorted(filters.forbidden),
        "forbidden_aggregates": sorted(filters.forbidden_aggregates),
        "root_forbidden": sorted(root_forbidden),
        "name": filters.name,
        "uuid": filters.uuid,
        "limit": limit,
    }
    values |= {name: value for name, value in optional.items() if value}
    if within is not None:
        values |= {"within_roots": list(within.roots), "within_providers": list(within.providers)}
    shape = _Shape(
        columns=columns,
        resources=len(filters.resources),
        required=len(filters.required),
        forbidden=bool(filters.forbidden),
        member_of=len(filters.member_of),
        forbidden_aggregates=bool(filters.forbidden_aggregates),
        name=bool(filters.name),
        uuid=bool(filters.uuid),
        tree=filters.in_tree is not None,
        root_required=len(root_required),
        root_forbidden=bool(root_forbidden),
        only_roots=only_roots,
        within=within is not None,
        limit=bool(limit),
    )
    return shape, values


def _lists(name: str, sets: Sequence[AnyOf]) -> dict[str, list[str]]:
    return {f"{name}{index}": sorted(values) for index, values in enumerate(sets)}


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> "sa.Select[Any]":
    columns: list[Any] = list(_COLUMNS[shape.columns])
    source: Any = providers
    conditions: list[Any] = []
    order: Any = providers.c.uuid
    for index in range(shape.resources):
        inventory = inventories.alias(f"inventory{index}")
        joined, room = _room(inventory, index)
        if index == 0:
            # The same order, but that of an index the search goes along: a limit stops it early.
            order = inventory.c.provider_uuid
        source = source.join(inventory, joined)
        if shape.columns == "offers":
            columns += [room, inventory.c.max_unit]
    of_provider, of_root = providers.c.uuid, providers.c.root_uuid
    conditions += [_has(provider_traits.c.trait, of_provider, f"required{n}") for n in range(shape.required)]
    conditions += [_has(provider_traits.c.trait, of_root, f"root_required{n}") for n in range(shape.root_required)]
    aggregate = provider_aggregates.c.aggregate_uuid
    conditions += [_has(aggregate, of_provider, f"member_of{n}") for n in range(shape.member_of)]
    optional = (
        (shape.forbidden, lambda: ~_has(provider_traits.c.trait, of_provider, "forbidden")),
        (shape.root_forbidden, lambda: ~_has(provider_traits.c.trait, of_root, "root_forbidden")),
        (shape.forbidden_aggregates, lambda: ~_has(aggregate, of_provider, "forbidden_aggregates")),
        (shape.name, lambda: providers.c.name == sa.bindparam("name")),
        (shape.uuid, lambda: providers.c.uuid == sa.bindparam("uuid")),
        (shape.tree, lambda: providers.c.root_uuid == sa.bindparam("root")),
        (shape.only_roots, lambda: providers.c.parent_uuid.is_(None)),
        (shape.within, _within),
    )
    conditions += [condition() for wanted, condition in optional if wanted]
    query = sa.select(*columns).select_from(source).where(*conditions)
    query = query.order_by(providers.c.created_at if shape.columns == "providers" else order)
    return query.limit(sa.bindparam("limit", type_=sa.Integer)) if shape.limit else query


def _room(inventory: Any, index: int) -> tuple[Any, Any]:
    """The condition that joins an inventory with room for what is asked, and what is left of it."""
    amount = sa.bindparam(f"amount{index}", type_=sa.BigInteger)
    room = (inventory.c.total - inventory.c.reserved) * inventory.c.allocation_ratio
    joined = sa.and_(
        inventory.c.provider_uuid == providers.c.uuid,
        inventory.c.resource_class == sa.bindparam(f"class{index}"),
        inventory.c.used + amount <= room,
        inventory.c.min_unit <= amount,
        inventory.c.max_unit >= amount,
        amount % inventory.c.step_size == 0,
    )
    return joined, room - inventory.c.used


def _within() -> Any:
    return sa.or_(
        providers.c.root_uuid.in_(sa.bindparam("within_roots", expanding=True)),
        providers.c.uuid.in_(sa.bindparam("within_providers", expanding=True)),
    )


def _has(column: "sa.Column[str]", provider: "sa.Column[str]", values: str) -> Any:
    """Whether a provider has one of some traits, or is in one of some aggregates."""
    member = column.table.alias()
    return (
        sa.exists()
        .where(member.c.provider_uuid == provider, member.c[column.name].in_(sa.bindparam(values, expanding=True)))
        .correlate(providers)
    )
