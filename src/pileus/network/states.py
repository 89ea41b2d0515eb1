"""From rows to what the driver is told: complete states, for any number of resources in a few queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.network import addresses
from pileus.network.calls import Call
from pileus.network.drivers.base import (
    Change,
    FixedIp,
    FloatingIpState,
    Gateway,
    NetworkState,
    PortState,
    ResourceKind,
    RouterPort,
    RouterState,
    SecurityGroupRuleState,
    SecurityGroupState,
    State,
    SubnetState,
)
from pileus.network.resources import allocation
from pileus.network.store.records import Row
from pileus.network.tables import ports

# What others refer to comes first; what is gone is told in the opposite order.
ORDER: tuple[ResourceKind, ...] = ("network", "subnet", "security_group", "port", "router", "floating_ip")

_LEGS = sa.select(ports).where(
    ports.c.device_id.in_(sa.bindparam("ids", expanding=True)), ports.c.device_owner == "network:router_interface"
)


def changes(call: Call, wanted: Iterable[tuple[ResourceKind, str]]) -> list[Change]:
    """What each of these resources is now, or that it is gone."""
    ids: dict[ResourceKind, list[str]] = defaultdict(list)
    for kind, id in wanted:
        ids[kind].append(id)
    found = {kind: _BUILDERS[kind](call, ids[kind]) for kind in ORDER if ids[kind]}
    told = [Change(kind, id, found[kind][id]) for kind in ORDER for id in ids[kind] if id in found[kind]]
    gone = [Change(kind, id, None) for kind in reversed(ORDER) for id in ids[kind] if id not in found[kind]]
    return gone + told


def _networks(call: Call, ids: Sequence[str]) -> dict[str, State]:
    return {
        id: NetworkState(
            id=id,
            name=row["name"],
            project_id=row["project_id"],
            mtu=row["mtu"],
            network_type=row["network_type"],
            physical_network=row["physical_network"],
            segmentation_id=row["segmentation_id"],
            external=row["external"],
            revision=row["revision"],
        )
        for id, row in call.service.networks.records.many(call.tx, ids).items()
    }


def _subnets(call: Call, ids: Sequence[str]) -> dict[str, State]:
    rows = call.service.subnets.records.many(call.tx, ids)
    networks = call.service.networks.records.many(call.tx, (row["network_id"] for row in rows.values()))
    devices = [f"ovnmeta-{id}" for id in networks]
    metadata_ports = call.service.ports.records.of(call.tx, device_id=devices) if devices else []
    fixed = allocation.of_ports(call, (port["id"] for port in metadata_ports))
    metadata = {subnet_id: address for pairs in fixed.values() for subnet_id, address in pairs}
    return {
        id: SubnetState(
            id=id,
            network_id=row["network_id"],
            project_id=row["project_id"],
            ip_version=row["ip_version"],
            cidr=row["cidr"],
            gateway_ip=row["gateway_ip"],
            enable_dhcp=row["enable_dhcp"],
            dns_nameservers=tuple(row["dns_nameservers"]),
            host_routes=tuple((route["destination"], route["nexthop"]) for route in row["host_routes"]),
            ipv6_ra_mode=row["ipv6_ra_mode"],
            ipv6_address_mode=row["ipv6_address_mode"],
            mtu=networks[row["network_id"]]["mtu"],
            metadata_ip=metadata.get(id),
            revision=row["revision"],
        )
        for id, row in rows.items()
    }


def _security_groups(call: Call, ids: Sequence[str]) -> dict[str, State]:
    rows = call.service.security_groups.records.many(call.tx, ids)
    rules = call.service.security_group_rules.records.of(call.tx, security_group_id=list(rows)) if rows else []
    groups = call.service.address_groups.records.many(
        call.tx, (rule["remote_address_group_id"] for rule in rules if rule["remote_address_group_id"])
    )
    by_group: dict[str, list[SecurityGroupRuleState]] = defaultdict(list)
    for rule in rules:
        by_group[rule["security_group_id"]].append(_rule(rule, groups.get(rule["remote_address_group_id"])))
    return {
        id: SecurityGroupState(
            id=id,
            project_id=row["project_id"],
            name=row["name"],
            stateful=row["stateful"],
            rules=tuple(by_group[id]),
            revision=row["revision"],
        )
        for id, row in rows.items()
    }


def _rule(rule: Row, group: Row | None) -> SecurityGroupRuleState:
    remote = None
    if rule["remote_address_group_id"]:
        version = 4 if rule["ethertype"] == "IPv4" else 6
        of_group = [] if group is None else group["addresses"]
        remote = tuple(address for address in of_group if addresses.version_of(address) == version)
    return SecurityGroupRuleState(
        id=rule["id"],
        direction=rule["direction"],
        ethertype=rule["ethertype"],
        protocol=rule["protocol"],
        port_range_min=rule["port_range_min"],
        port_range_max=rule["port_range_max"],
        remote_ip_prefix=rule["remote_ip_prefix"],
        remote_group_id=rule["remote_group_id"],
        remote_addresses=remote,
    )


class _Ports:
    """Ports with their addresses and the lengths of their subnets' prefixes."""

    def __init__(self, call: Call, rows: Sequence[Row]) -> None:
        call.service.ports.expand(call, rows)
        subnet_ids = {subnet_id for row in rows for subnet_id, _ in row["fixed"]}
        self.subnets = call.service.subnets.records.many(call.tx, subnet_ids)

    def fixed(self, row: Row) -> tuple[FixedIp, ...]:
        return tuple(
            FixedIp(subnet_id, address, addresses.prefix_length(self.subnets[subnet_id]["cidr"]))
            for subnet_id, address in row["fixed"]
            if subnet_id in self.subnets
        )


