"""Rules of security groups, and the templates that new groups begin with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.kernel.numerals import natural
from pileus.network import addresses, validators
from pileus.network.attributes import DESCRIPTION, ID, PROJECT_ID, STANDARD, Attribute, Values, table_of
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.resources.base import Clause, Resource, Shown
from pileus.network.resources.security_groups import PARENT, render_rule
from pileus.network.store.records import Records, Row
from pileus.network.tables import (
    default_security_group_rules,
    default_security_groups,
    security_group_rules,
    security_groups,
)

PROTOCOLS: Mapping[str, int] = {
    "ah": 51,
    "dccp": 33,
    "egp": 8,
    "esp": 50,
    "gre": 47,
    "hopopt": 0,
    "icmp": 1,
    "igmp": 2,
    "ip": 0,
    "ipip": 4,
    "ipv6-encap": 41,
    "ipv6-frag": 44,
    "ipv6-icmp": 58,
    "icmpv6": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ipv6-route": 43,
    "ospf": 89,
    "pgm": 113,
    "rsvp": 46,
    "sctp": 132,
    "tcp": 6,
    "udp": 17,
    "udplite": 136,
    "vrrp": 112,
}
ANY = (None, "any", "0", 0)
WITH_PORTS = ("dccp", "sctp", "tcp", "udp", "udplite")
ONLY_IPV6 = frozenset(
    text for name in PROTOCOLS if name.startswith("ipv6-") or name == "icmpv6" for text in (name, str(PROTOCOLS[name]))
)
ETHERTYPES = ["IPv4", "IPv6"]
_SUPPORTED = (None, "any", *PROTOCOLS)


def _protocol(value: Any) -> str | None:
    if value in ANY or value == "any":
        return None
    try:
        number = int(value)
    except (ValueError, TypeError):
        if isinstance(value, str) and value.lower() in PROTOCOLS:
            return value.lower()
    else:
        if 0 <= number <= 255:
            return str(value)
    raise fault("SecurityGroupRuleInvalidProtocol", protocol=value, values=list(_SUPPORTED))


def _ethertype(value: Any) -> str:
    found = next((known for known in ETHERTYPES if isinstance(value, str) and known.lower() == value.lower()), None)
    if found is None:
        raise fault("SecurityGroupRuleInvalidEtherType", ethertype=value, values=ETHERTYPES)
    return found


def _port(value: Any) -> int | None:
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, TypeError):
        raise fault("SecurityGroupInvalidPortValue", port=value) from None
    if not 0 <= number <= 65535:
        raise fault("SecurityGroupInvalidPortValue", port=value)
    return number


def _prefix(value: Any) -> str | None:
    if not value:
        return None
    text = str(value) if "/" in str(value) else f"{value}/{128 if ':' in str(value) else 32}"
    if validators.subnet(text) is not None:
        raise fault("InvalidCIDR", input=value)
    return text


RULE_ATTRIBUTES = (
    Attribute("direction", post=True, check=validators.one_of("ingress", "egress")),
    Attribute("ethertype", post=True, default="IPv4", convert=_ethertype),
    Attribute("protocol", post=True, default=None, convert=_protocol),
    Attribute("port_range_min", post=True, default=None, convert=_port),
    Attribute("port_range_max", post=True, default=None, convert=_port),
    Attribute("remote_ip_prefix", post=True, default=None, convert=_prefix),
    Attribute("remote_group_id", post=True, default=None),
    Attribute("remote_address_group_id", post=True, default=None),
)
SAME = tuple(attribute.name for attribute in RULE_ATTRIBUTES)


def canonical(values: Values) -> None:
    """Brings a rule to its canonical form. Raises what is wrong with it."""
    if values["ethertype"] == "IPv6":
        if values["protocol"] in ("icmp", "icmpv6"):
            values["protocol"] = "ipv6-icmp"
        elif values["protocol"] == "1":
            values["protocol"] = "58"
    low, high, protocol = values["port_range_min"], values["port_range_max"], values["protocol"]
    if (low, high) == (1, 65535) and protocol is not None:
        low = high = values["port_range_min"] = values["port_range_max"] = None
    if low is not None or high is not None:
        _check_ports(protocol, low, high)
    prefix = values["remote_ip_prefix"]
    if prefix is not None and f"IPv{addresses.version_of(prefix)}" != values["ethertype"]:
        raise fault("SecurityGroupRuleParameterConflict", ethertype=values["ethertype"], cidr=prefix)
    if protocol in ONLY_IPV6 and values["ethertype"] == "IPv4":
        raise fault("SecurityGroupEthertypeConflictWithProtocol", ethertype="IPv4", protocol=protocol)
    if sum(bool(values[name]) for name in ("remote_ip_prefix", "remote_group_id", "remote_address_group_id")) > 1:
        raise fault("SecurityGroupMultipleRemoteEntites")


def _check_ports(protocol: str | None, low: int | None, high: int | None) -> None:
    if protocol is None:
        raise fault("SecurityGroupProtocolRequiredWithPorts")
    number = PROTOCOLS[protocol] if protocol in PROTOCOLS else natural(protocol)
    if number in {PROTOCOLS[name] for name in WITH_PORTS}:
        if low == 0 or high == 0:
            raise fault("SecurityGroupInvalidPortValue", port=0)
        if low is None or high is None or low > high:
            raise fault("SecurityGroupInvalidPortRange")
    elif number in (1, 58):
        for name, field, value in (("port_range_min", "type", low), ("port_range_max", "code", high)):
            if value is not None and not 0 <= value <= 255:
                raise fault("SecurityGroupInvalidIcmpValue", field=field, attr=name, value=value)
        if low is None:
            raise fault("SecurityGroupMissingIcmpType", value=high)
    else:
        names = ", ".join(name.upper() for name in WITH_PORTS)
        raise fault("SecurityGroupInvalidProtocolForPort", protocol=number, valid_port_protocols=names)


def identity(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rules of a group the same."""
    protocol = rule["protocol"]
    number = PROTOCOLS.get(protocol, protocol) if isinstance(protocol, str) else protocol
    prefix = rule["remote_ip_prefix"]
    if prefix in ("0.0.0.0/0", "::/0"):
        prefix = None
    facts = {**rule, "protocol": None if number is None else str(number), "remote_ip_prefix": prefix}
    return tuple(facts[name] for name in SAME)


