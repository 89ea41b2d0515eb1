"""Trusts and OAuth 1.0a."""

from pileus.kernel.policy import Rule

PROJECT = ("project",)
OPERATORS = ("system", "project")
ADMIN_OR_READER = "rule:admin_required or (role:reader and system_scope:all)"
AS_LIST_ROLES_FOR_TRUST = (
    "(rule:admin_required) or (role:reader and system_scope:all or "
    "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)"
)
ADMIN = "rule:admin_required"

RULES = [
    Rule("identity:create_trust", "user_id:%(target.trust.trustor_user_id)s", "POST /v3/OS-TRUST/trusts", PROJECT),
    Rule("identity:list_trusts", ADMIN_OR_READER, "GET /v3/OS-TRUST/trusts", OPERATORS),
    Rule(
        "identity:list_trusts_for_trustor",
        ("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustor_user_id)s)"),
        "GET /v3/OS-TRUST/trusts?trustor_user_id={trustor_user_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_trusts_for_trustee",
        ("(rule:admin_required) or (role:reader and system_scope:all or user_id:%(target.trust.trustee_user_id)s)"),
        "GET /v3/OS-TRUST/trusts?trustee_user_id={trustee_user_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_roles_for_trust", AS_LIST_ROLES_FOR_TRUST, "GET /v3/OS-TRUST/trusts/{trust_id}/roles", OPERATORS
    ),
    Rule(
        "identity:get_role_for_trust",
        AS_LIST_ROLES_FOR_TRUST,
        "GET /v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}",
        OPERATORS,
    ),
    Rule(
        "identity:delete_trust",
        "rule:admin_required or user_id:%(target.trust.trustor_user_id)s",
        "DELETE /v3/OS-TRUST/trusts/{trust_id}",
        OPERATORS,
    ),
    Rule("identity:get_trust", AS_LIST_ROLES_FOR_TRUST, "GET /v3/OS-TRUST/trusts/{trust_id}", OPERATORS),
    Rule("identity:get_consumer", ADMIN_OR_READER, "GET /v3/OS-OAUTH1/consumers/{consumer_id}", OPERATORS),
    Rule("identity:list_consumers", ADMIN_OR_READER, "GET /v3/OS-OAUTH1/consumers", OPERATORS),
    Rule("identity:create_consumer", ADMIN, "POST /v3/OS-OAUTH1/consumers", OPERATORS),
    Rule("identity:update_consumer", ADMIN, "PATCH /v3/OS-OAUTH1/consumers/{consumer_id}", OPERATORS),
    Rule("identity:delete_consumer", ADMIN, "DELETE /v3/OS-OAUTH1/consumers/{consumer_id}", OPERATORS),
    Rule("identity:authorize_request_token", ADMIN, "PUT /v3/OS-OAUTH1/authorize/{request_token_id}", PROJECT),
    Rule(
        "identity:get_access_token", ADMIN, "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", PROJECT
    ),
    Rule(
        "identity:get_access_token_role",
        ADMIN,
        "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}",
        PROJECT,
    ),
    Rule("identity:list_access_tokens", ADMIN, "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens", PROJECT),
    Rule(
        "identity:list_access_token_roles",
        ADMIN,
        "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles",
        PROJECT,
    ),
    Rule(
        "identity:delete_access_token",
        ADMIN,
        "DELETE /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}",
        PROJECT,
    ),
]
