"""Everything of the compute API but servers, line by line."""

from pileus.compute import bodies_resources as bodies
from pileus.compute.handlers import (
    aggregates,
    availability_zones,
    compute_services,
    discovery,
    flavor_access,
    flavor_extra_specs,
    flavors,
    hypervisors,
    keypairs,
    quotas,
    server_groups,
    tenant_usage,
)
from pileus.compute.queries import checked, flag, host_name, natural, nothing, one_of, text
from pileus.compute.store.flavors import SORT_COLUMNS
from pileus.kernel.http.routes import Route

FLAVORS = "/v2.1/flavors"
FLAVOR = FLAVORS + "/{flavor_id}"
SPECS = FLAVOR + "/os-extra_specs"
KEYPAIRS = "/v2.1/os-keypairs"
QUOTAS = "/v2.1/os-quota-sets/{project_id}"
QUOTA_CLASS = "/v2.1/os-quota-class-sets/{name}"
ZONES = "/v2.1/os-availability-zone"
AGGREGATES = "/v2.1/os-aggregates"
AGGREGATE = AGGREGATES + "/{number}"
SERVICES = "/v2.1/os-services"
HYPERVISORS = "/v2.1/os-hypervisors"
HYPERVISOR = HYPERVISORS + "/{hypervisor_id}"
HOSTS = "/v2.1/os-hosts"
GROUPS = "/v2.1/os-server-groups"
USAGE = "/v2.1/os-simple-tenant-usage"

AGGREGATE_RULE = "os_compute_api:os-aggregates:"
SERVICE_RULE = "os_compute_api:os-services:"
HYPERVISOR_RULE = "os_compute_api:os-hypervisors:"
HOST_RULE = "os_compute_api:os-hosts:"
GROUP_RULE = "os_compute_api:os-server-groups:"
MANAGE = "os_compute_api:os-flavor-manage:"
ACCESS = "os_compute_api:os-flavor-access"
SPECS_RULE = "os_compute_api:os-flavor-extra-specs:"
CLASS_RULE = "os_compute_api:os-quota-class-sets:"
ZONE_RULE = "os_compute_api:os-availability-zone:"

_flavors = {
    "limit": natural,
    "marker": text,
    "is_public": text,
    "minRam": text,
    "minDisk": text,
    "sort_key": one_of(*SORT_COLUMNS),
    "sort_dir": one_of("asc", "desc"),
}
_flavors_since_2102 = _flavors | {
    "name": text,
    "sort_key": one_of(*(key for key in SORT_COLUMNS if key != "rxtx_factor")),
}
flavor_query = checked({(2, 1): _flavors, (2, 102): _flavors_since_2102})
user_query = checked({(2, 10): {"user_id": text}})
keypairs_query = checked({(2, 10): {"user_id": text}, (2, 35): {"user_id": text, "limit": natural, "marker": text}})
quota_query = checked({(2, 1): {"user_id": text}})
services_query = checked({(2, 1): {"host": text, "binary": text}})
_paging = {"limit": natural, "marker": text}
hypervisors_query = checked(
    {(2, 33): _paging, (2, 53): _paging | {"hypervisor_hostname_pattern": host_name, "with_servers": flag}},
    strict=(2, 53),
    single=frozenset({"hypervisor_hostname_pattern", "with_servers"}),
)
hypervisor_query = checked({(2, 53): {"with_servers": flag}}, strict=(2, 53), single=frozenset({"with_servers"}))
groups_query = checked({(2, 1): {"all_projects": text, "limit": natural, "offset": natural}})
_period = {"start": text, "end": text}
usages_query = checked({(2, 1): _period | {"detailed": text}, (2, 40): _period | {"detailed": text} | _paging})
usage_query = checked({(2, 1): _period, (2, 40): _period | _paging})
limits_query = checked({(2, 1): {"tenant_id": text}})

DISCOVERY_ROUTES = [
    Route(method="GET", path="", handler=discovery.show_versions, public=True),
    Route(method="GET", path="/v2", handler=discovery.show_v20, public=True),
    Route(method="GET", path="/v2.1", handler=discovery.show_v21, public=True),
]