class SecurityGroupRules(Resource):
    name = "security_group_rule"
    plural = "security_group_rules"
    records = Records(security_group_rules)
    missing = ("SecurityGroupRuleNotFound", "id")
    quota = "security_group_rule"
    attributes = table_of(
        ID,
        Attribute("security_group_id", post=True, check=validators.string(36)),
        *RULE_ATTRIBUTES,
        PROJECT_ID,
        Attribute("belongs_to_default_sg", sort=False, filter=True),
        DESCRIPTION,
        *STANDARD,
    )

    def scope(self) -> Clause:
        groups = sa.select(security_groups.c.id).where(security_groups.c.project_id == sa.bindparam("me"))
        return sa.or_(
            security_group_rules.c.project_id == sa.bindparam("me"),
            security_group_rules.c.security_group_id.in_(groups),
        )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name == "protocol":
            wanted = [value.lower() if isinstance(value, str) else value for value in values]
            return sa.or_(*(security_group_rules.c.protocol == value for value in wanted))
        if name == "belongs_to_default_sg":
            of_default = security_group_rules.c.security_group_id.in_(
                sa.select(default_security_groups.c.security_group_id)
            )
            return of_default if str(values[-1]).lower() in ("true", "1") else sa.not_(of_default)
        return super().filter(name, values)

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        def owner() -> Any:
            group = call.service.security_groups.records.get(call.tx, facts["security_group_id"])
            return None if group is None else group["project_id"]

        return {"security_group:project_id": owner}

    def before_create(self, call: Call, values: Values) -> None:
        group = call.service.security_groups.find(call, values["security_group_id"])
        if group["project_id"] != values["project_id"] and call.context.is_admin:
            values["project_id"] = group["project_id"]

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        defaults = call.service.security_groups.defaults_among(call, {row["security_group_id"] for row in rows})
        for row in rows:
            row["belongs_to_default_sg"] = row["security_group_id"] in defaults

    def render(self, row: Row) -> Shown:
        return render_rule(row)

    def create(self, call: Call, values: Values) -> Row:
        return self.create_many(call, [values])[0]

    def create_many(self, call: Call, items: Sequence[Values]) -> list[Row]:
        """Several rules of one group, or none of them."""
        groups = {item["security_group_id"] for item in items}
        if len(groups) > 1:
            raise fault("SecurityGroupNotSingleGroupRules")
        group = groups.pop()
        for item in items:
            canonical(item)
            self._check_remotes(call, item)
        known = {identity(rule): rule["id"] for rule in self.records.of(call.tx, security_group_id=group)}
        made = []
        for item in items:
            same = identity(item)
            if same in known:
                if known[same] is None:
                    raise fault("DuplicateSecurityGroupRuleInPost")
                raise fault("SecurityGroupRuleExists", rule_id=known[same])
            known[same] = None
            made.append(self.records.insert(call.tx, item))
        call.service.security_groups.records.touch(call.tx, group)
        call.changed("security_group", group)
        return made

    @staticmethod
    def _check_remotes(call: Call, item: Values) -> None:
        if item["remote_group_id"]:
            call.service.security_groups.find(call, item["remote_group_id"])
        if item["remote_address_group_id"]:
            call.service.address_groups.find(call, item["remote_address_group_id"])

    def delete(self, call: Call, row: Row) -> None:
        super().delete(call, row)
        call.service.security_groups.records.touch(call.tx, row["security_group_id"])
        call.changed("security_group", row["security_group_id"])


class DefaultSecurityGroupRules(Resource):
    name = "default_security_group_rule"
    plural = "default_security_group_rules"
    records = Records(default_security_group_rules)
    missing = ("DefaultSecurityGroupRuleNotFound", "id")
    bulk = True
    attributes = table_of(
        ID,
        *RULE_ATTRIBUTES,
        Attribute("used_in_default_sg", post=True, default=False, convert=validators.to_boolean),
        Attribute("used_in_non_default_sg", post=True, default=True, convert=validators.to_boolean),
        DESCRIPTION,
    )

    def scope(self) -> Clause:
        return sa.true()

    def render(self, row: Row) -> Shown:
        return {name: row[name] for name in self.attributes}

    def create(self, call: Call, values: Values) -> Row:
        if values["remote_group_id"] == PARENT and values["remote_ip_prefix"]:
            raise fault("SecurityGroupMultipleRemoteEntites")
        canonical(values)
        for known in self.records.of(call.tx):
            flags = ("used_in_default_sg", "used_in_non_default_sg")
            if identity(known) == identity(values) and any(known[flag] and values[flag] for flag in flags):
                raise fault("DefaultSecurityGroupRuleExists", rule_id=known["id"])
        return self.records.insert(call.tx, values)
