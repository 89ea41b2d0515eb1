"""The tables as one piece of work sees them: what is there, with what it has changed itself."""

from collections.abc import Iterator, Mapping
from typing import Any


class View:
    """``None`` for the transaction: for reading only. Rows are those of the IDL, their columns its attributes."""

    def __init__(self, idl: Any, transaction: Any) -> None:
        self._idl, self._transaction = idl, transaction
        self._fresh: dict[tuple[str, str], Any] = {}
        self._gone: set[Any] = set()

    def find(self, table: str, key: str) -> Any:
        """The row with a key, None without one."""
        row = self._fresh.get((table, key))
        if row is None:
            uuid = self._idl.index[table].get(key)
            row = None if uuid is None else self._idl.tables[table].rows.get(uuid)
        return None if row is None or row.uuid in self._gone else row

    def rows(self, table: str) -> Iterator[Any]:
        """Every row of a table."""
        for row in list(self._idl.tables[table].rows.values()):
            if row.uuid not in self._gone:
                yield row

    def insert(self, table: str, key: str | None = None, **columns: Any) -> Any:
        """A new row; ``key`` is what it can be found by from now on."""
        row = self._transaction.insert(self._idl.tables[table])
        if key is not None:
            self._fresh[table, key] = row
        for column, value in columns.items():
            setattr(row, column, value)
        return row

    def set(self, row: Any, **columns: Any) -> None:
        """Writes the columns that differ."""
        for column, value in columns.items():
            if not _same(getattr(row, column, _Unset), value):
                setattr(row, column, value)

    def merge(self, row: Any, column: str, pairs: Mapping[str, str | None]) -> None:
        """Sets keys of a map; None takes a key away."""
        merged = dict(getattr(row, column, {}))
        for key, value in pairs.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        self.set(row, **{column: merged})

    def add(self, row: Any, column: str, other: Any) -> None:
        """Adds to a set, without reading it: it may be long."""
        row.addvalue(column, other.uuid)

    def remove(self, row: Any, column: str, other: Any) -> None:
        row.delvalue(column, other.uuid)

    def delete(self, row: Any) -> None:
        """A row of a table without roots goes when the last reference to it is removed."""
        self._gone.add(row.uuid)
        row.delete()


class _Unset:
    """What a column of a new row has before it is written."""


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return sorted(map(_plain, old)) == sorted(map(_plain, new))
    return bool(_plain(old) == _plain(new))


def _plain(value: Any) -> Any:
    uuid = getattr(value, "uuid", None)
    return value if isinstance(value, dict) else str(value if uuid is None else uuid)
