"""Servers: reading and changing one. Lists are in servers_list.py."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.model import Server, ServerDisk, ServerVif
from pileus.compute.states import SOFT_DELETED, Action
from pileus.compute.store.rows import build_all, encode, values_of
from pileus.compute.tables import (
    migrations,
    server_action_events,
    server_actions,
    server_disks,
    server_tags,
    server_vifs,
    servers,
)
from pileus.compute.tables_resources import server_groups
from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed
from pileus.kernel.errors import Conflict

assert Server.__struct_fields__ == tuple(servers.c.keys()), "a Server is made from its row as it is"

_BY_ID = sa.select(servers).where(servers.c.id == sa.bindparam("server_id"))
_INSERT = servers.insert()
_INSERT_TAGS = server_tags.insert()
_VIFS = (
    sa.select(server_vifs).where(server_vifs.c.server_id == sa.bindparam("server_id")).order_by(server_vifs.c.position)
)
_DISKS = sa.select(server_disks).where(server_disks.c.server_id == sa.bindparam("server_id"))
# What these set are the parameters that are named as columns are; so their conditions have names of their own.
_CHANGE_ANY = servers.update().where(servers.c.id == sa.bindparam("at"))
_CHANGE = _CHANGE_ANY.where(servers.c.deleted_at.is_(None))
_SETTLE = _CHANGE.where(servers.c.task_state.in_(sa.bindparam("seen_tasks", expanding=True)))
_BEGIN = _CHANGE.where(
    servers.c.vm_state == sa.bindparam("seen_state"),
    sa.func.coalesce(servers.c.task_state, "") == sa.bindparam("seen_task"),
)
_DROP_VIFS = server_vifs.delete().where(server_vifs.c.server_id == sa.bindparam("at"))
_DROP_DISKS = server_disks.delete().where(server_disks.c.server_id == sa.bindparam("at"))
_INSERT_VIFS, _INSERT_DISKS = server_vifs.insert(), server_disks.insert()
_HOSTS = sa.select(servers.c.id, servers.c.host).where(
    servers.c.id.in_(sa.bindparam("ids", expanding=True)), servers.c.deleted_at.is_(None)
)


def get(tx: Tx, server_id: str, *, deleted: bool = False) -> Server | None:
    """A server; one that was deleted only when asked for."""
    row = tx.execute(_BY_ID, {"server_id": server_id}).first()
    if row is None:
        return None
    server = Server(*row)
    return server if deleted or server.deleted_at is None else None


def insert(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """``rows``: all fields but ``number``, JSON not encoded."""
    tagged = [{"server_id": row["id"], "tag": tag} for row in rows for tag in row["tags"]]
    tx.execute(_INSERT, [encode(row, servers) for row in rows])
    if tagged:
        tx.execute(_INSERT_TAGS, tagged)


def update(tx: Tx, server_id: str, **values: Any) -> bool:
    """Sets fields of a server that is not deleted; False when there is none. JSON fields are given decoded."""
    return _change(tx, _CHANGE, server_id, values)


def settle(tx: Tx, server_id: str, task_states: tuple[str, ...], **values: Any) -> bool:
    """Sets fields of a server while it is in one of these task states; a delete may have come between."""
    return _change(tx, _SETTLE, server_id, values, seen_tasks=task_states)


def update_idle(tx: Tx, seen: Server, **values: Any) -> bool:
    """Sets fields of a server with which nothing is done, if its vm state is still the one that was seen."""
    return _change(tx, _BEGIN, seen.id, values, seen_state=seen.vm_state, seen_task="")


def busy_since(tx: Tx, before: int) -> list[Server]:
    """Servers with a task that has not got on since a moment."""
    query = sa.select(servers).where(
        servers.c.deleted_at.is_(None), servers.c.task_state.is_not(None), servers.c.updated_at < before
    )
    return [Server(*row) for row in tx.execute(query)]


def soft_deleted_before(tx: Tx, before: int) -> list[Server]:
    query = sa.select(servers).where(
        servers.c.deleted_at.is_(None),
        servers.c.vm_state == SOFT_DELETED,
        servers.c.task_state.is_(None),
        servers.c.terminated_at < before,
    )
    return [Server(*row) for row in tx.execute(query)]


def clear_task(tx: Tx, server_id: str) -> None:
    """Of a server that was just deleted."""
    tx.execute(_CHANGE_ANY, {"at": server_id, "task_state": None})


def begin(tx: Tx, server: Server, action: Action, **values: Any) -> bool:
    """Sets the task state of an action, if the server is still as it was seen; False when it is not."""
    changes = {"task_state": action.task_state, **values}
    return _change(tx, _BEGIN, server.id, changes, seen_state=server.vm_state, seen_task=server.task_state or "")


def _change(tx: Tx, statement: sa.Update, server_id: str, values: dict[str, Any], **conditions: Any) -> bool:
    changes = encode({"updated_at": clock.now(), **values}, servers)
    return rows_changed(tx.execute(statement, {"at": server_id, **conditions, **changes})) == 1


def set_tags(tx: Tx, server_id: str, tags: list[str]) -> None:
    tx.execute(server_tags.delete().where(server_tags.c.server_id == server_id))
    if tags:
        tx.execute(_INSERT_TAGS, [{"server_id": server_id, "tag": tag} for tag in tags])
    update(tx, server_id, tags=tags)


def vifs(tx: Tx, server_id: str) -> list[ServerVif]:
    return build_all(ServerVif, tx.execute(_VIFS, {"server_id": server_id}))


def ports_by_server(tx: Tx) -> dict[str, list[str]]:
    """The ports of every server that has some, in their order."""
    query = sa.select(server_vifs.c.server_id, server_vifs.c.port_id).order_by(
        server_vifs.c.server_id, server_vifs.c.position
    )
    found: dict[str, list[str]] = {}
    for server_id, port_id in tx.execute(query):
        found.setdefault(server_id, []).append(port_id)
    return found


def put_vifs(tx: Tx, server_id: str, wanted: Iterable[ServerVif]) -> None:
    """Makes these the server's interfaces. Raises Conflict when a port is another server's."""
    tx.execute(_DROP_VIFS, {"at": server_id})
    rows = [values_of(vif, server_vifs) for vif in wanted]
    if not rows:
        return
    try:
        with tx.begin_nested():
            tx.execute(_INSERT_VIFS, rows)
    except sa.exc.IntegrityError:
        taken = ", ".join(row["port_id"] for row in rows)
        raise Conflict(f"Port {taken} is still in use.") from None


def disks(tx: Tx, server_id: str) -> list[ServerDisk]:
    return build_all(ServerDisk, tx.execute(_DISKS, {"server_id": server_id}))


def has_volume(tx: Tx, volume_id: str) -> bool:
    """Whether a server has a volume attached."""
    query = sa.select(server_disks.c.id).where(server_disks.c.volume_id == volume_id).limit(1)
    return tx.execute(query).first() is not None


def put_disks(tx: Tx, server_id: str, wanted: Iterable[ServerDisk]) -> None:
    """Makes these the server's disks."""
    tx.execute(_DROP_DISKS, {"at": server_id})
    rows = [values_of(disk, server_disks) for disk in wanted]
    if rows:
        tx.execute(_INSERT_DISKS, rows)


