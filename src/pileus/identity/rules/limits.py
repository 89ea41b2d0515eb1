"""Unified limits."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
ADMIN = "rule:admin_required"

RULES = [
    Rule("identity:get_limit_model", "", "GET /v3/limits/model", ANY),
    Rule(
        "identity:get_limit",
        (
            "rule:admin_required or (role:reader and system_scope:all) or (domain_id:%(target.limit.domain.id)s "
            "or domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s and not "
            "None:%(target.limit.project_id)s)"
        ),
        "GET /v3/limits/{limit_id}",
        ANY,
    ),
    Rule("identity:list_limits", "", "GET /v3/limits", ANY),
    Rule("identity:create_limits", ADMIN, "POST /v3/limits", OPERATORS),
    Rule("identity:update_limit", ADMIN, "PATCH /v3/limits/{limit_id}", OPERATORS),
    Rule("identity:delete_limit", ADMIN, "DELETE /v3/limits/{limit_id}", OPERATORS),
    Rule("identity:get_registered_limit", "", "GET /v3/registered_limits/{registered_limit_id}", ANY),
    Rule("identity:list_registered_limits", "", "GET /v3/registered_limits", ANY),
    Rule("identity:create_registered_limits", ADMIN, "POST /v3/registered_limits", OPERATORS),
    Rule("identity:update_registered_limit", ADMIN, "PATCH /v3/registered_limits/{registered_limit_id}", OPERATORS),
    Rule("identity:delete_registered_limit", ADMIN, "DELETE /v3/registered_limits/{registered_limit_id}", OPERATORS),
]
