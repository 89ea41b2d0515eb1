"""Users, groups and their credentials."""

from pileus.kernel.policy import Rule

PROJECT = ("project",)
OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
AS_CREATE_USER = "(rule:admin_required) or (role:manager and token.domain.id:%(target.user.domain_id)s)"
AS_GET_GROUP = (
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
    "domain_id:%(target.group.domain_id)s)"
)
AS_CREATE_GROUP = "(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s)"
AS_REMOVE_USER_FROM_GROUP = (
    "(rule:admin_required) or (role:manager and domain_id:%(target.group.domain_id)s and "
    "domain_id:%(target.user.domain_id)s)"
)
AS_GET_ACCESS_RULE = "(role:reader and system_scope:all) or user_id:%(target.user.id)s"
AS_GET_APPLICATION_CREDENTIAL = "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner"
AS_GET_CREDENTIAL = (
    "(rule:admin_required) or (role:reader and system_scope:all) or user_id:%(target.credential.user_id)s"
)
AS_CREATE_CREDENTIAL = "(rule:admin_required) or user_id:%(target.credential.user_id)s"
AS_EC2_CREATE_CREDENTIAL = "(rule:admin_required) or (role:member and user_id:%(target.credential.user_id)s)"

RULES = [
    Rule(
        "identity:get_user",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s"
        ),
        "GET /v3/users/{user_id}",
        ANY,
    ),
    Rule(
        "identity:list_users",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.domain_id)s)"
        ),
        "GET /v3/users",
        ANY,
    ),
    Rule("identity:list_projects_for_user", "", "GET  /v3/auth/projects"),
    Rule("identity:list_domains_for_user", "", "GET /v3/auth/domains"),
    Rule("identity:create_user", AS_CREATE_USER, "POST /v3/users", ANY),
    Rule("identity:update_user", AS_CREATE_USER, "PATCH /v3/users/{user_id}", ANY),
    Rule("identity:delete_user", AS_CREATE_USER, "DELETE /v3/users/{user_id}", ANY),
    Rule("identity:get_group", AS_GET_GROUP, "GET /v3/groups/{group_id}", ANY),
    Rule("identity:list_groups", AS_GET_GROUP, "GET /v3/groups", ANY),
    Rule(
        "identity:list_groups_for_user",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s"
        ),
        "GET /v3/users/{user_id}/groups",
        ANY,
    ),
    Rule("identity:create_group", AS_CREATE_GROUP, "POST /v3/groups", ANY),
    Rule("identity:update_group", AS_CREATE_GROUP, "PATCH /v3/groups/{group_id}", ANY),
    Rule("identity:delete_group", AS_CREATE_GROUP, "DELETE /v3/groups/{group_id}", ANY),
    Rule("identity:list_users_in_group", AS_GET_GROUP, "GET /v3/groups/{group_id}/users", ANY),
    Rule(
        "identity:remove_user_from_group",
        AS_REMOVE_USER_FROM_GROUP,
        "DELETE /v3/groups/{group_id}/users/{user_id}",
        ANY,
    ),
    Rule(
        "identity:check_user_in_group",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)"
        ),
        "HEAD /v3/groups/{group_id}/users/{user_id}",
        ANY,
    ),
    Rule("identity:add_user_to_group", AS_REMOVE_USER_FROM_GROUP, "PUT /v3/groups/{group_id}/users/{user_id}", ANY),
    Rule(
        "identity:get_access_rule",
        AS_GET_ACCESS_RULE,
        "GET /v3/users/{user_id}/access_rules/{access_rule_id}",
        OPERATORS,
    ),
    Rule("identity:list_access_rules", AS_GET_ACCESS_RULE, "GET /v3/users/{user_id}/access_rules", OPERATORS),
    Rule(
        "identity:delete_access_rule",
        "(role:admin and system_scope:all) or user_id:%(target.user.id)s",
        "DELETE /v3/users/{user_id}/access_rules/{access_rule_id}",
        OPERATORS,
    ),
    Rule(
        "identity:get_application_credential",
        AS_GET_APPLICATION_CREDENTIAL,
        "GET /v3/users/{user_id}/application_credentials/{application_credential_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_application_credentials",
        AS_GET_APPLICATION_CREDENTIAL,
        "GET /v3/users/{user_id}/application_credentials",
        OPERATORS,
    ),
    Rule(
        "identity:create_application_credential",
        "user_id:%(user_id)s",
        "POST /v3/users/{user_id}/application_credentials",
        PROJECT,
    ),
    Rule(
        "identity:delete_application_credential",
        "rule:admin_or_owner",
        "DELETE /v3/users/{user_id}/application_credentials/{application_credential_id}",
        OPERATORS,
    ),
    Rule("identity:get_credential", AS_GET_CREDENTIAL, "GET /v3/credentials/{credential_id}", ANY),
    Rule("identity:list_credentials", AS_GET_CREDENTIAL, "GET /v3/credentials", ANY),
    Rule("identity:create_credential", AS_CREATE_CREDENTIAL, "POST /v3/credentials", ANY),
    Rule("identity:update_credential", AS_CREATE_CREDENTIAL, "PATCH /v3/credentials/{credential_id}", ANY),
    Rule("identity:delete_credential", AS_CREATE_CREDENTIAL, "DELETE /v3/credentials/{credential_id}", ANY),
    Rule(
        "identity:ec2_get_credential",
        AS_GET_CREDENTIAL,
        "GET /v3/users/{user_id}/credentials/OS-EC2/{credential_id}",
        OPERATORS,
    ),
    Rule(
        "identity:ec2_list_credentials",
        AS_GET_APPLICATION_CREDENTIAL,
        "GET /v3/users/{user_id}/credentials/OS-EC2",
        OPERATORS,
    ),
    Rule(
        "identity:ec2_create_credential",
        AS_EC2_CREATE_CREDENTIAL,
        "POST /v3/users/{user_id}/credentials/OS-EC2",
        OPERATORS,
    ),
    Rule(
        "identity:ec2_delete_credential",
        AS_EC2_CREATE_CREDENTIAL,
        "DELETE /v3/users/{user_id}/credentials/OS-EC2/{credential_id}",
        OPERATORS,
    ),
]
