"""Host aggregates, and availability zones: which are what the metadata of aggregates says."""

from typing import Any

import msgspec

from pileus.kernel import clock
from pileus.kernel.http.microversions import Version

ZONE_KEY = "availability_zone"
INTERNAL_ZONE = "internal"  # of services that run no servers


class Aggregate(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of hosts. ``number`` is what the API calls it by."""

    number: int
    id: str
    name: str
    metadata: dict[str, str]
    hosts: tuple[str, ...]
    version: int
    created_at: int
    updated_at: int | None

    @property
    def zone(self) -> str | None:
        return self.metadata.get(ZONE_KEY)


def shown(aggregate: Aggregate, version: Version, *, with_hosts: bool = True) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": aggregate.number,
        "name": aggregate.name,
        "availability_zone": aggregate.zone,
        "created_at": clock.iso_naive(aggregate.created_at),
        "updated_at": None if aggregate.updated_at is None else clock.iso_naive(aggregate.updated_at),
        "deleted": False,
        "deleted_at": None,
    }
    if with_hosts:
        body |= {"hosts": aggregate.hosts, "metadata": aggregate.metadata}
    if version >= (2, 41):
        body["uuid"] = aggregate.id
    return body
