"""Networks without a machine: keeps what it is told, and ports that have a host are up at once."""

import threading
import uuid
from collections.abc import Mapping, Sequence

from pileus.kernel import clock
from pileus.network.drivers.base import (
    Agent,
    Binding,
    Change,
    PortState,
    PortWatcher,
    ResourceKind,
    State,
)

NOWHERE = "nowhere"  # a host that carries no port
_ALWAYS_UP = ("network:router_", "network:distributed")


class FakeDriver:
    """``hosts``: those that take part in the networks."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self.hosts = tuple(hosts)
        self.states: dict[ResourceKind, dict[str, State]] = {}
        self._up: set[str] = set()
        self._watchers: list[PortWatcher] = []
        self._lock = threading.Lock()

    def apply(self, changes: Sequence[Change]) -> None:
        news: list[tuple[str, bool]] = []
        with self._lock:
            for change in changes:
                kept = self.states.setdefault(change.kind, {})
                if change.state is None:
                    kept.pop(change.id, None)
                else:
                    kept[change.id] = change.state
                if change.kind == "port":
                    news += self._plugged(change.id, change.state)
        for id, up in news:
            for watcher in self._watchers:
                watcher(id, up)

    def _plugged(self, id: str, state: State | None) -> list[tuple[str, bool]]:
        up = isinstance(state, PortState) and (
            (bool(state.host) and state.host != NOWHERE) or state.device_owner.startswith(_ALWAYS_UP)
        )
        if up:
            # Told again for a port that is up already: a port that moved to another host waits for it.
            self._up.add(id)
            return [(id, True)]
        if id in self._up:
            self._up.discard(id)
            return [(id, False)]
        return []

    def known(self) -> Mapping[ResourceKind, Mapping[str, int]]:
        with self._lock:
            return {kind: {id: state.revision for id, state in kept.items()} for kind, kept in self.states.items()}

    def watch_ports(self, watcher: PortWatcher) -> None:
        self._watchers.append(watcher)
        for id in sorted(self._up):
            watcher(id, True)

    def binding(self, host: str, vnic_type: str) -> Binding | None:
        if host == NOWHERE or vnic_type != "normal":
            return None
        details = {"port_filter": True, "connectivity": "l2", "bridge_name": "br-int", "datapath_type": "system"}
        return Binding("ovs", details)

    def agents(self) -> Sequence[Agent]:
        return [
            Agent(
                id=str(uuid.uuid5(uuid.NAMESPACE_DNS, host)),
                host=host,
                agent_type="OVN Controller agent",
                binary="ovn-controller",
                alive=True,
                seen_at=clock.now(),
                configurations={"chassis_name": host, "bridge-mappings": "public:br-ex"},
            )
            for host in self.hosts
        ]
