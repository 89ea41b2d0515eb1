"""Routers as logical routers, floating IPs as NAT on them."""

import hashlib
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from pileus.network.drivers.base import FloatingIpState, RouterPort, RouterState
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.view import View

MAX_GATEWAY_CHASSIS = 5
FLOATING = "dnat_and_snat"
OPTIONS = {
    "always_learn_from_arp_request": "false",
    "dynamic_neigh_routers": "true",
    "mac_binding_age_threshold": "0",
}

Route = tuple[str, str, str, bool]  # destination, next hop, output port, of the gateway
Gateways = Mapping[str, Sequence[str]]  # physical network ("" for none) -> chassis that can be a gateway to it


def apply_router(view: View, router_id: str, state: RouterState | None, gateways: Gateways) -> None:
    name = n.router_name(router_id)
    router = view.find("Logical_Router", name)
    if state is None:
        if router is not None:
            for port in router.ports:
                view.delete(port)
            view.delete(router)
        return
    if router is None:
        router = view.insert("Logical_Router", name, name=name)
    identity = {n.ROUTER_NAME: state.name, n.REVISION: str(state.revision), "neutron:availability_zone_hints": ""}
    view.set(router, enabled=[state.admin_state_up], options=OPTIONS, external_ids=identity)
    _set_ports(view, router, state, gateways)
    _set_routes(view, router, _routes(state))
    _set_snat(view, router, state)


def _set_ports(view: View, router: Any, state: RouterState, gateways: Gateways) -> None:
    gateway = state.gateway.port if state.gateway else None
    wanted = {port.port_id: port for port in (*state.interfaces, *((gateway,) if gateway else ()))}
    names = {n.router_port_name(port_id) for port_id in wanted}
    for row in getattr(router, "ports", []):
        if row.name not in names:
            view.remove(router, "ports", row)
            view.delete(row)
    lowest_mtu = min((port.mtu for port in wanted.values()), default=0)
    for port in wanted.values():
        row = _set_port(view, router, state, port, is_gateway=port is gateway)
        options = _port_options(view, port, lowest_mtu if port is gateway else None)
        view.set(row, options=options)
        if port is gateway:
            set_gateway_chassis(view, row, gateways)


def _set_port(view: View, router: Any, state: RouterState, port: RouterPort, *, is_gateway: bool) -> Any:
    name = n.router_port_name(port.port_id)
    row = view.find("Logical_Router_Port", name)
    if row is None:
        row = view.insert("Logical_Router_Port", name, name=name)
        view.add(router, "ports", row)
    view.set(
        row,
        mac=port.mac,
        networks=[f"{fixed.address}/{fixed.prefix}" for fixed in port.addresses],
        ipv6_ra_configs=_router_advertisements(port, is_gateway=is_gateway),
        external_ids={
            n.REVISION: str(state.revision),
            n.SUBNET_IDS: " ".join(fixed.subnet_id for fixed in port.addresses),
            n.NETWORK_NAME: n.switch_name(port.network_id),
            n.IS_GATEWAY: str(is_gateway),
            n.ROUTER_NAME: n.router_name(state.id),
        },
    )
    return row


def _port_options(view: View, port: RouterPort, gateway_mtu: int | None) -> dict[str, str]:
    options = {}
    switch = view.find("Logical_Switch", n.switch_name(port.network_id))
    if switch is not None and switch.external_ids.get(n.NETWORK_TYPE) in ("flat", "vlan"):
        # Traffic of provider networks passes the router on the gateway's chassis, whose MAC alone is known outside.
        options["reside-on-redirect-chassis"] = "true"
    if gateway_mtu:
        options["gateway_mtu"] = str(gateway_mtu)
    return options


def _router_advertisements(port: RouterPort, *, is_gateway: bool) -> dict[str, str]:
    modes = [mode for _, mode in port.ipv6_ra_modes if mode]
    if not modes:
        return {}
    return {
        "address_mode": modes[0].replace("-", "_"),
        "send_periodic": "false" if is_gateway else "true",
        "mtu": str(port.mtu),
    }


