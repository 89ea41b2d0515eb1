"""States of networks for tests of network drivers, each with sensible values for what a test does not care about."""

import uuid

from msgspec.structs import replace

from pileus.network.drivers import base
from pileus.network.drivers.base import Change, FixedIp, State

HOST = "host1"
KINDS: dict[type, base.ResourceKind] = {
    base.NetworkState: "network",
    base.SubnetState: "subnet",
    base.SecurityGroupState: "security_group",
    base.PortState: "port",
    base.RouterState: "router",
    base.FloatingIpState: "floating_ip",
}


def new_id() -> str:
    return str(uuid.uuid4())


def want(*states: State) -> list[Change]:
    return [Change(KINDS[type(state)], state.id, state) for state in states]


def network(name: str, **different: object) -> base.NetworkState:
    state = base.NetworkState(new_id(), name, "project", 1442, "geneve", None, None, False, 1)
    return replace(state, **different)


def subnet(of: base.NetworkState, cidr: str, gateway: str | None, metadata: str | None) -> base.SubnetState:
    return base.SubnetState(
        new_id(), of.id, "project", 4, cidr, gateway, True, ("192.0.2.53",), (), None, None, of.mtu, metadata, 1
    )  # fmt: skip


def port(of: base.SubnetState, number: int, address: str, *groups: str, **different: object) -> base.PortState:
    state = base.PortState(
        new_id(), of.network_id, f"port{number}", "project", f"fa:16:3e:00:00:{number:02x}",
        (FixedIp(of.id, address, int(of.cidr.partition("/")[2])),), True, "compute:nova", new_id(), HOST, "normal",
        True, groups, (), (), 1,
    )  # fmt: skip
    return replace(state, **different)


def rule(direction: str, **different: object) -> base.SecurityGroupRuleState:
    return replace(base.SecurityGroupRuleState(new_id(), direction, "IPv4", None, None, None, None, None), **different)


def group(*rules: base.SecurityGroupRuleState, **different: object) -> base.SecurityGroupState:
    return replace(base.SecurityGroupState(new_id(), "project", "group", True, rules, 1), **different)
