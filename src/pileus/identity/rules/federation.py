"""Identity providers, mappings and protocols."""

from pileus.kernel.policy import Rule

OPERATORS = ("system", "project")
ADMIN = "rule:admin_required"
ADMIN_OR_READER = "rule:admin_required or (role:reader and system_scope:all)"

RULES = [
    Rule("identity:create_identity_provider", ADMIN, "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}", OPERATORS),
    Rule("identity:list_identity_providers", ADMIN_OR_READER, "GET /v3/OS-FEDERATION/identity_providers", OPERATORS),
    Rule(
        "identity:get_identity_provider",
        ADMIN_OR_READER,
        "GET /v3/OS-FEDERATION/identity_providers/{idp_id}",
        OPERATORS,
    ),
    Rule("identity:update_identity_provider", ADMIN, "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}", OPERATORS),
    Rule("identity:delete_identity_provider", ADMIN, "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}", OPERATORS),
    Rule("identity:create_mapping", ADMIN, "PUT /v3/OS-FEDERATION/mappings/{mapping_id}", OPERATORS),
    Rule("identity:get_mapping", ADMIN_OR_READER, "GET /v3/OS-FEDERATION/mappings/{mapping_id}", OPERATORS),
    Rule("identity:list_mappings", ADMIN_OR_READER, "GET /v3/OS-FEDERATION/mappings", OPERATORS),
    Rule("identity:delete_mapping", ADMIN, "DELETE /v3/OS-FEDERATION/mappings/{mapping_id}", OPERATORS),
    Rule("identity:update_mapping", ADMIN, "PATCH /v3/OS-FEDERATION/mappings/{mapping_id}", OPERATORS),
    Rule(
        "identity:create_protocol",
        ADMIN,
        "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        OPERATORS,
    ),
    Rule(
        "identity:update_protocol",
        ADMIN,
        "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        OPERATORS,
    ),
    Rule(
        "identity:get_protocol",
        ADMIN_OR_READER,
        "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        OPERATORS,
    ),
    Rule(
        "identity:list_protocols",
        ADMIN_OR_READER,
        "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols",
        OPERATORS,
    ),
    Rule(
        "identity:delete_protocol",
        ADMIN,
        "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}",
        OPERATORS,
    ),
    Rule(
        "identity:create_service_provider",
        ADMIN,
        "PUT /v3/OS-FEDERATION/service_providers/{service_provider_id}",
        OPERATORS,
    ),
    Rule("identity:list_service_providers", ADMIN_OR_READER, "GET /v3/OS-FEDERATION/service_providers", OPERATORS),
    Rule(
        "identity:get_service_provider",
        ADMIN_OR_READER,
        "GET /v3/OS-FEDERATION/service_providers/{service_provider_id}",
        OPERATORS,
    ),
    Rule(
        "identity:update_service_provider",
        ADMIN,
        "PATCH /v3/OS-FEDERATION/service_providers/{service_provider_id}",
        OPERATORS,
    ),
    Rule(
        "identity:delete_service_provider",
        ADMIN,
        "DELETE /v3/OS-FEDERATION/service_providers/{service_provider_id}",
        OPERATORS,
    ),
]
