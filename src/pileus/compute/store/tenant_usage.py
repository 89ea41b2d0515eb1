"""Servers that were there within a time."""

import sqlalchemy as sa

from pileus.compute.model import Server
from pileus.compute.store import servers as server_store
from pileus.compute.tables import servers
from pileus.kernel.database import Tx


def active(tx: Tx, begin: int, end: int, project_id: str | None, limit: int, marker: str | None) -> list[Server] | None:
    """Servers launched before the end and not gone before the beginning, by project; None: no such marker."""
    query = (
        sa.select(servers)
        .where(
            sa.or_(servers.c.terminated_at.is_(None), servers.c.terminated_at > begin),
            servers.c.launched_at < end,
        )
        .order_by(servers.c.project_id, servers.c.id)
        .limit(limit)
    )
    if project_id is not None:
        query = query.where(servers.c.project_id == project_id)
    if marker is not None:
        last = server_store.get(tx, marker, deleted=True)
        if last is None:
            return None
        query = query.where(
            sa.or_(
                servers.c.project_id > last.project_id,
                sa.and_(servers.c.project_id == last.project_id, servers.c.id > last.id),
            )
        )
    return [Server(*row) for row in tx.execute(query)]
