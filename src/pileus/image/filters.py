"""What a list of images is filtered and sorted by, read from a query string. No SQL."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pileus.image.model import VISIBILITIES
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest
from pileus.kernel.numerals import integer
from pileus.kernel.paging import Sort

SORT_KEYS = ("name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at")
TIMES = ("created_at", "updated_at")
LISTS = ("name", "id", "status", "container_format", "disk_format")
TEXTS = ("owner", "checksum", "os_hash_algo", "os_hash_value")
NUMBERS = ("size", "virtual_size", "min_disk", "min_ram")
OPERATORS = ("eq", "neq", "gt", "gte", "lt", "lte")
_PAGING = ("limit", "marker", "member_status", "tag", "sort", "sort_key", "sort_dir", "visibility")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,')


class Condition(msgspec.Struct, frozen=True):
    """One thing that listed images have in common.

    kind   tag, property, or the operator a column is compared with: eq, in, minimum, maximum, since, before, ...
    name   of the column or property.
    """

    kind: str
    name: str
    value: Any


class Query(msgspec.Struct, frozen=True):
    """A list that was asked for."""

    conditions: tuple[Condition, ...]
    sorts: tuple[Sort, ...]
    visibility: str | None
    member_status: str
    limit: int
    marker: str | None


def parse(parameters: Mapping[str, str | list[str]], default_limit: int, largest_limit: int) -> Query:
    """Raises BadRequest when the query makes no sense."""
    visibility = _last(parameters, "visibility")
    if visibility and visibility not in (*VISIBILITIES, "all"):
        raise BadRequest(f"Invalid visibility value: {visibility}")
    status = _last(parameters, "member_status") or "accepted"
    if status not in ("pending", "accepted", "rejected", "all"):
        raise BadRequest(f"Invalid status: {status}")
    if _last(parameters, "changes-since"):
        raise BadRequest('The "changes-since" filter is no longer available on v2.')
    return Query(
        conditions=tuple(_conditions(parameters)),
        sorts=sorts_of(parameters),
        visibility=visibility or None,
        member_status=status,
        limit=min(parse_limit(_last(parameters, "limit"), default_limit), largest_limit),
        marker=_last(parameters, "marker"),
    )


def parse_limit(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        limit = int(text)
    except ValueError:
        raise BadRequest("limit param must be an integer") from None
    if limit < 0:
        raise BadRequest("limit param must be positive")
    return limit


def _values(parameters: Mapping[str, str | list[str]], name: str) -> list[str]:
    value = parameters.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _last(parameters: Mapping[str, str | list[str]], name: str) -> str | None:
    values = _values(parameters, name)
    return values[-1] if values else None


# -- sorting -----------------------------------------------------------------------------------------------------


def sorts_of(parameters: Mapping[str, str | list[str]]) -> tuple[Sort, ...]:
    """The order asked for, made total: at last by time of creation, the newest first."""
    if "sort" in parameters:
        if "sort_key" in parameters or "sort_dir" in parameters:
            raise BadRequest("Old and new sorting syntax cannot be combined")
        sorts = [_sort(*part.partition(":")[::2]) for part in (_last(parameters, "sort") or "").strip().split(",")]
        last = "desc"
    else:
        keys = _values(parameters, "sort_key") or ["created_at"]
        directions = _values(parameters, "sort_dir") or ["desc"]
        if len(directions) > 1 and len(directions) != len(keys):
            raise BadRequest("Number of sort dirs does not match the number of sort keys")
        if len(directions) == 1:
            last, directions = directions[0], directions * len(keys)
        else:
            last = "desc"
        sorts = [_sort(key, direction) for key, direction in zip(keys, directions, strict=True)]
    for key in ("created_at", "id"):
        if all(sort.key != key for sort in sorts):
            sorts.append(_sort(key, last))
    return tuple(sorts)


def _sort(key: str, direction: str) -> Sort:
    key, direction = key.strip(), direction.strip() or "desc"
    if key not in SORT_KEYS:
        raise BadRequest(f"Invalid sort key: {key}. It must be one of the following: {', '.join(SORT_KEYS)}.")
    if direction not in ("asc", "desc"):
        raise BadRequest(f"Invalid sort direction: {direction}")
    return Sort(key, direction == "desc")


# -- filters -----------------------------------------------------------------------------------------------------


def _conditions(parameters: Mapping[str, str | list[str]]) -> Iterable[Condition]:
    yield Condition("eq", "os_hidden", _flag("os_hidden", _last(parameters, "os_hidden") or "false"))
    for tag in _values(parameters, "tag"):
        yield Condition("tag", "tag", tag.strip())
    for name in parameters:
        if name not in _PAGING and name not in ("os_hidden", "deleted"):
            yield _condition(name, _last(parameters, name) or "")


def _condition(name: str, value: str) -> Condition:
    if name == "protected":
        return Condition("eq", name, _flag(name, value))
    if name.endswith(("_min", "_max")) and name[:-4] in NUMBERS:
        return Condition("minimum" if name.endswith("_min") else "maximum", name[:-4], _range(value))
    if name in TIMES:
        return _time(name, value)
    if name in LISTS:
        operator, rest = split_operator(value)
        if operator == "in":
            return Condition("in", name, tuple(split_list(rest)))
        if operator == "eq":
            return Condition("eq", name, rest)
        raise BadRequest(f"Unable to filter by unknown operator '{operator}'.")
    if name in NUMBERS:
        asked = integer(value)
        return Condition("eq", name, -1 if asked is None else asked)
    if name in TEXTS:
        return Condition("eq", name, value)
    return Condition("property", name, value)


def _flag(name: str, text: str) -> bool:
    text = text.lower() if name == "os_hidden" else text
    if text not in ("true", "false"):
        raise BadRequest(f"Invalid value '{text}' for '{name}' filter. Valid values are 'true' or 'false'.")
    return text == "true"


def _range(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadRequest("Unable to filter on a range with a non-numeric value.") from None


def _time(name: str, value: str) -> Condition:
    """Times are shown, and so compared, in whole seconds."""
    operator, text = split_operator(value)
    try:
        moment = clock.parse(text.strip().replace(" ", "+"))
    except ValueError:
        raise BadRequest(f'Bad "{name}" query filter format. Use ISO 8601 DateTime notation.') from None
    if operator not in OPERATORS:
        raise BadRequest("Unable to filter on a unknown operator.")
    return Condition(f"time-{operator}", name, moment - moment % clock.SECOND)


def split_operator(text: str) -> tuple[str, str]:
    """``gt:2026-01-01`` -> ("gt", "2026-01-01"); text without an operator is to be equal."""
    operator, colon, rest = text.partition(":")
    if not colon:
        return "eq", text
    try:
        clock.parse(text.strip().replace(" ", "+"))
    except ValueError:
        return operator, rest
    return "eq", text


def split_list(text: str) -> list[str]:
    """The values of an ``in:`` filter; quoted ones may hold commas. Raises BadRequest for quotes out of place."""
    is_open = False
    for at, letter in enumerate(text):
        if letter != '"' or (at and text[at - 1] == "\\"):
            continue
        if not is_open and at and text[at - 1] != ",":
            raise BadRequest(f"Invalid filter value {text}. There is no comma before opening quotation mark.")
        if is_open and at + 1 != len(text) and text[at + 1] != ",":
            raise BadRequest(f"Invalid filter value {text}. There is no comma after closing quotation mark.")
        is_open = not is_open
    if is_open:
        raise BadRequest(f"Invalid filter value {text}. The quote is not closed.")
    return [quoted or plain for quoted, plain in _QUOTED.findall(text)]
