"""From rows to model objects, and back: JSON columns are text in every database."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from pileus.identity.model import GLOBAL, ROOT

T = TypeVar("T", bound=msgspec.Struct)
JSON_COLUMNS = frozenset({"options", "extra", "roles", "access_rules", "filters"})


def encode(values: dict[str, Any]) -> dict[str, Any]:
    """Column values of a model object's fields."""
    return {
        name: msgspec.json.encode(value).decode() if name in JSON_COLUMNS and value is not None else value
        for name, value in values.items()
    }


def build(type: type[T], row: sa.Row[Any] | None) -> T | None:
    return None if row is None else _one(type, row)


def build_all(type: type[T], rows: Iterable[sa.Row[Any]]) -> list[T]:
    return [_one(type, row) for row in rows]


def _one(type: type[T], row: sa.Row[Any]) -> T:
    values = {}
    for name in type.__struct_fields__:
        value = getattr(row, name)
        if name in JSON_COLUMNS and value is not None:
            value = msgspec.json.decode(value)
        elif name == "domain_id" and value in (ROOT, GLOBAL):
            value = None
        values[name] = value
    return type(**values)
