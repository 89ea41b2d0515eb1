"""The oslo.policy language, compiled to functions.

    rule:NAME  role:NAME  @  !  not  and  or  ( )  KIND:VALUE

KIND is a path into the credentials (``project_id``, ``token.domain.id``) or a quoted literal; VALUE may hold
``%(path)s`` references into the target. A reference that the target lacks makes the check false. The semantics are
those of oslo.policy's _checks and _parser; ``field:RESOURCE:ATTRIBUTE=VALUE`` is neutron's addition. ``http:`` checks
are refused: a policy decision that waits for another server has no place in a request.
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

Credentials = Mapping[str, Any]
Target = Any
RuleLookup = Callable[[str], "Check"]
Check = Callable[[Target, Credentials, RuleLookup], bool]

_TOKEN = re.compile(r"\(|\)|'[^']*':[^\s()]*(?:\([^)]*\)s[^\s()]*)*|(?:%\([^)]*\)s|[^\s()])+")
_REFERENCE = re.compile(r"%\(([^)]+)\)s")


class PolicySyntaxError(ValueError):
    """A rule that is not of the language."""


def compile_rule(text: str) -> Check:
    """Raises PolicySyntaxError."""
    if not text.strip():
        return _always
    parser = _Parser(_TOKEN.findall(text), text)
    check = parser.alternatives()
    if parser.position != len(parser.tokens):
        raise PolicySyntaxError(f"unexpected {parser.tokens[parser.position]!r} in rule {text!r}")
    return check


def compile_any(rule: object) -> Check:
    """A rule from a file: text, or the older nested list (a list of alternatives, each all of its parts)."""
    if isinstance(rule, str):
        return compile_rule(rule)
    if isinstance(rule, list):
        parts = [" and ".join(part) if isinstance(part, list) else str(part) for part in rule]
        return compile_rule(" or ".join(f"({part})" for part in parts))
    raise PolicySyntaxError(f"a rule is text or a list, not {rule!r}")


class _Parser:
    """Recursive descent; ``not`` binds tightest, then ``and``, then ``or``."""

    def __init__(self, tokens: list[str], text: str) -> None:
        self.tokens, self.text, self.position = tokens, text, 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        if not token:
            raise PolicySyntaxError(f"rule {self.text!r} ends too early")
        self.position += 1
        return token

    def alternatives(self) -> Check:
        checks = [self.conjunction()]
        while self.peek().lower() == "or":
            self.take()
            checks.append(self.conjunction())
        return checks[0] if len(checks) == 1 else _any(checks)

    def conjunction(self) -> Check:
        checks = [self.negation()]
        while self.peek().lower() == "and":
            self.take()
            checks.append(self.negation())
        return checks[0] if len(checks) == 1 else _all(checks)

    def negation(self) -> Check:
        if self.peek().lower() == "not":
            self.take()
            return _not(self.negation())
        return self.atom()

    def atom(self) -> Check:
        token = self.take()
        if token == "(":  # noqa: S105
            check = self.alternatives()
            if self.take() != ")":
                raise PolicySyntaxError(f"a bracket is not closed in rule {self.text!r}")
            return check
        if token == "@":  # noqa: S105
            return _always
        if token == "!":  # noqa: S105
            return _never
        kind, separator, match = token.partition(":")
        if not separator:
            raise PolicySyntaxError(f"{token!r} is no check in rule {self.text!r}")
        return _leaf(kind, match, self.text)


def _leaf(kind: str, match: str, text: str) -> Check:
    if kind == "rule":
        return lambda target, creds, rules: rules(match)(target, creds, rules)
    if kind == "role":
        return _role(match)
    if kind == "field":
        return _field(match, text)
    if kind in ("http", "https"):
        raise PolicySyntaxError(f"http checks are not supported: {text!r}")
    return _generic(kind, match)


def _always(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
    return True


def _never(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
    return False


def _any(checks: list[Check]) -> Check:
    def check_any(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
        for check in checks:  # noqa: SIM110 -- half the time of any() over a generator, for every row of every list
            if check(target, creds, rules):
                return True
        return False

    return check_any


def _all(checks: list[Check]) -> Check:
    def check_all(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
        for check in checks:  # noqa: SIM110
            if not check(target, creds, rules):
                return False
        return True

    return check_all


def _not(check: Check) -> Check:
    return lambda target, creds, rules: not check(target, creds, rules)


def _role(match: str) -> Check:
    fill = _template(match)
    if fill is None:
        name = match.lower()
        return lambda target, creds, rules: any(role.lower() == name for role in creds.get("roles", ()))

    def check(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
        name = fill(target)
        return name is not None and any(role.lower() == name.lower() for role in creds.get("roles", ()))

    return check


def _field(match: str, text: str) -> Check:
    _, separator, rest = match.partition(":")
    attribute, equals, wanted = rest.partition("=")
    if not separator or not equals:
        raise PolicySyntaxError(f"a field check is field:RESOURCE:ATTRIBUTE=VALUE, not {text!r}")
    if wanted.startswith("~"):
        pattern = re.compile(wanted[1:])
        return lambda target, creds, rules: bool(pattern.match(str(lookup(target, attribute, ""))))
    return lambda target, creds, rules: str(lookup(target, attribute, None)) == wanted


def _generic(kind: str, match: str) -> Check:
    fill = _template(match)
    literal = _literal(kind)

    def check(target: Target, creds: Credentials, rules: RuleLookup) -> bool:
        wanted = match if fill is None else fill(target)
        if wanted is None:
            return False
        if literal is not None:
            return literal == wanted
        value = lookup(creds, kind, _MISSING)
        if value is _MISSING:
            return False
        if isinstance(value, list | tuple):
            return any(str(item) == wanted for item in value)
        return str(value) == wanted

    return check


def _literal(kind: str) -> str | None:
    try:
        return str(ast.literal_eval(kind))
    except (ValueError, SyntaxError):
        return None


def _template(match: str) -> Callable[[Target], str | None] | None:
    """A function that fills ``%(path)s`` references from a target, or None when there are none to fill."""
    paths = _REFERENCE.findall(match)
    if not paths:
        return None
    if match == f"%({paths[0]})s":
        path = paths[0]

        def fill_one(target: Target) -> str | None:
            value = lookup(target, path, _MISSING)
            return None if value is _MISSING else str(value)

        return fill_one

    def fill(target: Target) -> str | None:
        values = {path: lookup(target, path, _MISSING) for path in paths}
        return None if _MISSING in values.values() else match % values

    return fill


_MISSING = object()


def lookup(holder: Any, path: str, default: Any) -> Any:
    """The value at a dotted path: keys of mappings (the whole path may be one key), attributes of anything else."""
    value = _get(holder, path)
    if value is not _MISSING or "." not in path:
        return default if value is _MISSING else value
    for part in path.split("."):
        holder = _get(holder, part)
        if holder is _MISSING:
            return default
    return holder


def _get(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name, _MISSING)
    return getattr(holder, name, _MISSING)
