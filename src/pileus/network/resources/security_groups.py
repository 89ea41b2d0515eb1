"""Security groups."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.kernel.http.request import Request
from pileus.network import addresses, validators
from pileus.network.attributes import (
    DESCRIPTION,
    ID,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Values,
    read_only,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.resources.base import Clause, Resource, Shown, with_owner
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import (
    default_security_group_rules,
    default_security_groups,
    port_security_groups,
    security_group_rules,
    security_groups,
)

DEFAULT = "default"
PARENT = "PARENT"

_DEFAULT_OF = sa.select(default_security_groups.c.security_group_id).where(
    default_security_groups.c.project_id == sa.bindparam("project_id")
)
_IS_DEFAULT = sa.select(default_security_groups.c.security_group_id).where(
    default_security_groups.c.security_group_id.in_(sa.bindparam("ids", expanding=True))
)
_PORT_OF = sa.select(port_security_groups.c.port_id).where(
    port_security_groups.c.security_group_id == sa.bindparam("id")
)
_RULES_OF = (
    sa.select(security_group_rules)
    .where(security_group_rules.c.security_group_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(security_group_rules.c.created_at, security_group_rules.c.id)
)
_TEMPLATES = sa.select(default_security_group_rules)
_RULE_FIELDS = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "remote_address_group_id",
)


def _name(value: Any) -> str | None:
    reason = validators.string(255)(value)
    if reason is None and value.lower() == DEFAULT:
        raise fault("SecurityGroupDefaultAlreadyExists")
    return reason


class SecurityGroups(Resource):
    name = "security_group"
    plural = "security_groups"
    records = Records(security_groups)
    missing = ("SecurityGroupNotFound", "id")
    quota = "security_group"
    object_type = "security_group"
    attributes = table_of(
        ID,
        Attribute("name", post=True, put=True, default="", check=_name),
        PROJECT_ID,
        Attribute("stateful", post=True, put=True, default=True, convert=validators.to_boolean),
        read_only("security_group_rules", filter=False, sort=False),
        Attribute("shared", filter=True, sort=False, convert=validators.to_boolean),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name != "shared":
            return super().filter(name, values)
        shared: Clause = sharing.shared_with_everybody("security_group", security_groups.c.id)
        return shared if values[-1] else sa.not_(shared)

    def before_list(self, call: Call, request: Request[Any]) -> None:
        """A project has its default group as soon as anybody looks for it."""
        asked = request.param("project_id") or request.param("tenant_id")
        project_id = asked if asked and call.sees_all else call.project_id
        if project_id:
            call.service.make_default_group(call, project_id)

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        super().expand(call, rows)
        missing = [row for row in rows if "rules" not in row]
        if not missing:
            return
        by_group: dict[str, list[Shown]] = {row["id"]: [] for row in missing}
        for rule in call.tx.execute(_RULES_OF, {"ids": list(by_group)}):
            by_group[rule.security_group_id].append(render_rule(rule._asdict()))
        for row in missing:
            row["rules"] = by_group[row["id"]]

    def render(self, row: Row) -> Shown:
        shown: Shown = {
            "id": row["id"],
            "name": row["name"],
            "stateful": row["stateful"],
            "description": row["description"],
            "shared": row["shared"],
            "tags": row["tags"],
            "security_group_rules": row["rules"],
        }
        return with_owner(shown, row)

    # -- the default group -------------------------------------------------------------------------------------

    def default_of(self, call: Call, project_id: str) -> str:
        """The id of a project's default group, which is made when it is needed first."""
        found = call.tx.scalar(_DEFAULT_OF, {"project_id": project_id})
        if found is not None:
            return str(found)
        row = self.make(call, project_id, DEFAULT, "Default security group", default=True)
        call.tx.execute(default_security_groups.insert(), {"project_id": project_id, "security_group_id": row["id"]})
        return str(row["id"])

    def has_default(self, call: Call, project_id: str) -> bool:
        return call.tx.scalar(_DEFAULT_OF, {"project_id": project_id}) is not None

    def defaults_among(self, call: Call, ids: Iterable[str]) -> set[str]:
        """Those of these groups that are some project's default."""
        wanted = list(ids)
        return set(call.tx.scalars(_IS_DEFAULT, {"ids": wanted})) if wanted else set()

    def check_usable(self, call: Call, ids: Sequence[str], project_id: str) -> None:
        """Raises SecurityGroupNotFound for one that the owner of a port may not use."""
        if not ids:
            return
        found = self.records.many(call.tx, ids)
        foreign = [id for id, row in found.items() if row["project_id"] != project_id]
        shared = sharing.shared(call.tx, foreign, project_id)
        for id in ids:
            if id not in found or (id in foreign and id not in shared and not call.sees_all):
                raise fault("SecurityGroupNotFound", id=id)

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        self.default_of(call, values["project_id"])
        return self.make(
            call,
            values["project_id"],
            values["name"],
            values["description"],
            stateful=values["stateful"],
            tags=values.get("tags", []),
        )

    def make(
        self,
        call: Call,
        project_id: str,
        name: str,
        description: str,
        *,
        default: bool = False,
        stateful: bool = True,
        tags: Sequence[str] = (),
    ) -> Row:
        row = self.records.insert(
            call.tx,
            {
                "project_id": project_id,
                "name": name,
                "description": description,
                "stateful": stateful,
                "tags": list(tags),
            },
        )
        rules = []
        for template in call.tx.execute(_TEMPLATES):
            if not (template.used_in_default_sg if default else template.used_in_non_default_sg):
                continue
            rule = {field: getattr(template, field) for field in _RULE_FIELDS}
            if rule["remote_group_id"] == PARENT:
                rule["remote_group_id"] = row["id"]
            rules.append(
                call.service.security_group_rules.records.insert(
                    call.tx,
                    {
                        **rule,
                        "project_id": project_id,
                        "security_group_id": row["id"],
                        "description": template.description,
                    },
                )
            )
        row["rules"], row["shared"] = [render_rule(rule) for rule in rules], False
        call.changed("security_group", row["id"])
        return row

    def update(self, call: Call, row: Row, values: Values) -> Row:
        is_default = bool(self.defaults_among(call, [row["id"]]))
        if is_default and "name" in values:
            raise fault("SecurityGroupCannotUpdateDefault")
        switched = values.get("stateful", row["stateful"]) != row["stateful"]
        if switched and call.tx.execute(_PORT_OF, {"id": row["id"]}).first() is not None:
            raise fault("SecurityGroupInUse", id=row["id"], reason="in use")
        call.changed("security_group", row["id"])
        return super().update(call, row, values)

    def delete(self, call: Call, row: Row) -> None:
        if call.tx.execute(_PORT_OF, {"id": row["id"]}).first() is not None:
            raise fault("SecurityGroupInUse", id=row["id"], reason="in use")
        if self.defaults_among(call, [row["id"]]):
            if not call.context.is_admin:
                raise fault("SecurityGroupCannotRemoveDefault")
            call.tx.execute(
                default_security_groups.delete().where(default_security_groups.c.security_group_id == row["id"])
            )
        rules = security_group_rules
        for touched in call.service.security_group_rules.records.of(call.tx, remote_group_id=row["id"]):
            if touched["security_group_id"] != row["id"]:
                call.changed("security_group", touched["security_group_id"])
        call.tx.execute(
            rules.delete().where(sa.or_(rules.c.security_group_id == row["id"], rules.c.remote_group_id == row["id"]))
        )
        super().delete(call, row)
        call.changed("security_group", row["id"])


def render_rule(row: Row) -> Shown:
    shown: Shown = {
        "id": row["id"],
        "security_group_id": row["security_group_id"],
        "direction": row["direction"],
        "ethertype": row["ethertype"],
        "protocol": row["protocol"],
        "port_range_min": row["port_range_min"],
        "port_range_max": row["port_range_max"],
        "remote_ip_prefix": row["remote_ip_prefix"],
        "normalized_cidr": row["remote_ip_prefix"],
        "remote_group_id": row["remote_group_id"],
        "remote_address_group_id": row["remote_address_group_id"],
        "description": row["description"],
    }
    if "belongs_to_default_sg" in row:
        shown["belongs_to_default_sg"] = row["belongs_to_default_sg"]
    if row["remote_ip_prefix"] is not None:
        shown["normalized_cidr"] = str(addresses.network_of(row["remote_ip_prefix"]))
    return with_owner(shown, row)
