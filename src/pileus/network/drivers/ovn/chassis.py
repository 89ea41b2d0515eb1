"""Hosts as the southbound database knows them: who can bind ports, who can be a gateway, who is alive."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from pileus.network.drivers.base import Agent, Binding
from pileus.network.drivers.ovn.connection import Connection
from pileus.network.drivers.ovn.view import View

TABLES = {
    "Chassis": ("name", "hostname", "other_config", "external_ids"),
    "Chassis_Private": ("name", "chassis", "nb_cfg_timestamp", "external_ids"),
}
ALIVE_SECONDS = 75
METADATA_ID = "neutron:ovn-metadata-id"
METADATA_AGENT = uuid.UUID("0b5f5f0a-3b1f-4f7c-8f2a-5f0c1d0e6c77")
VNIC_TYPES = ("normal",)


class ChassisTable:
    """``changed`` is called, on the connection's thread, when a chassis came, went or reaches other networks."""

    def __init__(self, southbound: str, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        keys = {"Chassis": lambda row: str(row.hostname), "Chassis_Private": lambda row: str(row.name)}
        self._connection = Connection(southbound, "OVN_Southbound", TABLES, keys, self._notice)

    def start(self) -> None:
        self._connection.start()

    def stop(self) -> None:
        self._connection.stop()

    def _notice(self, event: str, table: str, row: Any, old: Any) -> None:
        if table == "Chassis":
            self._changed()

    def gateways(self) -> dict[str, list[str]]:
        """Physical network -> chassis that are its gateways; "" -> every gateway chassis."""
        return self._connection.read(_gateways)

    def binding(self, host: str, vnic_type: str) -> Binding | None:
        if vnic_type not in VNIC_TYPES:
            return None
        row = self._connection.read(lambda view: _facts(view, host))
        if row is None:
            return None
        details = {
            "port_filter": True,
            "connectivity": "l2",
            "bridge_name": "br-int",
            "datapath_type": row.get("datapath-type") or "system",
            "bound_drivers": {"0": "ovn"},
        }
        return Binding("ovs", details)

    def agents(self) -> list[Agent]:
        return self._connection.read(_agents)


def _facts(view: View, host: str) -> dict[str, str] | None:
    row = view.find("Chassis", host)
    return None if row is None else facts(row)


def facts(row: Any) -> dict[str, str]:
    """What a chassis tells of itself: other_config, in external_ids before OVN 20.09."""
    return {**row.external_ids, **row.other_config}


def _bridge_mappings(chassis: dict[str, str]) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in chassis.get("ovn-bridge-mappings", "").split(",") if pair)
    return {network: bridge for network, _, bridge in pairs}


def _is_gateway(chassis: dict[str, str]) -> bool:
    return "enable-chassis-as-gw" in chassis.get("ovn-cms-options", "")


def _gateways(view: View) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in view.rows("Chassis"):
        chassis = facts(row)
        if _is_gateway(chassis):
            for network in ("", *_bridge_mappings(chassis)):
                found.setdefault(network, []).append(str(row.name))
    return found


def _agents(view: View) -> list[Agent]:
    agents = []
    for row in view.rows("Chassis"):
        private = view.find("Chassis_Private", row.name)
        seen_at = 0 if private is None else private.nb_cfg_timestamp * 1000
        alive = time.time() - seen_at / 1e6 < ALIVE_SECONDS
        chassis = facts(row)
        kind = "OVN Controller Gateway agent" if _is_gateway(chassis) else "OVN Controller agent"
        configurations = {"chassis_name": row.name, "bridge-mappings": chassis.get("ovn-bridge-mappings", "")}
        agents.append(Agent(row.name, row.hostname, kind, "ovn-controller", alive, seen_at, configurations))
        metadata_id = "" if private is None else private.external_ids.get(METADATA_ID, "")
        if metadata_id:
            binary = "neutron-ovn-metadata-agent"
            agents.append(
                Agent(metadata_id, row.hostname, "OVN Metadata agent", binary, alive, seen_at, configurations)
            )
    return agents
