"""Security groups as port groups with ACLs. Every guarded port is also in one group that drops what no rule allows."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from pileus.network.drivers.base import SecurityGroupRuleState, SecurityGroupState
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.view import View

ALLOW_PRIORITY = 1002
DROP_PRIORITY = 1000
PROTOCOLS = {
    "ah": 51, "dccp": 33, "egp": 8, "esp": 50, "gre": 47, "hopopt": 0, "icmp": 1, "icmpv6": 58, "igmp": 2, "ip": 0,
    "ipip": 4, "ipv6-encap": 41, "ipv6-frag": 44, "ipv6-icmp": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43,
    "ospf": 89, "pgm": 113, "rsvp": 46, "sctp": 132, "tcp": 6, "udp": 17, "udplite": 136, "vrrp": 112,
}  # fmt: skip
TRANSPORTS = {6: "tcp", 17: "udp", 132: "sctp"}
ICMP = (1, 58)
# A client that has no address yet must get one whatever its groups say, as on every other Neutron back end.
ALWAYS_ALLOWED = (
    ("from-lport", "ip4 && udp.src == 68 && udp.dst == 67"),
    ("from-lport", "ip6 && udp.src == 546 && udp.dst == 547"),
    ("from-lport", "ip6 && (nd || nd_rs || mldv1 || mldv2)"),
    ("to-lport", "ip6 && (nd || nd_ra)"),
)
SIDES = {"from-lport": "inport", "to-lport": "outport"}

Acl = tuple[str, str, str, int, str]  # rule id, direction, match, priority, action


def apply_group(view: View, group_id: str, state: SecurityGroupState | None) -> None:
    name = n.port_group_name(group_id)
    group = view.find("Port_Group", name)
    if state is None:
        if group is not None:
            view.delete(group)
        return
    if group is None:
        group = view.insert("Port_Group", name, name=name)
        _take_in_members(view, group, group_id)
    view.set(group, external_ids={n.SECURITY_GROUP_ID: group_id, n.REVISION: str(state.revision)})
    _set_acls(view, group, acls(state))


def _take_in_members(view: View, group: Any, group_id: str) -> None:
    """Ports that were told of the group before it was there."""
    for port in view.rows("Logical_Switch_Port"):
        identity = getattr(port, "external_ids", {})
        guarded = getattr(port, "port_security", [])
        if guarded and group_id in identity.get(n.SECURITY_GROUP_IDS, "").split():
            view.add(group, "ports", port)


def drop_group(view: View) -> Any:
    """The group of every guarded port."""
    group = view.find("Port_Group", n.DROP_GROUP)
    if group is None:
        group = view.insert("Port_Group", n.DROP_GROUP, name=n.DROP_GROUP)
        drops = [("", side, f"{port} == @{n.DROP_GROUP} && ip", DROP_PRIORITY, "drop") for side, port in SIDES.items()]
        allowed = [
            ("", side, f"{SIDES[side]} == @{n.DROP_GROUP} && {match}", ALLOW_PRIORITY, "allow")
            for side, match in ALWAYS_ALLOWED
        ]
        _set_acls(view, group, [*drops, *allowed])
    return group


def join(view: View, port: Any, before: dict[str, str], names: Sequence[str]) -> None:
    """Makes the port a member of exactly these port groups; ``before``: its external ids until now."""
    former = {n.port_group_name(group) for group in before.get(n.SECURITY_GROUP_IDS, "").split()}
    if before:
        former.add(n.DROP_GROUP)
    for name in sorted(former - set(names)):
        group = view.find("Port_Group", name)
        if group is not None:
            view.remove(group, "ports", port)
    for name in names:
        group = drop_group(view) if name == n.DROP_GROUP else view.find("Port_Group", name)
        if group is not None:
            view.add(group, "ports", port)


def _set_acls(view: View, group: Any, wanted: Iterable[Acl]) -> None:
    missing = {acl[:3]: acl for acl in wanted}
    for row in getattr(group, "acls", []):
        key = (row.external_ids.get(n.SECURITY_GROUP_RULE_ID, ""), row.direction, row.match)
        acl = missing.pop(key, None)
        if acl is None:
            view.remove(group, "acls", row)
            view.delete(row)
        else:
            view.set(row, priority=acl[3], action=acl[4])
    for rule_id, direction, match, priority, action in missing.values():
        identity = {n.SECURITY_GROUP_RULE_ID: rule_id} if rule_id else {}
        row = view.insert(
            "ACL", direction=direction, match=match, priority=priority, action=action, external_ids=identity
        )
        view.add(group, "acls", row)


def acls(state: SecurityGroupState) -> list[Acl]:
    action = "allow-related" if state.stateful else "allow-stateless"
    name = n.port_group_name(state.id)
    found = []
    for rule in state.rules:
        match = rule_match(name, rule)
        if match is not None:
            direction = "to-lport" if rule.direction == "ingress" else "from-lport"
            found.append((rule.id, direction, match, ALLOW_PRIORITY, action))
    return found


def rule_match(group_name: str, rule: SecurityGroupRuleState) -> str | None:
    """What a rule allows, in OVN's language; None when it allows nothing (an empty remote address group)."""
    ip = "ip4" if rule.ethertype == "IPv4" else "ip6"
    side = "outport" if rule.direction == "ingress" else "inport"
    remote = f"{ip}.{'src' if rule.direction == 'ingress' else 'dst'}"
    parts = [f"{side} == @{group_name}", ip]
    if rule.remote_ip_prefix:
        parts.append(f"{remote} == {ipaddress.ip_network(rule.remote_ip_prefix, strict=False)}")
    if rule.remote_group_id:
        parts.append(f"{remote} == ${n.port_group_name(rule.remote_group_id)}_{ip}")
    if rule.remote_addresses is not None:
        version = 4 if ip == "ip4" else 6
        networks = [ipaddress.ip_network(text, strict=False) for text in rule.remote_addresses]
        matching = [str(network) for network in networks if network.version == version]
        if not matching:
            return None
        parts.append(f"{remote} == {{{', '.join(matching)}}}")
    return " && ".join([*parts, *_protocol_match(rule, ip)])


def protocol_number(protocol: str | None) -> int | None:
    """None stands for any protocol. Raises ValueError for a name that is none."""
    if protocol is None or protocol == "any":
        return None
    if protocol.isdigit():
        return int(protocol)
    if protocol.lower() not in PROTOCOLS:
        raise ValueError(f"{protocol} is no protocol")
    return PROTOCOLS[protocol.lower()]


def _protocol_match(rule: SecurityGroupRuleState, ip: str) -> list[str]:
    number = protocol_number(rule.protocol)
    low, high = rule.port_range_min, rule.port_range_max
    if number is None:
        return []
    if number in TRANSPORTS:
        name = TRANSPORTS[number]
        if low is not None and low == high:
            return [name, f"{name}.dst == {low}"]
        bounds = [f"{name}.dst {sign} {port}" for sign, port in ((">=", low), ("<=", high)) if port is not None]
        return [name, *bounds]
    if number in ICMP:
        name = "icmp4" if ip == "ip4" else "icmp6"
        kinds = [f"{name}.{what} == {value}" for what, value in (("type", low), ("code", high)) if value is not None]
        return [name, *kinds]
    return [f"ip.proto == {number}"]
