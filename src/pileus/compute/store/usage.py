"""What projects use, counted from the rows themselves."""

from typing import Any

import sqlalchemy as sa

from pileus.compute.tables import servers
from pileus.compute.tables_resources import server_groups
from pileus.kernel.database import Tx

_COUNTED = sa.and_(
    servers.c.project_id == sa.bindparam("project_id"),
    servers.c.deleted_at.is_(None),
    servers.c.vm_state != "soft-delete",
)
_SERVERS: sa.Select[Any] = sa.select(
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(servers.c.vcpus), 0),
    sa.func.coalesce(sa.func.sum(servers.c.memory_mb), 0),
).where(_COUNTED)
_SERVERS_OF_USER = _SERVERS.where(servers.c.user_id == sa.bindparam("user_id"))
_GROUPS: sa.Select[Any] = (
    sa.select(sa.func.count())
    .select_from(server_groups)
    .where(server_groups.c.project_id == sa.bindparam("project_id"))
)
_GROUPS_OF_USER = _GROUPS.where(server_groups.c.user_id == sa.bindparam("user_id"))


def servers_used(tx: Tx, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """``instances``, ``cores`` and ``ram`` (MiB) of a project, or of one user in it."""
    statement = _SERVERS if user_id is None else _SERVERS_OF_USER
    instances, cores, ram = tx.execute(statement, {"project_id": project_id, "user_id": user_id}).one()
    return {"instances": int(instances), "cores": int(cores), "ram": int(ram)}


def groups_used(tx: Tx, project_id: str, user_id: str | None = None) -> int:
    statement = _GROUPS if user_id is None else _GROUPS_OF_USER
    return int(tx.execute(statement, {"project_id": project_id, "user_id": user_id}).scalar_one())


def used(tx: Tx, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """Everything that counts against a project's quota."""
    return servers_used(tx, project_id, user_id) | {"server_groups": groups_used(tx, project_id, user_id)}
