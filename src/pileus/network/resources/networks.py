"""Networks."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.network import validators
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
from pileus.network.errors import fault, invalid
from pileus.network.resources.base import Clause, Resource, Shown, with_owner
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import networks, ports, segment_allocations, subnets

GENEVE, VLAN, FLAT = "geneve", "vlan", "flat"
GENEVE_OVERHEAD = 58
LEAST_MTU = {4: 68, 6: 1280}  # of networks with subnets of an IP version
PORTS_OF_ITS_OWN = ("network:distributed", "network:dhcp")

_boolean = validators.to_boolean

_SUBNETS = sa.select(subnets.c.id, subnets.c.network_id).where(
    subnets.c.network_id.in_(sa.bindparam("ids", expanding=True))
)
_PORT_IN_USE = (
    sa.select(ports.c.id)
    .where(ports.c.network_id == sa.bindparam("id"), ports.c.device_owner.not_in(PORTS_OF_ITS_OWN))
    .limit(1)
)
_FOREIGN_PORTS = (
    sa.select(ports.c.project_id)
    .where(
        ports.c.network_id == sa.bindparam("id"),
        ports.c.device_owner.not_in(("network:router_gateway", "network:floatingip", *PORTS_OF_ITS_OWN)),
    )
    .distinct()
)
_GATEWAYS = (
    sa.select(ports.c.id)
    .where(ports.c.network_id == sa.bindparam("id"), ports.c.device_owner == "network:router_gateway")
    .limit(1)
)
_TAKEN = sa.select(segment_allocations.c.network_id).where(
    segment_allocations.c.network_type == sa.bindparam("type"),
    segment_allocations.c.physical_network == sa.bindparam("physical"),
    segment_allocations.c.segmentation_id == sa.bindparam("number"),
)
_NUMBER = networks.update().where(networks.c.id == sa.bindparam("at"))
_TAKE = segment_allocations.insert()
_RELEASE = segment_allocations.delete().where(segment_allocations.c.network_id == sa.bindparam("at"))


def provider(name: str, **options: Any) -> Attribute:
    return Attribute(f"provider:{name}", post=True, put=True, default=UNSET, ruled=True, column=name, **options)


class Networks(Resource):
    name = "network"
    plural = "networks"
    records = Records(networks)
    missing = ("NetworkNotFound", "net_id")
    quota = "network"
    object_type = "network"
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        ADMIN_STATE_UP,
        read_only("status"),
        read_only("subnets", filter=False, sort=False),
        Attribute("shared", post=True, put=True, default=False, convert=_boolean, ruled=True, sort=False),
        Attribute(
            "router:external",
            post=True,
            put=True,
            default=False,
            convert=_boolean,
            ruled=True,
            sort=False,
            column="external",
        ),
        Attribute("is_default", post=True, put=True, default=False, convert=_boolean, ruled=True, sort=False),
        Attribute(
            "mtu",
            post=True,
            put=True,
            default=0,
            convert=validators.to_int,
            check=validators.non_negative,
            ruled=True,
        ),
        Attribute("port_security_enabled", post=True, put=True, default=True, convert=_boolean, ruled=True),
        provider("network_type", check=validators.string(32)),
        provider("physical_network", check=validators.string(64)),
        provider("segmentation_id", convert=validators.to_int),
        Attribute("availability_zone_hints", post=True, default=[], check=validators.list_of(validators.string(255))),
        read_only("availability_zones", filter=False, sort=False),
        read_only("ipv4_address_scope", filter=False, sort=False),
        read_only("ipv6_address_scope", filter=False, sort=False),
        Attribute(
            "dns_domain",
            post=True,
            put=True,
            default="",
            convert=validators.to_lower,
            check=validators.dns_domain,
            filter=False,
        ),
        Attribute("qos_policy_id", post=True, put=True, default=None, check=validators.uuid_or_none, ruled=True),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def scope(self) -> Clause:
        return sa.or_(
            networks.c.project_id == sa.bindparam("me"),
            sharing.visible("network", networks.c.id, actions=(sharing.SHARED, sharing.EXTERNAL)),
        )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name != "shared":
            return super().filter(name, values)
        shared: Clause = sharing.shared_with_everybody("network", networks.c.id)
        return shared if values[-1] else sa.not_(shared)

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        found = dict(super().lookups(call, facts))
        found["network:project_id"] = lambda: facts.get("project_id")
        return found

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        super().expand(call, rows)
        missing = [row for row in rows if "subnets" not in row]
        if missing:
            by_network: dict[str, list[str]] = {row["id"]: [] for row in missing}
            for subnet in call.tx.execute(_SUBNETS, {"ids": list(by_network)}):
                by_network[subnet.network_id].append(subnet.id)
            for row in missing:
                row["subnets"] = by_network[row["id"]]
        scopes = call.service.address_scopes_of_networks(call, rows)
        zones = call.service.zones()
        for row in rows:
            row["ipv4_address_scope"], row["ipv6_address_scope"] = scopes.get(row["id"], (None, None))
            row["availability_zones"] = zones if row["subnets"] else []

    def render(self, row: Row) -> Shown:
        shown: Shown = {
            "id": row["id"],
            "name": row["name"],
            "admin_state_up": row["admin_state_up"],
            "mtu": row["mtu"],
            "status": row["status"],
            "subnets": row["subnets"],
            "shared": row["shared"],
            "availability_zone_hints": row["availability_zone_hints"],
            "availability_zones": row["availability_zones"],
            "ipv4_address_scope": row["ipv4_address_scope"],
            "ipv6_address_scope": row["ipv6_address_scope"],
            "router:external": row["external"],
            "description": row["description"],
            "qos_policy_id": row["qos_policy_id"],
            "port_security_enabled": row["port_security_enabled"],
            "dns_domain": row["dns_domain"],
            "tags": row["tags"],
            "provider:network_type": row["network_type"],
            "provider:physical_network": row["physical_network"],
            "provider:segmentation_id": row["segmentation_id"],
        }
        if row["external"]:
            shown["is_default"] = row["is_default"]
        return with_owner(shown, row)

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        call.service.check_zones(values["availability_zone_hints"], "network")
        network_type, physical, number = self._segment(call, values)
        largest = self._largest_mtu(call, network_type)
        qos_policy_id = values["qos_policy_id"]
        if qos_policy_id is None:
            qos_policy_id = call.service.qos_policies.default_of(call, values["project_id"])
        else:
            call.service.check_qos_policy(call, qos_policy_id)
        external = values["router:external"]
        row = self.records.insert(
            call.tx,
            {
                "project_id": values["project_id"],
                "name": values["name"],
                "description": values["description"],
                "admin_state_up": values["admin_state_up"],
                "status": "ACTIVE",
                "mtu": self._mtu(values["mtu"], largest),
                "network_type": network_type,
                "physical_network": physical,
                "segmentation_id": number,
                "external": external,
                "is_default": external and values["is_default"],
                "port_security_enabled": values["port_security_enabled"],
                "dns_domain": values["dns_domain"],
                "qos_policy_id": qos_policy_id,
                "availability_zone_hints": values["availability_zone_hints"],
                "tags": values.get("tags", []),
            },
        )
        self._take_segment(call, row)
        if external:
            self._only_default(call, row)
            sharing.share(call.tx, "network", row["id"], row["project_id"], action=sharing.EXTERNAL)
        if values["shared"]:
            self.set_shared(call, row, True)
        row["shared"], row["subnets"] = values["shared"], []
        call.changed("network", row["id"])
        return row

    def _segment(self, call: Call, values: Values) -> tuple[str, str | None, int | None]:
        """The network's type, physical network and number, as asked for and checked; a number of None is to be had."""
        asked_type = values.get("provider:network_type")
        physical = values.get("provider:physical_network")
        number = values.get("provider:segmentation_id")
        if asked_type is None:
            if physical is not None or number is not None:
                raise invalid("network_type required")
            return GENEVE, None, None
        ranges = call.service.settings.vlan_ranges()
        if asked_type == GENEVE:
            if physical is not None:
                raise invalid("provider:physical_network specified for geneve network")
            return GENEVE, None, number
        if asked_type not in (FLAT, VLAN):
            raise invalid(f"network_type value '{asked_type}' not supported")
        if physical is None:
            raise invalid(f"physical_network required for {asked_type} provider network")
        if physical not in ranges:
            raise invalid(f"physical_network '{physical}' unknown for {asked_type} provider network")
        if asked_type == FLAT:
            if number is not None:
                raise invalid("segmentation_id prohibited for flat provider network")
        elif number is not None and not 1 <= number <= 4094:
            raise invalid("segmentation_id out of range (1 through 4094)")
        return asked_type, physical, number

    def _take_segment(self, call: Call, row: Row) -> None:
        """Gives the network its number, a free one unless one was asked for."""
        type, physical, number = row["network_type"], row["physical_network"] or "", row["segmentation_id"]
        if type == FLAT:
            number = 0
        if number is None:
            number = row["segmentation_id"] = self._free_number(call, type, physical)
            call.tx.execute(_NUMBER, {"at": row["id"], "segmentation_id": number})
        elif call.tx.execute(_TAKEN, {"type": type, "physical": physical, "number": number}).first() is not None:
            if type == FLAT:
                raise fault("FlatNetworkInUse", physical_network=physical)
            if type == VLAN:
                raise fault("VlanIdInUse", vlan_id=number, physical_network=physical)
            raise fault("TunnelIdInUse", tunnel_id=number)
        call.tx.execute(
            _TAKE,
            {
                "network_type": type,
                "physical_network": physical,
                "segmentation_id": number,
                "network_id": row["id"],
            },
        )

    def _free_number(self, call: Call, type: str, physical: str) -> int:
        settings = call.service.settings
        if type == VLAN:
            span = settings.vlan_ranges()[physical]
        else:
            first, _, last = settings.geneve_ids.partition(":")
            span = (int(first), int(last))
        if span is None:
            raise fault("NoNetworkAvailable")
        for _ in range(8):
            number = random.randint(*span)  # noqa: S311 - unique, not secret
            if call.tx.execute(_TAKEN, {"type": type, "physical": physical, "number": number}).first() is None:
                return number
        taken = set(
            call.tx.scalars(
                sa.select(segment_allocations.c.segmentation_id).where(
                    segment_allocations.c.network_type == type, segment_allocations.c.physical_network == physical
                )
            )
        )
        free = next((number for number in range(span[0], span[1] + 1) if number not in taken), None)
        if free is None:
            raise fault("NoNetworkAvailable")
        return free

    @staticmethod
    def _largest_mtu(call: Call, network_type: str) -> int:
        mtu = call.service.settings.mtu
        return mtu - GENEVE_OVERHEAD if network_type == GENEVE else mtu

    @staticmethod
    def _mtu(asked: int, largest: int) -> int:
        if asked == 0:
            return largest
        if asked > largest:
            raise invalid(f"Requested MTU is too big, maximum is {largest}")
        return asked

    def _only_default(self, call: Call, row: Row) -> None:
        if row["is_default"]:
            call.tx.execute(
                networks.update().where(networks.c.is_default, networks.c.id != row["id"]).values(is_default=False)
            )

    def update(self, call: Call, row: Row, values: Values) -> Row:
        for name in ("network_type", "physical_network", "segmentation_id"):
            given = values.pop(f"provider:{name}", row[name])
            if given != row[name]:
                raise invalid("Plugin does not support updating the following provider network attributes: " + name)
        changed = {self.attributes[name].key: value for name, value in values.items() if name != "shared"}
        if "mtu" in changed:
            changed["mtu"] = self._mtu(changed["mtu"], self._largest_mtu(call, row["network_type"]))
            for version, least in LEAST_MTU.items():
                if changed["mtu"] < least and call.service.subnets.records.of(
                    call.tx, network_id=row["id"], ip_version=version
                ):
                    raise fault("NetworkMTUSubnetConflict", net_id=row["id"], mtu=least)
        if "qos_policy_id" in changed:
            call.service.check_qos_policy(call, changed["qos_policy_id"])
        if "external" in changed and changed["external"] != row["external"]:
            self._set_external(call, row, changed["external"])
        if "is_default" in changed:
            changed["is_default"] = changed["is_default"] and changed.get("external", row["external"])
        if values.get("shared") is False:
            self._check_unshare(call, row)
        new = super().update(call, row, changed)
        self.set_shared(call, new, values.get("shared"))
        self._only_default(call, new)
        call.changed("network", row["id"])
        if new["mtu"] != row["mtu"]:
            call.service.mtu_changed(call, row["id"])
        return new

    def _set_external(self, call: Call, row: Row, external: bool) -> None:
        if external:
            if not sharing.with_everybody(call.tx, row["id"], sharing.EXTERNAL):
                sharing.share(call.tx, "network", row["id"], row["project_id"], action=sharing.EXTERNAL)
            return
        if call.tx.execute(_GATEWAYS, {"id": row["id"]}).first() is not None:
            raise fault("ExternalNetworkInUse", net_id=row["id"])
        sharing.unshare(call.tx, row["id"], sharing.EXTERNAL)

    def _check_unshare(self, call: Call, row: Row) -> None:
        """Raises InvalidSharedSetting when projects use the network that may not do so any more."""
        if not sharing.with_everybody(call.tx, row["id"]):
            return
        allowed = sharing.targets(call.tx, row["id"]) | {row["project_id"]}
        if set(call.tx.scalars(_FOREIGN_PORTS, {"id": row["id"]})) - allowed:
            raise fault("InvalidSharedSetting", network=row["name"])

    def delete(self, call: Call, row: Row) -> None:
        if row["external"]:
            for fip in call.service.floatingips.records.of(call.tx, floating_network_id=row["id"]):
                if fip["port_id"] is None:
                    call.service.floatingips.delete(call, fip)
        used = call.tx.execute(_PORT_IN_USE, {"id": row["id"]}).first()
        if used is not None:
            reason = f"There are one or more ports still in use on the network, id for one port is {used.id}"
            raise fault("NetworkInUse", net_id=row["id"], reason=reason)
        for port in call.service.ports.records.of(call.tx, network_id=row["id"]):
            call.service.ports.remove(call, port)
        for subnet in call.service.subnets.records.of(call.tx, network_id=row["id"]):
            call.service.subnets.records.delete(call.tx, subnet["id"])
            call.changed("subnet", subnet["id"])
        call.tx.execute(_RELEASE, {"at": row["id"]})
        super().delete(call, row)
        call.changed("network", row["id"])
