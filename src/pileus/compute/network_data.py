"""What a guest is told about its network: network_data.json, from ports, subnets and networks of the network API."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pileus.compute.model import ServerVif
from pileus.kernel.context import Context
from pileus.kernel.services import Directory

Thing = Mapping[str, Any]
# The types of ports that guests are told as they are; any other is "phy".
SHOWN_TYPES = frozenset({"bridge", "dvs", "hw_veb", "hyperv", "ovs", "tap", "vhostuser", "vif"})


def fetch(services: Directory, context: Context, server_id: str, vifs: Sequence[ServerVif]) -> dict[str, Any] | None:
    """The network data of a server; None for one without interfaces. Raises what the network API's calls raise."""
    if not vifs:
        return None
    network = services["network"]
    ports = network.request(context, "GET", "/v2.0/ports", params={"device_id": server_id}).expect(200)["ports"]
    subnet_ids = sorted({ip["subnet_id"] for port in ports for ip in port["fixed_ips"]})
    subnets: list[Thing] = []
    if subnet_ids:
        subnets = network.request(context, "GET", "/v2.0/subnets", params={"id": subnet_ids}).expect(200)["subnets"]
    by_id = {port["id"]: port for port in ports}
    pairs = [(vif, by_id[vif.port_id]) for vif in vifs if vif.port_id in by_id]
    return build(pairs, {subnet["id"]: subnet for subnet in subnets})


def build(interfaces: Iterable[tuple[ServerVif, Thing]], subnets: Mapping[str, Thing]) -> dict[str, Any]:
    """Of each interface its link, and its first IPv4 and first IPv6 network, as the reference has it."""
    links: list[dict[str, Any]] = []
    networks: list[dict[str, Any]] = []
    services: list[dict[str, str]] = []
    for vif, port in interfaces:
        found = [(ip["ip_address"], subnets[ip["subnet_id"]]) for ip in port["fixed_ips"] if ip["subnet_id"] in subnets]
        if not found:
            continue
        link = _link(vif, port, len(links))
        links.append(link)
        for version in (4, 6):
            first = next(((address, subnet) for address, subnet in found if subnet["ip_version"] == version), None)
            if first is None:
                continue
            networks.append(_network(*first, port["network_id"], len(networks), link["id"]))
            services += [service for service in _dns(first[1]) if service not in services]
    return {"links": links, "networks": networks, "services": services}


def _link(vif: ServerVif, port: Thing, number: int) -> dict[str, Any]:
    kind = vif.vif.get("vif_type") or port.get("binding:vif_type")
    return {
        "id": vif.vif.get("devname") or "tap" + vif.port_id[:11],
        "vif_id": vif.port_id,
        "type": kind if kind in SHOWN_TYPES else "phy",
        "mtu": vif.vif.get("mtu"),
        "ethernet_mac_address": port["mac_address"],
    }


def _network(address: str, subnet: Thing, network_id: str, number: int, link: str) -> dict[str, Any]:
    version = subnet["ip_version"]
    shown: dict[str, Any] = {"id": f"network{number}", "link": link, "network_id": network_id}
    mode = subnet.get("ipv6_address_mode")
    if mode is None and subnet.get("enable_dhcp"):
        return shown | {"type": f"ipv{version}_dhcp"}
    routes = [_route(route["destination"], route["nexthop"]) for route in subnet.get("host_routes") or ()]
    if subnet.get("gateway_ip"):
        routes.insert(0, _route("::/0" if version == 6 else "0.0.0.0/0", subnet["gateway_ip"]))
    return shown | {
        "type": f"ipv{version}_{mode}" if mode else f"ipv{version}",
        "ip_address": address,
        "netmask": str(ipaddress.ip_network(subnet["cidr"]).netmask),
        "routes": routes,
        "services": _dns(subnet),
    }


def _route(destination: str, gateway: str) -> dict[str, str]:
    network = ipaddress.ip_network(destination, strict=False)
    return {"network": str(network.network_address), "netmask": str(network.netmask), "gateway": gateway}


def _dns(subnet: Thing) -> list[dict[str, str]]:
    return [{"type": "dns", "address": address} for address in subnet.get("dns_nameservers") or ()]
