"""Projects, domains and the configuration of domains."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ANY = ("system", "domain", "project")
AS_GET_PROJECT = (
    "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
    "domain_id:%(target.project.domain_id)s and not None:%(target.project.domain_id)s) or "
    "project_id:%(target.project.id)s"
)
AS_CREATE_PROJECT = (
    "(rule:admin_required) or (role:manager and domain_id:%(target.project.domain_id)s and not "
    "None:%(target.project.domain_id)s)"
)
ADMIN = "rule:admin_required"
ADMIN_OR_READER = "rule:admin_required or (role:reader and system_scope:all)"

RULES = [
    Rule("identity:get_project", AS_GET_PROJECT, "GET /v3/projects/{project_id}", ANY),
    Rule(
        "identity:list_projects",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.domain_id)s)"
        ),
        "GET /v3/projects",
        ANY,
    ),
    Rule(
        "identity:list_user_projects",
        (
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s"
        ),
        "GET /v3/users/{user_id}/projects",
        ANY,
    ),
    Rule("identity:create_project", AS_CREATE_PROJECT, "POST /v3/projects", ANY),
    Rule("identity:update_project", AS_CREATE_PROJECT, "PATCH /v3/projects/{project_id}", ANY),
    Rule("identity:delete_project", AS_CREATE_PROJECT, "DELETE /v3/projects/{project_id}", ANY),
    Rule("identity:list_project_tags", AS_GET_PROJECT, "GET /v3/projects/{project_id}/tags", ANY),
    Rule("identity:get_project_tag", AS_GET_PROJECT, "GET /v3/projects/{project_id}/tags/{value}", ANY),
    Rule("identity:update_project_tags", AS_CREATE_PROJECT, "PUT /v3/projects/{project_id}/tags", ANY),
    Rule("identity:create_project_tag", AS_CREATE_PROJECT, "PUT /v3/projects/{project_id}/tags/{value}", ANY),
    Rule("identity:delete_project_tags", AS_CREATE_PROJECT, "DELETE /v3/projects/{project_id}/tags", ANY),
    Rule("identity:delete_project_tag", AS_CREATE_PROJECT, "DELETE /v3/projects/{project_id}/tags/{value}", ANY),
    Rule(
        "identity:get_domain",
        (
            "rule:admin_required or (role:reader and system_scope:all) or token.domain.id:%(target.domain.id)s or"
            " token.project.domain.id:%(target.domain.id)s"
        ),
        "GET /v3/domains/{domain_id}",
        ANY,
    ),
    Rule(
        "identity:list_domains",
        (
            "rule:admin_required or (role:reader and system_scope:all) or (role:reader and "
            "domain_id:%(target.domain.id)s)"
        ),
        "GET /v3/domains",
        ANY,
    ),
    Rule("identity:create_domain", ADMIN, "POST /v3/domains", OPERATORS),
    Rule("identity:update_domain", ADMIN, "PATCH /v3/domains/{domain_id}", OPERATORS),
    Rule("identity:delete_domain", ADMIN, "DELETE /v3/domains/{domain_id}", OPERATORS),
    Rule("identity:create_domain_config", ADMIN, "PUT /v3/domains/{domain_id}/config", OPERATORS),
    Rule("identity:get_domain_config", ADMIN_OR_READER, "GET /v3/domains/{domain_id}/config", OPERATORS),
    Rule(
        "identity:get_security_compliance_domain_config",
        "",
        "GET /v3/domains/{domain_id}/config/security_compliance",
        ANY,
    ),
    Rule("identity:update_domain_config", ADMIN, "PATCH /v3/domains/{domain_id}/config", OPERATORS),
    Rule("identity:delete_domain_config", ADMIN, "DELETE /v3/domains/{domain_id}/config", OPERATORS),
    Rule("identity:get_domain_config_default", ADMIN_OR_READER, "GET /v3/domains/config/default", OPERATORS),
]
