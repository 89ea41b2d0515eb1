"""Lines of the compute API that pass on to another service until 2.35, or that are gone."""

from collections.abc import Callable
from typing import Any

from pileus.compute import bodies_resources as bodies
from pileus.compute.handlers import gone, images, network_proxies, servers_consoles
from pileus.compute.queries import nothing, nothing_since_299
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.routes import Route

LAST: Version = (2, 35)
LAST_METADATA: Version = (2, 38)


def _proxy(
    method: str,
    path: str,
    handler: Callable[..., Any],
    rule: str | None = None,
    body: Any = None,
    *,
    status: int = 200,
    maximum: Version = LAST,
) -> Route:
    policy = f"os_compute_api:{rule}" if rule else None
    return Route(
        method=method,
        path="/v2.1" + path,
        handler=handler,
        policy=policy,
        body=body,
        status=status,
        maximum=maximum,
    )


IMAGE_ROUTES = [
    _proxy("GET", "/images", images.list_images),
    _proxy("GET", "/images/detail", images.list_detailed),
    _proxy("GET", "/images/{image_id}", images.show),
    _proxy("DELETE", "/images/{image_id}", images.delete, status=204),
    *(
        _proxy(method, "/images/{image_id}/metadata" + path, handler, body=body, maximum=LAST_METADATA)
        for method, path, handler, body in (
            ("GET", "", images.list_metadata, None),
            ("POST", "", images.add_metadata, bodies.ImageMetadata),
            ("PUT", "", images.replace_metadata, bodies.ImageMetadata),
            ("GET", "/{key}", images.show_metadata, None),
            ("PUT", "/{key}", images.set_metadata, bodies.ImageMeta),
            ("DELETE", "/{key}", images.delete_metadata, None),
        )
    ),
]

GROUPS = "/os-security-groups"
NETWORK_ROUTES = [
    _proxy("GET", "/os-networks", network_proxies.list_networks, "os-networks:list"),
    _proxy("GET", "/os-networks/{network_id}", network_proxies.show_network, "os-networks:show"),
    _proxy("GET", "/os-tenant-networks", network_proxies.list_tenant_networks, "os-tenant-networks:list"),
    _proxy("GET", "/os-tenant-networks/{network_id}", network_proxies.show_tenant_network, "os-tenant-networks:show"),
    _proxy("GET", "/os-floating-ip-pools", network_proxies.list_pools, "os-floating-ip-pools"),
    _proxy("GET", "/os-floating-ips", network_proxies.list_floating_ips, "os-floating-ips:list"),
    _proxy(
        "POST",
        "/os-floating-ips",
        network_proxies.create_floating_ip,
        "os-floating-ips:create",
        bodies.FloatingIpPool | None,
    ),
    _proxy("GET", "/os-floating-ips/{floating_ip_id}", network_proxies.show_floating_ip, "os-floating-ips:show"),
    _proxy("DELETE", "/os-floating-ips/{floating_ip_id}", network_proxies.delete_floating_ip, "os-floating-ips:delete"),
    _proxy("GET", GROUPS, network_proxies.list_security_groups, "os-security-groups:get"),
    _proxy(
        "POST",
        GROUPS,
        network_proxies.create_security_group,
        "os-security-groups:create",
        bodies.SecurityGroupBody,
    ),
    _proxy("GET", GROUPS + "/{group_id}", network_proxies.show_security_group, "os-security-groups:show"),
    _proxy(
        "PUT",
        GROUPS + "/{group_id}",
        network_proxies.update_security_group,
        "os-security-groups:update",
        bodies.SecurityGroupBody,
    ),
    _proxy("DELETE", GROUPS + "/{group_id}", network_proxies.delete_security_group, "os-security-groups:delete"),
    _proxy(
        "POST",
        "/os-security-group-rules",
        network_proxies.create_rule,
        "os-security-groups:rule:create",
        bodies.CreateSecurityGroupRule,
    ),
    _proxy(
        "DELETE",
        "/os-security-group-rules/{rule_id}",
        network_proxies.delete_rule,
        "os-security-groups:rule:delete",
    ),
]

