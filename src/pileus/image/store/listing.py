"""Lists of images.

A statement depends only on the kinds of conditions asked for, so each shape of a list is built once and kept.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.image.filters import SORT_KEYS, Query
from pileus.image.model import DELETED, KILLED, Image
from pileus.image.store.rows import IMAGE_COLUMNS, image_of
from pileus.image.tables import image_properties, image_tags, images, members
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.kernel.paging import Page, Sort, select_page

Clause = sa.ColumnElement[bool]
_SORTED: dict[str, sa.ColumnElement[Any]] = {key: images.c[key] for key in SORT_KEYS}


class Shape(msgspec.Struct, frozen=True):
    """What of a query its statement depends on."""

    conditions: tuple[tuple[str, str], ...]
    sorts: tuple[Sort, ...]
    visibility: str | None
    member_status: str
    limit: int
    sees_all: bool
    has_owner: bool


def find(tx: Tx, query: Query, context: Context, marker: Image | None) -> list[Image]:
    """The page of images asked for, of those that the caller can see."""
    shape = Shape(
        tuple((condition.kind, condition.name) for condition in query.conditions),
        query.sorts,
        query.visibility,
        query.member_status,
        query.limit,
        context.is_admin,
        context.project_id is not None,
    )
    values: dict[str, Any] = {"owner": context.project_id, "member_status": query.member_status}
    for at, condition in enumerate(query.conditions):
        values[f"value{at}"] = condition.value
        values[f"name{at}"] = condition.name
    statement = _statement(shape) if marker is None else _built(shape, marker)
    return [image_of(row) for row in tx.execute(statement, values).all()]


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> sa.Select[Any]:
    return _built(shape, None)


def _built(shape: Shape, marker: Image | None) -> sa.Select[Any]:
    query = sa.select(*IMAGE_COLUMNS).where(images.c.status.not_in((DELETED, KILLED)))
    query = query.where(*_seen(shape), *_shown(shape))
    for at, (kind, name) in enumerate(shape.conditions):
        query = query.where(_clause(kind, name, at))
    last = None
    if marker is not None:
        last = {sort.key: getattr(marker, sort.key) for sort in shape.sorts} | {"__unique__": marker.id}
    return select_page(query, Page(sorts=shape.sorts), _SORTED, images.c.id, last).limit(shape.limit)


def _seen(shape: Shape) -> list[Clause]:
    """What the caller can see at all."""
    if shape.sees_all:
        return []
    alternatives: list[Clause] = [images.c.visibility.in_(("public", "community"))]
    if shape.has_owner:
        mine = members.c.member_id == sa.bindparam("owner")
        if shape.member_status != "all":
            mine = sa.and_(mine, members.c.status == sa.bindparam("member_status"))
        shared = sa.and_(images.c.visibility == "shared", images.c.id.in_(sa.select(members.c.image_id).where(mine)))
        alternatives += [images.c.owner == sa.bindparam("owner"), shared]
    return [sa.or_(*alternatives)]


def _shown(shape: Shape) -> list[Clause]:
    """Community images of others are only shown to who asks for them."""
    if shape.visibility == "all":
        return []
    if shape.visibility is not None:
        return [images.c.visibility == shape.visibility]
    unasked: Clause = images.c.visibility != "community"
    return [sa.or_(unasked, images.c.owner == sa.bindparam("owner")) if shape.has_owner else unasked]


def _clause(kind: str, name: str, at: int) -> Clause:
    value: sa.BindParameter[Any] = sa.bindparam(f"value{at}")
    if kind == "tag":
        return images.c.id.in_(sa.select(image_tags.c.image_id).where(image_tags.c.value == value))
    if kind == "property":
        table = image_properties
        return images.c.id.in_(
            sa.select(table.c.image_id).where(table.c.name == sa.bindparam(f"name{at}"), table.c.value == value)
        )
    column = images.c[name]
    if kind == "in":
        return column.in_(sa.bindparam(f"value{at}", expanding=True))
    return _COMPARISONS[kind](column, value)


_COMPARISONS: Mapping[str, Callable[[Any, Any], Clause]] = {
    "eq": lambda column, value: column == value,
    "minimum": lambda column, value: column >= value,
    "maximum": lambda column, value: column <= value,
    "time-eq": lambda column, value: sa.and_(column >= value, column < value + clock.SECOND),
    "time-neq": lambda column, value: sa.or_(column < value, column >= value + clock.SECOND),
    "time-gt": lambda column, value: column >= value + clock.SECOND,
    "time-gte": lambda column, value: column >= value,
    "time-lt": lambda column, value: column < value,
    "time-lte": lambda column, value: column < value + clock.SECOND,
}
