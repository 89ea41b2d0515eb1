"""Identity's policy defaults, under the reference's names (keystone.common.policies)."""

from pileus.kernel.policy import Rule

ADMIN = "rule:admin_required"

RULES = [
    Rule("admin_required", "role:admin or is_admin:1"),
    Rule("service_role", "role:service"),
    Rule("service_or_admin", "rule:admin_required or rule:service_role"),
    Rule("owner", "user_id:%(user_id)s"),
    Rule("admin_or_owner", "rule:admin_required or rule:owner"),
    Rule("token_subject", "user_id:%(target.token.user_id)s"),
    Rule("admin_or_token_subject", "rule:admin_required or rule:token_subject"),
    Rule("service_admin_or_token_subject", "rule:service_or_admin or rule:token_subject"),
    Rule("identity:get_auth_catalog", "", "Get service catalog."),
    Rule("identity:get_auth_projects", "", "List all projects a user has access to via role assignments."),
    Rule("identity:get_auth_domains", "", "List all domains a user has access to via role assignments."),
    Rule("identity:get_auth_system", "", "List systems a user has access to via role assignments."),
    Rule(
        "identity:check_token",
        "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject",
        "Check a token.",
    ),
    Rule(
        "identity:validate_token",
        "rule:service_admin_or_token_subject or (role:reader and system_scope:all)",
        "Validate a token.",
    ),
    Rule("identity:revoke_token", "rule:admin_required or rule:token_subject", "Revoke a token."),
]
