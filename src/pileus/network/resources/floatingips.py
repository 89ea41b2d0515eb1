"""Floating IPs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.network import addresses, validators
from pileus.network.attributes import (
    DESCRIPTION,
    ID,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Values,
    read_only,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.resources.allocation import Fixed
from pileus.network.resources.base import Resource, Shown, with_owner
from pileus.network.store.records import Records, Row
from pileus.network.tables import fixed_ips, floatingips, ports, routers

OWNER = "network:floatingip"

# Routers with a leg in a subnet and a gateway in an external network, the one at the subnet's gateway first.
_ROUTERS = (
    sa.select(routers.c.id, fixed_ips.c.ip_address)
    .select_from(fixed_ips)
    .join(ports, ports.c.id == fixed_ips.c.port_id)
    .join(routers, routers.c.id == ports.c.device_id)
    .where(
        fixed_ips.c.subnet_id == sa.bindparam("subnet_id"),
        ports.c.device_owner == "network:router_interface",
        routers.c.gateway_network_id == sa.bindparam("network_id"),
    )
)


class FloatingIps(Resource):
    name = "floatingip"
    plural = "floatingips"
    records = Records(floatingips)
    missing = ("FloatingIPNotFound", "floatingip_id")
    quota = "floatingip"
    attributes = table_of(
        ID,
        Attribute("floating_ip_address", post=True, default=None, check=validators.ip_or_none, ruled=True),
        Attribute("floating_network_id", post=True, check=validators.uuid),
        Attribute("subnet_id", post=True, default=None, check=validators.uuid_or_none, filter=False, sort=False),
        read_only("router_id"),
        Attribute("port_id", post=True, put=True, default=None, check=validators.uuid_or_none, sort=False),
        Attribute("fixed_ip_address", post=True, put=True, default=UNSET, check=validators.ip_or_none),
        PROJECT_ID,
        read_only("status"),
        Attribute(
            "dns_name",
            post=True,
            default="",
            convert=validators.to_lower,
            check=validators.dns_name(),
            filter=False,
            sort=False,
        ),
        Attribute(
            "dns_domain",
            post=True,
            default="",
            convert=validators.to_lower,
            check=validators.dns_domain,
            filter=False,
            sort=False,
        ),
        Attribute("qos_policy_id", post=True, put=True, default=None, check=validators.uuid_or_none, sort=False),
        read_only("port_details", filter=False, sort=False),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        found = call.service.ports.records.many(call.tx, [row["port_id"] for row in rows if row["port_id"]])
        for row in rows:
            port = found.get(row["port_id"])
            row["port_details"] = None if port is None else _details(port)

    def render(self, row: Row) -> Shown:
        shown: Shown = {
            "id": row["id"],
            "floating_ip_address": row["floating_ip_address"],
            "floating_network_id": row["floating_network_id"],
            "router_id": row["router_id"],
            "port_id": row["port_id"],
            "fixed_ip_address": row["fixed_ip_address"],
            "status": row["status"],
            "dns_name": row["dns_name"],
            "dns_domain": row["dns_domain"],
            "qos_policy_id": row["qos_policy_id"],
            "port_details": row["port_details"],
            "description": row["description"],
            "tags": row["tags"],
        }
        return with_owner(shown, row)

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        network = call.service.networks.find(call, values["floating_network_id"])
        if not network["external"]:
            raise fault(
                "BadRequest", resource="floatingip", msg=f"Network {network['id']} is not a valid external network"
            )
        call.service.check_qos_policy(call, values["qos_policy_id"])
        address, subnet_id = values["floating_ip_address"], values["subnet_id"]
        port = call.service.ports.plug(
            call, network["id"], "", OWNER, "PENDING", fixed_ips=self._wanted(call, network, address, subnet_id)
        )
        row = self.records.insert(
            call.tx,
            {
                "project_id": values["project_id"],
                "description": values["description"],
                "floating_ip_address": self._ipv4(port["fixed"]),
                "floating_network_id": network["id"],
                "floating_port_id": port["id"],
                "port_id": None,
                "fixed_ip_address": None,
                "router_id": None,
                "status": "DOWN",
                "dns_name": values["dns_name"],
                "dns_domain": values["dns_domain"],
                "qos_policy_id": values["qos_policy_id"],
                "tags": values.get("tags", []),
            },
        )
        call.service.ports.records.update(call.tx, port, {"device_id": row["id"]})
        if values["port_id"] or values.get("fixed_ip_address"):
            row = self._associate(call, row, values["port_id"], values.get("fixed_ip_address"))
        call.changed("floating_ip", row["id"])
        return row

    def _wanted(self, call: Call, network: Row, address: str | None, subnet_id: str | None) -> list[dict[str, str]]:
        """The one IPv4 address that the floating IP is to have, or the subnet that it is to be of."""
        if address is not None:
            chosen = {"ip_address": address}
            return [{**chosen, "subnet_id": subnet_id}] if subnet_id else [chosen]
        subnets = [
            s for s in call.service.subnets.records.of(call.tx, network_id=network["id"]) if s["ip_version"] == 4
        ]
        if subnet_id is not None:
            return [{"subnet_id": subnet_id}]
        named = [s for s in subnets if any(OWNER.startswith(type) for type in s["service_types"])]
        usable = named or [s for s in subnets if not s["service_types"]]
        if not usable:
            raise fault(
                "BadRequest", resource="floatingip", msg=f"Network {network['id']} does not contain any IPv4 subnet"
            )
        return [{"subnet_id": self._with_room(call, network, usable)}]

    @staticmethod
    def _with_room(call: Call, network: Row, subnets: Sequence[Row]) -> str:
        used = sa.select(fixed_ips.c.subnet_id, sa.func.count().label("n")).group_by(fixed_ips.c.subnet_id)
        counts = {
            row.subnet_id: row.n
            for row in call.tx.execute(used.where(fixed_ips.c.subnet_id.in_([s["id"] for s in subnets])))
        }
        for subnet in subnets:
            if counts.get(subnet["id"], 0) < addresses.size(addresses.pool_spans(subnet["allocation_pools"])):
                return str(subnet["id"])
        raise fault("IpAddressGenerationFailure", net_id=network["id"])

    @staticmethod
    def _ipv4(fixed: Sequence[Fixed]) -> str:
        return next(address for _, address in fixed if addresses.version_of(address) == 4)

    def update(self, call: Call, row: Row, values: Values) -> Row:
        rest = {name: value for name, value in values.items() if name not in ("port_id", "fixed_ip_address")}
        if "qos_policy_id" in rest:
            call.service.check_qos_policy(call, rest["qos_policy_id"])
        if rest:
            row = self.records.update(call.tx, row, rest)
        if "port_id" in values or "fixed_ip_address" in values:
            port_id = values["port_id"] if "port_id" in values else row["port_id"]
            row = self._associate(call, row, port_id, values.get("fixed_ip_address"))
        elif not rest:
            # Neutron: an update that names no port takes the floating IP off its port.
            row = self._associate(call, row, None, None)
        call.changed("floating_ip", row["id"])
        return row

    def _associate(self, call: Call, row: Row, port_id: str | None, address: str | None) -> Row:
        self._tell_compute(call, row["port_id"])
        if port_id is None:
            if address is not None:
                raise fault(
                    "BadRequest", resource="floatingip", msg="fixed_ip_address cannot be specified without a port_id"
                )
            free = {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
            return self.records.update(call.tx, row, free)
        port = call.service.ports.find(call, port_id)
        if port["project_id"] != row["project_id"] and not call.sees_all:
            raise fault(
                "BadRequest",
                resource="floatingip",
                msg=f"Port {port_id} is associated with a different project than Floating IP {row['id']} and "
                "therefore cannot be bound.",
            )
        call.service.ports.expand(call, [port])
        fixed = self._internal(port, address)
        for other in self.records.of(
            call.tx, port_id=port_id, fixed_ip_address=fixed[1], floating_network_id=row["floating_network_id"]
        ):
            if other["id"] != row["id"]:
                raise fault(
                    "FloatingIPPortAlreadyAssociated",
                    floating_ip_address=row["floating_ip_address"],
                    fip_id=row["id"],
                    port_id=port_id,
                    fixed_ip=fixed[1],
                    net_id=row["floating_network_id"],
                )
        call.tell_compute("network-changed", port)
        router_id = self._router(call, row, port_id, fixed[0])
        taken = {"port_id": port_id, "fixed_ip_address": fixed[1], "router_id": router_id, "status": "ACTIVE"}
        return self.records.update(call.tx, row, taken)

    @staticmethod
    def _tell_compute(call: Call, port_id: str | None) -> None:
        """The server of a port loses the floating IP."""
        port = call.service.ports.records.get(call.tx, port_id) if port_id is not None else None
        if port is not None:
            call.tell_compute("network-changed", port)

    @staticmethod
    def _internal(port: Row, address: str | None) -> Fixed:
        """Which of the port's addresses the floating IP leads to."""
        fixed: list[Fixed] = [item for item in port["fixed"] if addresses.version_of(item[1]) == 4]
        if address is not None:
            found = [item for item in fixed if item[1] == address]
            if not found:
                raise fault(
                    "BadRequest",
                    resource="floatingip",
                    msg=f"Port {port['id']} does not have fixed ip {address}",
                )
            return found[0]
        if not fixed:
            raise fault(
                "BadRequest",
                resource="floatingip",
                msg=f"Cannot add floating IP to port {port['id']} that has no fixed IPv4 addresses",
            )
        if len(fixed) > 1:
            raise fault(
                "BadRequest",
                resource="floatingip",
                msg=f"Port {port['id']} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when "
                "assigning a floating IP",
            )
        return fixed[0]

    @staticmethod
    def _router(call: Call, row: Row, port_id: str, subnet_id: str) -> str:
        found = call.tx.execute(_ROUTERS, {"subnet_id": subnet_id, "network_id": row["floating_network_id"]}).all()
        if not found:
            raise fault(
                "ExternalGatewayForFloatingIPNotFound",
                external_network_id=row["floating_network_id"],
                subnet_id=subnet_id,
                port_id=port_id,
            )
        gateway = call.service.subnets.get(call, subnet_id)["gateway_ip"]
        return str(next((leg.id for leg in found if leg.ip_address == gateway), found[0].id))

    def delete(self, call: Call, row: Row) -> None:
        self._tell_compute(call, row["port_id"])
        super().delete(call, row)
        port = call.service.ports.records.get(call.tx, row["floating_port_id"])
        if port is not None:
            call.service.ports.remove(call, port)
        call.changed("floating_ip", row["id"])

    # -- ports that change or go -------------------------------------------------------------------------------

    def disassociate(self, call: Call, port_id: str) -> None:
        """A port goes: floating IPs that lead to it lead nowhere."""
        for row in self.records.of(call.tx, port_id=port_id):
            self._associate(call, row, None, None)
            call.changed("floating_ip", row["id"])

    def check_addresses(self, call: Call, port: Row, fixed: Sequence[Fixed]) -> None:
        """A port loses addresses: floating IPs that lead to one of those are taken off it."""
        kept = {address for _, address in fixed}
        for row in self.records.of(call.tx, port_id=port["id"]):
            if row["fixed_ip_address"] not in kept:
                self._associate(call, row, None, None)
                call.changed("floating_ip", row["id"])


def _details(port: Row) -> dict[str, Any]:
    names = ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
    return {name: port[name] for name in names}
