"""From rows to model objects, and back: JSON columns are text in every database."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from pileus.identity.model import GLOBAL, ROOT

T = TypeVar("T", bound=msgspec.Struct)
_decode = msgspec.json.decode
JSON_COLUMNS = frozenset({"options", "extra", "roles", "access_rules", "filters"})


def encode(values: dict[str, Any]) -> dict[str, Any]:
    """Column values of a model object's fields."""
    return {
        name: msgspec.json.encode(value).decode() if name in JSON_COLUMNS and value is not None else value
        for name, value in values.items()
    }


def build(type: type[T], row: sa.Row[Any] | None) -> T | None:
    return None if row is None else _one(type, _plan(type), row)


def build_all(type: type[T], rows: Iterable[sa.Row[Any]]) -> list[T]:
    plan = _plan(type)
    return [_one(type, plan, row) for row in rows]


@cache
def _plan(type: type[msgspec.Struct]) -> tuple[tuple[str, bool, bool], ...]:
    """Of each field: its name, whether its column is JSON, whether it is a domain that may be none."""
    return tuple((name, name in JSON_COLUMNS, name == "domain_id") for name in type.__struct_fields__)


def _one(type: type[T], plan: tuple[tuple[str, bool, bool], ...], row: sa.Row[Any]) -> T:
    values = {}
    named = row._mapping
    for name, is_json, is_domain in plan:
        value = named[name]
        if is_json:
            if value is not None:
                # Nearly all of these are empty, and decoding costs.
                value = {} if value == "{}" else _decode(value)
        elif is_domain and value in (ROOT, GLOBAL):
            value = None
        values[name] = value
    return type(**values)
