"""Everything of the compute API but servers, line by line."""

from pileus.compute import bodies_resources as bodies
from pileus.compute.handlers import (
    availability_zones,
    discovery,
    flavor_access,
    flavor_extra_specs,
    flavors,
    keypairs,
    quotas,
)
from pileus.compute.queries import checked, natural, nothing, one_of, text
from pileus.compute.store.flavors import SORT_COLUMNS
from pileus.kernel.http.routes import Route

FLAVORS = "/v2.1/flavors"
FLAVOR = FLAVORS + "/{flavor_id}"
SPECS = FLAVOR + "/os-extra_specs"
KEYPAIRS = "/v2.1/os-keypairs"
QUOTAS = "/v2.1/os-quota-sets/{project_id}"
QUOTA_CLASS = "/v2.1/os-quota-class-sets/{name}"
ZONES = "/v2.1/os-availability-zone"

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

RESOURCE_ROUTES: list[Route] = [
    *DISCOVERY_ROUTES,
    *FLAVOR_ROUTES,
    *KEYPAIR_ROUTES,
    *QUOTA_ROUTES,
    *ZONE_ROUTES,
]
