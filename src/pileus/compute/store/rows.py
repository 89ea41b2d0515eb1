"""From rows to model objects, and back: a column ``metadata_json`` holds the field ``metadata`` as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

T = TypeVar("T", bound=msgspec.Struct)
_SUFFIX = "_json"
_decode = msgspec.json.decode


def encode(values: Mapping[str, Any], table: sa.Table) -> dict[str, Any]:
    """Column values of a model object's fields."""
    columns = table.columns
    encoded = {}
    for name, value in values.items():
        if name + _SUFFIX in columns:
            encoded[name + _SUFFIX] = None if value is None else msgspec.json.encode(value).decode()
        else:
            encoded[name] = value
    return encoded


def values_of(thing: msgspec.Struct, table: sa.Table) -> dict[str, Any]:
    return encode({name: getattr(thing, name) for name in thing.__struct_fields__}, table)


def build(type: type[T], row: sa.Row[Any] | None) -> T | None:
    return None if row is None else one(type, row._mapping)


def build_all(type: type[T], rows: Iterable[sa.Row[Any]]) -> list[T]:
    return [one(type, row._mapping) for row in rows]


def one(type: type[T], row: sa.RowMapping) -> T:
    """A model object of one row; JSON is checked against the field's type."""
    values: dict[str, Any] = {}
    for column, value in row.items():
        if column.endswith(_SUFFIX):
            values[column[: -len(_SUFFIX)]] = None if value is None else _decode(value)
        else:
            values[str(column)] = value
    return msgspec.convert(values, type)
