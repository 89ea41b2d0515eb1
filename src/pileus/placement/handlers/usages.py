"""``/usages`` and ``/resource_providers/{uuid}/usages``."""

import re
from typing import Any

from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement.bodies import CLASS
from pileus.placement.handlers.http import answer, bad_query, known_parameters
from pileus.placement.model import Provider
from pileus.placement.service import Placement
from pileus.placement.store import allocations, inventories

RULE = "placement:usages"


def show_of_provider(request: Request[Placement], provider: Provider) -> Response:
    """List resource provider usages."""
    with request.service.database.read() as tx:
        found = inventories.of_provider(tx, provider.uuid)
    usages = {name: inventory.used for name, inventory in found.items()}
    return answer(request, {"resource_provider_generation": provider.generation, "usages": usages})


def show_total(request: Request[Placement]) -> Response:
    """List total resource usages for a given project."""
    project_id, user_id = request.param("project_id"), request.param("user_id")
    request.authorize(RULE, {"project_id": project_id})
    typed = request.microversion >= (1, 38)
    known_parameters(request, {"project_id", "user_id", *(["consumer_type"] if typed else [])})
    if project_id is None:
        raise bad_query("'project_id' is a required property")
    consumer_type = request.param("consumer_type")
    for value in (project_id, user_id, consumer_type):
        if value is not None and not 1 <= len(value) <= 255:
            raise bad_query(f"'{value}' is {'too long' if value else 'too short'}")
    if consumer_type not in (None, "all", "unknown") and not re.match(CLASS, consumer_type or ""):
        raise bad_query(f"'{consumer_type}' does not match '^[A-Z0-9_]+$|^all|^unknown$'")
    usages: dict[str, Any]
    with request.service.database.read() as tx:
        if typed:
            usages = dict(allocations.usages_by_type(tx, project_id, user_id, consumer_type))
        else:
            usages = dict(allocations.usages(tx, project_id, user_id))
    return answer(request, {"usages": usages})
