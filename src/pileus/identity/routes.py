"""The identity API, line by line."""

from collections.abc import Callable
from typing import Any

from pileus.identity import resource_bodies as bodies
from pileus.identity.bodies import AuthRequest
from pileus.identity.handlers import application_credentials as appcreds
from pileus.identity.handlers import auth, catalog, discovery, grants, projects, role_assignments, roles, users
from pileus.kernel.http.routes import Route

Load = Callable[..., Any]

DISCOVERY = [
    Route(method="GET", path="", handler=discovery.show_versions, public=True),
    Route(method="GET", path="/v3", handler=discovery.show_version, public=True),
]

AUTH = [
    Route(method="POST", path="/v3/auth/tokens", handler=auth.issue, body=AuthRequest, public=True),
    Route(
        method="GET",
        path="/v3/auth/tokens",
        handler=auth.validate,
        load=auth.find_subject,
        policy="identity:validate_token",
    ),
    Route(
        method="HEAD",
        path="/v3/auth/tokens",
        handler=auth.check,
        load=auth.find_subject,
        policy="identity:check_token",
    ),
    Route(
        method="DELETE",
        path="/v3/auth/tokens",
        handler=auth.revoke,
        load=auth.find_subject,
        policy="identity:revoke_token",
        status=204,
    ),
    Route(method="GET", path="/v3/auth/catalog", handler=auth.catalog, policy="identity:get_auth_catalog"),
    Route(method="GET", path="/v3/auth/projects", handler=auth.list_projects, policy="identity:get_auth_projects"),
    Route(method="GET", path="/v3/auth/domains", handler=auth.list_domains, policy="identity:get_auth_domains"),
    Route(method="GET", path="/v3/auth/system", handler=auth.list_systems, policy="identity:get_auth_system"),
]


def _crud(
    path: str,
    name: str,
    find: Load,
    listing: Load,
    create: Load,
    show: Load,
    update: Load,
    delete: Load,
    request: Any,
    change: Any,
    *,
    new: Load | None = None,
    hides: bool = False,
    list_policy: bool = True,
    blocking: bool = False,
) -> list[Route]:
    """The six lines of a resource at ``path``; ``name`` is that of one and of its list in the rules."""
    one, many = name.split("/")
    at = f"/v3/{path}/{{{one}_id}}"
    rule = f"identity:{{}}_{one}".format
    return [
        Route(
            method="GET",
            path=f"/v3/{path}",
            handler=listing,
            policy=f"identity:list_{many}" if list_policy else None,
        ),
        Route(
            method="POST",
            path=f"/v3/{path}",
            handler=create,
            load=new,
            policy=rule("create"),
            body=request,
            blocking=blocking,
        ),
        Route(method="GET", path=at, handler=show, load=find, policy=rule("get"), hides_absence=hides),
        Route(
            method="PATCH",
            path=at,
            handler=update,
            load=find,
            policy=rule("update"),
            hides_absence=hides,
            body=change,
            blocking=blocking,
        ),
        Route(
            method="DELETE",
            path=at,
            handler=delete,
            load=find,
            policy=rule("delete"),
            hides_absence=hides,
            status=204,
        ),
    ]


PROJECTS = [
    *_crud(
        "projects",
        "project/projects",
        projects.find_project,
        projects.list_projects,
        projects.create_project,
        projects.show_project,
        projects.update_project,
        projects.delete_project,
        bodies.ProjectRequest,
        bodies.ProjectChangeRequest,
        new=projects.new_project,
        hides=True,
    ),
    *_crud(
        "domains",
        "domain/domains",
        projects.find_domain,
        projects.list_domains,
        projects.create_domain,
        projects.show_domain,
        projects.update_domain,
        projects.delete_domain,
        bodies.DomainRequest,
        bodies.DomainChangeRequest,
        hides=True,
        list_policy=False,
    ),
]


def _tag(method: str, path: str, handler: Load, rule: str, status: int, body: Any = None) -> Route:
    return Route(
        method=method,
        path="/v3/projects/{project_id}/tags" + path,
        handler=handler,
        load=projects.find_project,
        policy=f"identity:{rule}",
        hides_absence=True,
        status=status,
        body=body,
    )


TAGS = [
    _tag("GET", "", projects.list_tags, "list_project_tags", 200),
    _tag("PUT", "", projects.replace_tags, "update_project_tags", 200, bodies.TagsRequest),
    _tag("DELETE", "", projects.delete_tags, "delete_project_tags", 204),
    _tag("GET", "/{value}", projects.check_tag, "get_project_tag", 204),
    _tag("PUT", "/{value}", projects.add_tag, "create_project_tag", 201),
    _tag("DELETE", "/{value}", projects.delete_tag, "delete_project_tag", 204),
]

_MEMBER = "/v3/groups/{group_id}/users/{user_id}"

