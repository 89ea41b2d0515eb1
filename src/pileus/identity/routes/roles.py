"""Roles, what they imply, and to whom they are given."""

from pileus.identity import resource_bodies as bodies
from pileus.identity.handlers import grants, role_assignments, roles
from pileus.identity.routes.lines import Load
from pileus.kernel.http.routes import Route

_IMPLIES = "/v3/roles/{role_id}/implies"
_IMPLIED = _IMPLIES + "/{implied_role_id}"

ROLES = [
    # Which rule is checked depends on whether the role is a domain's: the handlers do it.
    Route(method="GET", path="/v3/roles", handler=roles.list_roles),
    Route(method="POST", path="/v3/roles", handler=roles.create_role, body=bodies.RoleRequest),
    Route(method="GET", path="/v3/roles/{role_id}", handler=roles.show_role),
    Route(method="PATCH", path="/v3/roles/{role_id}", handler=roles.update_role, body=bodies.RoleChangeRequest),
    Route(method="DELETE", path="/v3/roles/{role_id}", handler=roles.delete_role, status=204),
    Route(
        method="GET",
        path=_IMPLIES,
        handler=roles.list_implied,
        load=roles.find_prior,
        policy="identity:list_implied_roles",
    ),
    Route(
        method="GET",
        path=_IMPLIED,
        handler=roles.show_implied,
        load=roles.find_pair,
        policy="identity:get_implied_role",
    ),
    Route(
        method="HEAD",
        path=_IMPLIED,
        handler=roles.check_implied,
        load=roles.find_pair,
        policy="identity:check_implied_role",
        status=204,
    ),
    Route(
        method="PUT", path=_IMPLIED, handler=roles.imply, load=roles.find_pair, policy="identity:create_implied_role"
    ),
    Route(
        method="DELETE",
        path=_IMPLIED,
        handler=roles.no_longer_imply,
        load=roles.find_pair,
        policy="identity:delete_implied_role",
        status=204,
    ),
    Route(
        method="GET",
        path="/v3/role_inferences",
        handler=roles.list_inferences,
        policy="identity:list_role_inference_rules",
    ),
    Route(method="GET", path="/v3/role_assignments", handler=role_assignments.list_role_assignments),
]


def _granting(path: str, one: Load, many: Load, suffix: str = "", *, of: str = "") -> list[Route]:
    """The lines of the roles that an actor is given on a target; ``of``: the rules of the system's grants."""
    rules = {
        verb: f"identity:{verb}_system_grant_for_{of}" if of else f"identity:{verb}_grant"
        for verb in ("check", "create", "revoke")
    }
    rule = f"identity:list_system_grants_for_{of}" if of else "identity:list_grants"
    at = f"/v3{path}/roles/{{role_id}}{suffix}"
    return [
        Route(method="GET", path=f"/v3{path}/roles{suffix}", handler=grants.list_grants, load=many, policy=rule),
        Route(method="GET", path=at, handler=grants.check_grant, load=one, policy=rules["check"], status=204),
        Route(method="PUT", path=at, handler=grants.create_grant, load=one, policy=rules["create"], status=204),
        Route(method="DELETE", path=at, handler=grants.revoke_grant, load=one, policy=rules["revoke"], status=204),
    ]


_INHERITED = "/inherited_to_projects"
_PROJECT, _DOMAIN = "/projects/{project_id}", "/domains/{domain_id}"
_USER, _GROUP = "/users/{user_id}", "/groups/{group_id}"

GRANTS = [
    *_granting(_PROJECT + _USER, grants.user_on_project, grants.roles_of_user_on_project),
    *_granting(_PROJECT + _GROUP, grants.group_on_project, grants.roles_of_group_on_project),
    *_granting(_DOMAIN + _USER, grants.user_on_domain, grants.roles_of_user_on_domain),
    *_granting(_DOMAIN + _GROUP, grants.group_on_domain, grants.roles_of_group_on_domain),
    *_granting("/OS-INHERIT" + _PROJECT + _USER, grants.user_on_project, grants.roles_of_user_on_project, _INHERITED),
    *_granting(
        "/OS-INHERIT" + _PROJECT + _GROUP, grants.group_on_project, grants.roles_of_group_on_project, _INHERITED
    ),
    *_granting("/OS-INHERIT" + _DOMAIN + _USER, grants.user_on_domain, grants.roles_of_user_on_domain, _INHERITED),
    *_granting("/OS-INHERIT" + _DOMAIN + _GROUP, grants.group_on_domain, grants.roles_of_group_on_domain, _INHERITED),
    *_granting("/system" + _USER, grants.user_on_system, grants.roles_of_user_on_system, of="user"),
    *_granting("/system" + _GROUP, grants.group_on_system, grants.roles_of_group_on_system, of="group"),
]

ROUTES = [*ROLES, *GRANTS]
