"""What may stand in a query string, by microversion."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pileus.compute.parameters import strict_flag
from pileus.kernel import ids
from pileus.kernel.clock import parse
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request

Check = Callable[[str], str | None]
"""What is wrong with a value, or None."""

NEVER: Version = (999, 0)


def text(value: str) -> str | None:
    return None


def natural(value: str) -> str | None:
    """A number that is not negative."""
    if re.fullmatch(r"[0-9]+", value):
        return None
    return f"'{value}' does not match '^[0-9]*$'"


def uuid(value: str) -> str | None:
    return None if ids.is_uuid(value) else f"'{value}' is not a 'uuid'"


def moment(value: str) -> str | None:
    try:
        parse(value)
    except ValueError:
        return f"'{value}' is not a 'date-time'"
    return None


def host_name(value: str) -> str | None:
    if re.fullmatch(r"[a-zA-Z0-9-._]{1,255}", value):
        return None
    return f"'{value}' does not match '^[a-zA-Z0-9-._]*$'"


def flag(value: str) -> str | None:
    try:
        strict_flag(value)
    except ValueError:
        return f"'{value}' is not a boolean"
    return None


def one_of(*words: str) -> Check:
    def check(value: str) -> str | None:
        return None if value in words else f"'{value}' is not one of {list(words)}"

    return check


def checked(
    parts: Mapping[Version, Mapping[str, Check]],
    strict: Version = (2, 75),
    single: frozenset[str] = frozenset(),
) -> Callable[[Request[Any]], None]:
    """A query check for a Route: which parameters are known from which microversion on, each replacing the former.

    From ``strict`` on other parameters are refused; before, they are ignored. Those in ``single`` come once at most.
    """
    steps = sorted(parts.items(), reverse=True)

    def check(request: Request[Any]) -> None:
        query = request.query
        if not query:
            return
        known = next((names for first, names in steps if first <= request.microversion), {})
        for name, value in query.items():
            test = known.get(name)
            if test is None:
                if request.microversion >= strict:
                    raise BadRequest(f"Additional properties are not allowed ('{name}' was unexpected)")
                continue
            values = value if isinstance(value, list) else [value]
            if name in single and len(values) > 1:
                raise BadRequest(f"Invalid input for query parameters {name}. Value: {values}. {values} is too long")
            for one in values:
                wrong = test(one)
                if wrong:
                    raise BadRequest(f"Invalid input for query parameters {name}. Value: {one}. {wrong}")

    return check


nothing = checked({}, strict=(2, 102))
"""Of lines that take no parameters, and refuse them since 2.102."""

nothing_since_299 = checked({}, strict=(2, 99))
