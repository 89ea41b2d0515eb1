"""Roles, what they imply, and who holds them."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
ADMIN = "rule:admin_required"
ADMIN_OR_READER = "rule:admin_required or (role:reader and system_scope:all)"
AS_LIST_ROLE_ASSIGNMENTS = (
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and domain_id:%(target.domain_id)s)"
)
AS_CREATE_GRANT = (
    "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s and "
    "domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s and "
    "domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s and "
    "domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s and "
    "domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s or "
    "None:%(target.role.domain_id)s) or ((role:manager and domain_id:%(target.user.domain_id)s and "
    "domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.user.domain_id)s and"
    " domain_id:%(target.domain.id)s) or (role:manager and domain_id:%(target.group.domain_id)s and "
    "domain_id:%(target.project.domain_id)s) or (role:manager and domain_id:%(target.group.domain_id)s "
    "and domain_id:%(target.domain.id)s)) and rule:domain_managed_target_role"
)

RULES = [
    Rule(
        "identity:get_role",
        (
            "(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and "
            "rule:domain_managed_target_role)"
        ),
        "GET /v3/roles/{role_id}",
        ANY,
    ),
    Rule(
        "identity:list_roles",
        ("(rule:admin_required or (role:reader and system_scope:all)) or (role:manager and not domain_id:None)"),
        "GET /v3/roles",
        ANY,
    ),
    Rule("identity:create_role", ADMIN, "POST /v3/roles", OPERATORS),
    Rule("identity:update_role", ADMIN, "PATCH /v3/roles/{role_id}", OPERATORS),
    Rule("identity:delete_role", ADMIN, "DELETE /v3/roles/{role_id}", OPERATORS),
    Rule("identity:get_domain_role", ADMIN_OR_READER, "GET /v3/roles/{role_id}", OPERATORS),
    Rule("identity:list_domain_roles", ADMIN_OR_READER, "GET /v3/roles?domain_id={domain_id}", OPERATORS),
    Rule("identity:create_domain_role", ADMIN, "POST /v3/roles", OPERATORS),
    Rule("identity:update_domain_role", ADMIN, "PATCH /v3/roles/{role_id}", OPERATORS),
    Rule("identity:delete_domain_role", ADMIN, "DELETE /v3/roles/{role_id}", OPERATORS),
    Rule(
        "identity:get_implied_role",
        ADMIN_OR_READER,
        "GET /v3/roles/{prior_role_id}/implies/{implied_role_id}",
        OPERATORS,
    ),
    Rule("identity:list_implied_roles", ADMIN_OR_READER, "GET /v3/roles/{prior_role_id}/implies", OPERATORS),
    Rule("identity:create_implied_role", ADMIN, "PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}", OPERATORS),
    Rule(
        "identity:delete_implied_role", ADMIN, "DELETE /v3/roles/{prior_role_id}/implies/{implied_role_id}", OPERATORS
    ),
    Rule("identity:list_role_inference_rules", ADMIN_OR_READER, "GET /v3/role_inferences", OPERATORS),
    Rule(
        "identity:check_implied_role",
        ADMIN_OR_READER,
        "HEAD /v3/roles/{prior_role_id}/implies/{implied_role_id}",
        OPERATORS,
    ),
    Rule("identity:list_role_assignments", AS_LIST_ROLE_ASSIGNMENTS, "GET /v3/role_assignments", ANY),
    Rule(
        "identity:list_role_assignments_for_tree",
        AS_LIST_ROLE_ASSIGNMENTS,
        "GET /v3/role_assignments?include_subtree",
        ANY,
    ),
    Rule(
        "identity:check_grant",
        (
            "(rule:admin_required) or ((role:reader and system_scope:all) or ((role:reader and "
            "domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and "
            "domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and "
            "domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and"
            " domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) and "
            "(domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s))"
        ),
        "HEAD /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
        ANY,
    ),
    Rule(
        "identity:list_grants",
        (
            "(rule:admin_required) or ((role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and "
            "domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader and "
            "domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader and"
            " domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s))"
        ),
        "GET /v3/projects/{project_id}/users/{user_id}/roles",
        ANY,
    ),
    Rule(
        "identity:create_grant", AS_CREATE_GRANT, "PUT /v3/projects/{project_id}/users/{user_id}/roles/{role_id}", ANY
    ),
    Rule(
        "identity:revoke_grant",
        AS_CREATE_GRANT,
        "DELETE /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
        ANY,
    ),
    Rule(
        "identity:list_system_grants_for_user", ADMIN_OR_READER, "HEAD|GET /v3/system/users/{user_id}/roles", OPERATORS
    ),
    Rule(
        "identity:check_system_grant_for_user",
        ADMIN_OR_READER,
        "HEAD|GET /v3/system/users/{user_id}/roles/{role_id}",
        OPERATORS,
    ),
    Rule("identity:create_system_grant_for_user", ADMIN, "PUT /v3/system/users/{user_id}/roles/{role_id}", OPERATORS),
    Rule(
        "identity:revoke_system_grant_for_user", ADMIN, "DELETE /v3/system/users/{user_id}/roles/{role_id}", OPERATORS
    ),
    Rule(
        "identity:list_system_grants_for_group",
        ADMIN_OR_READER,
        "HEAD|GET /v3/system/groups/{group_id}/roles",
        OPERATORS,
    ),
    Rule(
        "identity:check_system_grant_for_group",
        ADMIN_OR_READER,
        "HEAD|GET /v3/system/groups/{group_id}/roles/{role_id}",
        OPERATORS,
    ),
    Rule(
        "identity:create_system_grant_for_group", ADMIN, "PUT /v3/system/groups/{group_id}/roles/{role_id}", OPERATORS
    ),
    Rule(
        "identity:revoke_system_grant_for_group",
        ADMIN,
        "DELETE /v3/system/groups/{group_id}/roles/{role_id}",
        OPERATORS,
    ),
]
