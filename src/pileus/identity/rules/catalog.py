"""The catalogue, its filters, and policies of other services."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
ADMIN = "rule:admin_required"
ADMIN_OR_READER = "rule:admin_required or (role:reader and system_scope:all)"

RULES = [
    Rule("identity:get_region", "", "GET /v3/regions/{region_id}", ANY),
    Rule("identity:list_regions", "", "GET /v3/regions", ANY),
    Rule("identity:create_region", ADMIN, "POST /v3/regions", OPERATORS),
    Rule("identity:update_region", ADMIN, "PATCH /v3/regions/{region_id}", OPERATORS),
    Rule("identity:delete_region", ADMIN, "DELETE /v3/regions/{region_id}", OPERATORS),
    Rule("identity:get_service", ADMIN_OR_READER, "GET /v3/services/{service_id}", OPERATORS),
    Rule("identity:list_services", ADMIN_OR_READER, "GET /v3/services", OPERATORS),
    Rule("identity:create_service", ADMIN, "POST /v3/services", OPERATORS),
    Rule("identity:update_service", ADMIN, "PATCH /v3/services/{service_id}", OPERATORS),
    Rule("identity:delete_service", ADMIN, "DELETE /v3/services/{service_id}", OPERATORS),
    Rule("identity:get_endpoint", ADMIN_OR_READER, "GET /v3/endpoints/{endpoint_id}", OPERATORS),
    Rule("identity:list_endpoints", ADMIN_OR_READER, "GET /v3/endpoints", OPERATORS),
    Rule("identity:create_endpoint", ADMIN, "POST /v3/endpoints", OPERATORS),
    Rule("identity:update_endpoint", ADMIN, "PATCH /v3/endpoints/{endpoint_id}", OPERATORS),
    Rule("identity:delete_endpoint", ADMIN, "DELETE /v3/endpoints/{endpoint_id}", OPERATORS),
    Rule("identity:create_endpoint_group", ADMIN, "POST /v3/OS-EP-FILTER/endpoint_groups", OPERATORS),
    Rule("identity:list_endpoint_groups", ADMIN_OR_READER, "GET /v3/OS-EP-FILTER/endpoint_groups", OPERATORS),
    Rule(
        "identity:get_endpoint_group",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        OPERATORS,
    ),
    Rule(
        "identity:update_endpoint_group", ADMIN, "PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}", OPERATORS
    ),
    Rule(
        "identity:delete_endpoint_group",
        ADMIN,
        "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_projects_associated_with_endpoint_group",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects",
        OPERATORS,
    ),
    Rule(
        "identity:list_endpoints_associated_with_endpoint_group",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints",
        OPERATORS,
    ),
    Rule(
        "identity:get_endpoint_group_in_project",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_endpoint_groups_for_project",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoint_groups",
        OPERATORS,
    ),
    Rule(
        "identity:add_endpoint_group_to_project",
        ADMIN,
        "PUT /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        OPERATORS,
    ),
    Rule(
        "identity:remove_endpoint_group_from_project",
        ADMIN,
        "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_projects_for_endpoint",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/endpoints/{endpoint_id}/projects",
        OPERATORS,
    ),
    Rule(
        "identity:add_endpoint_to_project",
        ADMIN,
        "PUT /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule(
        "identity:check_endpoint_in_project",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_endpoints_for_project",
        ADMIN_OR_READER,
        "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints",
        OPERATORS,
    ),
    Rule(
        "identity:remove_endpoint_from_project",
        ADMIN,
        "DELETE /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule("identity:get_policy", ADMIN_OR_READER, "GET /v3/policies/{policy_id}", OPERATORS),
    Rule("identity:list_policies", ADMIN_OR_READER, "GET /v3/policies", OPERATORS),
    Rule("identity:create_policy", ADMIN, "POST /v3/policies", OPERATORS),
    Rule("identity:update_policy", ADMIN, "PATCH /v3/policies/{policy_id}", OPERATORS),
    Rule("identity:delete_policy", ADMIN, "DELETE /v3/policies/{policy_id}", OPERATORS),
    Rule(
        "identity:create_policy_association_for_endpoint",
        ADMIN,
        "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule(
        "identity:check_policy_association_for_endpoint",
        ADMIN_OR_READER,
        "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule(
        "identity:delete_policy_association_for_endpoint",
        ADMIN,
        "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}",
        OPERATORS,
    ),
    Rule(
        "identity:create_policy_association_for_service",
        ADMIN,
        "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        OPERATORS,
    ),
    Rule(
        "identity:check_policy_association_for_service",
        ADMIN_OR_READER,
        "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        OPERATORS,
    ),
    Rule(
        "identity:delete_policy_association_for_service",
        ADMIN,
        "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
        OPERATORS,
    ),
    Rule(
        "identity:create_policy_association_for_region_and_service",
        ADMIN,
        "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        OPERATORS,
    ),
    Rule(
        "identity:check_policy_association_for_region_and_service",
        ADMIN_OR_READER,
        "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        OPERATORS,
    ),
    Rule(
        "identity:delete_policy_association_for_region_and_service",
        ADMIN,
        "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
        OPERATORS,
    ),
    Rule(
        "identity:get_policy_for_endpoint",
        ADMIN_OR_READER,
        "GET /v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy",
        OPERATORS,
    ),
    Rule(
        "identity:list_endpoints_for_policy",
        ADMIN_OR_READER,
        "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints",
        OPERATORS,
    ),
]
