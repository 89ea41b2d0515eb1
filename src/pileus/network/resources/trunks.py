"""Trunks: one parent port that carries the networks of others, told apart by their VLAN tags."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

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
from pileus.network.errors import bad_request, fault, invalid
from pileus.network.resources.base import Resource, Shown, with_owner
from pileus.network.store.records import Records, Row
from pileus.network.tables import ports, subports, trunks

SUBPORT_OWNER = "trunk:subport"
_OF_PORTS = sa.select(trunks.c.id, trunks.c.port_id).where(trunks.c.port_id.in_(sa.bindparam("ids", expanding=True)))
_SUBPORTS = (
    sa.select(subports, ports.c.mac_address)
    .join(ports, ports.c.id == subports.c.port_id)
    .where(subports.c.trunk_id.in_(sa.bindparam("ids", expanding=True)))
)
_TRUNK_OF_SUBPORT = sa.select(subports.c.trunk_id).where(subports.c.port_id == sa.bindparam("port_id"))


def _subports(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"Invalid data format for subports: '{value}' is not a list"
    seen: set[str] = set()
    for subport in value:
        if not isinstance(subport, dict):
            return f"Invalid data format for subport: '{subport}' is not a dict"
        port_id = subport.get("port_id")
        if not port_id:
            return "A valid port UUID must be specified"
        if validators.uuid(port_id):
            return f"Invalid UUID for subport: '{port_id}'"
        if port_id in seen:
            return f"Non unique UUID for subport: '{port_id}'"
        seen.add(port_id)
    return None


class Trunks(Resource):
    name = "trunk"
    plural = "trunks"
    records = Records(trunks)
    missing = ("TrunkNotFound", "trunk_id")
    quota = "trunk"
    bulk = False
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        Attribute("port_id", post=True, check=validators.uuid),
        ADMIN_STATE_UP,
        read_only("status"),
        Attribute(
            "sub_ports",
            post=True,
            default=[],
            convert=validators.to_list,
            check=_subports,
            filter=False,
            sort=False,
        ),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        by_trunk = self.subports_of(call, [row["id"] for row in rows])
        for row in rows:
            row["sub_ports"] = [_plain(subport) for subport in by_trunk[row["id"]]]

    def render(self, row: Row) -> Shown:
        names = ("id", "name", "port_id", "admin_state_up", "status", "sub_ports", "description", "tags")
        return with_owner({name: row[name] for name in names}, row)

    @staticmethod
    def subports_of(call: Call, trunk_ids: Iterable[str]) -> dict[str, list[Row]]:
        wanted = list(trunk_ids)
        found: dict[str, list[Row]] = {id: [] for id in wanted}
        if wanted:
            for row in call.tx.execute(_SUBPORTS, {"ids": wanted}):
                found[row.trunk_id].append(row._asdict())
        return found

    def details_of(self, call: Call, rows: Sequence[Row]) -> dict[str, Shown]:
        """What parent ports show of their trunks, by port."""
        if not rows:
            return {}
        found = {row.id: row.port_id for row in call.tx.execute(_OF_PORTS, {"ids": [row["id"] for row in rows]})}
        by_trunk = self.subports_of(call, found)
        return {
            port_id: {
                "trunk_id": id,
                "sub_ports": [{**_plain(sub), "mac_address": sub["mac_address"]} for sub in by_trunk[id]],
            }
            for id, port_id in found.items()
        }

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        parent = call.service.ports.find(call, values["port_id"])
        self.check_port_free(call, parent["id"])
        if parent["host"]:
            raise fault("ParentPortInUse", port_id=parent["id"])
        row = self.records.insert(
            call.tx,
            {
                "project_id": values["project_id"],
                "name": values["name"],
                "description": values["description"],
                "port_id": parent["id"],
                "admin_state_up": values["admin_state_up"],
                "status": "DOWN",
                "tags": values.get("tags", []),
            },
        )
        if values["sub_ports"]:
            self._add(call, row, values["sub_ports"])
        return row

    def delete(self, call: Call, row: Row) -> None:
        parent = call.service.ports.records.get(call.tx, row["port_id"])
        if parent is not None and parent["host"]:
            raise fault("TrunkInUse", trunk_id=row["id"])
        for subport in self.subports_of(call, [row["id"]])[row["id"]]:
            self._release(call, subport["port_id"])
        super().delete(call, row)

    def add_subports(self, call: Call, row: Row, body: Any) -> Row:
        self._check_enabled(row)
        wanted = body.get("sub_ports") if isinstance(body, dict) else None
        if wanted is None:
            raise bad_request("Invalid input for operation: 'sub_ports' is required.")
        self._add(call, row, wanted)
        return self.records.update(call.tx, row, {})

    def remove_subports(self, call: Call, row: Row, body: Any) -> Row:
        self._check_enabled(row)
        wanted = body.get("sub_ports") if isinstance(body, dict) else None
        reason = _subports(wanted)
        if reason:
            raise invalid(reason)
        present = {subport["port_id"] for subport in self.subports_of(call, [row["id"]])[row["id"]]}
        for subport in wanted or ():
            if subport["port_id"] not in present:
                raise fault("SubPortNotFound", trunk_id=row["id"], port_id=subport["port_id"])
            self._release(call, subport["port_id"])
        return self.records.update(call.tx, row, {})

    @staticmethod
    def _check_enabled(row: Row) -> None:
        if not row["admin_state_up"]:
            raise fault("TrunkDisabled", trunk_id=row["id"])

    def _add(self, call: Call, row: Row, wanted: Any) -> None:
        reason = _subports(wanted)
        if reason:
            raise invalid(reason)
        parent = call.service.ports.get(call, row["port_id"])
        parent_mtu = call.service.networks.get(call, parent["network_id"])["mtu"]
        present = self.subports_of(call, [row["id"]])[row["id"]]
        taken = {(subport["segmentation_type"], subport["segmentation_id"]) for subport in present}
        for subport in wanted:
            port = call.service.ports.find(call, subport["port_id"])
            if port["id"] == row["port_id"]:
                raise fault("ParentPortInUse", port_id=port["id"])
            self.check_port_free(call, port["id"])
            if port["host"]:
                raise fault("PortInUse", port_id=port["id"], net_id=port["network_id"], device_id=port["device_id"])
            mtu = call.service.networks.get(call, port["network_id"])["mtu"]
            if mtu > parent_mtu:
                raise fault(
                    "SubPortMtuGreaterThanTrunkPortMtu",
                    port_mtu=mtu,
                    port_id=port["id"],
                    trunk_mtu=parent_mtu,
                    trunk_id=row["id"],
                )
            segment = self._segment(call, subport, port)
            if segment in taken:
                raise fault(
                    "DuplicateSubPort", segmentation_type=segment[0], segmentation_id=segment[1], trunk_id=row["id"]
                )
            taken.add(segment)
            call.tx.execute(
                subports.insert(),
                {
                    "port_id": port["id"],
                    "trunk_id": row["id"],
                    "segmentation_type": segment[0],
                    "segmentation_id": segment[1],
                },
            )
            changed = call.service.ports.records.update(
                call.tx, port, {"device_owner": SUBPORT_OWNER, "device_id": row["id"]}
            )
            call.changed("port", changed["id"])
        call.changed("port", row["port_id"])

    @staticmethod
    def _segment(call: Call, subport: Mapping[str, Any], port: Row) -> tuple[str, int]:
        kind, number = subport.get("segmentation_type"), subport.get("segmentation_id")
        if kind == "inherit":
            network = call.service.networks.get(call, port["network_id"])
            if network["network_type"] != "vlan":
                raise invalid(f"Cannot inherit segmentation details from network {network['id']}")
            return "vlan", int(network["segmentation_id"])
        if kind is None or number is None:
            raise invalid(
                f"Invalid subport details '{dict(subport)}': missing segmentation information. Must specify "
                "both segmentation_id and segmentation_type"
            )
        if kind != "vlan":
            raise invalid(f"Invalid segmentation type '{kind}'")
        try:
            tag = int(number)
        except (ValueError, TypeError):
            raise invalid(f"Segmentation ID '{number}' for '{subport['port_id']}' is not an integer") from None
        if not 1 <= tag <= 4094:
            raise invalid(f"Invalid segmentation ID: {tag}")
        return "vlan", tag

    @staticmethod
    def _release(call: Call, port_id: str) -> None:
        call.tx.execute(subports.delete().where(subports.c.port_id == port_id))
        port = call.service.ports.records.get(call.tx, port_id)
        if port is not None:
            call.service.ports.records.update(call.tx, port, {"device_owner": "", "device_id": ""})
            call.changed("port", port_id)

    def check_port_free(self, call: Call, port_id: str) -> None:
        """Raises a fault for a port that is a trunk's parent or subport."""
        own = self.records.of(call.tx, port_id=port_id)
        if own:
            raise fault("PortInUseAsTrunkParent", port_id=port_id, trunk_id=own[0]["id"])
        trunk_id = call.tx.scalar(_TRUNK_OF_SUBPORT, {"port_id": port_id})
        if trunk_id is not None:
            raise fault("PortInUseAsSubPort", port_id=port_id, trunk_id=trunk_id)


def _plain(subport: Mapping[str, Any]) -> Shown:
    return {name: subport[name] for name in ("port_id", "segmentation_type", "segmentation_id")}
