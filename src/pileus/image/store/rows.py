"""From rows to model objects, and back: JSON columns are text in every database."""

from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.image.model import Image, Location, Member
from pileus.image.tables import images, members

_tags = msgspec.json.Decoder(tuple[str, ...]).decode
_properties = msgspec.json.Decoder(dict[str, str | None]).decode
_locations = msgspec.json.Decoder(tuple[Location, ...]).decode
_PLAIN = tuple(name for name in Image.__struct_fields__ if name not in ("tags", "properties", "locations", "member_id"))

IMAGE_COLUMNS = [images.c[name] for name in (*_PLAIN, "tags", "properties", "locations")]
MEMBER_COLUMNS = [members.c[name] for name in Member.__struct_fields__]


def encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def image_of(row: sa.Row[Any]) -> Image:
    """``row``: IMAGE_COLUMNS, in their order."""
    values: dict[str, Any] = dict(zip(_PLAIN, row, strict=False))
    tags, properties, locations = row.tags, row.properties, row.locations
    return Image(
        **values,
        tags=_tags(tags) if tags != "[]" else (),
        properties=_properties(properties) if properties != "{}" else {},
        locations=_locations(locations) if locations != "[]" else (),
    )


def values_of(image: Image) -> dict[str, Any]:
    """Column values of an image."""
    values = {name: getattr(image, name) for name in _PLAIN}
    values["tags"] = encoded(image.tags)
    values["properties"] = encoded(image.properties)
    values["locations"] = encoded(image.locations)
    return values


def member_of(row: sa.Row[Any]) -> Member:
    return Member(*row)  # type: ignore[call-arg]
