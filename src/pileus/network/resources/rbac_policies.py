"""RBAC policies: what a project shares with another, or with all."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pileus.network import validators
from pileus.network.attributes import ID, PROJECT_ID, Attribute, Values, table_of
from pileus.network.calls import Call
from pileus.network.errors import fault, invalid
from pileus.network.resources.base import Resource, Shown
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import networks, port_security_groups, ports, rbac_policies

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "network": (sharing.SHARED, sharing.EXTERNAL),
    "qos_policy": (sharing.SHARED,),
    "security_group": (sharing.SHARED,),
    "address_scope": (sharing.SHARED,),
    "subnetpool": (sharing.SHARED,),
    "address_group": (sharing.SHARED,),
}


def _object_type(value: Any) -> str | None:
    return None if isinstance(value, str) and value in ACTIONS else f"'{value}' is not a valid RBAC object type"


class RbacPolicies(Resource):
    name = "rbac_policy"
    plural = "rbac_policies"
    path = "/rbac-policies"
    records = Records(rbac_policies)
    missing = ("RbacPolicyNotFound", "id")
    quota = "rbac_policy"
    attributes = table_of(
        ID,
        Attribute("object_type", post=True, check=_object_type),
        Attribute("object_id", post=True, check=validators.uuid),
        Attribute("target_project", post=True, put=True, ruled=True, check=validators.string(255)),
        Attribute("action", post=True, check=validators.not_empty(255)),
        PROJECT_ID,
    )

    def absent(self, id: str) -> Any:
        return fault("RbacPolicyNotFound", object_type="unknown", id=id)

    def render(self, row: Row) -> Shown:
        shown = {name: row[name] for name in self.attributes}
        target = shown.pop("target_project")
        return {**shown, "tenant_id": row["project_id"], "target_tenant": target}

    def create(self, call: Call, values: Values) -> Row:
        object_type, object_id, action = values["object_type"], values["object_id"], values["action"]
        if action not in ACTIONS[object_type]:
            raise invalid(
                f"Invalid action '{action}' for object type '{object_type}'. Valid actions: "
                f"{', '.join(ACTIONS[object_type])}"
            )
        resource = call.service.shareable(object_type)
        found = resource.find(call, object_id)
        if found["project_id"] != call.project_id and not call.context.is_admin:
            raise invalid("Only admins can manipulate policies on objects they do not own")
        taken = self.records.of(call.tx, object_id=object_id, action=action, target_project=values["target_project"])
        if taken:
            raise fault("DuplicateRbacPolicy")
        if action == sharing.EXTERNAL and not found["external"]:
            call.tx.execute(networks.update().where(networks.c.id == object_id).values(external=True))
            call.changed("network", object_id)
        policy_id = sharing.share(
            call.tx, object_type, object_id, values["project_id"], action=action, target=values["target_project"]
        )
        resource.records.touch(call.tx, object_id)
        return self.get(call, policy_id)

    def update(self, call: Call, row: Row, values: Values) -> Row:
        target: str = values["target_project"] if "target_project" in values else row["target_project"]
        if target == row["target_project"]:
            return row
        self._check_unused(call, row, target)
        if self.records.of(call.tx, object_id=row["object_id"], action=row["action"], target_project=target):
            raise fault("DuplicateRbacPolicy")
        call.tx.execute(rbac_policies.update().where(rbac_policies.c.id == row["id"]).values(target_project=target))
        return {**row, "target_project": target}

    def delete(self, call: Call, row: Row) -> None:
        self._check_unused(call, row, "")
        super().delete(call, row)
        call.service.shareable(row["object_type"]).records.touch(call.tx, row["object_id"])
        if row["action"] == sharing.EXTERNAL and not sharing.targets(call.tx, row["object_id"], sharing.EXTERNAL):
            call.tx.execute(networks.update().where(networks.c.id == row["object_id"]).values(external=False))
            call.changed("network", row["object_id"])

    def _check_unused(self, call: Call, row: Row, new_target: str) -> None:
        """Raises RbacPolicyInUse when a project that loses access still uses the object."""
        resource = call.service.shareable(row["object_type"])
        found = resource.get(call, row["object_id"])
        if row["action"] == sharing.EXTERNAL and row["target_project"] == sharing.EVERYBODY and found["is_default"]:
            details = "Default external networks must be shared to everyone."
            raise fault("RbacPolicyInUse", object_id=row["object_id"], details=details)
        users = self._users(call, row)
        others = sharing.targets(call.tx, row["object_id"], row["action"]) - {row["target_project"]} | {new_target}
        if sharing.EVERYBODY in others:
            return
        losing = users - others - {""}
        if row["action"] == sharing.SHARED:
            losing -= {found["project_id"]}  # who owns it needs no permission
        if row["target_project"] != sharing.EVERYBODY:
            losing &= {row["target_project"]}
        if losing:
            raise fault(
                "RbacPolicyInUse",
                object_id=row["object_id"],
                details=f"{row['object_type']} in use by project {sorted(losing)[0]}",
            )

    @staticmethod
    def _users(call: Call, row: Row) -> set[str]:
        """The projects that use the object."""
        id = row["object_id"]
        if row["object_type"] == "network" and row["action"] == sharing.SHARED:
            found = sa.select(ports.c.project_id).where(
                ports.c.network_id == id, ports.c.device_owner.not_in(("network:router_gateway", "network:floatingip"))
            )
        elif row["object_type"] == "network":
            return call.service.projects_with_gateways(call, id)
        elif row["object_type"] == "security_group":
            found = (
                sa.select(ports.c.project_id)
                .join(port_security_groups, port_security_groups.c.port_id == ports.c.id)
                .where(port_security_groups.c.security_group_id == id)
            )
        elif row["object_type"] == "subnetpool":
            return {subnet["project_id"] for subnet in call.service.subnets.records.of(call.tx, subnetpool_id=id)}
        elif row["object_type"] == "address_scope":
            return {pool["project_id"] for pool in call.service.subnetpools.records.of(call.tx, address_scope_id=id)}
        elif row["object_type"] == "address_group":
            rules = call.service.security_group_rules.records.of(call.tx, remote_address_group_id=id)
            return {rule["project_id"] for rule in rules}
        else:
            return call.service.qos_policies.users(call, id)
        return set(call.tx.scalars(found.distinct()))