FLAVOR_ROUTES = [
    Route(method="GET", path=FLAVORS, handler=flavors.list_brief, query=flavor_query),
    Route(method="POST", path=FLAVORS, handler=flavors.create, policy=MANAGE + "create", body=bodies.CreateFlavor),
    Route(method="GET", path=FLAVORS + "/detail", handler=flavors.list_detailed, query=flavor_query),
    Route(method="GET", path=FLAVOR, handler=flavors.show, query=nothing),
    Route(
        method="PUT",
        path=FLAVOR,
        handler=flavors.update,
        policy=MANAGE + "update",
        body=bodies.UpdateFlavor,
        minimum=(2, 55),
    ),
    Route(
        method="DELETE",
        path=FLAVOR,
        handler=flavors.delete,
        policy=MANAGE + "delete",
        status=202,
    ),
    Route(
        method="GET",
        path=FLAVOR + "/os-flavor-access",
        handler=flavor_access.list_access,
        policy=ACCESS,
        query=nothing,
    ),
    Route(
        method="POST",
        path=FLAVOR + "/action",
        action="addTenantAccess",
        handler=flavor_access.add,
        policy=ACCESS + ":add_tenant_access",
        body=bodies.AddTenantAccess,
    ),
    Route(
        method="POST",
        path=FLAVOR + "/action",
        action="removeTenantAccess",
        handler=flavor_access.remove,
        policy=ACCESS + ":remove_tenant_access",
        body=bodies.RemoveTenantAccess,
    ),
    Route(
        method="GET",
        path=SPECS,
        handler=flavor_extra_specs.list_specs,
        policy=SPECS_RULE + "index",
        query=nothing,
    ),
    Route(
        method="POST",
        path=SPECS,
        handler=flavor_extra_specs.create_specs,
        policy=SPECS_RULE + "create",
        body=bodies.CreateExtraSpecs,
    ),
    Route(
        method="GET",
        path=SPECS + "/{key}",
        handler=flavor_extra_specs.show_spec,
        policy=SPECS_RULE + "show",
        query=nothing,
    ),
    Route(
        method="PUT",
        path=SPECS + "/{key}",
        handler=flavor_extra_specs.update_spec,
        policy=SPECS_RULE + "update",
        body=bodies.UpdateExtraSpec,
    ),
    Route(
        method="DELETE",
        path=SPECS + "/{key}",
        handler=flavor_extra_specs.delete_spec,
        policy=SPECS_RULE + "delete",
    ),
]

KEYPAIR_ROUTES = [
    Route(method="GET", path=KEYPAIRS, handler=keypairs.list_pairs, query=keypairs_query),
    Route(method="POST", path=KEYPAIRS, handler=keypairs.create, body=bodies.CreateKeyPair),
    Route(method="GET", path=KEYPAIRS + "/{name}", handler=keypairs.show, query=user_query),
    Route(method="DELETE", path=KEYPAIRS + "/{name}", handler=keypairs.delete, query=user_query),
]

QUOTA_ROUTES = [
    Route(method="GET", path="/v2.1/limits", handler=quotas.limits, policy="os_compute_api:limits", query=limits_query),
    Route(method="GET", path=QUOTAS, handler=quotas.show, query=quota_query),
    Route(method="PUT", path=QUOTAS, handler=quotas.update, query=quota_query, body=bodies.UpdateQuotaSet),
    Route(method="DELETE", path=QUOTAS, handler=quotas.delete, query=quota_query, status=202),
    Route(method="GET", path=QUOTAS + "/detail", handler=quotas.detail, query=quota_query),
    Route(method="GET", path=QUOTAS + "/defaults", handler=quotas.defaults),
    Route(method="GET", path=QUOTA_CLASS, handler=quotas.show_class, policy=CLASS_RULE + "show", query=nothing),
    Route(
        method="PUT",
        path=QUOTA_CLASS,
        handler=quotas.update_class,
        policy=CLASS_RULE + "update",
        body=bodies.UpdateQuotaClassSet,
    ),
]

ZONE_ROUTES = [
    Route(method="GET", path=ZONES, handler=availability_zones.list_zones, policy=ZONE_RULE + "list", query=nothing),
    Route(
        method="GET",
        path=ZONES + "/detail",
        handler=availability_zones.list_detailed,
        policy=ZONE_RULE + "detail",
        query=nothing,
    ),
]

AGGREGATE_ROUTES = [
    Route(
        method="GET",
        path=AGGREGATES,
        handler=aggregates.list_aggregates,
        policy=AGGREGATE_RULE + "index",
        query=nothing,
    ),
    Route(
        method="POST",
        path=AGGREGATES,
        handler=aggregates.create,
        policy=AGGREGATE_RULE + "create",
        body=bodies.CreateAggregate,
    ),
    Route(method="GET", path=AGGREGATE, handler=aggregates.show, policy=AGGREGATE_RULE + "show", query=nothing),
    Route(
        method="PUT",
        path=AGGREGATE,
        handler=aggregates.update,
        policy=AGGREGATE_RULE + "update",
        body=bodies.UpdateAggregate,
    ),
    Route(method="DELETE", path=AGGREGATE, handler=aggregates.delete, policy=AGGREGATE_RULE + "delete"),
    *(
        Route(
            method="POST",
            path=AGGREGATE + "/action",
            action=action,
            handler=handler,
            policy=AGGREGATE_RULE + action,
            body=body,
        )
        for action, handler, body in (
            ("add_host", aggregates.add_host, bodies.AddHost),
            ("remove_host", aggregates.remove_host, bodies.RemoveHost),
            ("set_metadata", aggregates.set_metadata, bodies.SetMetadata),
        )
    ),
    Route(
        method="POST",
        path=AGGREGATE + "/images",
        handler=aggregates.cache_images,
        policy="compute:aggregates:images",
        body=bodies.CacheImages,
        minimum=(2, 81),
        status=202,
    ),
]

