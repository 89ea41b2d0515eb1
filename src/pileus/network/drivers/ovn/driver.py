"""The driver of OVN: every state it is told becomes rows of the northbound database, many in one transaction."""

import logging
import queue
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pileus.kernel.errors import Unavailable
from pileus.network.drivers.base import (
    Agent,
    Binding,
    Change,
    FloatingIpState,
    NetworkState,
    PortState,
    PortWatcher,
    ResourceKind,
    RouterState,
    SecurityGroupState,
    SubnetState,
)
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.chassis import ChassisTable
from pileus.network.drivers.ovn.connection import Connection, Refused
from pileus.network.drivers.ovn.networks import apply_network, apply_subnet
from pileus.network.drivers.ovn.ports import apply_port
from pileus.network.drivers.ovn.routers import Gateways, apply_floating_ip, apply_router, reschedule
from pileus.network.drivers.ovn.security import apply_group
from pileus.network.drivers.ovn.view import View

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 30.0
BATCH = 500


class OvnDriver:
    """``northbound`` and ``southbound``: where the databases are, ``unix:PATH`` or ``tcp:ADDRESS:PORT``.

    Connects when it is first asked for something. ``close`` ends its threads.
    """

    def __init__(self, northbound: str, southbound: str) -> None:
        self._ports = PortEvents()
        self._northbound = Connection(northbound, "OVN_Northbound", n.NORTHBOUND, n.NORTHBOUND_KEYS, self._ports.notice)
        self._chassis = ChassisTable(southbound, self._chassis_changed)
        self._rescheduling = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def apply(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        needed = any(isinstance(change.state, RouterState) and change.state.gateway for change in changes)
        gateways = self._chassis.gateways() if needed else {}
        refused = []
        for start in range(0, len(changes), BATCH):
            refused += self._apply(changes[start : start + BATCH], gateways)
        if refused:
            raise Unavailable(f"OVN refused {len(refused)} changes: {refused[0]}")

    def _apply(self, changes: Sequence[Change], gateways: Gateways) -> list[str]:
        """All of it in one transaction or, when that is refused, each alone: one bad change must not stop the rest."""
        try:
            self._northbound.transact(lambda view: _carry_out(view, changes, gateways))
        except (Refused, ValueError) as error:
            if len(changes) == 1:
                log.error("%s %s: %s", changes[0].kind, changes[0].id, error)
                return [f"{changes[0].kind} {changes[0].id}: {error}"]
            return [refusal for change in changes for refusal in self._apply([change], gateways)]
        return []

    def known(self) -> Mapping[ResourceKind, Mapping[str, int]]:
        return self._northbound.read(_known)

    def watch_ports(self, watcher: PortWatcher) -> None:
        self._ports.watch(watcher)
        self._northbound.start()
        self._chassis.start()
        for work in (self._beat, self._reschedule, self._ports.run):
            thread = threading.Thread(target=work, name=f"ovn {work.__name__.strip('_')}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def binding(self, host: str, vnic_type: str) -> Binding | None:
        return self._chassis.binding(host, vnic_type)

    def agents(self) -> Sequence[Agent]:
        return self._chassis.agents()

    def close(self) -> None:
        self._stopping.set()
        self._rescheduling.set()
        self._ports.stop()
        for thread in self._threads:
            thread.join(5)
        self._northbound.stop()
        self._chassis.stop()

    def _chassis_changed(self) -> None:
        self._rescheduling.set()

    def _reschedule(self) -> None:
        """Gives gateways to chassis that came, and takes them from those that went."""
        while not self._stopping.is_set():
            self._rescheduling.wait()
            self._rescheduling.clear()
            if self._stopping.is_set():
                return
            try:
                gateways = self._chassis.gateways()
                self._northbound.transact(lambda view, now=gateways: reschedule(view, now))  # type: ignore[misc]
            except (Unavailable, Refused) as error:
                log.warning("gateways could not be scheduled: %s", error)
                self._rescheduling.set()
                self._stopping.wait(1)

    def _beat(self) -> None:
        """Asks every chassis for a sign of life, by a new ``nb_cfg``."""
        while not self._stopping.is_set():
            try:
                self._northbound.transact(_count_up)
            except (Unavailable, Refused) as error:
                log.warning("hosts could not be asked for a sign of life: %s", error)
            self._stopping.wait(HEARTBEAT_SECONDS)


class PortEvents:
    """Tells watchers which ports carry traffic, in order, on a thread of its own: a watcher may wait."""

    def __init__(self) -> None:
        self._up: set[str] = set()
        self._watchers: list[PortWatcher] = []
        self._events: queue.SimpleQueue[tuple[PortWatcher | None, str, bool] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()

    def watch(self, watcher: PortWatcher) -> None:
        with self._lock:
            self._watchers.append(watcher)
            for port_id in sorted(self._up):
                self._events.put((watcher, port_id, True))

    def notice(self, event: str, table: str, row: Any, old: Any) -> None:
        """A change of the northbound database."""
        if table != "Logical_Switch_Port" or row.type == "localnet":
            return
        up = event != "delete" and row.up == [True]
        with self._lock:
            if up == (row.name in self._up):
                return
            (self._up.add if up else self._up.discard)(row.name)
            if self._watchers:
                self._events.put((None, row.name, up))

    def run(self) -> None:
        while (event := self._events.get()) is not None:
            only, port_id, up = event
            for watcher in [only] if only else list(self._watchers):
                try:
                    watcher(port_id, up)
                except Exception:
                    log.exception("a watcher of ports failed")

    def stop(self) -> None:
        self._events.put(None)


def _carry_out(view: View, changes: Sequence[Change], gateways: Gateways) -> None:
    for change in changes:
        _carry_out_one(view, change, gateways)


def _carry_out_one(view: View, change: Change, gateways: Gateways) -> None:
    state = change.state
    match change.kind:
        case "network":
            assert state is None or isinstance(state, NetworkState)
            apply_network(view, change.id, state)
        case "subnet":
            assert state is None or isinstance(state, SubnetState)
            apply_subnet(view, change.id, state)
        case "security_group":
            assert state is None or isinstance(state, SecurityGroupState)
            apply_group(view, change.id, state)
        case "port":
            assert state is None or isinstance(state, PortState)
            apply_port(view, change.id, state)
        case "router":
            assert state is None or isinstance(state, RouterState)
            apply_router(view, change.id, state, gateways)
        case "floating_ip":
            assert state is None or isinstance(state, FloatingIpState)
            apply_floating_ip(view, change.id, state)


def _count_up(view: View) -> None:
    for row in view.rows("NB_Global"):
        view.set(row, nb_cfg=row.nb_cfg + 1)


def _known(view: View) -> dict[ResourceKind, dict[str, int]]:
    found: dict[ResourceKind, dict[str, int]] = {
        "network": {},
        "subnet": {},
        "port": _revisions(view, "Logical_Switch_Port", lambda row: row.name),
        "router": _revisions(view, "Logical_Router", lambda row: row.name.removeprefix(n.PREFIX)),
        "security_group": _revisions(view, "Port_Group", lambda row: row.external_ids.get(n.SECURITY_GROUP_ID)),
        "floating_ip": _revisions(view, "NAT", n.key_of_nat),
    }
    for row in view.rows("Logical_Switch"):
        if not row.name.startswith(n.PREFIX):
            continue
        for key, value in row.external_ids.items():
            if key == n.REVISION:
                found["network"][row.name.removeprefix(n.PREFIX)] = int(value)
            elif key.startswith(n.SUBNET_PREFIX):
                found["subnet"][key.removeprefix(n.SUBNET_PREFIX)] = int(value)
    return found


def _revisions(view: View, table: str, identify: Any) -> dict[str, int]:
    found = {}
    for row in view.rows(table):
        revision, id = row.external_ids.get(n.REVISION), identify(row)
        if revision is not None and id is not None:
            found[id] = int(revision)
    return found
