"""Subnets: their addresses, gateway and allocation pools, and how IPv6 hosts get theirs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.network import addresses, validators
from pileus.network.attributes import (
    DESCRIPTION,
    ID,
    NAME,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Values,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import fault, invalid
from pileus.network.resources.base import Clause, Resource, Shown, with_owner
from pileus.network.resources.networks import LEAST_MTU
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import fixed_ips, networks, ports, subnets

SLAAC, STATELESS, STATEFUL = "slaac", "dhcpv6-stateless", "dhcpv6-stateful"
MOST_NAMESERVERS, MOST_ROUTES = 5, 20
# Ports that go away with their subnet, rather than keep it.
RELEASED = ("network:distributed", "network:dhcp")

_MODE = validators.one_of(STATEFUL, STATELESS, SLAAC)
_IN_USE = (
    sa.select(fixed_ips.c.port_id, ports.c.device_owner)
    .join(ports, ports.c.id == fixed_ips.c.port_id)
    .where(fixed_ips.c.subnet_id == sa.bindparam("id"))
)
_GATEWAY_PORT = (
    sa.select(ports.c.id)
    .join(fixed_ips, ports.c.id == fixed_ips.c.port_id)
    .where(
        fixed_ips.c.subnet_id == sa.bindparam("id"),
        fixed_ips.c.ip_address == sa.bindparam("address"),
        ports.c.device_owner.like("network:router_interface%"),
    )
)


def automatic(subnet: Mapping[str, Any]) -> bool:
    """Whether hosts of the subnet make their addresses themselves, of their MAC addresses."""
    return subnet["ip_version"] == 6 and subnet["ipv6_address_mode"] in (SLAAC, STATELESS)


class Subnets(Resource):
    name = "subnet"
    plural = "subnets"
    records = Records(subnets)
    missing = ("SubnetNotFound", "subnet_id")
    quota = "subnet"
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        Attribute("network_id", post=True, check=validators.uuid),
        Attribute("ip_version", post=True, convert=validators.to_int, check=validators.one_of(4, 6)),
        Attribute("subnetpool_id", post=True, default=UNSET),
        Attribute("use_default_subnetpool", post=True, default=False, convert=validators.to_boolean, filter=False),
        Attribute(
            "prefixlen",
            post=True,
            default=UNSET,
            convert=validators.to_int,
            check=validators.non_negative,
            filter=False,
            sort=False,
        ),
        Attribute("cidr", post=True, default=UNSET, convert=validators.to_cidr, check=validators.subnet_or_none),
        Attribute(
            "gateway_ip",
            post=True,
            put=True,
            default=UNSET,
            convert=validators.to_address,
            check=validators.ip_or_none,
        ),
        Attribute(
            "allocation_pools",
            post=True,
            put=True,
            default=UNSET,
            convert=validators.to_pools,
            check=validators.pools,
            filter=False,
            sort=False,
        ),
        Attribute(
            "dns_nameservers",
            post=True,
            put=True,
            default=UNSET,
            convert=validators.to_list,
            check=validators.nameservers,
            filter=False,
            sort=False,
        ),
        Attribute(
            "host_routes",
            post=True,
            put=True,
            default=UNSET,
            convert=validators.to_list,
            check=validators.host_routes,
            filter=False,
            sort=False,
        ),
        Attribute("enable_dhcp", post=True, put=True, default=True, convert=validators.to_boolean),
        Attribute("ipv6_ra_mode", post=True, default=UNSET, check=_MODE),
        Attribute("ipv6_address_mode", post=True, default=UNSET, check=_MODE),
        Attribute("shared", filter=True, sort=False),
        Attribute("router:external", filter=True, sort=False),
        Attribute(
            "service_types",
            post=True,
            put=True,
            default=UNSET,
            check=validators.service_types,
            filter=False,
            ruled=True,
        ),
        Attribute(
            "dns_publish_fixed_ip", post=True, put=True, default=False, convert=validators.to_boolean, filter=False
        ),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def scope(self) -> Clause:
        of_networks = sa.select(networks.c.id).where(networks.c.project_id == sa.bindparam("me"))
        return sa.or_(
            subnets.c.project_id == sa.bindparam("me"),
            subnets.c.network_id.in_(of_networks),
            sharing.visible("network", subnets.c.network_id, actions=(sharing.SHARED, sharing.EXTERNAL)),
        )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        yes = str(values[-1]).lower() in ("true", "1")
        if name == "shared":
            shared: Clause = sharing.shared_with_everybody("network", subnets.c.network_id)
            return shared if yes else sa.not_(shared)
        if name == "router:external":
            return subnets.c.network_id.in_(sa.select(networks.c.id).where(networks.c.external == sa.true())) == yes
        return super().filter(name, values)

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        return call.service.network_lookups(call, facts)

    def before_create(self, call: Call, values: Values) -> None:
        call.service.check_network_owner(call, values)

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        missing = [row for row in rows if "external" not in row]
        found = call.service.networks.records.many(call.tx, (row["network_id"] for row in missing))
        for row in missing:
            row["external"] = found[row["network_id"]]["external"]

    def render(self, row: Row) -> Shown:
        shown: Shown = {
            "id": row["id"],
            "name": row["name"],
            "network_id": row["network_id"],
            "ip_version": row["ip_version"],
            "cidr": row["cidr"],
            "gateway_ip": row["gateway_ip"],
            "enable_dhcp": row["enable_dhcp"],
            "allocation_pools": row["allocation_pools"],
            "dns_nameservers": row["dns_nameservers"],
            "host_routes": row["host_routes"],
            "ipv6_ra_mode": row["ipv6_ra_mode"],
            "ipv6_address_mode": row["ipv6_address_mode"],
            "subnetpool_id": row["subnetpool_id"],
            "service_types": row["service_types"],
            "dns_publish_fixed_ip": row["dns_publish_fixed_ip"],
            "router:external": row["external"],
            "description": row["description"],
            "tags": row["tags"],
        }
        return with_owner(shown, row)

    # -- creating ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        network = call.service.networks.get(call, values["network_id"])
        pool_id = call.service.subnetpools.of_subnet(call, values)
        version = values["ip_version"]
        cidr = values.get("cidr")
        if pool_id is not None:
            cidr = call.service.subnetpools.allocate(call, pool_id, network, values)
        if cidr is None:
            raise fault("BadRequest", resource="subnets", msg="a subnetpool must be specified in the absence of a cidr")
        if addresses.version_of(cidr) != version:
            raise invalid(f"cidr '{cidr}' does not match the ip_version '{version}'")
        cidr = str(addresses.network_of(cidr))
        row = {
            "project_id": values["project_id"],
            "network_id": network["id"],
            "name": values["name"],
            "description": values["description"],
            "ip_version": version,
            "cidr": cidr,
            "enable_dhcp": values["enable_dhcp"],
            "ipv6_ra_mode": values.get("ipv6_ra_mode"),
            "ipv6_address_mode": values.get("ipv6_address_mode"),
            "gateway_ip": values["gateway_ip"] if "gateway_ip" in values else addresses.first_host(cidr),
            "dns_nameservers": values.get("dns_nameservers", []),
            "host_routes": values.get("host_routes", []),
            "subnetpool_id": pool_id,
            "service_types": values.get("service_types", []),
            "dns_publish_fixed_ip": values["dns_publish_fixed_ip"],
            "tags": values.get("tags", []),
        }
        self._check(call, network, row, given="gateway_ip" in values)
        pools = values.get("allocation_pools")
        if pools is None:
            pools = addresses.default_pools(cidr, row["gateway_ip"])
        check_pools(pools, cidr)
        check_gateway_outside(row["gateway_ip"], pools)
        row["allocation_pools"] = pools
        created = self.records.insert(call.tx, row)
        created["external"] = network["external"]
        call.service.networks.records.touch(call.tx, network["id"])
        call.changed("network", network["id"])
        call.changed("subnet", created["id"])
        call.service.ports.subnet_added(call, network, created)
        return created

    def _check(self, call: Call, network: Row, row: Row, *, given: bool) -> None:
        self._check_modes(row)
        if network["mtu"] < LEAST_MTU[row["ip_version"]]:
            raise fault("NetworkMTUSubnetConflict", net_id=network["id"], mtu=LEAST_MTU[row["ip_version"]])
        for other in self.records.of(call.tx, network_id=network["id"]):
            if addresses.overlap(other["cidr"], row["cidr"]):
                raise invalid(
                    f"Requested subnet with cidr: {row['cidr']} for network: {network['id']} overlaps with another "
                    "subnet"
                )
        if given:
            check_gateway(row["gateway_ip"], row)
        check_lists("None", row)
        check_versions(row)

    @staticmethod
    def _check_modes(row: Row) -> None:
        ra, mode = row["ipv6_ra_mode"], row["ipv6_address_mode"]
        if row["ip_version"] == 4:
            for name, value in (("ipv6_ra_mode", ra), ("ipv6_address_mode", mode)):
                if value is not None:
                    raise invalid(f"{name} is not valid when ip_version is 4")
            return
        if ra is None and mode is None:
            return
        if not row["enable_dhcp"]:
            raise invalid("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
        if ra is not None and mode is not None and ra != mode:
            raise invalid(
                f"ipv6_ra_mode set to '{ra}' with ipv6_address_mode set to '{mode}' is not valid. If both attributes "
                "are set, they must be the same value"
            )
        if mode in (SLAAC, STATELESS) and addresses.prefix_length(row["cidr"]) != 64:
            raise invalid(
                f"Invalid CIDR {row['cidr']} for IPv6 address mode. OpenStack uses the EUI-64 address format, which "
                "requires the prefix to be /64"
            )

    # -- changing ----------------------------------------------------------------------------------------------

    def update(self, call: Call, row: Row, values: Values) -> Row:
        if not values.get("enable_dhcp", True) and (row["ipv6_ra_mode"] or row["ipv6_address_mode"]):
            raise invalid("ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False")
        wanted = {**row, **values}
        if "gateway_ip" in values and values["gateway_ip"] != row["gateway_ip"]:
            check_gateway(values["gateway_ip"], row)
            self._check_gateway_free(call, row)
        if "allocation_pools" in values:
            check_pools(values["allocation_pools"], row["cidr"])
        if "gateway_ip" in values or "allocation_pools" in values:
            check_gateway_outside(wanted["gateway_ip"], wanted["allocation_pools"])
        check_lists(row["id"], wanted)
        check_versions(wanted)
        new = super().update(call, row, values)
        call.service.networks.records.touch(call.tx, row["network_id"])
        call.changed("subnet", row["id"])
        if new["enable_dhcp"] and not row["enable_dhcp"]:
            network = call.service.networks.get(call, row["network_id"])
            call.service.ports.ensure_distributed(call, network, new)
        if new["gateway_ip"] != row["gateway_ip"]:
            call.service.routers.gateway_ip_changed(call, row["network_id"])
        return new

    @staticmethod
    def _check_gateway_free(call: Call, row: Row) -> None:
        if row["gateway_ip"] is None:
            return
        used = call.tx.execute(_GATEWAY_PORT, {"id": row["id"], "address": row["gateway_ip"]}).first()
        if used is not None:
            raise fault("GatewayIpInUse", ip_address=row["gateway_ip"], port_id=used.id)

    def delete(self, call: Call, row: Row) -> None:
        released: list[str] = []
        for used in call.tx.execute(_IN_USE, {"id": row["id"]}).all():
            removable = used.device_owner in RELEASED or (
                automatic(row) and not used.device_owner.startswith("network:router")
            )
            if not removable:
                raise fault(
                    "SubnetInUse",
                    subnet_id=row["id"],
                    reason="One or more ports have an IP allocation from this subnet",
                )
            released.append(used.port_id)
        call.tx.execute(fixed_ips.delete().where(fixed_ips.c.subnet_id == row["id"]))
        call.changed("port", *released)
        super().delete(call, row)
        call.service.networks.records.touch(call.tx, row["network_id"])
        call.service.ports.subnet_removed(call, row)
        call.changed("subnet", row["id"])
        call.changed("network", row["network_id"])


def shown_pool(pool: Mapping[str, str]) -> str:
    return f"{pool['start']}-{pool['end']}"


def check_pools(pools: Sequence[Mapping[str, str]], cidr: str) -> None:
    """Raises a fault when a pool is no range of the subnet, or two overlap."""
    network = addresses.network_of(cidr)
    for pool in pools:
        start, end = addresses.number(pool["start"]), addresses.number(pool["end"])
        versions = {addresses.version_of(pool["start"]), addresses.version_of(pool["end"])}
        if versions != {network.version} or end < start:
            raise fault("InvalidAllocationPool", pool=shown_pool(pool))
        if not (addresses.contains(cidr, pool["start"]) and addresses.contains(cidr, pool["end"])):
            raise fault("OutOfBoundsAllocationPool", pool=shown_pool(pool), subnet_cidr=cidr)
        if not (addresses.usable(cidr, pool["start"]) and addresses.usable(cidr, pool["end"])):
            raise fault("OutOfBoundsAllocationPool", pool=shown_pool(pool), subnet_cidr=cidr)
    ordered = sorted(pools, key=lambda pool: addresses.number(pool["start"]))
    for one, two in pairwise(ordered):
        if addresses.number(two["start"]) <= addresses.number(one["end"]):
            raise fault("OverlappingAllocationPools", pool_1=shown_pool(one), pool_2=shown_pool(two), subnet_cidr=cidr)


def check_gateway(gateway: str | None, row: Mapping[str, Any]) -> None:
    if gateway is None:
        return
    if addresses.version_of(gateway) != row["ip_version"]:
        raise invalid(f"gateway_ip '{gateway}' does not match the ip_version '{row['ip_version']}'")
    link_local = gateway.lower().startswith("fe80:")
    if addresses.contains(row["cidr"], gateway) and not addresses.usable(row["cidr"], gateway) and not link_local:
        raise invalid("Gateway is not valid on subnet")


def check_gateway_outside(gateway: str | None, pools: Iterable[Mapping[str, str]]) -> None:
    if gateway is None:
        return
    at = addresses.number(gateway)
    for pool in pools:
        if addresses.version_of(pool["start"]) != addresses.version_of(gateway):
            continue
        if addresses.number(pool["start"]) <= at <= addresses.number(pool["end"]):
            raise fault("GatewayConflictWithAllocationPools", ip_address=gateway, pool=shown_pool(pool))


def check_lists(subnet_id: str, row: Mapping[str, Any]) -> None:
    if len(row["dns_nameservers"]) > MOST_NAMESERVERS:
        raise fault("DNSNameServersExhausted", subnet_id=subnet_id, quota=MOST_NAMESERVERS)
    if len(row["host_routes"]) > MOST_ROUTES:
        raise fault("HostRoutesExhausted", subnet_id=subnet_id, quota=MOST_ROUTES)


def check_versions(row: Mapping[str, Any]) -> None:
    version = row["ip_version"]
    for server in row["dns_nameservers"]:
        if addresses.version_of(server) != version:
            raise invalid(f"dns_nameserver '{server}' does not match the ip_version '{version}'")
    for route in row["host_routes"]:
        for name in ("destination", "nexthop"):
            if addresses.version_of(route[name]) != version:
                raise invalid(f"{name} '{route[name]}' does not match the ip_version '{version}'")
