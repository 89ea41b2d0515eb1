"""Giving ports their fixed IPs: which subnets, which addresses, and whose they are."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.network import addresses
from pileus.network.calls import Call
from pileus.network.errors import fault, invalid
from pileus.network.resources.subnets import automatic
from pileus.network.store.records import Row
from pileus.network.tables import fixed_ips

Fixed = tuple[str, str]  # subnet id, address
ROUTER_OWNERS = ("network:router_interface", "network:router_interface_distributed", "network:router_gateway")
TRIED_AT_ONCE = 16

_OF_PORTS = (
    sa.select(fixed_ips.c.port_id, fixed_ips.c.subnet_id, fixed_ips.c.ip_address)
    .where(fixed_ips.c.port_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(fixed_ips.c.position)
)
_TAKEN = sa.select(fixed_ips.c.ip_address).where(
    fixed_ips.c.subnet_id == sa.bindparam("subnet_id"),
    fixed_ips.c.ip_address.in_(sa.bindparam("addresses", expanding=True)),
)
_ALL_TAKEN = sa.select(fixed_ips.c.ip_address).where(fixed_ips.c.subnet_id == sa.bindparam("subnet_id"))
_INSERT = fixed_ips.insert()
_RELEASE = fixed_ips.delete().where(fixed_ips.c.port_id == sa.bindparam("at"))


def of_ports(call: Call, port_ids: Iterable[str]) -> dict[str, list[Fixed]]:
    ids = list(port_ids)
    found: dict[str, list[Fixed]] = {id: [] for id in ids}
    if ids:
        for port_id, subnet_id, address in call.tx.execute(_OF_PORTS, {"ids": ids}).all():
            found[port_id].append((subnet_id, address))
    return found


def keep(call: Call, port: Row, fixed: Sequence[Fixed]) -> None:
    """Writes a port's addresses in place of those it had."""
    call.tx.execute(_RELEASE, {"at": port["id"]})
    add(call, port, fixed)


def add(call: Call, port: Row, fixed: Sequence[Fixed], first: int = 0) -> None:
    if fixed:
        call.tx.execute(
            _INSERT,
            [
                {
                    "subnet_id": subnet_id,
                    "ip_address": address,
                    "port_id": port["id"],
                    "network_id": port["network_id"],
                    "position": position,
                }
                for position, (subnet_id, address) in enumerate(fixed, first)
            ],
        )


def release(call: Call, port_id: str) -> None:
    call.tx.execute(_RELEASE, {"at": port_id})