def on_host(tx: Tx, host: str) -> list[Server]:
    query = sa.select(servers).where(servers.c.host == host, servers.c.deleted_at.is_(None))
    return [Server(*row) for row in tx.execute(query)]


def hosts_of(tx: Tx, server_ids: Iterable[str]) -> dict[str, str | None]:
    """The host of each of these servers that is there."""
    return {row.id: row.host for row in tx.execute(_HOSTS, {"ids": list(server_ids)})}


def group_policy(tx: Tx, server_group_id: str) -> tuple[str, dict[str, Any]] | None:
    """A server group's policy and its rules; None when there is no such group (any more)."""
    query = sa.select(server_groups.c.policy, server_groups.c.rules_json).where(server_groups.c.id == server_group_id)
    row = tx.execute(query).first()
    return None if row is None else (row.policy, msgspec.json.decode(row.rules_json))


def group_members(tx: Tx, server_group_id: str) -> tuple[str, int] | None:
    """A server group's project and how many servers are in it; None when there is no such group."""
    members = sa.select(sa.func.count()).where(
        servers.c.server_group_id == server_group_id, servers.c.deleted_at.is_(None)
    )
    query = sa.select(server_groups.c.project_id, members.scalar_subquery()).where(
        server_groups.c.id == server_group_id
    )
    row = tx.execute(query).first()
    return None if row is None else (row[0], int(row[1]))


def group_hosts(tx: Tx, server_group_id: str, besides: str) -> dict[str, int]:
    """How many members of a server group are on each host, one server left out."""
    query = (
        sa.select(servers.c.host, sa.func.count().label("members"))
        .where(
            servers.c.server_group_id == server_group_id,
            servers.c.deleted_at.is_(None),
            servers.c.host.is_not(None),
            servers.c.id != besides,
        )
        .group_by(servers.c.host)
    )
    return {row.host: row.members for row in tx.execute(query)}


def existing(tx: Tx, server_ids: Iterable[str]) -> set[str]:
    """Which of these ids are servers that are not deleted."""
    query = sa.select(servers.c.id).where(servers.c.id.in_(list(server_ids)), servers.c.deleted_at.is_(None))
    return set(tx.scalars(query))


def forget_deleted(tx: Tx, before: int) -> int:
    """Removes the rows of servers that were deleted before a moment; returns how many."""
    gone = list(tx.scalars(sa.select(servers.c.id).where(servers.c.deleted_at < before).limit(500)))
    for table in (server_tags, server_vifs, server_disks, server_actions, server_action_events, migrations):
        tx.execute(table.delete().where(table.c.server_id.in_(gone)))
    tx.execute(servers.delete().where(servers.c.id.in_(gone)))
    return len(gone)
