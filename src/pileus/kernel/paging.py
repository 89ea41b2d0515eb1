"""Paging by marker: one page of a list is what comes after the marker, in the order asked for.

The order always ends with the primary key, so it is total and no row is skipped or shown twice. NULLs come first in
ascending order, in every database.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from pileus.kernel.errors import BadRequest

T = TypeVar("T")


class Sort(msgspec.Struct, frozen=True):
    key: str
    descending: bool = False


class Page(msgspec.Struct, frozen=True):
    """What part of a list is wanted: at most ``limit`` (None: all) of what follows the row whose id is ``marker``."""

    limit: int | None = None
    marker: str | None = None
    sorts: tuple[Sort, ...] = ()


class Listed(msgspec.Struct, Generic[T], frozen=True):
    """One page of things, and whether more follow."""

    items: list[T]
    more: bool


def parse_limit(text: str | None, maximum: int) -> int:
    """The page size asked for, at most ``maximum``. Raises BadRequest when it is no number or negative."""
    if text is None:
        return maximum
    try:
        limit = int(text)
    except ValueError:
        raise BadRequest(f"limit must be an integer, not {text!r}.") from None
    if limit < 0:
        raise BadRequest("limit must not be negative.")
    return min(limit, maximum)


def select_page(
    query: sa.Select[Any],
    page: Page,
    columns: Mapping[str, sa.ColumnElement[Any]],
    unique: sa.ColumnElement[Any],
    marker: Mapping[str, Any] | None,
) -> sa.Select[Any]:
    """Adds order, marker and limit to a query.

    columns  what may be sorted by, by the name clients use; the sorts of page must be among them.
    unique   the primary key's column, the last resort of the order.
    marker   the marker row's values of ``columns`` and, under ``"__unique__"``, of ``unique``; None: from the start.

    One row more than the limit is fetched, which tells whether there is more (``listed``).
    """
    order = [(columns[sort.key], sort.descending, sort.key) for sort in page.sorts]
    descending_last = bool(order) and order[-1][1]
    order.append((unique, descending_last, "__unique__"))
    for column, descending, _ in order:
        query = query.order_by(*_directions(column, descending))
    if marker is not None:
        query = query.where(_after(order, marker))
    if page.limit is not None:
        query = query.limit(page.limit + 1)
    return query


def listed(items: Sequence[T], page: Page) -> Listed[T]:
    """Cuts off the one item too many that ``select_page`` fetched."""
    if page.limit is None:
        return Listed(list(items), False)
    return Listed(list(items[: page.limit]), len(items) > page.limit)


def _directions(column: sa.ColumnElement[Any], descending: bool) -> list[sa.ColumnElement[Any]]:
    null_first = sa.case((column.is_(None), 0), else_=1) if _nullable(column) else None
    keys = [key for key in (null_first, column) if key is not None]
    return [key.desc() if descending else key.asc() for key in keys]


def _nullable(column: sa.ColumnElement[Any]) -> bool:
    return bool(getattr(column, "nullable", True)) and not getattr(column, "primary_key", False)


def _after(order: list[tuple[sa.ColumnElement[Any], bool, str]], marker: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """Rows that come after the marker: later by the first key, or equal by it and later by the second, ..."""
    alternatives: list[sa.ColumnElement[bool]] = []
    equal: list[sa.ColumnElement[bool]] = []
    for column, descending, key in order:
        value = marker[key]
        alternatives.append(sa.and_(*equal, _later(column, value, descending)))
        equal.append(column.is_(None) if value is None else column == value)
    return sa.or_(*alternatives)


def _later(column: sa.ColumnElement[Any], value: Any, descending: bool) -> sa.ColumnElement[bool]:
    if value is None:
        return sa.false() if descending else column.is_not(None)
    if descending:
        return sa.or_(column < value, column.is_(None)) if _nullable(column) else column < value
    return sa.type_coerce(column > value, sa.Boolean)