def _ports(call: Call, ids: Sequence[str]) -> dict[str, State]:
    rows = call.service.ports.records.many(call.tx, ids)
    known = _Ports(call, list(rows.values()))
    return {
        id: PortState(
            id=id,
            network_id=row["network_id"],
            name=row["name"],
            project_id=row["project_id"],
            mac=row["mac_address"],
            fixed_ips=known.fixed(row),
            admin_state_up=row["admin_state_up"],
            device_owner=row["device_owner"],
            device_id=row["device_id"],
            host=row["host"],
            vnic_type=row["vnic_type"],
            port_security=row["port_security_enabled"],
            security_group_ids=tuple(row["security_groups"]),
            allowed_address_pairs=tuple(
                (pair["mac_address"], pair["ip_address"]) for pair in row["allowed_address_pairs"]
            ),
            extra_dhcp_options=tuple(
                (option["opt_name"], option["opt_value"], option["ip_version"]) for option in row["extra_dhcp_opts"]
            ),
            revision=row["revision"],
        )
        for id, row in rows.items()
        if row["device_owner"] != "network:floatingip"
    }


def _routers(call: Call, ids: Sequence[str]) -> dict[str, State]:
    rows = call.service.routers.records.many(call.tx, ids)
    if not rows:
        return {}
    legs = [row._asdict() for row in call.tx.execute(_LEGS, {"ids": list(rows)})]
    gateways = call.service.ports.records.many(
        call.tx, (row["gateway_port_id"] for row in rows.values() if row["gateway_port_id"])
    )
    all_ports = [*legs, *gateways.values()]
    known = _Ports(call, all_ports)
    networks = call.service.networks.records.many(call.tx, (port["network_id"] for port in all_ports))

    def leg(port: Row) -> RouterPort:
        fixed = known.fixed(port)
        modes = tuple(
            (ip.subnet_id, known.subnets[ip.subnet_id]["ipv6_ra_mode"])
            for ip in fixed
            if known.subnets[ip.subnet_id]["ip_version"] == 6
        )
        return RouterPort(
            port["id"], port["network_id"], port["mac_address"], fixed, networks[port["network_id"]]["mtu"], modes
        )

    by_router: dict[str, list[Row]] = defaultdict(list)
    for port in legs:
        by_router[port["device_id"]].append(port)
    return {
        id: _router(row, [leg(port) for port in by_router[id]], gateways.get(row["gateway_port_id"]), known, leg)
        for id, row in rows.items()
    }


def _router(row: Row, legs: list[RouterPort], gateway: Row | None, known: _Ports, leg: Any) -> RouterState:
    outside = None
    inside = [known.subnets[ip.subnet_id] for port in legs for ip in port.addresses]
    if gateway is not None and gateway["fixed"]:  # an external network may have no subnet yet
        port = leg(gateway)
        hops = [known.subnets[ip.subnet_id]["gateway_ip"] for ip in port.addresses]
        outside = Gateway(port, tuple(hop for hop in hops if hop), row["enable_snat"])
    return RouterState(
        id=row["id"],
        name=row["name"],
        project_id=row["project_id"],
        admin_state_up=row["admin_state_up"],
        gateway=outside,
        interfaces=tuple(legs),
        routes=tuple((route["destination"], route["nexthop"]) for route in row["routes"]),
        snat_cidrs=tuple(sorted(subnet["cidr"] for subnet in inside if subnet["ip_version"] == 4)),
        revision=row["revision"],
    )


def _floating_ips(call: Call, ids: Sequence[str]) -> dict[str, State]:
    return {
        id: FloatingIpState(
            id=id,
            project_id=row["project_id"],
            floating_ip=row["floating_ip_address"],
            floating_network_id=row["floating_network_id"],
            fixed_ip=row["fixed_ip_address"],
            port_id=row["port_id"],
            router_id=row["router_id"],
            revision=row["revision"],
        )
        for id, row in call.service.floatingips.records.many(call.tx, ids).items()
        if row["port_id"] is not None
    }


_BUILDERS = {
    "network": _networks,
    "subnet": _subnets,
    "security_group": _security_groups,
    "port": _ports,
    "router": _routers,
    "floating_ip": _floating_ips,
}
