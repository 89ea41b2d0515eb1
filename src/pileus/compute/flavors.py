"""Flavors: the sizes that servers come in."""

from typing import Any

import msgspec

from pileus.compute.links import Base, links
from pileus.kernel.http.microversions import Version

_decode = msgspec.json.Decoder(dict[str, str]).decode


class Flavor(msgspec.Struct, frozen=True):
    """A flavor; the fields stand in the order of its table. ``number`` counts flavors, ``id`` is what the API names."""

    number: int
    id: str
    name: str
    memory_mb: int
    vcpus: int
    root_gb: int
    ephemeral_gb: int
    swap: int
    rxtx_factor: float
    is_public: bool
    disabled: bool
    description: str | None
    extra_specs_json: str
    version: int
    created_at: int
    updated_at: int | None

    @property
    def extra_specs(self) -> dict[str, str]:
        return _decode(self.extra_specs_json)


def brief(flavor: Flavor, version: Version, base: Base) -> dict[str, Any]:
    """A flavor as lists without detail show it."""
    shown: dict[str, Any] = {"id": flavor.id, "name": flavor.name, "links": links(base, "flavors", flavor.id)}
    if version >= (2, 55):
        shown["description"] = flavor.description
    return shown


def detailed(flavor: Flavor, version: Version, base: Base, *, with_specs: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": flavor.id,
        "name": flavor.name,
        "ram": flavor.memory_mb,
        "disk": flavor.root_gb,
        "swap": flavor.swap or (0 if version >= (2, 75) else ""),
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral_gb,
        "vcpus": flavor.vcpus,
        "os-flavor-access:is_public": flavor.is_public,
        "links": links(base, "flavors", flavor.id),
    }
    if version < (2, 102):
        shown["OS-FLV-DISABLED:disabled"] = flavor.disabled
        shown["rxtx_factor"] = flavor.rxtx_factor or ""
    if version >= (2, 55):
        shown["description"] = flavor.description
    if with_specs:
        shown["extra_specs"] = msgspec.Raw(flavor.extra_specs_json.encode())
    return shown
