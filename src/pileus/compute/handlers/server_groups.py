"""``/os-server-groups``."""

from typing import Any

from msgspec import UNSET

from pileus.compute.links import limit_of
from pileus.compute.parameters import check_name, whole
from pileus.compute.quotas import limits
from pileus.compute.server_groups import ServerGroup, shown
from pileus.compute.service import Compute
from pileus.compute.store import server_groups, usage
from pileus.kernel.errors import BadRequest, NotFound, QuotaExceeded
from pileus.kernel.http.request import Request
from pileus.kernel.quotas import exceeded

ALL_PROJECTS = "os_compute_api:os-server-groups:index:all_projects"
ONE = {"server_groups": 1}


def find(request: Request[Compute], group_id: str) -> ServerGroup:
    """The group of the path. Raises NotFound."""
    with request.service.database.read() as tx:
        group = server_groups.find(tx, group_id)
    if group is None:
        raise NotFound(f"Instance group {group_id} could not be found.")
    return group


def list_groups(request: Request[Compute]) -> dict[str, Any]:
    """List server groups."""
    project_id: str | None = request.context.project_id or ""
    if "all_projects" in request.query and request.context.is_admin:
        request.authorize(ALL_PROJECTS)
        project_id = None
    offset, limit = request.int_param("offset", minimum=0) or 0, limit_of(request) or 1000
    with request.service.database.read() as tx:
        groups = server_groups.listed(tx, project_id, offset, limit)
        members = server_groups.members(tx, [group.id for group in groups])
    return {"server_groups": [shown(group, members[group.id], request.microversion) for group in groups]}


def show(request: Request[Compute], group: ServerGroup) -> dict[str, Any]:
    """Show a server group."""
    with request.service.database.read() as tx:
        members = server_groups.members(tx, [group.id])[group.id]
    return {"server_group": shown(group, members, request.microversion)}


def create(request: Request[Compute]) -> dict[str, Any]:
    """Create a server group."""
    given, context = request.body.server_group, request.context
    name, (policy, rules) = check_name(given.name), _policy(request, given)
    project_id, user_id = context.project_id or "", context.user_id or ""
    with request.service.database.transaction() as tx:
        used = {"server_groups": usage.groups_used(tx, project_id)}
        if exceeded(limits(tx, project_id, user_id), used, ONE):
            raise QuotaExceeded("Quota exceeded, too many server groups.")
        group = server_groups.insert(tx, project_id, user_id, name, policy, rules)
    return {"server_group": shown(group, [], request.microversion)}


def delete(request: Request[Compute], group: ServerGroup) -> None:
    """Delete a server group."""
    with request.service.database.transaction() as tx:
        server_groups.delete(tx, group.id)


def _policy(request: Request[Compute], given: Any) -> tuple[str, dict[str, int]]:
    if request.microversion < (2, 64):
        if given.policies is UNSET:
            raise BadRequest("'policies' is a required property")
        policy: str = given.policies[0]
        if policy.startswith("soft-") and request.microversion < (2, 15):
            raise BadRequest(
                f"Invalid input for field/attribute 0. Value: {policy}. "
                f"'{policy}' is not one of ['anti-affinity', 'affinity']"
            )
        return policy, {}
    if given.policy is UNSET:
        raise BadRequest("'policy' is a required property")
    most = UNSET if given.rules is UNSET else given.rules.max_server_per_host
    rules = {} if most is UNSET else {"max_server_per_host": whole(most, "max_server_per_host", 1)}
    if given.policy != "anti-affinity" and rules:
        raise BadRequest("Only anti-affinity policy supports rules.")
    return given.policy, rules
