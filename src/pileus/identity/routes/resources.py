"""Projects, domains, users, groups, roles, the catalogue and application credentials."""

from typing import Any

from pileus.identity import resource_bodies as bodies
from pileus.identity.handlers import application_credentials as appcreds
from pileus.identity.handlers import catalog, projects, users
from pileus.identity.routes.lines import Load, crud
from pileus.kernel.http.routes import Route

PROJECTS = [
    *crud(
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
    ),
    *crud(
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
        hides=("GET", "DELETE"),
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
    *crud(
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
    *crud(
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
        hides=("GET", "PATCH"),
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

CATALOG = [
    *crud(
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
    *crud(
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
    *crud(
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
        load=users.find_owner,
        policy="identity:get_access_rule",
    ),
    Route(
        method="DELETE",
        path=_RULES + "/{access_rule_id}",
        handler=appcreds.delete_rule,
        load=users.find_owner,
        policy="identity:delete_access_rule",
        status=204,
    ),
]

ROUTES = [
    *PROJECTS,
    *TAGS,
    *USERS,
    *CATALOG,
    *APPLICATION_CREDENTIALS,
]
