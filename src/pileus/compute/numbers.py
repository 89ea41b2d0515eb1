"""Numbers where the API once had numbers and now has UUIDs: hosts and services before microversion 2.53."""

from collections.abc import Iterable

from pileus.compute.model import Host
from pileus.kernel.numerals import natural


def number(id: str) -> int:
    """Always the same positive number for a UUID, of 28 bits."""
    return int(id[:7], 16) + 1


def host_of_number(hosts: Iterable[Host], text: str, field: str) -> Host | None:
    """The host whose ``field`` (``id``, ``service_id``) has that number."""
    asked = natural(text)
    return next((host for host in hosts if number(getattr(host, field)) == asked), None)
