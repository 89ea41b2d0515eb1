"""How much one image may have of what."""

from collections.abc import Collection, Mapping
from typing import Any

from pileus.image.config import Settings
from pileus.image.model import RESERVED_PREFIX
from pileus.kernel.errors import TooLarge


def check_tags(settings: Settings, tags: Collection[str]) -> None:
    _check("tags", len(set(tags)), settings.tag_quota)


def check_properties(settings: Settings, properties: Mapping[str, Any]) -> None:
    count = sum(not name.startswith(RESERVED_PREFIX) for name in properties)
    _check("properties", count, settings.property_quota)


def check_members(settings: Settings, count: int) -> None:
    _check("members for this image", count, settings.member_quota)


def check_locations(settings: Settings, count: int) -> None:
    _check("locations", count, settings.location_quota)


def _check(what: str, attempted: int, maximum: int) -> None:
    if maximum >= 0 and attempted > maximum:
        raise TooLarge(
            f"The limit has been exceeded on the number of allowed image {what}. "
            f"Attempted: {attempted}, Maximum: {maximum}"
        )