SERVICE_ROUTES = [
    Route(
        method="GET",
        path=SERVICES,
        handler=compute_services.list_services,
        policy=SERVICE_RULE + "list",
        query=services_query,
    ),
    Route(
        method="PUT",
        path=SERVICES + "/{service_id}",
        handler=compute_services.update,
        policy=SERVICE_RULE + "update",
        body=bodies.UpdateService,
        minimum=(2, 53),
    ),
    Route(
        method="PUT",
        path=SERVICES + "/{service_id}",
        handler=compute_services.update_old,
        policy=SERVICE_RULE + "update",
        body=bodies.UpdateServiceOld,
        maximum=(2, 52),
    ),
    Route(
        method="DELETE",
        path=SERVICES + "/{service_id}",
        handler=compute_services.delete,
        policy=SERVICE_RULE + "delete",
        status=204,
    ),
]

HYPERVISOR_ROUTES = [
    Route(
        method="GET",
        path=HYPERVISORS,
        handler=hypervisors.list_hypervisors,
        policy=HYPERVISOR_RULE + "list",
        query=hypervisors_query,
    ),
    Route(
        method="GET",
        path=HYPERVISORS + "/detail",
        handler=hypervisors.list_detailed,
        policy=HYPERVISOR_RULE + "list-detail",
        query=hypervisors_query,
        blocking=True,
    ),
    Route(
        method="GET",
        path=HYPERVISORS + "/statistics",
        handler=hypervisors.statistics,
        policy=HYPERVISOR_RULE + "statistics",
        maximum=(2, 87),
    ),
    Route(
        method="GET",
        path=HYPERVISOR,
        handler=hypervisors.show,
        policy=HYPERVISOR_RULE + "show",
        query=hypervisor_query,
        blocking=True,
    ),
    Route(
        method="GET",
        path=HYPERVISOR + "/uptime",
        handler=hypervisors.uptime,
        policy=HYPERVISOR_RULE + "uptime",
        maximum=(2, 87),
        blocking=True,
    ),
    Route(
        method="GET",
        path=HYPERVISOR + "/search",
        handler=hypervisors.search,
        policy=HYPERVISOR_RULE + "search",
        maximum=(2, 52),
    ),
    Route(
        method="GET",
        path=HYPERVISOR + "/servers",
        handler=hypervisors.list_servers,
        policy=HYPERVISOR_RULE + "servers",
        maximum=(2, 52),
    ),
]

HOST_ROUTES = [
    Route(method="GET", path=HOSTS, handler=hypervisors.list_hosts, policy=HOST_RULE + "list", maximum=(2, 42)),
    Route(
        method="GET", path=HOSTS + "/{name}", handler=hypervisors.show_host, policy=HOST_RULE + "show", maximum=(2, 42)
    ),
    Route(
        method="PUT",
        path=HOSTS + "/{name}",
        handler=hypervisors.update_host,
        policy=HOST_RULE + "update",
        body=bodies.UpdateHost,
        maximum=(2, 42),
    ),
    *(
        Route(
            method="GET",
            path=HOSTS + "/{name}/" + action,
            handler=hypervisors.power_host,
            policy=HOST_RULE + rule,
            maximum=(2, 42),
        )
        for action, rule in (("reboot", "reboot"), ("shutdown", "shutdown"), ("startup", "start"))
    ),
]

GROUP_ROUTES = [
    Route(
        method="GET", path=GROUPS, handler=server_groups.list_groups, policy=GROUP_RULE + "index", query=groups_query
    ),
    Route(
        method="POST",
        path=GROUPS,
        handler=server_groups.create,
        policy=GROUP_RULE + "create",
        body=bodies.CreateServerGroup,
    ),
    Route(
        method="GET",
        path=GROUPS + "/{group_id}",
        handler=server_groups.show,
        load=server_groups.find,
        policy=GROUP_RULE + "show",
        query=nothing,
    ),
    Route(
        method="DELETE",
        path=GROUPS + "/{group_id}",
        handler=server_groups.delete,
        load=server_groups.find,
        policy=GROUP_RULE + "delete",
        status=204,
    ),
]

USAGE_ROUTES = [
    Route(
        method="GET",
        path=USAGE,
        handler=tenant_usage.list_usages,
        policy="os_compute_api:os-simple-tenant-usage:list",
        query=usages_query,
    ),
    Route(method="GET", path=USAGE + "/{project_id}", handler=tenant_usage.show_usage, query=usage_query),
]

RESOURCE_ROUTES: list[Route] = [
    *DISCOVERY_ROUTES,
    *FLAVOR_ROUTES,
    *KEYPAIR_ROUTES,
    *QUOTA_ROUTES,
    *ZONE_ROUTES,
    *AGGREGATE_ROUTES,
    *SERVICE_ROUTES,
    *HYPERVISOR_ROUTES,
    *HOST_ROUTES,
    *GROUP_ROUTES,
    *USAGE_ROUTES,
]