USERS = [
    *_crud(
        "users",
        "user/users",
        users.find_user,
        users.list_users,
        users.create_user,
        users.show_user,
        users.update_user,
        users.delete_user,
        bodies.UserRequest,
        bodies.UserChangeRequest,
        new=users.new_user,
        hides=True,
        blocking=True,
    ),
    Route(
        method="POST",
        path="/v3/users/{user_id}/password",
        handler=users.change_password,
        body=bodies.PasswordChangeRequest,
        public=True,
        blocking=True,
        status=204,
    ),
    Route(
        method="GET",
        path="/v3/users/{user_id}/groups",
        handler=users.list_user_groups,
        load=users.find_owner,
        policy="identity:list_groups_for_user",
    ),
    Route(
        method="GET",
        path="/v3/users/{user_id}/projects",
        handler=users.list_user_projects,
        load=users.find_owner,
        policy="identity:list_user_projects",
    ),
    *_crud(
        "groups",
        "group/groups",
        users.find_group,
        users.list_groups,
        users.create_group,
        users.show_group,
        users.update_group,
        users.delete_group,
        bodies.GroupRequest,
        bodies.GroupChangeRequest,
        new=users.new_group,
        hides=True,
        list_policy=False,
    ),
    Route(
        method="GET",
        path="/v3/groups/{group_id}/users",
        handler=users.list_group_users,
        load=users.find_group,
        policy="identity:list_users_in_group",
        hides_absence=True,
    ),
    Route(
        method="PUT",
        path=_MEMBER,
        handler=users.add_member,
        load=users.find_membership,
        policy="identity:add_user_to_group",
        hides_absence=True,
        status=204,
    ),
    Route(
        method="GET",
        path=_MEMBER,
        handler=users.check_member,
        load=users.find_membership,
        policy="identity:check_user_in_group",
        hides_absence=True,
        status=204,
    ),
    Route(
        method="DELETE",
        path=_MEMBER,
        handler=users.remove_member,
        load=users.find_membership,
        policy="identity:remove_user_from_group",
        hides_absence=True,
        status=204,
    ),
]

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

CATALOG = [
    *_crud(
        "regions",
        "region/regions",
        catalog.find_region,
        catalog.list_regions,
        catalog.create_region,
        catalog.show_region,
        catalog.update_region,
        catalog.delete_region,
        bodies.RegionRequest,
        bodies.RegionRequest,
    ),
    Route(
        method="PUT",
        path="/v3/regions/{region_id}",
        handler=catalog.create_region,
        policy="identity:create_region",
        body=bodies.RegionRequest,
    ),
    *_crud(
        "services",
        "service/services",
        catalog.find_service,
        catalog.list_services,
        catalog.create_service,
        catalog.show_service,
        catalog.update_service,
        catalog.delete_service,
        bodies.ServiceRequest,
        bodies.ServiceChangeRequest,
    ),
    *_crud(
        "endpoints",
        "endpoint/endpoints",
        catalog.find_endpoint,
        catalog.list_endpoints,
        catalog.create_endpoint,
        catalog.show_endpoint,
        catalog.update_endpoint,
        catalog.delete_endpoint,
        bodies.EndpointRequest,
        bodies.EndpointChangeRequest,
    ),
]

_APPCREDS = "/v3/users/{user_id}/application_credentials"
_RULES = "/v3/users/{user_id}/access_rules"

APPLICATION_CREDENTIALS = [
    Route(
        method="GET",
        path=_APPCREDS,
        handler=appcreds.list_credentials,
        load=users.find_owner,
        policy="identity:list_application_credentials",
    ),
    Route(
        method="POST",
        path=_APPCREDS,
        handler=appcreds.create_credential,
        load=users.find_owner,
        policy="identity:create_application_credential",
        body=bodies.ApplicationCredentialRequest,
        blocking=True,
    ),
    Route(
        method="GET",
        path=_APPCREDS + "/{application_credential_id}",
        handler=appcreds.show_credential,
        load=appcreds.find_credential,
        policy="identity:get_application_credential",
        hides_absence=True,
    ),
    Route(
        method="DELETE",
        path=_APPCREDS + "/{application_credential_id}",
        handler=appcreds.delete_credential,
        load=appcreds.find_credential,
        policy="identity:delete_application_credential",
        hides_absence=True,
        status=204,
    ),
    Route(
        method="GET",
        path=_RULES,
        handler=appcreds.list_rules,
        load=users.find_owner,
        policy="identity:list_access_rules",
    ),
    Route(
        method="GET",
        path=_RULES + "/{access_rule_id}",
        handler=appcreds.show_rule,
        load=appcreds.find_rule,
        policy="identity:get_access_rule",
        hides_absence=True,
    ),
    Route(
        method="DELETE",
        path=_RULES + "/{access_rule_id}",
        handler=appcreds.delete_rule,
        load=appcreds.find_rule,
        policy="identity:delete_access_rule",
        hides_absence=True,
        status=204,
    ),
]

ROUTES = [
    *DISCOVERY,
    *AUTH,
    *PROJECTS,
    *TAGS,
    *USERS,
    *ROLES,
    *GRANTS,
    *CATALOG,
    *APPLICATION_CREDENTIALS,
]
