"""Credentials, trusts, policies, endpoint filters, limits and the configuration of domains."""

from typing import Any

from pileus.identity import extension_bodies as bodies
from pileus.identity.handlers import credentials, domain_config, endpoint_filters, limits, policies, projects, trusts
from pileus.identity.handlers.users import find_owner
from pileus.identity.routes.lines import Load, crud
from pileus.kernel.http.routes import Route

_EC2 = "/v3/users/{user_id}/credentials/OS-EC2"

CREDENTIALS = [
    *crud(
        "credentials",
        "credential/credentials",
        credentials.find_credential,
        credentials.list_credentials,
        credentials.create_credential,
        credentials.show_credential,
        credentials.update_credential,
        credentials.delete_credential,
        bodies.CredentialRequest,
        bodies.CredentialChangeRequest,
        new=credentials.new_credential,
        list_policy=False,
    ),
    Route(
        method="GET",
        path=_EC2,
        handler=credentials.list_ec2,
        load=find_owner,
        policy="identity:ec2_list_credentials",
    ),
    Route(
        method="POST",
        path=_EC2,
        handler=credentials.create_ec2,
        load=find_owner,
        policy="identity:ec2_create_credential",
        body=bodies.Ec2Request,
        status=201,
    ),
    Route(
        method="GET",
        path=_EC2 + "/{credential_id}",
        handler=credentials.show_ec2,
        load=credentials.find_ec2,
        policy="identity:ec2_get_credential",
    ),
    Route(
        method="DELETE",
        path=_EC2 + "/{credential_id}",
        handler=credentials.delete_ec2,
        load=credentials.find_ec2,
        policy="identity:ec2_delete_credential",
        status=204,
    ),
]

_TRUSTS = "/v3/OS-TRUST/trusts"
_TRUST = _TRUSTS + "/{trust_id}"

TRUSTS = [
    # Whose trusts are asked for decides on the rule: the handler checks it.
    Route(method="GET", path=_TRUSTS, handler=trusts.list_trusts),
    Route(
        method="POST",
        path=_TRUSTS,
        handler=trusts.create_trust,
        load=trusts.new_trust,
        policy="identity:create_trust",
        body=bodies.TrustRequest,
    ),
    Route(method="GET", path=_TRUST, handler=trusts.show_trust, load=trusts.find_trust, policy="identity:get_trust"),
    Route(
        method="DELETE",
        path=_TRUST,
        handler=trusts.delete_trust,
        load=trusts.find_trust,
        policy="identity:delete_trust",
        status=204,
    ),
    Route(
        method="GET",
        path=_TRUST + "/roles",
        handler=trusts.list_roles,
        load=trusts.find_trust,
        policy="identity:list_roles_for_trust",
    ),
    Route(
        method="GET",
        path=_TRUST + "/roles/{role_id}",
        handler=trusts.show_role,
        load=trusts.find_trust,
        policy="identity:get_role_for_trust",
    ),
]


def _associating(path: str, what: str) -> list[Route]:
    """The lines of a policy's association at ``path``."""
    at = "/v3/policies/{policy_id}/OS-ENDPOINT-POLICY" + path
    parts: list[tuple[str, Load, str]] = [
        ("PUT", policies.associate, "create"),
        ("GET", policies.check_association, "check"),
        ("DELETE", policies.dissociate, "delete"),
    ]
    return [
        Route(
            method=method,
            path=at,
            handler=handler,
            load=policies.find_policy,
            policy=f"identity:{verb}_policy_association_for_{what}",
            status=204,
        )
        for method, handler, verb in parts
    ]


POLICIES = [
    *crud(
        "policies",
        "policy/policies",
        policies.find_policy,
        policies.list_policies,
        policies.create_policy,
        policies.show_policy,
        policies.update_policy,
        policies.delete_policy,
        bodies.PolicyRequest,
        bodies.PolicyChangeRequest,
    ),
    *_associating("/endpoints/{endpoint_id}", "endpoint"),
    *_associating("/services/{service_id}", "service"),
    *_associating("/services/{service_id}/regions/{region_id}", "region_and_service"),
    Route(
        method="GET",
        path="/v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints",
        handler=policies.list_endpoints,
        load=policies.find_policy,
        policy="identity:list_endpoints_for_policy",
    ),
    Route(
        method="GET",
        path="/v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy",
        handler=policies.show_for_endpoint,
        load=policies.find_endpoint,
        policy="identity:get_policy_for_endpoint",
    ),
]

_FILTER = "/v3/OS-EP-FILTER"
_GROUP = _FILTER + "/endpoint_groups/{endpoint_group_id}"
_IN_PROJECT = _FILTER + "/projects/{project_id}/endpoints"


def _of_group(method: str, path: str, handler: Load, rule: str, status: int = 200) -> Route:
    return Route(
        method=method,
        path=_GROUP + path,
        handler=handler,
        load=endpoint_filters.find_group,
        policy=f"identity:{rule}",
        status=status,
    )


def _filter(method: str, path: str, handler: Load, rule: str, status: int = 200) -> Route:
    return Route(method=method, path=path, handler=handler, policy=f"identity:{rule}", status=status)


