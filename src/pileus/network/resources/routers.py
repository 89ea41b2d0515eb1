"""Routers: their legs in networks, their gateway, their routes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.kernel.ids import is_uuid
from pileus.network import addresses, validators
from pileus.network.attributes import (
    ADMIN_STATE_UP,
    DESCRIPTION,
    ID,
    NAME,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Values,
    read_only,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.resources import allocation
from pileus.network.resources.base import Resource, Shown, with_owner
from pileus.network.store.records import Records, Row
from pileus.network.tables import fixed_ips, floatingips, ports, routers

INTERFACE, GATEWAY = "network:router_interface", "network:router_gateway"
MOST_ROUTES = 30

_GATEWAY = validators.shape(
    {"network_id": validators.uuid},
    {
        "external_fixed_ips": validators.fixed_ips,
        "enable_snat": lambda value: (
            None
            if isinstance(value, bool) or str(value).lower() in ("true", "false")
            else f"'{value}' is not a valid boolean value"
        ),
        "qos_policy_id": validators.uuid_or_none,
    },
)
_LEGS = (
    sa.select(ports.c.id, ports.c.network_id, fixed_ips.c.subnet_id, fixed_ips.c.ip_address)
    .join(fixed_ips, fixed_ips.c.port_id == ports.c.id)
    .where(ports.c.device_id == sa.bindparam("router_id"), ports.c.device_owner == INTERFACE)
)
_FIPS_OF = sa.select(floatingips.c.id, floatingips.c.fixed_ip_address, floatingips.c.port_id).where(
    floatingips.c.router_id == sa.bindparam("router_id")
)


def _gateway_info(value: Any) -> str | None:
    return None if not value else _GATEWAY(value)


class Routers(Resource):
    name = "router"
    plural = "routers"
    records = Records(routers)
    missing = ("RouterNotFound", "router_id")
    quota = "router"
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        ADMIN_STATE_UP,
        read_only("status"),
        Attribute(
            "external_gateway_info",
            post=True,
            put=True,
            default=None,
            check=_gateway_info,
            ruled=True,
            filter=False,
            sort=False,
        ),
        Attribute(
            "routes",
            put=True,
            convert=validators.to_list,
            check=validators.host_routes,
            filter=False,
            sort=False,
        ),
        Attribute(
            "availability_zone_hints",
            post=True,
            default=[],
            check=validators.list_of(validators.string(255)),
            filter=False,
            sort=False,
        ),
        read_only("availability_zones", filter=False, sort=False),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def part_rules(self, action: str, name: str, value: Any) -> Iterable[str]:
        return list(value) if name == "external_gateway_info" and isinstance(value, dict) else ()

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        gateways = [row["gateway_port_id"] for row in rows if row["gateway_port_id"]]
        fixed = allocation.of_ports(call, gateways)
        zones = call.service.zones()
        for row in rows:
            row["gateway_fixed"] = fixed.get(row["gateway_port_id"], [])
            row["availability_zones"] = zones

    def render(self, row: Row) -> Shown:
        gateway = None
        if row["gateway_port_id"]:
            gateway = {
                "network_id": row["gateway_network_id"],
                "external_fixed_ips": [
                    {"subnet_id": subnet_id, "ip_address": address} for subnet_id, address in row["gateway_fixed"]
                ],
                "enable_snat": row["enable_snat"],
                "qos_policy_id": row["gateway_qos_policy_id"],
            }
        shown: Shown = {
            "id": row["id"],
            "name": row["name"],
            "admin_state_up": row["admin_state_up"],
            "status": row["status"],
            "external_gateway_info": gateway,
            "routes": row["routes"],
            "availability_zone_hints": row["availability_zone_hints"],
            "availability_zones": row["availability_zones"],
            "description": row["description"],
            "tags": row["tags"],
        }
        return with_owner(shown, row)

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        call.service.check_zones(values["availability_zone_hints"], "router")
        row = self.records.insert(
            call.tx,
            {
                "project_id": values["project_id"],
                "name": values["name"],
                "description": values["description"],
                "admin_state_up": values["admin_state_up"],
                "status": "ACTIVE",
                "gateway_port_id": None,
                "gateway_network_id": None,
                "gateway_qos_policy_id": None,
                "enable_snat": True,
                "routes": [],
                "availability_zone_hints": values["availability_zone_hints"],
                "tags": values.get("tags", []),
            },
        )
        if values["external_gateway_info"]:
            row = self._set_gateway(call, row, values["external_gateway_info"])
        call.changed("router", row["id"])
        return row

    def update(self, call: Call, row: Row, values: Values) -> Row:
        changed = dict(values)
        gateway = changed.pop("external_gateway_info", UNSET)
        if gateway is not UNSET:
            row = self._set_gateway(call, row, gateway or {})
        if "routes" in changed:
            self._check_routes(call, row, changed["routes"])
        row = super().update(call, row, changed)
        call.changed("router", row["id"])
        return row

    def delete(self, call: Call, row: Row) -> None:
        if call.tx.execute(_LEGS, {"router_id": row["id"]}).first() is not None:
            raise fault("RouterInUse", router_id=row["id"], reason="still has ports")
        if row["gateway_port_id"]:
            self._drop_gateway(call, row)
        super().delete(call, row)
        call.changed("router", row["id"])

    # -- the gateway -------------------------------------------------------------------------------------------

    def _set_gateway(self, call: Call, row: Row, info: Mapping[str, Any]) -> Row:
        network_id, asked = info.get("network_id"), info.get("external_fixed_ips")
        values: Row = {"enable_snat": validators.to_boolean(info.get("enable_snat", True))}
        if network_id is None:
            if row["gateway_port_id"]:
                self._drop_gateway(call, row)
            cleared = {"gateway_port_id": None, "gateway_network_id": None, "gateway_qos_policy_id": None}
            return self.records.update(call.tx, row, {**cleared, **values})
        if "qos_policy_id" in info:
            call.service.check_qos_policy(call, info["qos_policy_id"])
            values["gateway_qos_policy_id"] = info["qos_policy_id"]
        if network_id == row["gateway_network_id"]:
            if asked:
                self._readdress(call, row, asked)
            if "enable_snat" not in info:
                values.pop("enable_snat")
            return self.records.update(call.tx, row, values)
        network = call.service.networks.find(call, network_id)
        if not network["external"]:
            raise fault("BadRequest", resource="router", msg=f"Network {network_id} is not an external network")
        self._check_gateway_overlap(call, row, network)
        if row["gateway_port_id"]:
            self._drop_gateway(call, row)
        port = call.service.ports.plug(
            call, network_id, "", GATEWAY, row["id"], **({"fixed_ips": list(asked)} if asked else {})
        )
        return self.records.update(
            call.tx, row, {**values, "gateway_port_id": port["id"], "gateway_network_id": network_id}
        )

    def _readdress(self, call: Call, row: Row, asked: Sequence[dict[str, Any]]) -> None:
        port = call.service.ports.get(call, row["gateway_port_id"])
        call.service.ports.update(call, port, {"fixed_ips": list(asked)})

    def _check_gateway_overlap(self, call: Call, row: Row, network: Row) -> None:
        mine = call.service.subnets.records.many(
            call.tx, [leg.subnet_id for leg in call.tx.execute(_LEGS, {"router_id": row["id"]})]
        )
        for outside in call.service.subnets.records.of(call.tx, network_id=network["id"]):
            self._check_overlap(outside, mine.values())

    @staticmethod
    def _check_overlap(subnet: Row, others: Iterable[Row]) -> None:
        for other in others:
            if other["id"] != subnet["id"] and addresses.overlap(subnet["cidr"], other["cidr"]):
                raise fault(
                    "BadRequest",
                    resource="router",
                    msg=f"Cidr {subnet['cidr']} of subnet {subnet['id']} overlaps with cidr {other['cidr']} of "
                    f"subnet {other['id']}",
                )

    def _drop_gateway(self, call: Call, row: Row) -> None:
        if call.tx.execute(_FIPS_OF, {"router_id": row["id"]}).first() is not None:
            raise fault("RouterExternalGatewayInUseByFloatingIp", router_id=row["id"], net_id=row["gateway_network_id"])
        port = call.service.ports.records.get(call.tx, row["gateway_port_id"])
        if port is not None:
            call.service.ports.remove(call, port)

    def gateway_ip_changed(self, call: Call, network_id: str) -> None:
        """A network's gateway has another address: the next hop of routers that leave by it."""
        for row in self.records.of(call.tx, gateway_network_id=network_id):
            call.changed("router", row["id"])

    # -- interfaces --------------------------------------------------------------------------------------------

    def add_interface(self, call: Call, row: Row, body: Any) -> Shown:
        """A new leg: of a port that is there, or at the gateway address of a subnet."""
        port_id, subnet_id = self._named(body)
        if port_id is not None:
            port = self._use_port(call, row, port_id)
        else:
            port = self._use_subnet(call, row, str(subnet_id))
        self.records.touch(call.tx, row["id"])
        call.changed("router", row["id"])
        return self._leg(row, port)

    @staticmethod
    def _named(body: Any) -> tuple[str | None, str | None]:
        if not isinstance(body, dict) or not body:
            raise fault("BadRequest", resource="router", msg="Either subnet_id or port_id must be specified")
        port_id, subnet_id = body.get("port_id"), body.get("subnet_id")
        if port_id is None and subnet_id is None:
            raise fault("BadRequest", resource="router", msg="Either subnet_id or port_id must be specified")
        for name, value in (("port_id", port_id), ("subnet_id", subnet_id)):
            if value is not None and not is_uuid(value):
                raise bad_request(f"Invalid input for {name}. Reason: '{value}' is not a valid UUID.")
        return port_id, subnet_id

    @staticmethod
    def _leg(row: Row, port: Row) -> Shown:
        subnet_ids = [subnet_id for subnet_id, _ in port["fixed"]]
        return {
            "id": row["id"],
            "project_id": row["project_id"],
            "tenant_id": row["project_id"],
            "port_id": port["id"],
            "network_id": port["network_id"],
            "subnet_id": subnet_ids[0] if subnet_ids else None,
            "subnet_ids": subnet_ids,
        }

    def _use_port(self, call: Call, row: Row, port_id: str) -> Row:
        port = call.service.ports.find(call, port_id)
        if port["device_id"]:
            raise fault("PortInUse", net_id=port["network_id"], port_id=port["id"], device_id=port["device_id"])
        call.service.ports.expand(call, [port])
        if not port["fixed"]:
            raise fault("BadRequest", resource="router", msg="Router port must have at least one fixed IP")
        subnets = call.service.subnets.records.many(call.tx, [subnet_id for subnet_id, _ in port["fixed"]])
        if (
            sum(subnet["ip_version"] == 4 for subnet in subnets.values()) > 1
            or len([1 for id, _ in port["fixed"] if subnets[id]["ip_version"] == 4]) > 1
        ):
            raise fault("BadRequest", resource="router", msg="Cannot have multiple IPv4 subnets on router port")
        self._check_legs(call, row, subnets.values())
        network = call.service.networks.get(call, port["network_id"])
        self._check_own_gateway(row, network)
        changed = {"device_id": row["id"], "device_owner": INTERFACE}
        new = call.service.ports.records.update(call.tx, port, changed)
        new["fixed"] = port["fixed"]
        call.service.ports.changed(call, new)
        return new

    def _use_subnet(self, call: Call, row: Row, subnet_id: str) -> Row:
        subnet = call.service.subnets.find(call, subnet_id)
        if not subnet["gateway_ip"]:
            raise fault("BadRequest", resource="router", msg="Subnet for router interface must have a gateway IP")
        if subnet["ip_version"] == 6 and subnet["ipv6_ra_mode"] is None and subnet["ipv6_address_mode"] is not None:
            raise fault(
                "BadRequest",
                resource="router",
                msg=f"IPv6 subnet {subnet_id} configured to receive RAs from an external router cannot be added to "
                "Neutron Router.",
            )
        self._check_legs(call, row, [subnet])
        network = call.service.networks.get(call, subnet["network_id"])
        self._check_own_gateway(row, network)
        if not (call.sees_all or call.project_id in (network["project_id"], subnet["project_id"])):
            shared = call.service.is_shared(call, network)
            if not shared:
                raise fault("SubnetNotFound", subnet_id=subnet_id)
        asked = [{"subnet_id": subnet_id, "ip_address": subnet["gateway_ip"]}]
        if subnet["ip_version"] == 6:
            joined = self._join_ipv6(call, row, subnet, asked)
            if joined is not None:
                return joined
        return call.service.ports.plug(call, network["id"], row["project_id"], INTERFACE, row["id"], fixed_ips=asked)

    def _join_ipv6(self, call: Call, row: Row, subnet: Row, asked: list[dict[str, str]]) -> Row | None:
        """A router has one port for all IPv6 subnets of a network."""
        for port in call.service.ports.records.of(
            call.tx, device_id=row["id"], device_owner=INTERFACE, network_id=subnet["network_id"]
        ):
            call.service.ports.expand(call, [port])
            subnets = call.service.subnets.records.many(call.tx, [id for id, _ in port["fixed"]])
            if subnets and all(other["ip_version"] == 6 for other in subnets.values()):
                present = [{"subnet_id": id, "ip_address": address} for id, address in port["fixed"]]
                return call.service.ports.update(call, port, {"fixed_ips": present + asked})
        return None

    @staticmethod
    def _check_own_gateway(row: Row, network: Row) -> None:
        if network["id"] == row["gateway_network_id"]:
            raise fault(
                "BadRequest",
                resource="router",
                msg=f"Router {row['id']} already has a gateway in network {network['id']}",
            )

    def _check_legs(self, call: Call, row: Row, subnets: Iterable[Row]) -> None:
        legs = call.tx.execute(_LEGS, {"router_id": row["id"]}).all()
        present = call.service.subnets.records.many(call.tx, [leg.subnet_id for leg in legs])
        for subnet in subnets:
            if subnet["id"] in present:
                raise fault(
                    "BadRequest",
                    resource="router",
                    msg=f"Router already has a port on subnet {subnet['id']}",
                )
            self._check_overlap(subnet, present.values())
        if row["gateway_network_id"]:
            outside = call.service.subnets.records.of(call.tx, network_id=row["gateway_network_id"])
            for subnet in subnets:
                self._check_overlap(subnet, outside)

    def remove_interface(self, call: Call, row: Row, body: Any) -> Shown:
        port_id, subnet_id = self._named(body)
        if port_id is not None:
            port = call.service.ports.records.get(call.tx, port_id)
            if port is None or port["device_id"] != row["id"] or port["device_owner"] != INTERFACE:
                raise fault("RouterInterfaceNotFound", router_id=row["id"], port_id=port_id)
            call.service.ports.expand(call, [port])
            if subnet_id is not None and all(id != subnet_id for id, _ in port["fixed"]):
                raise fault("RouterInterfaceNotFoundForSubnet", router_id=row["id"], subnet_id=subnet_id)
            leaving = [id for id, _ in port["fixed"]]
        else:
            call.service.subnets.find(call, str(subnet_id))
            leg = next(
                (found for found in call.tx.execute(_LEGS, {"router_id": row["id"]}) if found.subnet_id == subnet_id),
                None,
            )
            if leg is None:
                raise fault("RouterInterfaceNotFoundForSubnet", router_id=row["id"], subnet_id=subnet_id)
            port = call.service.ports.get(call, leg.id)
            call.service.ports.expand(call, [port])
            leaving = [str(subnet_id)]
        subnets = call.service.subnets.records.many(call.tx, leaving)
        for subnet in subnets.values():
            self._check_leaving(call, row, subnet)
        staying = [fixed for fixed in port["fixed"] if fixed[0] not in leaving]
        if staying:
            asked = [{"subnet_id": id, "ip_address": address} for id, address in staying]
            call.service.ports.update(call, port, {"fixed_ips": asked})
        else:
            call.service.ports.remove(call, port)
        self.records.touch(call.tx, row["id"])
        call.changed("router", row["id"])
        shown = self._leg(row, port)
        return {**shown, "subnet_id": leaving[0] if leaving else None, "subnet_ids": leaving}

    def _check_leaving(self, call: Call, row: Row, subnet: Row) -> None:
        """Raises a fault when a floating IP or a route needs the router's leg in a subnet."""
        for fip in call.tx.execute(_FIPS_OF, {"router_id": row["id"]}):
            if addresses.contains(subnet["cidr"], fip.fixed_ip_address):
                raise fault("RouterInterfaceInUseByFloatingIP", subnet_id=subnet["id"], router_id=row["id"])
        for route in row["routes"]:
            if addresses.contains(subnet["cidr"], route["nexthop"]):
                raise fault("RouterInterfaceInUseByRoute", subnet_id=subnet["id"], router_id=row["id"])

    # -- routes ------------------------------------------------------------------------------------------------

    def change_routes(self, call: Call, row: Row, body: Any, *, add: bool) -> Row:
        """Adds or removes some routes, the others left alone."""
        info = body.get("router") if isinstance(body, dict) else None
        if not isinstance(info, dict) or "routes" not in info:
            raise bad_request("Body contains invalid data")
        wanted = validators.to_list(info["routes"])
        reason = validators.host_routes(wanted)
        if reason:
            raise bad_request(f"Invalid input for routes. Reason: {reason}.")
        if add:
            routes = row["routes"] + [route for route in wanted if route not in row["routes"]]
        else:
            routes = [route for route in row["routes"] if route not in wanted]
        return self.update(call, row, {"routes": routes})

    def _check_routes(self, call: Call, row: Row, routes: Sequence[Mapping[str, str]]) -> None:
        if len(routes) > MOST_ROUTES:
            raise fault("RoutesExhausted", router_id=row["id"], quota=MOST_ROUTES)
        legs = call.tx.execute(_LEGS, {"router_id": row["id"]}).all()
        subnet_ids = [leg.subnet_id for leg in legs]
        taken = {leg.ip_address for leg in legs}
        if row["gateway_port_id"]:
            for subnet_id, address in allocation.of_ports(call, [row["gateway_port_id"]])[row["gateway_port_id"]]:
                subnet_ids.append(subnet_id)
                taken.add(address)
        cidrs = [subnet["cidr"] for subnet in call.service.subnets.records.many(call.tx, subnet_ids).values()]
        for route in routes:
            hop = route["nexthop"]
            if not any(addresses.contains(cidr, hop) for cidr in cidrs):
                raise fault("InvalidRoutes", routes=routes, reason="the nexthop is not connected with router")
            if hop in taken:
                raise fault("InvalidRoutes", routes=routes, reason="the nexthop is used by router")

    # -- what else refers to routers ---------------------------------------------------------------------------

    def check_device(self, call: Call, owner: str, device_id: str, project_id: str) -> None:
        """Raises DeviceIDNotOwnedByTenant for a port that pretends to be another project's router's."""
        if owner != INTERFACE or not device_id or call.sees_all:
            return
        router = self.records.get(call.tx, device_id)
        if router is None or router["project_id"] != project_id:
            raise fault("DeviceIDNotOwnedByTenant", device_id=device_id)

    def of_subnet(self, call: Call, subnet_id: str) -> list[str]:
        """The routers that have a leg in a subnet."""
        found = call.tx.execute(
            sa.select(ports.c.device_id)
            .join(fixed_ips, fixed_ips.c.port_id == ports.c.id)
            .where(fixed_ips.c.subnet_id == subnet_id, ports.c.device_owner == INTERFACE)
        )
        return [row.device_id for row in found]
