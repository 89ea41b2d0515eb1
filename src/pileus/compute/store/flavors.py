"""Flavors and who may see those that are not public."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.flavors import Flavor
from pileus.compute.tables_resources import flavor_access, flavors
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.kernel.errors import Conflict, NotFound
from pileus.kernel.paging import Page, Sort, select_page

_MINE = sa.exists().where(
    flavor_access.c.flavor_number == flavors.c.number, flavor_access.c.project_id == sa.bindparam("project_id")
)
_BY_ID = sa.select(flavors).where(flavors.c.id == sa.bindparam("id"))
_VISIBLE_BY_ID = _BY_ID.where(sa.or_(flavors.c.is_public == sa.true(), _MINE))
_ACCESS = sa.select(flavor_access.c.project_id).where(flavor_access.c.flavor_number == sa.bindparam("number"))

# What a list may be sorted by, under the reference's column names; ``vcpu_weight`` is never set there.
SORT_COLUMNS: Mapping[str, sa.ColumnElement[Any]] = {
    "created_at": flavors.c.created_at,
    "description": flavors.c.description,
    "disabled": flavors.c.disabled,
    "ephemeral_gb": flavors.c.ephemeral_gb,
    "flavorid": flavors.c.id,
    "id": flavors.c.number,
    "is_public": flavors.c.is_public,
    "memory_mb": flavors.c.memory_mb,
    "name": flavors.c.name,
    "root_gb": flavors.c.root_gb,
    "rxtx_factor": flavors.c.rxtx_factor,
    "swap": flavors.c.swap,
    "updated_at": flavors.c.updated_at,
    "vcpu_weight": flavors.c.number,
    "vcpus": flavors.c.vcpus,
}


class Filters(msgspec.Struct, frozen=True):
    """``is_public``: True shows what is public and what the project may use, False only the others, None all."""

    is_public: bool | None = True
    enabled_only: bool = False
    minimum_memory_mb: int | None = None
    minimum_root_gb: int | None = None
    name: str | None = None  # a regular expression


def get(tx: Tx, context: Context, flavor_id: str) -> Flavor:
    """A flavor that the caller may see. Raises NotFound."""
    if context.is_admin:
        row = tx.execute(_BY_ID, {"id": flavor_id}).first()
    else:
        row = tx.execute(_VISIBLE_BY_ID, {"id": flavor_id, "project_id": context.project_id}).first()
    if row is None:
        raise NotFound(f"Flavor {flavor_id} could not be found.")
    return Flavor(*row)


def find(tx: Tx, flavor_id: str) -> Flavor | None:
    """A flavor by its id, whoever asks."""
    row = tx.execute(_BY_ID, {"id": flavor_id}).first()
    return None if row is None else Flavor(*row)


def any_flavor(tx: Tx) -> bool:
    return tx.execute(sa.select(flavors.c.number).limit(1)).first() is not None


def page(
    tx: Tx, project_id: str | None, filters: Filters, limit: int, marker: Flavor | None, sort: Sort
) -> list[Flavor]:
    """One page of flavors."""
    values = {
        "project_id": project_id,
        "minimum_memory_mb": filters.minimum_memory_mb,
        "minimum_root_gb": filters.minimum_root_gb,
    }
    shape = (
        filters.is_public,
        filters.enabled_only,
        filters.minimum_memory_mb is not None,
        filters.minimum_root_gb is not None,
    )
    if marker is None and filters.name is None:
        rows = tx.execute(_first_page(shape, sort), values | {"limit": limit})
        return [Flavor(*row) for row in rows]
    query = select_page(_filtered(shape), Page(None, None, (sort,)), SORT_COLUMNS, flavors.c.number, _position(marker))
    found = [Flavor(*row) for row in tx.execute(query, values)]
    if filters.name is not None:
        pattern = re.compile(filters.name)
        found = [flavor for flavor in found if pattern.search(flavor.name)]
    return found[:limit]


def insert(tx: Tx, values: Mapping[str, Any]) -> Flavor:
    """Makes a flavor without extra specs. Raises Conflict when its id or name is taken."""
    if tx.execute(sa.select(flavors.c.number).where(flavors.c.name == values["name"])).first():
        raise Conflict(f"Flavor with name {values['name']} already exists.")
    row = {**values, "disabled": False, "extra_specs_json": "{}", "version": 1, "created_at": clock.now()}
    try:
        with tx.begin_nested():
            tx.execute(flavors.insert().values(row))
    except sa.exc.IntegrityError:
        raise Conflict(f"Flavor with ID {values['id']} already exists.") from None
    flavor = find(tx, values["id"])
    assert flavor is not None
    return flavor


def change(tx: Tx, flavor: Flavor, **values: Any) -> None:
    """Raises SerializationFailure when the flavor was changed since it was read."""
    changed = tx.execute(
        flavors.update()
        .where(flavors.c.number == flavor.number, flavors.c.version == flavor.version)
        .values(version=flavor.version + 1, updated_at=clock.now(), **values)
    )
    if rows_changed(changed) != 1:
        raise SerializationFailure(f"flavor {flavor.id} was changed meanwhile")


def set_extra_specs(tx: Tx, flavor: Flavor, specs: Mapping[str, str]) -> None:
    change(tx, flavor, extra_specs_json=msgspec.json.encode(specs).decode())


def delete(tx: Tx, flavor: Flavor) -> None:
    tx.execute(flavor_access.delete().where(flavor_access.c.flavor_number == flavor.number))
    tx.execute(flavors.delete().where(flavors.c.number == flavor.number))


def access(tx: Tx, flavor: Flavor) -> list[str]:
    """The projects that may use a flavor which is not public."""
    return [row.project_id for row in tx.execute(_ACCESS, {"number": flavor.number})]


def add_access(tx: Tx, flavor: Flavor, project_id: str) -> None:
    """Raises Conflict when the project has access already."""
    try:
        with tx.begin_nested():
            tx.execute(flavor_access.insert().values(flavor_number=flavor.number, project_id=project_id))
    except sa.exc.IntegrityError:
        raise Conflict(
            f"Flavor access already exists for flavor {flavor.id} and project {project_id} combination."
        ) from None


def remove_access(tx: Tx, flavor: Flavor, project_id: str) -> None:
    """Raises NotFound when the project has no access."""
    removed = tx.execute(
        flavor_access.delete().where(
            flavor_access.c.flavor_number == flavor.number, flavor_access.c.project_id == project_id
        )
    )
    if rows_changed(removed) != 1:
        raise NotFound(f"Flavor access not found for {flavor.id} / {project_id} combination.")


@cache
def _first_page(shape: tuple[bool | None, bool, bool, bool], sort: Sort) -> sa.Select[Any]:
    query = select_page(_filtered(shape), Page(None, None, (sort,)), SORT_COLUMNS, flavors.c.number, None)
    return query.limit(sa.bindparam("limit", type_=sa.Integer))


def _filtered(shape: tuple[bool | None, bool, bool, bool]) -> sa.Select[Any]:
    is_public, enabled_only, with_memory, with_disk = shape
    query = sa.select(flavors)
    if is_public is True:
        query = query.where(sa.or_(flavors.c.is_public == sa.true(), _MINE))
    elif is_public is False:
        query = query.where(flavors.c.is_public == sa.false())
    if enabled_only:
        query = query.where(flavors.c.disabled == sa.false())
    if with_memory:
        query = query.where(flavors.c.memory_mb >= sa.bindparam("minimum_memory_mb"))
    if with_disk:
        query = query.where(flavors.c.root_gb >= sa.bindparam("minimum_root_gb"))
    return query


def _position(marker: Flavor | None) -> dict[str, Any] | None:
    if marker is None:
        return None
    own = {"flavorid": marker.id, "id": marker.number, "vcpu_weight": marker.number, "__unique__": marker.number}
    return own | {name: getattr(marker, name) for name in SORT_COLUMNS if name not in own}
