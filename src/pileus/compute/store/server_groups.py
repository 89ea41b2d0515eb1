"""Server groups; a server is a member by its own row."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.server_groups import ServerGroup
from pileus.compute.tables import servers
from pileus.compute.tables_resources import server_groups
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx

_ALL = sa.select(server_groups).order_by(server_groups.c.number)
_OF_PROJECT = _ALL.where(server_groups.c.project_id == sa.bindparam("project_id"))
_BY_ID = sa.select(server_groups).where(server_groups.c.id == sa.bindparam("id"))


def find(tx: Tx, group_id: str) -> ServerGroup | None:
    row = tx.execute(_BY_ID, {"id": group_id}).first()
    return None if row is None else _group(row)


def listed(tx: Tx, project_id: str | None, offset: int, limit: int) -> list[ServerGroup]:
    """Groups of a project, or of all for None, in the order they were made."""
    query = _ALL if project_id is None else _OF_PROJECT
    rows = tx.execute(query.offset(offset).limit(limit), {} if project_id is None else {"project_id": project_id})
    return [_group(row) for row in rows]


def members(tx: Tx, group_ids: Iterable[str]) -> dict[str, list[str]]:
    """Group id -> ids of its servers."""
    wanted = list(group_ids)
    found: dict[str, list[str]] = {id: [] for id in wanted}
    query = (
        sa.select(servers.c.server_group_id, servers.c.id)
        .where(servers.c.server_group_id.in_(wanted), servers.c.deleted_at.is_(None))
        .order_by(servers.c.number)
    )
    for group_id, server_id in tx.execute(query):
        found[group_id].append(server_id)
    return found


def insert(tx: Tx, project_id: str, user_id: str, name: str, policy: str, rules: Mapping[str, Any]) -> ServerGroup:
    id = ids.new_uuid()
    tx.execute(
        server_groups.insert().values(
            id=id,
            project_id=project_id,
            user_id=user_id,
            name=name,
            policy=policy,
            rules_json=msgspec.json.encode(rules).decode(),
            created_at=clock.now(),
        )
    )
    group = find(tx, id)
    assert group is not None
    return group


def delete(tx: Tx, group_id: str) -> None:
    """Removes a group; its servers stay, in no group."""
    tx.execute(servers.update().where(servers.c.server_group_id == group_id).values(server_group_id=None))
    tx.execute(server_groups.delete().where(server_groups.c.id == group_id))


def _group(row: Any) -> ServerGroup:
    return ServerGroup(
        id=row.id,
        project_id=row.project_id,
        user_id=row.user_id,
        name=row.name,
        policy=row.policy,
        rules=msgspec.json.decode(row.rules_json),
    )
