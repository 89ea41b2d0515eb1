"""Checks and conversions of what the bodies of servers hold."""

import base64
import binascii
import ipaddress
import random
import re
import string
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from pileus.kernel.errors import BadRequest, QuotaExceeded

GIB = 1 << 30
_random = random.SystemRandom()


def given(value: Any) -> Any:
    """A value, or None when the body had none."""
    return None if value is UNSET else value


def check_image(image: Mapping[str, Any], memory_mb: int, root_gb: int) -> None:
    """Raises BadRequest when a server of this size cannot be made from the image."""
    if image["status"] != "active":
        raise BadRequest(f"Image {image['id']} is not active.")
    if memory_mb < int(image.get("min_ram") or 0):
        raise BadRequest("Flavor's memory is too small for requested image.")
    if root_gb == 0:
        return
    size, least = int(image.get("size") or 0), int(image.get("min_disk") or 0) * GIB
    if size > root_gb * GIB:
        raise BadRequest(
            f"Flavor's disk is too small for requested image. Flavor disk is {root_gb * GIB} bytes, "
            f"image is {size} bytes."
        )
    if least > root_gb * GIB:
        raise BadRequest(
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            f"Flavor disk is {root_gb * GIB} bytes, minimum size is {least} bytes."
        )


def check_metadata_quota(limits: Mapping[str, int], metadata: Mapping[str, str]) -> None:
    if 0 <= limits["metadata_items"] < len(metadata):
        raise QuotaExceeded(f"Maximum number of metadata items exceeds {limits['metadata_items']}")


def access_ip(value: str | UnsetType, version: int) -> str | None:
    """An access address as it is kept. Raises BadRequest."""
    if isinstance(value, UnsetType):
        return None
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        address = None
    if address is None or address.version != version:
        name = f"accessIPv{version}"
        raise BadRequest(f"Invalid input for field/attribute {name}. Value: {value}. '{value}' is not a 'ipv{version}'")
    return str(address)


def access_ips(v4: str | UnsetType, v6: str | UnsetType) -> dict[str, str | None]:
    """The access addresses that were given, as they are kept. Raises BadRequest."""
    given_ips = {"access_ip_v4": (v4, 4), "access_ip_v6": (v6, 6)}
    return {name: access_ip(value, version) for name, (value, version) in given_ips.items() if value is not UNSET}


def check_base64(value: str | UnsetType | None, field: str) -> None:
    """Raises BadRequest."""
    if value is None or isinstance(value, UnsetType):
        return
    try:
        base64.b64decode(re.sub(r"\s", "", value), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(
            f"Invalid input for field/attribute {field}. Value: {value}. '{value}' is not a 'base64'"
        ) from None


def check_hostname(hostname: str, version: tuple[int, int]) -> None:
    """A host name until 2.93, a fully qualified one since. Raises BadRequest."""
    pattern = r"[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+" if version < (2, 94) else r"[a-zA-Z0-9-._]*"
    if not re.fullmatch(pattern, hostname) or (version < (2, 94) and not 2 <= len(hostname) <= 63):
        raise BadRequest(
            f"Invalid input for field/attribute hostname. Value: {hostname}. '{hostname}' does not match '^{pattern}$'"
        )


def sanitized_hostname(name: str) -> str:
    """A host name made of a server's name; empty when nothing of it can stay."""
    ascii_name = name.encode("latin-1", "ignore").decode()
    hostname = re.sub(r"[ _\.]", "-", ascii_name)
    hostname = re.sub(r"[^a-zA-Z0-9_.-]+", "", hostname).lower().strip(".-")
    return hostname[:63].rstrip("-")


def parse_zone(text: str | None) -> tuple[str | None, str | None, str | None]:
    """``zone``, ``zone:host`` or ``zone:host:node``; a part may be left out. Raises BadRequest."""
    if not text or ":" not in text:
        return text or None, None, None
    parts = text.split(":")
    if len(parts) > 3:
        raise BadRequest("Invalid input received: Unable to parse availability_zone")
    zone, host, node = (*parts, "", "")[:3]
    return zone or None, host or None, node or None


def generated_password() -> str:
    """Twelve letters and digits, of each kind at least one, none that looks like another."""
    kinds = ("23456789", "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz")
    letters = [_random.choice(kind) for kind in kinds]
    letters += _random.choices("".join(kinds), k=12 - len(kinds))
    _random.shuffle(letters)
    return "".join(letters)


def reservation_id() -> str:
    return "r-" + "".join(_random.choices(string.ascii_lowercase + string.digits, k=8))
