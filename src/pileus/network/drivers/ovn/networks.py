"""Networks as logical switches, subnets as DHCP options."""

import hashlib
from typing import Any

from pileus.network.drivers.base import NetworkState, SubnetState
from pileus.network.drivers.ovn import dhcp
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.view import View

LEASE_SECONDS = 43_200
METADATA_CIDR = "169.254.169.254/32"
ADDRESS_MODES_WITHOUT_DHCP = (None, "slaac")


def apply_network(view: View, network_id: str, state: NetworkState | None) -> None:
    switch = view.find("Logical_Switch", n.switch_name(network_id))
    if state is None:
        if switch is not None:
            _delete_network(view, network_id, switch)
        return
    if switch is None:
        name = n.switch_name(network_id)
        switch = view.insert("Logical_Switch", name, name=name)
    identity = {
        n.NETWORK_NAME: state.name,
        n.MTU: str(state.mtu),
        n.REVISION: str(state.revision),
        n.NETWORK_TYPE: state.network_type,
        "neutron:availability_zone_hints": "",
        **({n.PHYSICAL_NETWORK: state.physical_network} if state.physical_network else {}),
    }
    subnets = {k: v for k, v in getattr(switch, "external_ids", {}).items() if k.startswith(n.SUBNET_PREFIX)}
    flooding = {"mcast_snoop": "false", "mcast_flood_unregistered": "false", "vlan-passthru": "false"}
    view.set(switch, external_ids={**identity, **subnets}, other_config=flooding)
    _provider_port(view, switch, state)


def _provider_port(view: View, switch: Any, state: NetworkState) -> None:
    """The switch's way to the physical network."""
    name = n.provider_port_name(state.id)
    port = view.find("Logical_Switch_Port", name)
    if not state.physical_network:
        if port is not None:
            view.remove(switch, "ports", port)
            view.delete(port)
        return
    if port is None:
        port = view.insert("Logical_Switch_Port", name, name=name)
        view.add(switch, "ports", port)
    view.set(
        port,
        type="localnet",
        addresses=["unknown"],
        options={
            "network_name": state.physical_network,
            "mcast_flood": "false",
            "mcast_flood_reports": "true",
            "localnet_learn_fdb": "false",
        },
        tag=[] if state.segmentation_id is None else [state.segmentation_id],
        external_ids={n.PHYSICAL_NETWORK: state.physical_network},
    )


def _delete_network(view: View, network_id: str, switch: Any) -> None:
    for row in view.rows("DHCP_Options"):
        if getattr(row, "external_ids", {}).get(n.NETWORK_ID) == network_id:
            view.delete(row)
    for port in getattr(switch, "ports", []):
        view.delete(port)
    view.delete(switch)


def apply_subnet(view: View, subnet_id: str, state: SubnetState | None) -> None:
    key = n.SUBNET_PREFIX + subnet_id
    if state is None:
        for switch in view.rows("Logical_Switch"):
            if key in getattr(switch, "external_ids", {}):
                view.merge(switch, "external_ids", {key: None})
                _apply_dhcp(view, switch, subnet_id, None)
        return
    switch = view.find("Logical_Switch", n.switch_name(state.network_id))
    if switch is None:
        return
    view.merge(switch, "external_ids", {key: str(state.revision)})
    _apply_dhcp(view, switch, subnet_id, state if _has_dhcp(state) else None)


def _has_dhcp(state: SubnetState) -> bool:
    without = state.ip_version == 6 and state.ipv6_address_mode in ADDRESS_MODES_WITHOUT_DHCP
    return state.enable_dhcp and not without


def _apply_dhcp(view: View, switch: Any, subnet_id: str, state: SubnetState | None) -> None:
    row = view.find("DHCP_Options", n.dhcp_key(subnet_id))
    if state is None:
        if row is None:
            return
        view.delete(row)
    else:
        if row is None:
            row = view.insert("DHCP_Options", n.dhcp_key(subnet_id))
        identity = {n.DHCP_SUBNET: subnet_id, n.NETWORK_ID: state.network_id, n.REVISION: str(state.revision)}
        view.set(row, cidr=state.cidr, options=dhcp_options(state), external_ids=identity)
    for port in getattr(switch, "ports", []):
        if subnet_id in getattr(port, "external_ids", {}).get(n.SUBNET_IDS, "").split():
            dhcp.link(view, port)


def dhcp_options(state: SubnetState) -> dict[str, str]:
    return _options_v4(state) if state.ip_version == 4 else _options_v6(state)


def server_mac(subnet_id: str) -> str:
    """The address of a subnet's DHCP server: always the same, or clients would ask anew after each change."""
    digest = hashlib.sha256(subnet_id.encode()).hexdigest()
    return "fa:16:3e:" + ":".join(digest[i : i + 2] for i in (0, 2, 4))


def _options_v4(state: SubnetState) -> dict[str, str]:
    server = state.gateway_ip or state.metadata_ip
    if server is None:
        return {}
    options = {
        "server_id": server,
        "server_mac": server_mac(state.id),
        "lease_time": str(LEASE_SECONDS),
        "mtu": str(state.mtu),
    }
    if state.gateway_ip:
        options["router"] = state.gateway_ip
    if state.dns_nameservers:
        options["dns_server"] = f"{{{', '.join(state.dns_nameservers)}}}"
    routes = [f"{METADATA_CIDR},{state.metadata_ip}"] if state.metadata_ip else []
    routes += [f"{destination},{next_hop}" for destination, next_hop in state.host_routes]
    if routes and state.gateway_ip:
        # A client that gets option 121 does not look at option 3 (RFC 3442).
        routes.append(f"0.0.0.0/0,{state.gateway_ip}")
    if routes:
        options["classless_static_route"] = f"{{{', '.join(routes)}}}"
    return options


def _options_v6(state: SubnetState) -> dict[str, str]:
    options = {"server_id": server_mac(state.id)}
    if state.dns_nameservers:
        options["dns_server"] = f"{{{', '.join(state.dns_nameservers)}}}"
    if state.ipv6_address_mode == "dhcpv6-stateless":
        options["dhcpv6_stateless"] = "true"
    return options
