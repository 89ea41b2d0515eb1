"""``/flavors/{flavor_id}/os-flavor-access``: the projects that may use a flavor which is not public."""

from typing import Any

from pileus.compute.flavors import Flavor
from pileus.compute.handlers.flavors import find
from pileus.compute.identity import check_project
from pileus.compute.service import Compute
from pileus.compute.store import flavors
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict, NotFound
from pileus.kernel.http.request import Request


def list_access(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """List the projects that may use a private flavor."""
    flavor = find(request, flavor_id)
    if flavor.is_public:
        raise NotFound("Access list not available for public flavors.")
    with request.service.database.read() as tx:
        return _shown(tx, flavor)


def add(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """Let a project use a private flavor."""
    project_id = request.body.addTenantAccess.tenant
    check_project(request.service.runtime, request.context, project_id)
    flavor = find(request, flavor_id)
    if request.microversion >= (2, 7) and flavor.is_public:
        raise Conflict("Can not add access to a public flavor.")
    with request.service.database.transaction() as tx:
        flavors.add_access(tx, flavor, project_id)
        return _shown(tx, flavor)


def remove(request: Request[Compute], flavor_id: str) -> dict[str, Any]:
    """No longer let a project use a private flavor."""
    project_id = request.body.removeTenantAccess.tenant
    flavor = find(request, flavor_id)
    with request.service.database.transaction() as tx:
        flavors.remove_access(tx, flavor, project_id)
        return _shown(tx, flavor)


def _shown(tx: Tx, flavor: Flavor) -> dict[str, Any]:
    return {
        "flavor_access": [
            {"flavor_id": flavor.id, "tenant_id": project_id} for project_id in flavors.access(tx, flavor)
        ]
    }
