"""Policy defaults of placement, under the reference's names (placement.policies)."""

from pileus.kernel.policy import Rule

PROJECT = ("project",)
ADMIN_OR_SERVICE = "rule:admin_or_service_api"


def _rule(name: str, description: str, check: str = ADMIN_OR_SERVICE) -> Rule:
    return Rule(f"placement:{name}", check, description, PROJECT)


RULES = [
    Rule("admin_api", "role:admin", scopes=PROJECT),
    Rule("service_api", "role:service", scopes=PROJECT),
    Rule("admin_or_service_api", "role:admin or role:service", scopes=PROJECT),
    Rule("project_reader_api", "role:reader and project_id:%(project_id)s"),
    Rule(
        "admin_or_project_reader_or_service_api",
        "role:admin or rule:project_reader_api or role:service",
        scopes=PROJECT,
    ),
    _rule("resource_providers:list", "List resource providers."),
    _rule("resource_providers:create", "Create resource provider."),
    _rule("resource_providers:show", "Show resource provider."),
    _rule("resource_providers:update", "Update resource provider."),
    _rule("resource_providers:delete", "Delete resource provider."),
    _rule("resource_classes:list", "List resource classes."),
    _rule("resource_classes:create", "Create resource class."),
    _rule("resource_classes:show", "Show resource class."),
    _rule("resource_classes:update", "Update resource class."),
    _rule("resource_classes:delete", "Delete resource class."),
    _rule("resource_providers:inventories:list", "List resource provider inventories."),
    _rule("resource_providers:inventories:create", "Create one resource provider inventory."),
    _rule("resource_providers:inventories:show", "Show resource provider inventory."),
    _rule("resource_providers:inventories:update", "Update resource provider inventory."),
    _rule("resource_providers:inventories:delete", "Delete resource provider inventory."),
    _rule("resource_providers:aggregates:list", "List resource provider aggregates."),
    _rule("resource_providers:aggregates:update", "Update resource provider aggregates."),
    _rule("resource_providers:usages", "List resource provider usages."),
    _rule(
        "usages",
        "List total resource usages for a given project.",
        "rule:admin_or_project_reader_or_service_api",
    ),
    _rule("traits:list", "List traits."),
    _rule("traits:show", "Show trait."),
    _rule("traits:update", "Update trait."),
    _rule("traits:delete", "Delete trait."),
    _rule("resource_providers:traits:list", "List resource provider traits."),
    _rule("resource_providers:traits:update", "Update resource provider traits."),
    _rule("resource_providers:traits:delete", "Delete resource provider traits."),
    _rule("allocations:manage", "Manage allocations."),
    _rule("allocations:list", "List allocations."),
    _rule("allocations:update", "Update allocations."),
    _rule("allocations:delete", "Delete allocations."),
    _rule("resource_providers:allocations:list", "List resource provider allocations."),
    _rule("allocation_candidates:list", "List allocation candidates."),
    _rule("reshaper:reshape", "Reshape Inventory and Allocations.", "rule:service_api"),
]
