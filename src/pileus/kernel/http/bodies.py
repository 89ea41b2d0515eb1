"""Typed JSON bodies: decoded and validated by msgspec in one pass, then held against the microversion.

A field that came with a microversion is declared ``Annotated[T | UnsetType, since(2, 19)] = UNSET``; below that
version it is an unknown field. ``until`` is the last version that knows it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, inspect

from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
Check = Callable[[Any, Version], str | None]


def since(major: int, minor: int) -> msgspec.Meta:
    return msgspec.Meta(extra={"since": (major, minor)})


def until(major: int, minor: int) -> msgspec.Meta:
    return msgspec.Meta(extra={"until": (major, minor)})


def between(first: Version, last: Version) -> msgspec.Meta:
    return msgspec.Meta(extra={"since": first, "until": last})


class BadBody(BadRequest):
    """A body that is not of its type; ``malformed``: it is not even JSON."""

    def __init__(self, message: str, *, malformed: bool = False) -> None:
        super().__init__(message)
        self.malformed = malformed


def decode_json(data: bytes | str) -> Any:
    """Decodes JSON of any shape. Raises BadBody when it is none, or nested too deeply."""
    try:
        return msgspec.json.decode(data)
    except UNREADABLE as error:
        raise _malformed(error) from None


def _malformed(error: Exception) -> BadBody:
    if isinstance(error, RecursionError):
        return BadBody("The request body is nested too deeply.", malformed=True)
    return BadBody(f"The request body is not valid JSON: {error}", malformed=True)


class Open(msgspec.Struct, dict=True):
    """An object of a body that takes fields of any name. Those it does not declare are kept in ``unknown``.

    It stands directly inside the body (``{"user": {...}}``), as the type of one of its fields.
    """

    @property
    def unknown(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.__dict__.get("kept", {})
        return kept


class BodyType:
    """Decodes bodies of one type."""

    def __init__(self, type: Any) -> None:
        self.type = type
        info = inspect.type_info(type)
        self._open = _open_fields(info)
        self._decoder = msgspec.json.Decoder(type)
        self._check = _version_check(info)

    def decode(self, data: bytes, version: Version) -> Any:
        """Raises BadBody, naming the field, when data is not JSON of this type at this version."""
        try:
            body = self._decode_open(data) if self._open else self._decoder.decode(data)
        except msgspec.ValidationError as error:
            raise self._wrong(data, error) from None
        except UNREADABLE as error:
            raise _malformed(error) from None
        if self._check is not None:
            unknown = self._check(body, version)
            if unknown:
                raise BadBody(f"Additional properties are not allowed ('{unknown}' was unexpected)")
        return body

    @staticmethod
    def _wrong(data: bytes, error: msgspec.ValidationError) -> BadBody:
        """Decoding stops at the first thing that is wrong; what comes after it may not even be JSON."""
        try:
            decode_json(data)
        except BadBody as malformed:
            return malformed
        return BadBody(explain(error))

    def _decode_open(self, data: bytes) -> Any:
        raw = msgspec.json.decode(data)
        body = msgspec.convert(raw, self.type)
        for field, encoded, known in self._open:
            value = getattr(body, field)
            if isinstance(value, Open):
                given = raw[encoded].items()
                value.__dict__["kept"] = {name: part for name, part in given if name not in known}
        return body


@cache
def body_type(type: Any) -> BodyType:
    return BodyType(type)


def explain(error: msgspec.ValidationError) -> str:
    """A validation error in words that name the field first."""
    match = _AT.match(str(error))
    what, path = (match["what"], match["path"]) if match else (str(error), None)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", what)
    if unknown:
        return f"Additional properties are not allowed ('{unknown[1]}' was unexpected)"
    missing = re.fullmatch(r"Object missing required field `(.*)`", what)
    if missing:
        where = f" in {path.lstrip('.')}" if path else ""
        return f"'{missing[1]}' is a required property{where}"
    if path:
        return f"Invalid input for field/attribute {path.lstrip('.')}. {what}."
    return f"Invalid input: {what}."


def _open_fields(info: inspect.Type) -> list[tuple[str, str, frozenset[str]]]:
    """(attribute, name in JSON, names that its type declares) of each field of a body that is open."""
    if not isinstance(info, inspect.StructType):
        return []
    found = []
    for field in info.fields:
        kinds = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        for kind in kinds:
            if isinstance(kind, inspect.StructType) and issubclass(kind.cls, Open):
                found.append((field.name, field.encode_name, frozenset(part.encode_name for part in kind.fields)))
    return found


def _version_check(info: inspect.Type) -> Check | None:
    """A function that names the first field a version does not know, or None when every version knows all."""
    if isinstance(info, inspect.Metadata):
        return _version_check(info.type)
    if isinstance(info, inspect.StructType):
        return _struct_check(info)
    if isinstance(info, inspect.ListType):
        inner = _version_check(info.item_type)
        return None if inner is None else lambda items, version: _first(inner, items, version)
    if isinstance(info, inspect.DictType):
        value = _version_check(info.value_type)
        return None if value is None else lambda items, version: _first(value, items.values(), version)
    if isinstance(info, inspect.UnionType):
        checks = [(part, _version_check(part)) for part in info.types]
        struct = next((check for part, check in checks if isinstance(part, inspect.StructType) and check), None)
        listed = next((check for part, check in checks if isinstance(part, inspect.ListType) and check), None)
        if struct is None and listed is None:
            return None
        return lambda value, version: _union(struct, listed, value, version)
    return None


def _struct_check(info: inspect.StructType) -> Check | None:
    bounded: list[tuple[str, str, Version, Version]] = []
    nested: list[tuple[str, Check]] = []
    for field in info.fields:
        extra = (field.type.extra or {}) if isinstance(field.type, inspect.Metadata) else {}
        if "since" in extra or "until" in extra:
            bounded.append((field.name, field.encode_name, extra.get("since", (0, 0)), extra.get("until", (999, 999))))
        check = _version_check(field.type)
        if check is not None:
            nested.append((field.name, check))
    if not bounded and not nested:
        return None

    def check_struct(value: Any, version: Version) -> str | None:
        for name, shown, first, last in bounded:
            if not first <= version <= last and getattr(value, name) is not UNSET:
                return shown
        for name, inner in nested:
            found = inner(getattr(value, name), version) if getattr(value, name) not in (None, UNSET) else None
            if found:
                return found
        return None

    return check_struct


def _first(check: Check, items: Any, version: Version) -> str | None:
    return next((found for item in items if (found := check(item, version))), None)


def _union(struct: Check | None, listed: Check | None, value: Any, version: Version) -> str | None:
    if isinstance(value, msgspec.Struct) and struct is not None:
        return struct(value, version)
    if isinstance(value, list) and listed is not None:
        return listed(value, version)
    return None