ENDPOINT_FILTERS = [
    *crud(
        "OS-EP-FILTER/endpoint_groups",
        "endpoint_group/endpoint_groups",
        endpoint_filters.find_group,
        endpoint_filters.list_groups,
        endpoint_filters.create_group,
        endpoint_filters.show_group,
        endpoint_filters.update_group,
        endpoint_filters.delete_group,
        bodies.EndpointGroupRequest,
        bodies.EndpointGroupChangeRequest,
    ),
    _of_group("GET", "/projects", endpoint_filters.list_group_projects, "list_projects_associated_with_endpoint_group"),
    _of_group(
        "GET", "/endpoints", endpoint_filters.list_group_endpoints, "list_endpoints_associated_with_endpoint_group"
    ),
    _of_group("GET", "/projects/{project_id}", endpoint_filters.show_group_in_project, "get_endpoint_group_in_project"),
    _of_group(
        "PUT", "/projects/{project_id}", endpoint_filters.add_group_to_project, "add_endpoint_group_to_project", 204
    ),
    _of_group(
        "DELETE",
        "/projects/{project_id}",
        endpoint_filters.remove_group_from_project,
        "remove_endpoint_group_from_project",
        204,
    ),
    _filter(
        "GET",
        _FILTER + "/projects/{project_id}/endpoint_groups",
        endpoint_filters.list_project_groups,
        "list_endpoint_groups_for_project",
    ),
    _filter("GET", _IN_PROJECT, endpoint_filters.list_project_endpoints, "list_endpoints_for_project"),
    _filter("PUT", _IN_PROJECT + "/{endpoint_id}", endpoint_filters.add_endpoint, "add_endpoint_to_project", 204),
    _filter("GET", _IN_PROJECT + "/{endpoint_id}", endpoint_filters.check_endpoint, "check_endpoint_in_project", 204),
    _filter(
        "DELETE",
        _IN_PROJECT + "/{endpoint_id}",
        endpoint_filters.remove_endpoint,
        "remove_endpoint_from_project",
        204,
    ),
    _filter(
        "GET",
        _FILTER + "/endpoints/{endpoint_id}/projects",
        endpoint_filters.list_endpoint_projects,
        "list_projects_for_endpoint",
    ),
]

LIMITS = [
    Route(method="GET", path="/v3/limits/model", handler=limits.show_model, policy="identity:get_limit_model"),
    *(
        Route(
            method=line.method,
            path=line.path,
            handler=line.handler,
            load=line.load,
            policy="identity:create_registered_limits" if line.method == "POST" else line.policy,
            body=line.body,
            status=line.status,
        )
        for line in crud(
            "registered_limits",
            "registered_limit/registered_limits",
            limits.find_registered,
            limits.list_registered,
            limits.create_registered,
            limits.show_registered,
            limits.update_registered,
            limits.delete_registered,
            bodies.RegisteredLimitsRequest,
            bodies.RegisteredLimitChangeRequest,
        )
    ),
    Route(method="GET", path="/v3/limits", handler=limits.list_limits, policy="identity:list_limits"),
    Route(
        method="POST",
        path="/v3/limits",
        handler=limits.create_limits,
        policy="identity:create_limits",
        body=bodies.LimitsRequest,
    ),
    Route(
        method="GET",
        path="/v3/limits/{limit_id}",
        handler=limits.show_limit,
        load=limits.find_limit,
        policy="identity:get_limit",
        hides_absence=True,
    ),
    Route(
        method="PATCH",
        path="/v3/limits/{limit_id}",
        handler=limits.update_limit,
        load=limits.find_limit,
        policy="identity:update_limit",
        hides_absence=True,
        body=bodies.LimitChangeRequest,
    ),
    Route(
        method="DELETE",
        path="/v3/limits/{limit_id}",
        handler=limits.delete_limit,
        load=limits.find_limit,
        policy="identity:delete_limit",
        hides_absence=True,
        status=204,
    ),
]

_CONFIG = "/v3/domains/{domain_id}/config"


def _config(method: str, path: str, handler: Load, rule: str, body: Any = None, status: int = 200) -> Route:
    return Route(
        method=method,
        path=_CONFIG + path,
        handler=handler,
        load=projects.find_domain,
        policy=f"identity:{rule}",
        hides_absence=True,
        body=body,
        status=status,
    )


def _default(path: str) -> Route:
    return Route(
        method="GET",
        path=f"/v3/domains/config{path}/default",
        handler=domain_config.show_default,
        policy="identity:get_domain_config_default",
    )


DOMAIN_CONFIG = [
    _config("PUT", "", domain_config.create, "create_domain_config", bodies.ConfigRequest),
    *(
        line
        for path in ("", "/{section}", "/{section}/{option}")
        for line in (
            # Which rule is checked depends on the section: the handler does it.
            Route(method="GET", path=_CONFIG + path, handler=domain_config.show),
            _config("PATCH", path, domain_config.update, "update_domain_config", bodies.ConfigRequest),
            _config("DELETE", path, domain_config.delete, "delete_domain_config", status=204),
            _default(path),
        )
    ),
]

ROUTES = [*CREDENTIALS, *TRUSTS, *POLICIES, *ENDPOINT_FILTERS, *LIMITS, *DOMAIN_CONFIG]
