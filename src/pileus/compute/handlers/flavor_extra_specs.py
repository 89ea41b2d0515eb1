"""``/flavors/{flavor_id}/os-extra_specs``."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pileus.compute.extra_specs import check_extra_spec
from pileus.compute.flavors import Flavor
from pileus.compute.handlers.flavors import find
from pileus.compute.service import Compute
from pileus.compute.store import flavors
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request

LONGEST = 255


def list_specs(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """List the extra specs of a flavor."""
    flavor = find(request, flavor_id)
    return {"extra_specs": msgspec.Raw(flavor.extra_specs_json.encode())}


def show_spec(request: Request[Compute], flavor_id: str, key: str) -> dict[str, Any]:
    """Show one extra spec of a flavor."""
    flavor = find(request, flavor_id)
    specs = flavor.extra_specs
    if key not in specs:
        raise _missing(flavor, key)
    return {key: specs[key]}


def create_specs(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """Add extra specs to a flavor, or change them."""
    specs = request.body.extra_specs
    _set(request, flavor_id, specs)
    return {"extra_specs": specs}


def update_spec(request: Request[Compute], flavor_id: str, key: str) -> dict[str, Any]:
    """Change one extra spec of a flavor."""
    specs: dict[str, Any] = request.body
    checked = _checked(request, specs)
    if key not in specs:
        raise BadRequest("Request body and URI mismatch")
    _write(request, flavor_id, checked)
    return specs


def delete_spec(request: Request[Compute], flavor_id: str, key: str) -> None:
    """Remove an extra spec from a flavor."""
    flavor = find(request, flavor_id)
    specs = flavor.extra_specs
    if key not in specs:
        raise _missing(flavor, key)
    del specs[key]
    with request.service.database.transaction() as tx:
        flavors.set_extra_specs(tx, flavor, specs)


def _set(request: Request[Compute], flavor_id: str, specs: Mapping[str, str | int | float]) -> None:
    _write(request, flavor_id, _checked(request, specs))


def _checked(request: Request[Compute], specs: Mapping[str, str | int | float]) -> dict[str, str]:
    checked = {name: str(value) for name, value in specs.items()}
    for name, value in checked.items():
        if len(value) > LONGEST:
            raise BadRequest(f"Invalid input received: extra_specs value has {len(value)} characters, more than 255.")
        if request.microversion >= (2, 86):
            check_extra_spec(name, value)
    return checked


def _write(request: Request[Compute], flavor_id: str, specs: Mapping[str, str]) -> None:
    flavor = find(request, flavor_id)
    with request.service.database.transaction() as tx:
        flavors.set_extra_specs(tx, flavor, flavor.extra_specs | dict(specs))


def _missing(flavor: Flavor, key: str) -> NotFound:
    return NotFound(f"Flavor {flavor.id} has no extra specs with key {key}.")
