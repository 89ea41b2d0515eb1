"""Tokens, revocations and what a token may be scoped to."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
AS_REVOCATION_LIST = "rule:service_or_admin"

RULES = [
    Rule("identity:get_auth_catalog", "", "GET /v3/auth/catalog"),
    Rule("identity:get_auth_projects", "", "GET /v3/auth/projects"),
    Rule("identity:get_auth_domains", "", "GET /v3/auth/domains"),
    Rule("identity:get_auth_system", "", "GET /v3/auth/system"),
    Rule(
        "identity:check_token",
        "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject",
        "HEAD /v3/auth/tokens",
        ANY,
    ),
    Rule(
        "identity:validate_token",
        ("rule:admin_required or (role:reader and system_scope:all) or rule:service_role or rule:token_subject"),
        "GET /v3/auth/tokens",
        ANY,
    ),
    Rule("identity:revoke_token", "rule:admin_required or rule:token_subject", "DELETE /v3/auth/tokens", ANY),
    Rule("identity:revocation_list", AS_REVOCATION_LIST, "GET /v3/auth/tokens/OS-PKI/revoked", OPERATORS),
    Rule("identity:list_revoke_events", AS_REVOCATION_LIST, "GET /v3/OS-REVOKE/events", OPERATORS),
    Rule("identity:ec2tokens_validate", AS_REVOCATION_LIST, "POST /v3/ec2tokens", ANY),
    Rule("identity:s3tokens_validate", AS_REVOCATION_LIST, "POST /v3/s3tokens", ANY),
]
