"""The network service and its collaborators."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from pileus.host.layout import Layout
from pileus.kernel import ids
from pileus.kernel.context import Context, service_context
from pileus.kernel.database import Tx, retried
from pileus.kernel.http.faults import NetworkFaults
from pileus.kernel.operations.model import Kind
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.quotas import Quotas
from pileus.kernel.service import Runtime, Service
from pileus.network import notifying, reconciling
from pileus.network.attributes import Values
from pileus.network.calls import Call
from pileus.network.config import Settings
from pileus.network.drivers.base import Driver
from pileus.network.drivers.fake import FakeDriver
from pileus.network.errors import fault
from pileus.network.resources import allocation
from pileus.network.resources.address_groups import AddressGroups
from pileus.network.resources.base import Resource
from pileus.network.resources.floatingips import FloatingIps
from pileus.network.resources.networks import Networks
from pileus.network.resources.ports import Ports
from pileus.network.resources.qos import QosPolicies
from pileus.network.resources.rbac_policies import RbacPolicies
from pileus.network.resources.routers import Routers
from pileus.network.resources.security_group_rules import DefaultSecurityGroupRules, SecurityGroupRules
from pileus.network.resources.security_groups import SecurityGroups
from pileus.network.resources.subnetpools import AddressScopes, SubnetPools
from pileus.network.resources.subnets import Subnets
from pileus.network.resources.trunks import Trunks
from pileus.network.rules import RULES
from pileus.network.store import statuses
from pileus.network.store.records import Row
from pileus.network.tables import metadata, routers, subnetpools, subnets

ZONE = "nova"
WRITER = "network-writer"

_SCOPES = (
    sa.select(subnets.c.network_id, subnets.c.ip_version, subnetpools.c.address_scope_id)
    .join(subnetpools, subnetpools.c.id == subnets.c.subnetpool_id)
    .where(subnets.c.network_id.in_(sa.bindparam("ids", expanding=True)), subnetpools.c.address_scope_id.is_not(None))
)

if TYPE_CHECKING:
    from pileus.network.agent import MetadataAgent


class Network(Service):
    """networks, subnets, ports, routers, security (Neutron's v2.0 API)."""

    type: ClassVar[str] = "network"
    mount: ClassVar[str] = "/network"
    rules = RULES
    faults = NetworkFaults()
    metadata = metadata
    strict_content_type = False
    refusal = "rule:{rule} is disallowed by policy"

    def __init__(
        self, runtime: Runtime, settings: Settings, *, fake_hosts: Sequence[str] = (), writer: Kind, notifier: Kind
    ) -> None:
        """``fake_hosts``: a fake cloud's, none in a real one.

        ``writer`` and ``notifier`` are the operations that tell the driver, and compute.
        """
        super().__init__(runtime)
        self.settings = settings
        self._fake_hosts = fake_hosts
        self._writer = writer
        self._notifier = notifier
        self._driver: Driver | None = None
        self._metadata_agent: MetadataAgent | None = None
        self.quotas = Quotas("network", settings.quota_defaults())
        self.networks = Networks()
        self.subnets = Subnets()
        self.ports = Ports()
        self.security_groups = SecurityGroups()
        self.security_group_rules = SecurityGroupRules()
        self.default_security_group_rules = DefaultSecurityGroupRules()
        self.routers = Routers()
        self.floatingips = FloatingIps()
        self.rbac_policies = RbacPolicies()
        self.subnetpools = SubnetPools()
        self.address_scopes = AddressScopes()
        self.address_groups = AddressGroups()
        self.qos_policies = QosPolicies()
        self.trunks = Trunks()

    # -- the driver --------------------------------------------------------------------------------------------

    @property
    def driver(self) -> Driver:
        """What makes the networks real; made when it is needed first, so that no process has one for nothing."""
        if self._driver is None:
            self._driver = self._make_driver()
        return self._driver

    def _make_driver(self) -> Driver:
        if self._fake_hosts:
            return FakeDriver(self._fake_hosts)
        from pileus.network.drivers.ovn import OvnDriver  # a fake cloud needs no OVN libraries

        layout = Layout(self.runtime.state_dir)
        return OvnDriver(layout.northbound, layout.southbound)

    def wake_writer(self, tx: Tx, context: Context) -> None:
        """Asks an engine to tell the driver what the journal holds."""
        self.runtime.operations.ask_once(tx, self._writer, WRITER, context)

    def ask_notifier(self, tx: Tx, context: Context, changes: Sequence[tuple[str, str, str]]) -> None:
        """Asks an engine to tell compute of (event, server id, port id)."""
        for server_id in {server_id for _, server_id, _ in changes}:
            events = notifying.events(change for change in changes if change[1] == server_id)
            self.runtime.operations.ask(tx, self._notifier, f"notify {server_id}", context, {"events": events})

    def start_engine(self) -> None:
        self.driver.watch_ports(self._port_seen)

    def start_agent(self) -> None:
        """Serves the metadata of this host's guests."""
        if self._fake_hosts:
            return
        from pileus.network.agent import MetadataAgent

        layout, host = Layout(self.runtime.state_dir), self.runtime.host
        self._metadata_agent = MetadataAgent(layout, host, self.runtime.services, self.settings.metadata_secret)
        self._metadata_agent.start()

    def stop(self) -> None:
        if self._metadata_agent is not None:
            self._metadata_agent.stop()
        close = getattr(self._driver, "close", None)
        if close is not None:
            close()

    def _port_seen(self, port_id: str, up: bool) -> None:
        """The back end reports that a port carries traffic, or does so no more."""

        def write() -> str | None:
            with self.database.transaction() as tx:
                return statuses.port_seen(tx, port_id, up)

        server_id = retried(write)
        if server_id is not None and "compute" in self.runtime.services:
            event = notifying.PLUGGED if up else notifying.UNPLUGGED
            body = {"events": notifying.events([(event, server_id, port_id)])}
            context = service_context(ids.new_request_id())
            # Only a hint: compute looks itself now and then.
            self.runtime.services["compute"].request(context, "POST", notifying.PATH, body)

    def periodic(self) -> Sequence[Periodic]:
        return (
            Periodic("network-journal", 2.0, lambda: reconciling.look_at_journal(self)),
            Periodic("network-reconciler", 60.0, self._reconcile),
        )

    def _reconcile(self) -> None:
        reconciling.reconcile(self)

    # -- what several resources ask ----------------------------------------------------------------------------

    def shareable(self, object_type: str) -> Resource:
        """The resource that RBAC policies call by this name."""
        resources: Sequence[Resource] = (
            self.networks,
            self.security_groups,
            self.subnetpools,
            self.address_scopes,
            self.address_groups,
            self.qos_policies,
        )
        return next(resource for resource in resources if resource.object_type == object_type)

    def network_lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        """What rules of ports and subnets may ask about their network."""
        found: list[Row | None] = []

        def network() -> Row | None:
            if not found:
                found.append(self.networks.records.get(call.tx, facts.get("network_id", "")))
            return found[0]

        def owner() -> Any:
            row = network()
            return None if row is None else row["project_id"]

        def shared() -> bool:
            row = network()
            return row is not None and self.networks.is_shared(call, row)

        def external() -> bool:
            row = network()
            return row is not None and bool(row["external"])

        return {"network:project_id": owner, "shared": shared, "router:external": external}

    def check_network_owner(self, call: Call, values: Values) -> None:
        """Raises a not-found fault for a network that the caller may not make subnets and ports in."""
        network = self.networks.find(call, values["network_id"])
        if call.sees_all or network["project_id"] == values["project_id"] or self.networks.is_shared(call, network):
            return
        raise fault("HTTPNotFound")

    def is_shared(self, call: Call, network: Row) -> bool:
        return self.networks.is_shared(call, network)

    def zones(self) -> list[str]:
        return [ZONE]

    def check_zones(self, hints: Iterable[str], resource: str) -> None:
        """Raises AvailabilityZoneNotFound for a hint at a zone that is not there."""
        for hint in hints:
            if hint not in self.zones():
                raise fault("AvailabilityZoneNotFound", availability_zone=hint)

    def check_qos_policy(self, call: Call, policy_id: str | None) -> None:
        if policy_id is not None:
            self.qos_policies.find(call, policy_id)

    def address_scopes_of_networks(self, call: Call, rows: Sequence[Row]) -> dict[str, tuple[str | None, str | None]]:
        """Network id -> its IPv4 and IPv6 address scopes."""
        wanted = [row["id"] for row in rows if row["subnets"]]
        if not wanted:
            return {}
        found: dict[str, tuple[str | None, str | None]] = {}
        for row in call.tx.execute(_SCOPES, {"ids": wanted}):
            one, two = found.get(row.network_id, (None, None))
            found[row.network_id] = (row.address_scope_id, two) if row.ip_version == 4 else (one, row.address_scope_id)
        return found

    def make_default_group(self, call: Call, project_id: str) -> None:
        """Makes a project's default security group, in a transaction of its own, when it has none."""
        if self.security_groups.has_default(call, project_id):
            return
        with self.database.transaction() as tx:
            making = Call(self, tx, call.context)
            self.security_groups.default_of(making, project_id)
            making.finish()

    def mtu_changed(self, call: Call, network_id: str) -> None:
        """Subnets tell their hosts the MTU, and routers mind it."""
        for subnet in self.subnets.records.of(call.tx, network_id=network_id):
            call.changed("subnet", subnet["id"])
        owners = list(allocation.ROUTER_OWNERS)
        for port in self.ports.records.of(call.tx, network_id=network_id, device_owner=owners):
            call.changed("router", port["device_id"])

    def owns_service_port(self, call: Call, port: Row) -> bool:
        """Whether what a service port belongs to is still there."""
        owner = self.floatingips if port["device_owner"] == "network:floatingip" else self.routers
        return owner.records.get(call.tx, port["device_id"]) is not None

    def projects_with_gateways(self, call: Call, network_id: str) -> set[str]:
        """The projects whose routers or floating IPs are in an external network."""
        of_routers = sa.select(routers.c.project_id).where(routers.c.gateway_network_id == network_id)
        fips = self.floatingips.records.of(call.tx, floating_network_id=network_id)
        return set(call.tx.scalars(of_routers)) | {fip["project_id"] for fip in fips}
