"""How things are named in OVN's databases: as neutron names them, so that its tools and habits apply."""

from typing import Any

REVISION = "neutron:revision_number"
NETWORK_NAME = "neutron:network_name"
NETWORK_ID = "neutron:network_id"
NETWORK_TYPE = "neutron:provnet-network-type"
PHYSICAL_NETWORK = "neutron:provnet-physical-network"
MTU = "neutron:mtu"
PORT_NAME = "neutron:port_name"
PROJECT_ID = "neutron:project_id"
DEVICE_ID = "neutron:device_id"
DEVICE_OWNER = "neutron:device_owner"
CIDRS = "neutron:cidrs"
HOST_ID = "neutron:host_id"
SUBNET_IDS = "neutron:subnet_ids"
SUBNET_ID = "neutron:subnet_id"
SECURITY_GROUP_IDS = "neutron:security_group_ids"
SECURITY_GROUP_ID = "neutron:security_group_id"
SECURITY_GROUP_RULE_ID = "neutron:security_group_rule_id"
VNIC_TYPE = "neutron:vnic_type"
ROUTER_NAME = "neutron:router_name"
IS_GATEWAY = "neutron:is_ext_gw"
IS_STATIC_ROUTE = "neutron:is_static_route"
FLOATING_IP_ID = "neutron:fip_id"
FLOATING_IP_PORT = "neutron:fip_port_id"
FLOATING_IP_NETWORK = "neutron:fip_network_id"
DHCP_SUBNET = "subnet_id"
DHCP_PORT = "port_id"
# Not neutron's: subnets without DHCP leave no other trace, and ports' DHCP options are made anew when a subnet changes.
SUBNET_PREFIX = "pileus:subnet:"
EXTRA_DHCP_OPTIONS = "pileus:extra_dhcp_options"

DROP_GROUP = "neutron_pg_drop"
TRUSTED_OWNER = "network:"
DISTRIBUTED_OWNER = "network:distributed"
FLOATING_IP_OWNER = "network:floatingip"
GATEWAY_OWNER = "network:router_gateway"
ROUTER_OWNERS = frozenset(
    {
        GATEWAY_OWNER,
        "network:router_interface",
        "network:router_interface_distributed",
        "network:ha_router_replicated_interface",
        "network:router_centralized_snat",
    }
)
PREFIX = "neutron-"


def switch_name(network_id: str) -> str:
    return f"{PREFIX}{network_id}"


def router_name(router_id: str) -> str:
    return f"{PREFIX}{router_id}"


def router_port_name(port_id: str) -> str:
    return f"lrp-{port_id}"


def provider_port_name(network_id: str) -> str:
    return f"provnet-{network_id}"


def port_group_name(security_group_id: str) -> str:
    return f"pg_{security_group_id.replace('-', '_')}"


def dhcp_key(subnet_id: str, port_id: str = "") -> str:
    return f"{subnet_id}/{port_id}"


def name_of(row: Any) -> str | None:
    return str(row.name)


def key_of_dhcp_options(row: Any) -> str | None:
    subnet_id = row.external_ids.get(DHCP_SUBNET)
    return dhcp_key(subnet_id, row.external_ids.get(DHCP_PORT, "")) if subnet_id else None


def key_of_nat(row: Any) -> str | None:
    found = row.external_ids.get(FLOATING_IP_ID)
    return None if found is None else str(found)


NORTHBOUND = {
    "Logical_Switch": ("name", "ports", "other_config", "external_ids"),
    "Logical_Switch_Port": (
        "name", "type", "options", "addresses", "port_security", "up", "enabled", "tag", "tag_request",
        "dhcpv4_options", "dhcpv6_options", "external_ids",
    ),
    "DHCP_Options": ("cidr", "options", "external_ids"),
    "Logical_Router": ("name", "ports", "static_routes", "enabled", "nat", "options", "external_ids"),
    "Logical_Router_Port": ("name", "gateway_chassis", "options", "networks", "mac", "ipv6_ra_configs", "external_ids"),
    "NAT": ("external_ip", "logical_ip", "logical_port", "type", "external_ids"),
    "Gateway_Chassis": ("name", "chassis_name", "priority"),
    "Logical_Router_Static_Route": ("ip_prefix", "nexthop", "output_port", "external_ids"),
    "Port_Group": ("name", "ports", "acls", "external_ids"),
    "ACL": ("priority", "direction", "match", "action", "external_ids"),
    "NB_Global": ("nb_cfg",),
}  # fmt: skip
NORTHBOUND_KEYS = {
    "Logical_Switch": name_of,
    "Logical_Switch_Port": name_of,
    "Logical_Router": name_of,
    "Logical_Router_Port": name_of,
    "Port_Group": name_of,
    "DHCP_Options": key_of_dhcp_options,
    "NAT": key_of_nat,
}
