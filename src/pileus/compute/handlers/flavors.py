"""``/flavors``."""

import re
from typing import Any

from msgspec import UNSET

from pileus.compute.flavors import Flavor, brief, detailed
from pileus.compute.links import base_of, limit_of, next_links
from pileus.compute.parameters import check_description, check_name, flag, strict_flag, whole
from pileus.compute.service import Compute
from pileus.compute.store import flavors
from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.paging import Sort

SPECS_RULE = "os_compute_api:os-flavor-extra-specs:index"


def find(request: Request[Compute], flavor_id: str) -> Flavor:
    """The flavor of the path. Raises NotFound."""
    with request.service.database.read() as tx:
        return flavors.get(tx, request.context, flavor_id)


def list_brief(request: Request[Compute]) -> dict[str, Any]:
    """List flavors."""
    base, version = base_of(request), request.microversion
    found = _page(request)
    return _listed(request, "flavors", found, [brief(flavor, version, base) for flavor in found])


def list_detailed(request: Request[Compute]) -> dict[str, Any]:
    """List flavors with details."""
    base, version, with_specs = base_of(request), request.microversion, _with_specs(request)
    found = _page(request)
    shown = [detailed(flavor, version, base, with_specs=with_specs) for flavor in found]
    return _listed(request, "flavors/detail", found, shown)


def show(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """Show a flavor."""
    return _shown(request, find(request, flavor_id))


def create(request: Request[Compute]) -> dict[str, Any]:
    """Create a flavor."""
    given = request.body.flavor
    values = {
        "id": str(given.id) if given.id else ids.new_uuid(),
        "name": check_name(given.name),
        "memory_mb": whole(given.ram, "ram", 1),
        "vcpus": whole(given.vcpus, "vcpus", 1),
        "root_gb": whole(given.disk, "disk"),
        "ephemeral_gb": whole(given.ephemeral, "OS-FLV-EXT-DATA:ephemeral"),
        "swap": whole(given.swap, "swap"),
        "rxtx_factor": 1.0 if given.rxtx_factor is UNSET else _factor(given.rxtx_factor),
        "is_public": flag(given.is_public),
        "description": None if given.description is UNSET else check_description(given.description),
    }
    with request.service.database.transaction() as tx:
        flavor = flavors.insert(tx, values)
    return _shown(request, flavor)


def update(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """Change a flavor's description."""
    flavor = find(request, flavor_id)
    description = check_description(request.body.flavor.description)
    with request.service.database.transaction() as tx:
        flavors.change(tx, flavor, description=description)
        changed = flavors.find(tx, flavor.id)
    assert changed is not None
    return _shown(request, changed)


def delete(request: Request[Compute], flavor_id: str) -> None:
    """Delete a flavor; servers keep what they have of it."""
    flavor = find(request, flavor_id)
    with request.service.database.transaction() as tx:
        flavors.delete(tx, flavor)


def _factor(given: float | str) -> float:
    factor = float(given)
    if factor <= 0:
        raise BadRequest("Invalid input received: 'rxtx_factor' argument must be a float between 0 and 3.40282e+38")
    return factor


def _with_specs(request: Request[Compute]) -> bool:
    return request.microversion >= (2, 61) and request.allowed(SPECS_RULE)


def _shown(request: Request[Compute], flavor: Flavor) -> dict[str, Any]:
    with_specs = _with_specs(request)
    return {"flavor": detailed(flavor, request.microversion, base_of(request), with_specs=with_specs)}


def _listed(
    request: Request[Compute], collection: str, found: list[Flavor], shown: list[dict[str, Any]]
) -> dict[str, Any]:
    body: dict[str, Any] = {"flavors": shown}
    further = next_links(request, collection, [flavor.id for flavor in found])
    if further:
        body["flavors_links"] = further
    return body


def _page(request: Request[Compute]) -> list[Flavor]:
    filters, limit = _filters(request), limit_of(request)
    sort = Sort(request.param("sort_key") or "flavorid", (request.param("sort_dir") or "asc") == "desc")
    marker_id = request.param("marker")
    with request.service.database.read() as tx:
        marker = None
        if marker_id is not None:
            try:
                marker = flavors.get(tx, request.context, marker_id)
            except NotFound:
                raise BadRequest(f"marker [{marker_id}] not found") from None
        return flavors.page(tx, request.context.project_id, filters, limit, marker, sort)


def _filters(request: Request[Compute]) -> flavors.Filters:
    admin = request.context.is_admin
    name = request.param("name") if request.microversion >= (2, 102) else None
    if name is not None:
        try:
            re.compile(name)
        except re.error:
            raise BadRequest(f"Invalid name filter [{name}]") from None
    return flavors.Filters(
        is_public=_is_public(request.param("is_public")) if admin else True,
        enabled_only=not admin,
        minimum_memory_mb=_minimum(request, "minRam"),
        minimum_root_gb=_minimum(request, "minDisk"),
        name=name,
    )


def _minimum(request: Request[Compute], name: str) -> int | None:
    text = request.param(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"Invalid {name} filter [{text}]") from None


def _is_public(text: str | None) -> bool | None:
    if text is None:
        return True
    if text.strip().lower() == "none":
        return None
    try:
        return strict_flag(text)
    except ValueError:
        raise BadRequest(f"Invalid is_public filter [{text}]") from None
