"""The SQL that every table of named things needs: one by id, insert, update, delete, and lists with filters."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, build_all, encode
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict, NotFound
from pileus.kernel.paging import Listed, Page, listed

T = TypeVar("T", bound=msgspec.Struct)
FALSE_WORDS = frozenset({"0", "f", "false", "off", "n", "no"})


class Filter(msgspec.Struct, frozen=True):
    """One condition on a column. A comparator but equals, contains, startswith and endswith is no condition."""

    name: str
    value: str | None
    comparator: str = "equals"
    case_sensitive: bool = True


class Entities(Generic[T]):
    """One table whose rows are objects of one type, with an ``id``.

    taken      the error of an object whose unique name is taken.
    no_domain  what the column domain_id holds for an object that belongs to none (NULL is never unique).
    counts     whether tokens depend on these rows: then every change advances the generation.
    """

    def __init__(
        self,
        table: sa.Table,
        type: type[T],
        taken: Callable[[T], Conflict] | None = None,
        *,
        no_domain: str | None = None,
        counts: bool = True,
    ) -> None:
        self.table, self.type = table, type
        self._taken, self._no_domain, self._counts = taken, no_domain, counts
        self._by_id = sa.select(table).where(table.c.id == sa.bindparam("id"))
        self._all = sa.select(table).order_by(table.c.id)
        self._insert = table.insert()
        self._shapes: dict[tuple[str, ...], sa.Select[Any]] = {}
        self._delete = table.delete().where(table.c.id == sa.bindparam("gone"))

    def get(self, tx: Tx, id: str) -> T | None:
        return build(self.type, tx.execute(self._by_id, {"id": id}).first())

    def many(self, tx: Tx, ids: Sequence[str]) -> dict[str, T]:
        """Those of the ids that there are, by id."""
        found: dict[str, T] = {}
        for start in range(0, len(ids), 500):
            query = sa.select(self.table).where(self.table.c.id.in_(ids[start : start + 500]))
            found.update((row.id, one) for row in tx.execute(query) if (one := build(self.type, row)) is not None)
        return found

    def first(self, tx: Tx, *where: sa.ColumnElement[bool]) -> T | None:
        return build(self.type, tx.execute(sa.select(self.table).where(*where).limit(1)).first())

    def insert(self, tx: Tx, thing: T) -> None:
        """Raises Conflict when its name, or its id, is taken."""
        self._change(tx, self._insert, thing)

    def update(self, tx: Tx, thing: T) -> None:
        """Raises Conflict when its new name is taken."""
        self._change(tx, self.table.update().where(self.table.c.id == getattr(thing, "id")), thing)  # noqa: B009

    def _change(self, tx: Tx, statement: Any, thing: T) -> None:
        try:
            with tx.begin_nested():
                tx.execute(statement.values(self.values(thing)))
        except sa.exc.IntegrityError:
            if self._taken is None:
                raise Conflict("Conflict occurred attempting to store it - Duplicate entry.") from None
            raise self._taken(thing) from None
        self._advance(tx)

    def delete(self, tx: Tx, id: str) -> None:
        tx.execute(self._delete, {"gone": id})
        self._advance(tx)

    def delete_where(self, tx: Tx, *where: sa.ColumnElement[bool]) -> int:
        """How many rows are gone."""
        gone = tx.execute(self.table.delete().where(*where)).rowcount
        if gone:
            self._advance(tx)
        return int(gone)

    def values(self, thing: T) -> dict[str, Any]:
        values = encode({name: getattr(thing, name) for name in thing.__struct_fields__})
        if self._no_domain is not None and values.get("domain_id") is None:
            values["domain_id"] = self._no_domain
        return values

    def all(self, tx: Tx, *where: sa.ColumnElement[bool]) -> list[T]:
        return build_all(self.type, tx.execute(self._all.where(*where) if where else self._all))

    def find(
        self, tx: Tx, filters: Sequence[Filter], page: Page, where: Sequence[sa.ColumnElement[bool]] = ()
    ) -> Listed[T]:
        """One page, in the order of the ids. Raises NotFound when the marker is no such row."""
        plain = not where and page.limit is None and page.marker is None
        if plain and all(one.comparator == "equals" and one.value is not None for one in filters):
            return Listed(self._equal(tx, filters), False)
        conditions = [*where, *(condition(self.table, one) for one in filters)]
        query = self._all.where(*conditions)
        if page.marker is not None:
            if self.get(tx, page.marker) is None:
                raise NotFound(f"Marker {page.marker} could not be found.")
            query = query.where(self.table.c.id > page.marker)
        if page.limit is not None:
            query = query.limit(page.limit + 1)
        return listed(build_all(self.type, tx.execute(query)), page)

    def _equal(self, tx: Tx, filters: Sequence[Filter]) -> list[T]:
        """Rows whose columns have these values: the usual list, whose statement is built once for its columns."""
        names = tuple(one.name for one in filters)
        query = self._shapes.get(names)
        if query is None:
            query = self._all.where(*(self.table.c[name] == sa.bindparam(f"value{n}") for n, name in enumerate(names)))
            self._shapes[names] = query
        values = {f"value{n}": _value(self.table.c[one.name], one.value) for n, one in enumerate(filters)}
        return build_all(self.type, tx.execute(query, values))

    def _advance(self, tx: Tx) -> None:
        if self._counts:
            advance(tx)


def _value(column: sa.ColumnElement[Any], text: str | None) -> Any:
    if isinstance(column.type, sa.Boolean):
        return (text or "").strip().lower() not in FALSE_WORDS
    return text


def condition(table: sa.Table, wanted: Filter) -> sa.ColumnElement[bool]:
    """A filter as SQL that means the same in every database, as to letter case too."""
    column: sa.ColumnElement[Any] = table.c[wanted.name]
    value = wanted.value
    if wanted.comparator == "equals":
        return column.is_(None) if value is None else column == _value(column, value)
    if not value or wanted.comparator not in ("contains", "startswith", "endswith"):
        return sa.true()
    if not wanted.case_sensitive:
        column, value = sa.func.lower(column), value.lower()
    if wanted.comparator == "contains":
        return sa.func.replace(column, value, "") != column
    if wanted.comparator == "startswith":
        return sa.func.substr(column, 1, len(value)) == value
    start = sa.func.char_length(column) - (len(value) - 1)
    return sa.and_(start >= 1, sa.func.substr(column, start) == value)
