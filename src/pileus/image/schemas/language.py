"""JSON schemas as the API shows them, and the part of the language they use as a validator.

Known: type, enum, minLength, maxLength, pattern, minimum, items, uniqueItems, properties, required,
additionalProperties, dependentRequired, allOf, minItems, $ref into the schema's own definitions.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from pileus.kernel.errors import BadRequest

Schema = dict[str, Any]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def validate(schema: Schema, value: Any) -> None:
    """Raises BadRequest, saying what is wrong, when value is not of the schema."""
    reason = fault(schema, value, schema)
    if reason:
        raise BadRequest(f"Provided object does not match schema '{schema.get('name', '')}': {reason}")


def fault(schema: Schema, value: Any, root: Schema) -> str:
    """The first thing that is wrong, or an empty text."""
    reference = schema.get("$ref")
    if reference is not None:
        schema = root["definitions"][reference.rpartition("/")[2]]
    return _own(schema, value) or _parts(schema, value, root)


def _own(schema: Schema, value: Any) -> str:
    kinds = schema.get("type")
    if kinds is not None:
        names = kinds if isinstance(kinds, list) else [kinds]
        if not any(_TYPES[name](value) for name in names):
            return f"{value!r} is not of type {', '.join(map(repr, names))}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is not one of {schema['enum']}"
    if isinstance(value, str):
        if len(value) > schema.get("maxLength", len(value)):
            return f"{value!r} is too long"
        if len(value) < schema.get("minLength", 0):
            return f"{value!r} is too short"
        if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
            return f"{value!r} does not match {schema['pattern']!r}"
    elif "minimum" in schema and isinstance(value, int | float) and value < schema["minimum"]:
        return f"{value!r} is less than the minimum of {schema['minimum']}"
    return ""


def _parts(schema: Schema, value: Any, root: Schema) -> str:
    for part in schema.get("allOf", ()):
        reason = fault(part, value, root)
        if reason:
            return reason
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            return f"{value!r} is too short"
        if schema.get("uniqueItems") and any(item in value[:at] for at, item in enumerate(value)):
            return f"{value!r} has non-unique elements"
        items = schema.get("items")
        if items is not None:
            return next(filter(None, (fault(items, item, root) for item in value)), "")
    elif isinstance(value, dict):
        return _members(schema, value, root)
    return ""


def _members(schema: Schema, value: dict[str, Any], root: Schema) -> str:
    for name in schema.get("required") or ():
        if name not in value:
            return f"{name!r} is a required property"
    for name, others in schema.get("dependentRequired", {}).items():
        for other in others:
            if name in value and other not in value:
                return f"{other!r} is a dependency of {name!r}"
    known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, part in value.items():
        if name in known:
            reason = fault(known[name], part, root)
        elif rest is False:
            reason = f"Additional properties are not allowed ({name!r} was unexpected)"
        else:
            reason = fault(rest, part, root) if isinstance(rest, dict) else ""
        if reason:
            return reason
    return ""


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


# -- how a resource's schema is shown --------------------------------------------------------------------------


def raw(
    name: str,
    properties: Schema,
    *,
    links: list[Schema] | None = None,
    required: list[str] | None = None,
    definitions: Schema | None = None,
    additional: Any = False,
) -> Schema:
    """A schema that says all it knows."""
    shown: Schema = {"name": name, "properties": properties, "additionalProperties": additional}
    shown |= {"definitions": definitions} if definitions else {}
    shown |= {"required": required} if required else {}
    shown |= {"links": links} if links else {}
    return shown


def minimal(schema: Schema) -> Schema:
    """A schema without what it forbids and links to."""
    return {name: part for name, part in schema.items() if name not in ("additionalProperties", "links")}


def collection(name: str, item: Schema, *, paged: bool = True) -> Schema:
    """The schema of a list of items; the definitions of the items stand beside them."""
    inner = {key: part for key, part in item.items() if key != "definitions"}
    return _collected(name, {"type": "array", "items": inner}, item, paged)


def mapping(name: str, item: Schema) -> Schema:
    """The schema of items by their names."""
    inner = {key: part for key, part in item.items() if key != "definitions"}
    return _collected(name, {"type": "object", "additionalProperties": inner}, item, True)


def _collected(name: str, holder: Schema, item: Schema, paged: bool) -> Schema:
    text = {"type": "string"}
    shown: Schema = {"name": name}
    properties: Schema = {name: holder}
    links = [{"rel": "describedby", "href": "{schema}"}]
    if paged:
        properties |= {"first": text, "next": text}
        links = [{"rel": "first", "href": "{first}"}, {"rel": "next", "href": "{next}"}, *links]
    shown |= {"properties": properties | {"schema": text}, "links": links}
    if "definitions" in item:
        shown["definitions"] = item["definitions"]
    return shown
