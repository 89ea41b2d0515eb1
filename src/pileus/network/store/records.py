"""One table of things with an id: its hot statements, built once. Rows are dictionaries of column names."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from pileus.kernel import clock, ids
from pileus.kernel.database import SerializationFailure, Tx, rows_changed

Row = dict[str, Any]


def rows_of(result: sa.CursorResult[Any]) -> list[Row]:
    """All rows of a result, in bulk: a third of the time of ``_asdict`` a row."""
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


class Records:
    """Reads and writes the rows of one table."""

    def __init__(self, table: sa.Table) -> None:
        self.table = table
        self._by_id = sa.select(table).where(table.c.id == sa.bindparam("id"))
        self._by_ids = sa.select(table).where(table.c.id.in_(sa.bindparam("ids", expanding=True)))
        self._insert = table.insert()
        self._delete = table.delete().where(table.c.id == sa.bindparam("at"))
        self._count = (
            sa.select(sa.func.count()).select_from(table).where(table.c.project_id == sa.bindparam("project_id"))
            if "project_id" in table.c
            else None
        )

    def get(self, tx: Tx, id: str) -> Row | None:
        row = tx.execute(self._by_id, {"id": id}).first()
        return None if row is None else row._asdict()

    def many(self, tx: Tx, ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these ids, by id."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        return {row.id: row._asdict() for row in tx.execute(self._by_ids, {"ids": wanted})}

    def of(self, tx: Tx, **equal: Any) -> list[Row]:
        """The rows whose columns have these values; a list or tuple stands for any of its values."""
        names = tuple((name, isinstance(value, list | tuple)) for name, value in equal.items())
        return rows_of(tx.execute(_equal(self.table, names), equal))

    def count(self, tx: Tx, project_id: str) -> int:
        assert self._count is not None
        return int(tx.scalar(self._count, {"project_id": project_id}) or 0)

    def insert(self, tx: Tx, values: Row) -> Row:
        """A new row with an id, a revision and its times; returned as it is kept."""
        now = clock.now()
        row = {"id": ids.new_uuid(), "revision": 0, "created_at": now, "updated_at": now, **values}
        tx.execute(self._insert, row)
        return row

    def update(self, tx: Tx, row: Row, values: Row) -> Row:
        """Changes a row that is still as it was read, one revision up; returned as it is now."""
        changed = {**values, "revision": row["revision"] + 1, "updated_at": clock.now()}
        statement = _update(self.table, tuple(sorted(changed)))
        bound = {f"new_{name}": value for name, value in changed.items()}
        result = tx.execute(statement, {"at": row["id"], "was": row["revision"], **bound})
        if rows_changed(result) != 1:
            raise SerializationFailure(f"{self.table.name} {row['id']} was changed meanwhile")
        return {**row, **changed}

    def touch(self, tx: Tx, id: str) -> None:
        """One revision up: something that belongs to the row has changed."""
        tx.execute(_touch(self.table), {"at": id, "now": clock.now()})

    def delete(self, tx: Tx, id: str) -> None:
        tx.execute(self._delete, {"at": id})


@cache
def _equal(table: sa.Table, names: Sequence[tuple[str, bool]]) -> sa.Select[Any]:
    clauses = [
        table.c[name].in_(sa.bindparam(name, expanding=True)) if several else table.c[name] == sa.bindparam(name)
        for name, several in names
    ]
    return sa.select(table).where(*clauses)


@cache
def _update(table: sa.Table, names: Sequence[str]) -> sa.Update:
    return (
        table.update()
        .where(table.c.id == sa.bindparam("at"), table.c.revision == sa.bindparam("was"))
        .values({name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names})
    )


@cache
def _touch(table: sa.Table) -> sa.Update:
    return (
        table.update()
        .where(table.c.id == sa.bindparam("at"))
        .values(revision=table.c.revision + 1, updated_at=sa.bindparam("now"))
    )
