"""Quality of service: policies and their rules."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.kernel import ids
from pileus.network import validators
from pileus.network.attributes import (
    DESCRIPTION,
    ID,
    NAME,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Attributes,
    Values,
    read_only,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.resources.base import Clause, Resource, Shown
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import floatingips, networks, ports, qos_policies, qos_rules, routers

_INT = 2147483647
_boolean = validators.to_boolean


def _number(name: str, default: Any = ...) -> Attribute:
    rest = {} if default is ... else {"default": default}
    return Attribute(
        name, post=True, put=True, convert=validators.to_int, check=validators.integer_range(0, _INT), **rest
    )


def _direction(*values: str) -> Attribute:
    return Attribute("direction", post=True, put=True, default="egress", check=validators.one_of(*values))


_DEFAULT_OF = sa.select(qos_policies.c.id).where(
    qos_policies.c.project_id == sa.bindparam("project_id"), qos_policies.c.is_default == sa.true()
)
DSCP = (0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56)
RULE_TYPES: Mapping[str, Attributes] = {
    "bandwidth_limit": table_of(ID, _number("max_kbps"), _number("max_burst_kbps", 0), _direction("egress", "ingress")),
    "dscp_marking": table_of(
        ID,
        Attribute("dscp_mark", post=True, put=True, convert=validators.to_int, check=validators.one_of(*DSCP)),
    ),
    "minimum_bandwidth": table_of(ID, _number("min_kbps"), _direction("egress", "ingress")),
    "minimum_packet_rate": table_of(ID, _number("min_kpps"), _direction("egress", "ingress", "any")),
}


class QosPolicies(Resource):
    name = "policy"
    plural = "policies"
    path = "/qos/policies"
    records = Records(qos_policies)
    missing = ("QosPolicyNotFound", "policy_id")
    object_type = "qos_policy"
    bulk = False
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        Attribute("shared", post=True, put=True, default=False, convert=_boolean, sort=False),
        Attribute("is_default", post=True, put=True, default=False, convert=_boolean),
        read_only("rules", filter=False, sort=False),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name != "shared":
            return super().filter(name, values)
        shared: Clause = sharing.shared_with_everybody("qos_policy", qos_policies.c.id)
        return shared if values[-1] else sa.not_(shared)

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        super().expand(call, rows)
        by_policy: dict[str, list[Shown]] = {row["id"]: [] for row in rows}
        for rule in call.tx.execute(qos_rules.select().where(qos_rules.c.qos_policy_id.in_(list(by_policy)))):
            shown = {"id": rule.id, "qos_policy_id": rule.qos_policy_id, "type": rule.type, **rule.values}
            by_policy[rule.qos_policy_id].append(shown)
        for row in rows:
            row["rules"] = by_policy[row["id"]]

    def create(self, call: Call, values: Values) -> Row:
        shared = values.pop("shared")
        self._check_default(call, values["project_id"], values["is_default"], None)
        row = self.records.insert(call.tx, {"tags": [], **values})
        self.set_shared(call, row, shared)
        return row

    def update(self, call: Call, row: Row, values: Values) -> Row:
        shared = values.pop("shared", None)
        self._check_default(call, row["project_id"], values.get("is_default", False), row["id"])
        row = super().update(call, row, values)
        self.set_shared(call, row, shared)
        return row

    def _check_default(self, call: Call, project_id: str, wanted: bool, own_id: str | None) -> None:
        if wanted and any(
            row["id"] != own_id for row in self.records.of(call.tx, project_id=project_id, is_default=True)
        ):
            raise fault("QoSPolicyDefaultAlreadyExists", project_id=project_id)

    def delete(self, call: Call, row: Row) -> None:
        for kind, table, column in (
            ("network", networks, networks.c.qos_policy_id),
            ("port", ports, ports.c.qos_policy_id),
            ("floatingip", floatingips, floatingips.c.qos_policy_id),
            ("router", routers, routers.c.gateway_qos_policy_id),
        ):
            user = call.tx.execute(sa.select(table.c.id).where(column == row["id"]).limit(1)).first()
            if user is not None:
                raise fault("QosPolicyInUse", policy_id=row["id"], object_type=kind, object_id=user.id)
        call.tx.execute(qos_rules.delete().where(qos_rules.c.qos_policy_id == row["id"]))
        super().delete(call, row)

    @staticmethod
    def default_of(call: Call, project_id: str) -> str | None:
        """The policy of a project's networks that are given none."""
        found: str | None = call.tx.scalar(_DEFAULT_OF, {"project_id": project_id})
        return found

    @staticmethod
    def users(call: Call, id: str) -> set[str]:
        """The projects that use a policy."""
        found: set[str] = set()
        for table, column in ((networks, networks.c.qos_policy_id), (ports, ports.c.qos_policy_id)):
            found |= set(call.tx.scalars(sa.select(table.c.project_id).where(column == id)))
        return found

    # -- rules -------------------------------------------------------------------------------------------------

    def rule_target(self, call: Call, policy: Row) -> Mapping[str, Any]:
        target = self.target(call, {"id": policy["id"], "project_id": policy["project_id"]})
        target["ext_parent:project_id"] = policy["project_id"]
        return target

    def rules_of(self, call: Call, policy: Row, type: str) -> list[Shown]:
        found = qos_rules.select().where(qos_rules.c.qos_policy_id == policy["id"], qos_rules.c.type == type)
        return [{"id": rule.id, **rule.values} for rule in call.tx.execute(found)]

    def rule(self, call: Call, policy: Row, type: str, rule_id: str) -> Shown:
        """Raises QosRuleNotFound."""
        found = next((rule for rule in self.rules_of(call, policy, type) if rule["id"] == rule_id), None)
        if found is None:
            raise fault("QosRuleNotFound", policy_id=policy["id"], rule_id=rule_id)
        return found

    def add_rule(self, call: Call, policy: Row, type: str, values: Values) -> Shown:
        self._check_rule(call, policy, type, values, None)
        rule_id = ids.new_uuid()
        call.tx.execute(
            qos_rules.insert(), {"id": rule_id, "qos_policy_id": policy["id"], "type": type, "values": values}
        )
        self.records.touch(call.tx, policy["id"])
        return {"id": rule_id, **values}

    def update_rule(self, call: Call, policy: Row, type: str, rule: Shown, values: Values) -> Shown:
        new = {**{name: value for name, value in rule.items() if name != "id"}, **values}
        self._check_rule(call, policy, type, new, rule["id"])
        call.tx.execute(qos_rules.update().where(qos_rules.c.id == rule["id"]).values({qos_rules.c["values"]: new}))
        self.records.touch(call.tx, policy["id"])
        return {"id": rule["id"], **new}

    def remove_rule(self, call: Call, policy: Row, rule: Shown) -> None:
        call.tx.execute(qos_rules.delete().where(qos_rules.c.id == rule["id"]))
        self.records.touch(call.tx, policy["id"])

    def _check_rule(self, call: Call, policy: Row, type: str, values: Values, own_id: str | None) -> None:
        """Raises a conflict with a rule of the same type and direction, or a minimum above a maximum."""
        direction = values.get("direction", "egress")
        for other in self.rules_of(call, policy, type):
            if other["id"] == own_id:
                continue
            theirs = other.get("direction", "egress")
            if theirs == direction or "any" in (theirs, direction):
                raise fault(
                    "QoSRulesConflict",
                    new_rule_type=type,
                    rule_id=other["id"],
                    policy_id=policy["id"],
                )
        limits = {"bandwidth_limit": ("max_kbps", "minimum_bandwidth", "min_kbps")}
        limits["minimum_bandwidth"] = ("min_kbps", "bandwidth_limit", "max_kbps")
        if type not in limits:
            return
        own, opposite, theirs_key = limits[type]
        for other in self.rules_of(call, policy, opposite):
            if other.get("direction", "egress") != direction:
                continue
            pair = {own: values[own], theirs_key: other[theirs_key]}
            if pair["max_kbps"] < pair["min_kbps"]:
                raise fault(
                    "QoSRuleParameterConflict",
                    rule_value=values[own],
                    policy_id=policy["id"],
                    existing_rule=opposite,
                    existing_value=other[theirs_key],
                )
