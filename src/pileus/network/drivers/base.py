"""The protocol of network drivers: told what should be, as often as anybody likes, and report what they see.

The engine (one at a time, by lease) is the only caller of ``apply``. What is wanted is complete in each state, so a
driver never asks the database; ``None`` stands for something that must not be there (any more).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

ResourceKind = Literal["network", "subnet", "security_group", "port", "router", "floating_ip"]


class NetworkState(Struct, frozen=True):
    """``network_type``: ``geneve`` (of this cloud), or ``flat``/``vlan`` on a ``physical_network``."""

    id: str
    name: str
    project_id: str
    mtu: int
    network_type: str
    physical_network: str | None
    segmentation_id: int | None
    external: bool
    revision: int


class SubnetState(Struct, frozen=True):
    """``metadata_ip``: where 169.254.169.254 is reached (the network's distributed port), None without one."""

    id: str
    network_id: str
    project_id: str
    ip_version: int
    cidr: str
    gateway_ip: str | None
    enable_dhcp: bool
    dns_nameservers: tuple[str, ...]
    host_routes: tuple[tuple[str, str], ...]  # (destination, next hop)
    ipv6_ra_mode: str | None
    ipv6_address_mode: str | None
    mtu: int
    metadata_ip: str | None
    revision: int


class FixedIp(Struct, frozen=True):
    subnet_id: str
    address: str
    prefix: int


class PortState(Struct, frozen=True):
    """A port that something is plugged into. Ports of routers are told here too (``device_owner``)."""

    id: str
    network_id: str
    name: str
    project_id: str
    mac: str
    fixed_ips: tuple[FixedIp, ...]
    admin_state_up: bool
    device_owner: str
    device_id: str
    host: str
    vnic_type: str
    port_security: bool
    security_group_ids: tuple[str, ...]
    allowed_address_pairs: tuple[tuple[str, str], ...]  # (mac, address or cidr)
    extra_dhcp_options: tuple[tuple[str, str, int], ...]  # (name, value, ip version)
    revision: int


class RouterPort(Struct, frozen=True):
    """One leg of a router."""

    port_id: str
    network_id: str
    mac: str
    addresses: tuple[FixedIp, ...]
    mtu: int
    ipv6_ra_modes: tuple[tuple[str, str | None], ...] = ()  # (subnet id, ipv6_ra_mode) of its IPv6 subnets


class Gateway(Struct, frozen=True):
    """A router's leg in an external network; ``next_hops`` are that network's gateways."""

    port: RouterPort
    next_hops: tuple[str, ...]
    enable_snat: bool


class RouterState(Struct, frozen=True):
    id: str
    name: str
    project_id: str
    admin_state_up: bool
    gateway: Gateway | None
    interfaces: tuple[RouterPort, ...]
    routes: tuple[tuple[str, str], ...]  # (destination, next hop)
    snat_cidrs: tuple[str, ...]  # IPv4 subnets behind the router that leave with its gateway's address
    revision: int


class FloatingIpState(Struct, frozen=True):
    """Only floating IPs that are associated are told; a disassociated one is None."""

    id: str
    project_id: str
    floating_ip: str
    floating_network_id: str
    fixed_ip: str
    port_id: str
    router_id: str
    revision: int


class SecurityGroupRuleState(Struct, frozen=True):
    """``remote_addresses``: the cidrs of a remote address group, None without one."""

    id: str
    direction: str  # ingress, egress
    ethertype: str  # IPv4, IPv6
    protocol: str | None  # a name or a number in digits
    port_range_min: int | None
    port_range_max: int | None
    remote_ip_prefix: str | None
    remote_group_id: str | None
    remote_addresses: tuple[str, ...] | None = None


class SecurityGroupState(Struct, frozen=True):
    id: str
    project_id: str
    name: str
    stateful: bool
    rules: tuple[SecurityGroupRuleState, ...]
    revision: int


State = NetworkState | SubnetState | SecurityGroupState | PortState | RouterState | FloatingIpState


class Change(Struct, frozen=True):
    """What one resource should be from now on; ``state`` None: gone."""

    kind: ResourceKind
    id: str
    state: State | None


class Binding(Struct, frozen=True):
    """What a port's plug looks like to compute (``binding:vif_type`` and ``binding:vif_details`` of the API)."""

    vif_type: str
    vif_details: Mapping[str, object]


class Agent(Struct, frozen=True):
    """One host's part of the networks, as the ``/v2.0/agents`` API lists it. ``seen_at``: microseconds."""

    id: str
    host: str
    agent_type: str
    binary: str
    alive: bool
    seen_at: int
    configurations: Mapping[str, object]


PortWatcher = Callable[[str, bool], None]


class Driver(Protocol):
    """Makes the networks real."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Makes all of it so, in the order given, in as few transactions of the back end as it can.

        Raises Unavailable when the back end does not answer: nothing is lost, the same call comes again.
        """
        ...

    def known(self) -> Mapping[ResourceKind, Mapping[str, int]]:
        """Kind -> id -> revision of everything of this cloud that the back end has, for the reconciler."""
        ...

    def watch_ports(self, watcher: PortWatcher) -> None:
        """From now on calls ``watcher(port id, up)`` when a port begins or ceases to carry traffic, on any thread.

        Begins with every port that is up.
        """
        ...

    def binding(self, host: str, vnic_type: str) -> Binding | None:
        """How a port would be plugged on a host; None when that host cannot carry it (``binding_failed``)."""
        ...

    def agents(self) -> Sequence[Agent]:
        """Hosts that take part in the networks."""
        ...
