"""Changes of an image as JSON patches: read, checked, and applied to an image. No HTTP, no SQL, no policy."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from pileus.image.model import IMPORTING, QUEUED, RESERVED_PREFIX, Image, change
from pileus.image.schemas.language import Schema, validate
from pileus.kernel.errors import BadRequest, Conflict, Forbidden

OLD_TYPE = "application/openstack-images-v2.0-json-patch"
NEW_TYPE = "application/openstack-images-v2.1-json-patch"
OPERATIONS = ("add", "remove", "replace")
READ_ONLY = frozenset(
    {
        "created_at",
        "updated_at",
        "status",
        "checksum",
        "size",
        "virtual_size",
        "direct_url",
        "self",
        "file",
        "schema",
        "id",
        "os_hash_algo",
        "os_hash_value",
    }
)
RESERVED = frozenset({"location", "deleted", "deleted_at"})
ATTRIBUTES = frozenset(
    {
        "name",
        "visibility",
        "min_disk",
        "min_ram",
        "protected",
        "owner",
        "disk_format",
        "container_format",
        "tags",
        "os_hidden",
    }
)
_DEPTHS = {("locations", "add"): 2, ("locations", "remove"): 2}


class Change(msgspec.Struct, frozen=True):
    """One step of a patch. ``strict``: adding what is there already is an error (the older media type)."""

    op: str
    path: tuple[str, ...]
    value: Any = None
    strict: bool = False

    @property
    def name(self) -> str:
        return self.path[0]


def parse(body: Any, content_type: str, schema: Schema) -> list[Change]:
    """Raises BadRequest for what is no patch, Forbidden for what nobody may change."""
    if not isinstance(body, list):
        raise BadRequest("Request body must be a JSON array of operation objects.")
    return [_change(part, content_type == OLD_TYPE, schema) for part in body]


def _change(raw: Any, is_old: bool, schema: Schema) -> Change:
    if not isinstance(raw, dict):
        raise BadRequest("Operations must be JSON objects.")
    op, pointer = _old_operation(raw) if is_old else _new_operation(raw)
    path = _decoded(pointer)
    if len(path) != _DEPTHS.get((path[0], op), 1):
        raise BadRequest(f"Invalid JSON pointer for this resource: '/{'/'.join(path)}'")
    if op != "remove" and "value" not in raw:
        raise BadRequest(f'Operation "{op}" requires a member named "value".')
    found = Change(op, path, raw.get("value"), is_old)
    check_changeable(found.name)
    if op != "remove":
        value = [found.value] if len(path) > 1 else found.value
        validate({**schema, "required": []}, {found.name: value})
    return found


def check_changeable(name: str) -> None:
    if name in READ_ONLY:
        raise Forbidden(f"Attribute '{name}' is read-only.")
    if name in RESERVED or name.startswith(RESERVED_PREFIX):
        raise Forbidden(f"Attribute '{name}' is reserved.")


def _new_operation(raw: dict[str, Any]) -> tuple[str, Any]:
    known = ", ".join(OPERATIONS)
    op = raw.get("op")
    if op is None:
        raise BadRequest(f"Unable to find `op` in JSON Schema change. It must be one of the following: {known}.")
    if op not in OPERATIONS:
        raise BadRequest(f"Invalid operation: `{op}`. It must be one of the following: {known}.")
    if "path" not in raw:
        raise BadRequest("Unable to find 'path' in JSON Schema change")
    return op, raw["path"]


def _old_operation(raw: dict[str, Any]) -> tuple[str, Any]:
    found = [op for op in OPERATIONS if op in raw]
    if len(found) != 1:
        raise BadRequest('Operation objects must contain exactly one member named "add", "remove", or "replace".')
    return found[0], raw[found[0]]


def _decoded(pointer: Any) -> tuple[str, ...]:
    """The parts of a JSON pointer, of the simple kind that images know."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise BadRequest(f'Pointer `{pointer}` does not start with "/".')
    if re.search(r"/\s*?/", pointer[1:]):
        raise BadRequest(f'Pointer `{pointer}` contains adjacent "/".')
    if len(pointer) > 1 and pointer.endswith("/"):
        raise BadRequest(f'Pointer `{pointer}` end with "/".')
    if pointer[1:].strip() == "/":
        raise BadRequest(f"Pointer `{pointer}` does not contains valid token.")
    if re.search("~[^01]", pointer) or pointer.endswith("~"):
        raise BadRequest(f'Pointer `{pointer}` contains "~" not part of a recognized escape sequence.')
    parts = pointer.lstrip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~").strip() for part in parts)


def applied(image: Image, step: Change) -> Image:
    """The image after one step, that is about an attribute or a property (not about locations)."""
    name = step.name
    if step.op == "remove":
        return _removed(image, name)
    is_there = name in ATTRIBUTES or name in image.properties
    if step.op == "replace" and not is_there:
        raise Conflict(f"Property {name} does not exist.")
    if step.op == "add" and is_there and step.strict:
        raise Conflict(f"Property {name} already present.")
    if name in ATTRIBUTES:
        return change(image, **{name: _attribute(image, name, step.value)})
    check_property_names([name])
    return change(image, properties={**image.properties, name: step.value})


def _attribute(image: Image, name: str, value: Any) -> Any:
    if name in ("disk_format", "container_format") and image.status not in (QUEUED, IMPORTING):
        raise Forbidden(f"Attribute {name} can be only replaced for a queued image.")
    if name in ("min_disk", "min_ram"):
        check_not_negative(name, value)
    return unique(value) if name == "tags" else value


def _removed(image: Image, name: str) -> Image:
    if name in ATTRIBUTES:
        raise Forbidden(f"Property {name} may not be removed.")
    if name not in image.properties:
        raise Conflict(f"Property {name} does not exist.")
    return change(image, properties={key: value for key, value in image.properties.items() if key != name})


def unique(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def check_not_negative(name: str, value: int) -> None:
    if value < 0:
        raise BadRequest(f"Invalid value '{value}' for parameter '{name}': Cannot be a negative value")


def check_property_names(names: Iterable[str]) -> None:
    if any(len(name) > 255 for name in names):
        raise BadRequest("Custom property should not be greater than 255 characters.")
