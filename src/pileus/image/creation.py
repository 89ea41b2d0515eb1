"""A new image, from the body that asks for it. No HTTP, no SQL."""

from typing import Any

from pileus.image import limits
from pileus.image.config import Settings
from pileus.image.model import RESERVED_PREFIX, Image
from pileus.image.patching import ATTRIBUTES, READ_ONLY, RESERVED, check_not_negative, check_property_names, unique
from pileus.image.schemas.language import Schema, validate
from pileus.kernel import clock, ids
from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest, Forbidden

_NEVER_GIVEN = ("direct_url", "self", "file", "schema", "stores")
_RESERVED = RESERVED | {"locations"}


def new_image(body: Any, schema: Schema, settings: Settings, context: Context) -> Image:
    """Raises BadRequest, Forbidden for what is not for clients to set, TooLarge beyond the quotas."""
    if not isinstance(body, dict):
        raise BadRequest(f"Provided object does not match schema 'image': {body!r} is not of type 'object'")
    for name in _NEVER_GIVEN:
        if name in body:
            raise Forbidden(f"Attribute '{name}' is read-only.")
    validate(schema, body)
    for name in body:
        if name in _RESERVED or name.startswith(RESERVED_PREFIX):
            raise Forbidden(f"Attribute '{name}' is reserved.")
        if name in READ_ONLY and name != "id":
            raise Forbidden(f"Attribute '{name}' is read-only.")
    given = {name: body[name] for name in ATTRIBUTES & body.keys()}
    properties = {name: value for name, value in body.items() if name not in ATTRIBUTES and name != "id"}
    check_property_names(properties)
    for name in ("min_disk", "min_ram"):
        check_not_negative(name, given.get(name, 0))
    given["tags"] = unique(given.get("tags", ()))
    given.setdefault("owner", context.project_id)
    limits.check_tags(settings, given["tags"])
    limits.check_properties(settings, properties)
    now = clock.now()
    image_id = body.get("id") or ids.new_uuid()
    return Image(id=image_id, properties=properties, created_at=now, updated_at=now, **given)
