"""The network API, line by line."""

from collections.abc import Callable, Sequence
from typing import Any

from pileus.kernel.http.routes import Route
from pileus.network.handlers import auto_allocation, bindings, clouds, crud, discovery, members, qos, quotas, tags
from pileus.network.resources.address_groups import AddressGroups
from pileus.network.resources.base import Resource
from pileus.network.resources.floatingips import FloatingIps
from pileus.network.resources.networks import Networks
from pileus.network.resources.ports import Ports
from pileus.network.resources.qos import RULE_TYPES, QosPolicies
from pileus.network.resources.rbac_policies import RbacPolicies
from pileus.network.resources.routers import Routers
from pileus.network.resources.security_group_rules import DefaultSecurityGroupRules, SecurityGroupRules
from pileus.network.resources.security_groups import SecurityGroups
from pileus.network.resources.subnetpools import AddressScopes, SubnetPools
from pileus.network.resources.subnets import Subnets
from pileus.network.resources.trunks import Trunks

Handler = Callable[..., Any]
RESOURCES: Sequence[Resource] = (
    Networks(),
    Subnets(),
    Ports(),
    SecurityGroups(),
    SecurityGroupRules(),
    DefaultSecurityGroupRules(),
    Routers(),
    FloatingIps(),
    RbacPolicies(),
    SubnetPools(),
    AddressScopes(),
    AddressGroups(),
    QosPolicies(),
    Trunks(),
)


def line(method: str, path: str, handler: Handler, status: int = 200) -> Route:
    return Route(
        method=method, path=f"/v2.0{path}", handler=handler, status=status, raw_body=True, max_body=crud.MAX_BODY
    )


def crud_lines(resource: Resource) -> list[Route]:
    one = f"{resource.collection}/{{id}}"
    lines = [
        line("GET", resource.collection, crud.list_handler(resource)),
        line("POST", resource.collection, crud.create_handler(resource), 201),
        line("GET", one, crud.show_handler(resource)),
        line("DELETE", one, crud.delete_handler(resource), 204),
    ]
    if any(attribute.put for attribute in resource.attributes.values() if attribute.name != "description") or (
        not isinstance(resource, SecurityGroupRules | DefaultSecurityGroupRules)
    ):
        lines.append(line("PUT", one, crud.update_handler(resource)))
    return lines


def tag_lines(resource: Resource) -> list[Route]:
    if "tags" not in resource.attributes:
        return []
    path = f"{resource.path if not resource.path.startswith('/qos') else '/policies'}" or resource.collection
    whole, one = f"{path}/{{id}}/tags", f"{path}/{{id}}/tags/{{tag}}"
    return [
        line("GET", whole, tags.list_tags(resource)),
        line("POST", whole, tags.add_tags(resource), 201),
        line("PUT", whole, tags.replace_tags(resource)),
        line("DELETE", whole, tags.remove_tags(resource), 204),
        line("GET", one, tags.show_tag(resource)),
        line("PUT", one, tags.add_tag(resource), 201),
        line("DELETE", one, tags.remove_tag(resource), 204),
    ]


def qos_lines(type: str) -> list[Route]:
    rules = f"/qos/policies/{{id}}/{type}_rules"
    one = f"{rules}/{{rule_id}}"
    return [
        line("GET", rules, qos.list_rules(type)),
        line("POST", rules, qos.create_rule(type), 201),
        line("GET", one, qos.show_rule(type)),
        line("PUT", one, qos.update_rule(type)),
        line("DELETE", one, qos.delete_rule(type), 204),
    ]


ROUTES: list[Route] = [
    Route(method="GET", path="", handler=discovery.show_versions, public=True),
    line("GET", "", discovery.show_version),
    line("GET", "/extensions", discovery.list_extensions),
    line("GET", "/extensions/{alias}", discovery.show_extension),
    *(route for resource in RESOURCES for route in crud_lines(resource)),
    *(route for resource in RESOURCES for route in tag_lines(resource)),
    *(route for type in RULE_TYPES for route in qos_lines(type)),
    line("GET", "/qos/rule-types", qos.list_rule_types),
    line("PUT", "/routers/{id}/add_router_interface", members.add_router_interface),
    line("PUT", "/routers/{id}/remove_router_interface", members.remove_router_interface),
    line("PUT", "/routers/{id}/add_extraroutes", members.add_extraroutes),
    line("PUT", "/routers/{id}/remove_extraroutes", members.remove_extraroutes),
    line("PUT", "/address-groups/{id}/add_addresses", members.add_addresses),
    line("PUT", "/address-groups/{id}/remove_addresses", members.remove_addresses),
    line("PUT", "/subnetpools/{id}/add_prefixes", members.add_prefixes),
    line("PUT", "/subnetpools/{id}/remove_prefixes", members.remove_prefixes),
    line("GET", "/trunks/{id}/get_subports", members.get_subports),
    line("PUT", "/trunks/{id}/add_subports", members.add_subports),
    line("PUT", "/trunks/{id}/remove_subports", members.remove_subports),
    line("GET", "/ports/{id}/bindings", bindings.list_bindings),
    line("POST", "/ports/{id}/bindings", bindings.create_binding, 201),
    line("PUT", "/ports/{id}/bindings/{host}/activate", bindings.activate),
    line("DELETE", "/ports/{id}/bindings/{host}", bindings.delete_binding, 204),
    line("GET", "/quotas", quotas.list_quotas),
    line("POST", "/quotas", quotas.create_quota),
    line("GET", "/quotas/tenant", quotas.whose),
    line("GET", "/quotas/project", quotas.whose),
    line("GET", "/quotas/{project_id}", quotas.show_quota),
    line("PUT", "/quotas/{project_id}", quotas.update_quota),
    line("DELETE", "/quotas/{project_id}", quotas.delete_quota, 204),
    line("GET", "/quotas/{project_id}/default", quotas.show_default),
    line("GET", "/quotas/{project_id}/details", quotas.show_details),
    line("GET", "/agents", clouds.list_agents),
    line("GET", "/agents/{id}", clouds.show_agent),
    line("PUT", "/agents/{id}", clouds.update_agent),
    line("DELETE", "/agents/{id}", clouds.delete_agent, 204),
    line("GET", "/availability_zones", clouds.list_zones),
    line("GET", "/network-ip-availabilities", clouds.list_ip_availabilities),
    line("GET", "/network-ip-availabilities/{id}", clouds.show_ip_availability),
    line("GET", "/floatingip_pools", clouds.list_floatingip_pools),
    line("GET", "/auto-allocated-topology/{project_id}", auto_allocation.show),
    line("DELETE", "/auto-allocated-topology/{project_id}", auto_allocation.delete, 204),
]