# Removed from the reference, under every microversion: answered with 410.
_GONE = """
GET POST /os-agents
PUT DELETE /os-agents/{id}
GET POST /os-cells
GET /os-cells/capacities
GET /os-cells/detail
GET /os-cells/info
POST /os-cells/sync_instances
GET PUT DELETE /os-cells/{id}
GET /os-cells/{id}/capacities
POST /os-certificates
GET /os-certificates/{id}
GET POST /os-cloudpipe
PUT /os-cloudpipe/{id}
GET /os-fixed-ips/{id}
POST /os-fixed-ips/{id}/action
GET /os-floating-ip-dns
PUT DELETE /os-floating-ip-dns/{domain_id}
GET PUT DELETE /os-floating-ip-dns/{domain_id}/entries/{id}
GET POST /os-floating-ips-bulk
GET PUT /os-floating-ips-bulk/{id}
GET /os-fping
GET /os-fping/{id}
POST /os-networks
POST /os-networks/add
DELETE /os-networks/{network_id}
POST /os-networks/{network_id}/action
POST /os-tenant-networks
DELETE /os-tenant-networks/{network_id}
GET POST /os-security-group-default-rules
GET DELETE /os-security-group-default-rules/{id}
"""
GONE_ROUTES = [
    Route(method=method, path="/v2.1" + path, handler=gone.gone)
    for *methods, path in (line.split() for line in _GONE.strip().splitlines())
    for method in methods
]

NODES = "/os-baremetal-nodes"
AUDIT = "os-instance-usage-audit-log"
OTHER_ROUTES = [
    _proxy("GET", NODES, gone.list_nodes, "os-baremetal-nodes:list"),
    _proxy("GET", NODES + "/{node_id}", gone.show_node, "os-baremetal-nodes:show"),
    _proxy("POST", NODES, gone.change_nodes),
    _proxy("DELETE", NODES + "/{node_id}", gone.change_nodes),
    _proxy("POST", NODES + "/{node_id}/action", gone.change_nodes),
    Route(
        method="GET",
        path="/v2.1/extensions",
        handler=gone.list_extensions,
        policy="os_compute_api:extensions",
        query=nothing,
    ),
    Route(
        method="GET",
        path="/v2.1/extensions/{alias}",
        handler=gone.show_extension,
        policy="os_compute_api:extensions",
        query=nothing,
    ),
    Route(
        method="GET",
        path="/v2.1/os-console-auth-tokens/{token}",
        handler=servers_consoles.show_token,
        query=nothing_since_299,
    ),
    Route(
        method="POST",
        path="/v2.1/os-assisted-volume-snapshots",
        handler=gone.create_assisted_snapshot,
        policy="os_compute_api:os-assisted-volume-snapshots:create",
        body=bodies.CreateAssistedSnapshot,
    ),
    Route(
        method="DELETE",
        path="/v2.1/os-assisted-volume-snapshots/{snapshot_id}",
        handler=gone.delete_assisted_snapshot,
        policy="os_compute_api:os-assisted-volume-snapshots:delete",
    ),
    Route(
        method="GET",
        path="/v2.1/os-instance_usage_audit_log",
        handler=gone.list_audits,
        policy=f"os_compute_api:{AUDIT}:list",
        query=nothing,
    ),
    Route(
        method="GET",
        path="/v2.1/os-instance_usage_audit_log/{before}",
        handler=gone.show_audit,
        policy=f"os_compute_api:{AUDIT}:show",
        query=nothing,
    ),
]

PROXY_ROUTES: list[Route] = [*IMAGE_ROUTES, *NETWORK_ROUTES, *GONE_ROUTES, *OTHER_ROUTES]
