"""Metadata definitions."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.image.metadefs import ASSOCIATION, Namespace, Part
from pileus.image.store.rows import encoded
from pileus.image.tables import namespaces, parts, resource_types
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.paging import Page, select_page

_NAMESPACE = [namespaces.c[name] for name in Namespace.__struct_fields__]
_PART = [parts.c[name] for name in Part.__struct_fields__]
_SORTED: dict[str, sa.ColumnElement[Any]] = {
    name: namespaces.c[name] for name in ("id", "namespace", "visibility", "owner", "created_at", "updated_at")
}
_PARTS_SORTED: dict[str, sa.ColumnElement[Any]] = {name: parts.c[name] for name in ("name", "created_at", "updated_at")}


# -- namespaces --------------------------------------------------------------------------------------------------


def find(tx: Tx, name: str) -> Namespace | None:
    row = tx.execute(sa.select(*_NAMESPACE).where(namespaces.c.namespace == name)).first()
    return None if row is None else Namespace(**row._mapping)


def insert(tx: Tx, namespace: Namespace) -> None:
    """Raises Conflict when the name is taken."""
    try:
        with tx.begin_nested():
            tx.execute(namespaces.insert().values(_values(namespace)))
    except sa.exc.IntegrityError:
        raise _taken(namespace) from None


def update(tx: Tx, namespace: Namespace) -> None:
    """Raises Conflict when the new name is taken."""
    try:
        with tx.begin_nested():
            tx.execute(namespaces.update().where(namespaces.c.id == namespace.id).values(_values(namespace)))
    except sa.exc.IntegrityError:
        raise _taken(namespace) from None


def delete(tx: Tx, namespace_id: str) -> None:
    tx.execute(parts.delete().where(parts.c.namespace_id == namespace_id))
    tx.execute(namespaces.delete().where(namespaces.c.id == namespace_id))


def page(
    tx: Tx, context: Context, page: Page, marker: Namespace | None, visibility: str | None, types: list[str]
) -> list[Namespace]:
    """Namespaces that the caller can see. ``types``: resource types, any of which they are to be for."""
    query = sa.select(*_NAMESPACE)
    if not context.is_admin:
        query = query.where(
            sa.or_(
                namespaces.c.visibility == "public",
                namespaces.c.owner.is_(None),
                namespaces.c.owner == context.project_id,
            )
        )
    if visibility:
        query = query.where(namespaces.c.visibility == visibility)
    if types:
        wanted = sa.select(parts.c.namespace_id).where(parts.c.kind == ASSOCIATION, parts.c.name.in_(types))
        query = query.where(namespaces.c.id.in_(wanted))
    if any(sort.key not in _SORTED for sort in page.sorts):
        raise BadRequest("Sort key supplied was not valid.")
    after = None
    if marker is not None:
        after = {sort.key: getattr(marker, sort.key) for sort in page.sorts} | {"__unique__": marker.id}
    statement = select_page(query, Page(sorts=page.sorts), _SORTED, namespaces.c.id, after).limit(page.limit)
    return [Namespace(**row._mapping) for row in tx.execute(statement)]


def _values(namespace: Namespace) -> dict[str, Any]:
    return {name: getattr(namespace, name) for name in Namespace.__struct_fields__}


def _taken(namespace: Namespace) -> Conflict:
    return Conflict(f"The metadata definition namespace={namespace.namespace} already exists.")


# -- what they hold ----------------------------------------------------------------------------------------------


def parts_of(tx: Tx, namespace_ids: Iterable[str], *kinds: str) -> list[Part]:
    """In the order of their creation."""
    rows = tx.execute(
        sa.select(*_PART)
        .where(parts.c.namespace_id.in_(list(namespace_ids)), parts.c.kind.in_(kinds))
        .order_by(parts.c.created_at, parts.c.name)
    )
    return [_part(row) for row in rows]


def part_page(tx: Tx, namespace: Namespace, kind: str, page: Page) -> list[Part]:
    """Raises NotFound for an unknown marker, BadRequest for an unknown sort key."""
    if any(sort.key not in _PARTS_SORTED for sort in page.sorts):
        raise BadRequest("Sort key supplied was not valid.")
    after = None
    if page.marker is not None:
        marker = part(tx, namespace, kind, page.marker)
        after = {sort.key: getattr(marker, sort.key) for sort in page.sorts} | {"__unique__": marker.name}
    query = sa.select(*_PART).where(parts.c.namespace_id == namespace.id, parts.c.kind == kind)
    statement = select_page(query, Page(sorts=page.sorts), _PARTS_SORTED, parts.c.name, after)
    return [_part(row) for row in tx.execute(statement.limit(page.limit))]


def part(tx: Tx, namespace: Namespace, kind: str, name: str) -> Part:
    """Raises NotFound."""
    row = tx.execute(
        sa.select(*_PART).where(parts.c.namespace_id == namespace.id, parts.c.kind == kind, parts.c.name == name)
    ).first()
    if row is None:
        raise NotFound(
            f"The metadata definition {kind} with name={name} was not found in namespace={namespace.namespace}."
        )
    return _part(row)


def add_part(tx: Tx, namespace: Namespace, kind: str, name: str, body: dict[str, Any]) -> Part:
    """Raises Conflict when the namespace has one of that name."""
    now = clock.now()
    new = Part(namespace.id, kind, name, body, now, now)
    values = {field: getattr(new, field) for field in Part.__struct_fields__} | {"body": encoded(body)}
    try:
        with tx.begin_nested():
            tx.execute(parts.insert().values(values))
    except sa.exc.IntegrityError:
        raise Conflict(
            f"A metadata definition {kind} with name={name} already exists in namespace={namespace.namespace}."
        ) from None
    if kind == ASSOCIATION:
        know_resource_type(tx, name)
    return new


def replace_part(tx: Tx, namespace: Namespace, old: Part, name: str, body: dict[str, Any]) -> Part:
    """Raises Conflict when the new name is taken."""
    new = msgspec.structs.replace(old, name=name, body=body, updated_at=clock.now())
    try:
        with tx.begin_nested():
            tx.execute(
                parts.update()
                .where(parts.c.namespace_id == namespace.id, parts.c.kind == old.kind, parts.c.name == old.name)
                .values(name=name, body=encoded(body), updated_at=new.updated_at)
            )
    except sa.exc.IntegrityError:
        raise Conflict(
            f"A metadata definition {old.kind} with name={name} already exists in namespace={namespace.namespace}."
        ) from None
    return new


def delete_part(tx: Tx, old: Part) -> None:
    tx.execute(
        parts.delete().where(
            parts.c.namespace_id == old.namespace_id, parts.c.kind == old.kind, parts.c.name == old.name
        )
    )


def delete_parts(tx: Tx, namespace: Namespace, kind: str) -> None:
    tx.execute(parts.delete().where(parts.c.namespace_id == namespace.id, parts.c.kind == kind))


def _part(row: sa.Row[Any]) -> Part:
    values = dict(row._mapping)
    values["body"] = msgspec.json.decode(values["body"])
    return Part(**values)


# -- resource types ----------------------------------------------------------------------------------------------


def know_resource_type(tx: Tx, name: str) -> None:
    now = clock.now()
    if tx.scalar(sa.select(resource_types.c.name).where(resource_types.c.name == name)) is None:
        tx.execute(resource_types.insert().values(name=name, created_at=now, updated_at=now))


def known_resource_types(tx: Tx) -> list[tuple[str, int, int]]:
    """(name, created at, updated at)"""
    return [
        (row.name, row.created_at, row.updated_at)
        for row in tx.execute(sa.select(resource_types).order_by(resource_types.c.name))
    ]
