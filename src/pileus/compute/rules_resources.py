"""Policy defaults of everything but servers."""

from pileus.kernel.policy import Rule

ADMIN = "rule:context_is_admin"
ANYONE = "@"
MEMBER = "rule:project_member_or_admin"
READER = "rule:project_reader_or_admin"
SERVICE = "rule:service_or_admin"
OWN_USER = "(rule:context_is_admin) or user_id:%(user_id)s"


def _rules(prefix: str, check: str, names: str) -> list[Rule]:
    return [Rule(f"os_compute_api:{prefix}:{name}", check) for name in names.split()]


RESOURCE_RULES: list[Rule] = [
    *_rules("os-flavor-manage", ADMIN, "create update delete"),
    *_rules("os-flavor-access", ADMIN, "add_tenant_access remove_tenant_access"),
    Rule("os_compute_api:os-flavor-access", ADMIN),
    *_rules("os-flavor-extra-specs", READER, "index show"),
    *_rules("os-flavor-extra-specs", ADMIN, "create update delete"),
    *_rules("os-keypairs", OWN_USER, "index show create delete"),
    Rule("os_compute_api:limits", ANYONE),
    Rule("os_compute_api:limits:other_project", ADMIN),
    *_rules("os-quota-sets", READER, "show detail"),
    *_rules("os-quota-sets", ANYONE, "defaults"),
    *_rules("os-quota-sets", ADMIN, "update delete"),
    *_rules("os-quota-class-sets", ADMIN, "show update"),
    *_rules("os-availability-zone", ANYONE, "list"),
    *_rules("os-availability-zone", ADMIN, "detail"),
    *_rules("os-aggregates", ADMIN, "index show create update delete add_host remove_host set_metadata"),
    Rule("compute:aggregates:images", ADMIN),
    *_rules("os-services", ADMIN, "list update delete"),
    *_rules("os-hypervisors", ADMIN, "list list-detail statistics show uptime search servers"),
    *_rules("os-hosts", ADMIN, "list show update reboot shutdown start"),
    *_rules("os-server-groups", MEMBER, "create delete"),
    *_rules("os-server-groups", READER, "index show"),
    *_rules("os-server-groups", ADMIN, "index:all_projects"),
    *_rules("os-simple-tenant-usage", READER, "show"),
    *_rules("os-simple-tenant-usage", ADMIN, "list"),
    *_rules("os-networks", READER, "list show"),
    *_rules("os-tenant-networks", READER, "list show"),
    *_rules("os-floating-ips", READER, "list show"),
    *_rules("os-floating-ips", MEMBER, "create delete"),
    Rule("os_compute_api:os-floating-ip-pools", ANYONE),
    *_rules("os-security-groups", READER, "get show"),
    *_rules("os-security-groups", MEMBER, "create update delete rule:create rule:delete"),
    Rule("os_compute_api:extensions", ANYONE),
    *_rules("os-assisted-volume-snapshots", SERVICE, "create delete"),
    Rule("os_compute_api:os-console-auth-tokens", ADMIN),
    *_rules("os-baremetal-nodes", ADMIN, "list show"),
    *_rules("os-instance-usage-audit-log", ADMIN, "list show"),
]