class Allocator:
    """Chooses the addresses of one port."""

    def __init__(self, call: Call, network: Row, owner: str, mac: str, held: Sequence[Fixed] = ()) -> None:
        self.call, self.network, self.owner, self.mac = call, network, owner, mac
        self.held = set(held)
        self.subnets = call.service.subnets.records.of(call.tx, network_id=network["id"])
        self.chosen: list[Fixed] = []

    @property
    def for_router(self) -> bool:
        return self.owner in ROUTER_OWNERS

    def unasked(self) -> list[Fixed]:
        """One address of each IP version that the network has, and those that hosts give themselves."""
        for version in (4, 6):
            subnets = [s for s in self._serving() if s["ip_version"] == version and not automatic(s)]
            if subnets:
                self._first_free(subnets)
        self._add_automatic()
        return self.chosen

    def asked(self, wanted: Sequence[dict[str, Any]]) -> list[Fixed]:
        """The addresses that were asked for, given or to be chosen in a subnet."""
        resolved = [(self._subnet_of(item), item.get("ip_address")) for item in wanted]
        for subnet, address in resolved:
            if address is not None:
                self._given(subnet, address)
        for subnet, address in resolved:
            if address is None:
                self._of_subnet(subnet)
        if wanted and not self.for_router:
            self._add_automatic()
        return self.chosen

    def _serving(self) -> list[Row]:
        """The subnets that ports of this owner get addresses of: its service's, else those of no service."""
        named = [s for s in self.subnets if s["service_types"]]
        if not named:
            return self.subnets
        own = [s for s in named if any(self.owner.startswith(t) for t in s["service_types"]) and self.owner]
        return own or [s for s in self.subnets if not s["service_types"]]

    def _subnet_of(self, item: dict[str, Any]) -> Row:
        subnet_id, address = item.get("subnet_id"), item.get("ip_address")
        if subnet_id is not None:
            found = next((s for s in self.subnets if s["id"] == subnet_id), None)
            if found is None:
                self.call.service.subnets.get(self.call, subnet_id)
                raise invalid(
                    f"Failed to create port on network {self.network['id']}, because fixed_ips included invalid "
                    f"subnet {subnet_id}"
                )
            if address is not None and not self._fits(found, address):
                raise fault("InvalidIpForSubnet", ip_address=address)
            return found
        if address is None:
            raise invalid("IP allocation requires subnet_id or ip_address")
        found = next((s for s in self.subnets if addresses.contains(s["cidr"], address)), None)
        if found is None:
            raise fault("InvalidIpForNetwork", ip_address=address)
        if not self._fits(found, address):
            raise fault("InvalidIpForSubnet", ip_address=address)
        return found

    def _fits(self, subnet: Row, address: str) -> bool:
        if self.for_router and address == subnet["gateway_ip"]:
            return True
        if subnet["ip_version"] == 6 and self.for_router:
            return addresses.contains(subnet["cidr"], address)
        return addresses.usable(subnet["cidr"], address)

    def _given(self, subnet: Row, address: str) -> None:
        fixed = (subnet["id"], address)
        if automatic(subnet) and not self.for_router and address != addresses.eui64(subnet["cidr"], self.mac):
            raise invalid(
                f"IPv6 address {address} can not be directly assigned to a port on subnet {subnet['id']} as the "
                "subnet is configured for automatic addresses"
            )
        if fixed not in self.held and self._taken(subnet, [address]):
            raise fault("IpAddressAlreadyAllocated", ip=address, subnet_id=subnet["id"])
        self.chosen.append(fixed)

    def _of_subnet(self, subnet: Row) -> None:
        if automatic(subnet) and not self.for_router:
            self._automatic(subnet)
            return
        kept = next((f for f in self.held if f[0] == subnet["id"] and f not in self.chosen), None)
        if kept is not None:
            self.chosen.append(kept)
            return
        self._first_free([subnet])

    def _add_automatic(self) -> None:
        if self.for_router:
            return
        for subnet in self._serving():
            if automatic(subnet) and all(subnet_id != subnet["id"] for subnet_id, _ in self.chosen):
                self._automatic(subnet)

    def _automatic(self, subnet: Row) -> None:
        fixed = (subnet["id"], addresses.eui64(subnet["cidr"], self.mac))
        if fixed not in self.chosen:
            self.chosen.append(fixed)

    def _first_free(self, subnets: Sequence[Row]) -> None:
        for subnet in subnets:
            address = self._free(subnet)
            if address is not None:
                self.chosen.append((subnet["id"], address))
                return
        raise fault("IpAddressGenerationFailure", net_id=self.network["id"])

    def _free(self, subnet: Row) -> str | None:
        """A free address of a subnet's pools: of a handful of random ones, else of all there are."""
        spans, version = addresses.pool_spans(subnet["allocation_pools"]), subnet["ip_version"]
        mine = {number for subnet_id, number in self.chosen if subnet_id == subnet["id"]}
        tried = [addresses.text(number, version) for number in addresses.candidates(spans, TRIED_AT_ONCE)]
        taken = self._taken(subnet, tried) | mine
        free = next((address for address in tried if address not in taken), None)
        if free is not None or addresses.size(spans) <= TRIED_AT_ONCE:
            return free
        every = set(self.call.tx.scalars(_ALL_TAKEN, {"subnet_id": subnet["id"]})) | mine
        return next(
            (address for number in addresses.each(spans) if (address := addresses.text(number, version)) not in every),
            None,
        )

    def _taken(self, subnet: Row, wanted: Sequence[str]) -> set[str]:
        if not wanted:
            return set()
        return set(self.call.tx.scalars(_TAKEN, {"subnet_id": subnet["id"], "addresses": list(wanted)}))
