"""What a restricted application credential may be used for: requests that match one of its access rules.

Every service holds its own requests against the rules of the token, as keystonemiddleware does. In a rule's path ``*``
and ``{name}`` stand for one segment, ``**`` for any number of them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

_PART = re.compile(r"(?P<many>\*\*)|(?P<one>\*|\{[^}]*\})|(?P<literal>[^*{]+|\{)")


class AccessRule(msgspec.Struct, frozen=True):
    """One kind of request: ``service`` is a type of the catalogue, ``path`` a pattern."""

    service: str
    method: str
    path: str


def allow(rules: Iterable[AccessRule], service: str, method: str, paths: Iterable[str]) -> bool:
    """Whether any rule covers a request; ``paths`` are the names its path goes by (with and without the mount).

    A token may always be shown to the identity service for validation.
    """
    if service == "identity" and method == "GET" and "/v3/auth/tokens" in paths:
        return True
    return any(
        rule.service == service and rule.method == method and any(_pattern(rule.path).fullmatch(path) for path in paths)
        for rule in rules
    )


@lru_cache(maxsize=1024)
def _pattern(path: str) -> re.Pattern[str]:
    parts = []
    for match in _PART.finditer(path):
        if match["many"]:
            parts.append(".*")
        elif match["one"]:
            parts.append("[^/]+")
        else:
            parts.append(re.escape(match["literal"]))
    return re.compile("".join(parts), re.DOTALL)