def set_gateway_chassis(view: View, port: Any, gateways: Gateways) -> None:
    """Lets the chassis that can reach the port's network carry it, each router preferring its own order."""
    switch = view.find("Logical_Switch", port.external_ids[n.NETWORK_NAME])
    physical = "" if switch is None else switch.external_ids.get(n.PHYSICAL_NETWORK, "")
    order = sorted(gateways.get(physical, ()), key=lambda chassis: _rank(port.name, chassis))[:MAX_GATEWAY_CHASSIS]
    wanted = {f"{port.name}_{chassis}": (chassis, len(order) - place) for place, chassis in enumerate(order)}
    for row in getattr(port, "gateway_chassis", []):
        if row.name not in wanted:
            view.remove(port, "gateway_chassis", row)
            view.delete(row)
        else:
            view.set(row, priority=wanted.pop(row.name)[1])
    for name, (chassis, priority) in wanted.items():
        row = view.insert("Gateway_Chassis", name=name, chassis_name=chassis, priority=priority)
        view.add(port, "gateway_chassis", row)


def _rank(port: str, chassis: str) -> str:
    return hashlib.sha256(f"{port} {chassis}".encode()).hexdigest()


def reschedule(view: View, gateways: Gateways) -> None:
    """After chassis came or went."""
    for port in view.rows("Logical_Router_Port"):
        if getattr(port, "external_ids", {}).get(n.IS_GATEWAY) == "True":
            set_gateway_chassis(view, port, gateways)


def _routes(state: RouterState) -> set[Route]:
    routes: set[Route] = {(destination, next_hop, "", False) for destination, next_hop in state.routes}
    if state.gateway:
        output = n.router_port_name(state.gateway.port.port_id)
        for next_hop in state.gateway.next_hops:
            destination = "::/0" if ipaddress.ip_address(next_hop).version == 6 else "0.0.0.0/0"
            # The output port is named, because a link-local next hop does not tell it.
            routes.add((destination, next_hop, output, True))
    return routes


def _set_routes(view: View, router: Any, wanted: set[Route]) -> None:
    missing = set(wanted)
    for row in getattr(router, "static_routes", []):
        output = row.output_port[0] if row.output_port else ""
        route = (row.ip_prefix, row.nexthop, output, n.IS_GATEWAY in row.external_ids)
        if route in missing:
            missing.discard(route)
        else:
            view.remove(router, "static_routes", row)
            view.delete(row)
    for destination, next_hop, output, of_gateway in sorted(missing):
        row = view.insert(
            "Logical_Router_Static_Route",
            ip_prefix=destination,
            nexthop=next_hop,
            output_port=[output] if output else [],
            external_ids={n.IS_STATIC_ROUTE: "true", **({n.IS_GATEWAY: "true"} if of_gateway else {})},
        )
        view.add(router, "static_routes", row)


def _set_snat(view: View, router: Any, state: RouterState) -> None:
    missing: set[tuple[str, str]] = set()
    if state.gateway and state.gateway.enable_snat:
        own = [fixed.address for fixed in state.gateway.port.addresses if ":" not in fixed.address]
        missing = {(own[0], cidr) for cidr in state.snat_cidrs} if own else set()
    for row in getattr(router, "nat", []):
        if row.type != "snat":
            continue
        if (row.external_ip, row.logical_ip) in missing:
            missing.discard((row.external_ip, row.logical_ip))
        else:
            view.remove(router, "nat", row)
            view.delete(row)
    for external, logical in sorted(missing):
        row = view.insert("NAT", type="snat", external_ip=external, logical_ip=logical)
        view.add(router, "nat", row)


def apply_floating_ip(view: View, floating_ip_id: str, state: FloatingIpState | None) -> None:
    row = view.find("NAT", floating_ip_id)
    holder = None if row is None else view.find("Logical_Router", row.external_ids.get(n.ROUTER_NAME, ""))
    wanted = None if state is None else view.find("Logical_Router", n.router_name(state.router_id))
    if row is not None and (state is None or wanted is None or holder is not wanted):
        if holder is not None:
            view.remove(holder, "nat", row)
        view.delete(row)
        row = None
    if state is None or wanted is None:
        return
    if row is None:
        row = view.insert("NAT", floating_ip_id, type=FLOATING)
        view.add(wanted, "nat", row)
    view.set(
        row,
        external_ip=state.floating_ip,
        logical_ip=state.fixed_ip,
        logical_port=[state.port_id],
        external_ids={
            n.FLOATING_IP_ID: floating_ip_id,
            n.REVISION: str(state.revision),
            n.FLOATING_IP_PORT: state.port_id,
            n.ROUTER_NAME: n.router_name(state.router_id),
            n.FLOATING_IP_NETWORK: state.floating_network_id,
        },
    )
