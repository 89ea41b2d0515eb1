"""Which network and router were made for a project on its first ask."""

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.network.store.records import Row
from pileus.network.tables import auto_allocated_topologies as table


def get(tx: Tx, project_id: str) -> Row | None:
    row = tx.execute(sa.select(table).where(table.c.project_id == project_id)).first()
    return None if row is None else row._asdict()


def insert(tx: Tx, project_id: str, network_id: str, router_id: str) -> None:
    tx.execute(table.insert(), {"project_id": project_id, "network_id": network_id, "router_id": router_id})


def delete(tx: Tx, project_id: str) -> None:
    tx.execute(table.delete().where(table.c.project_id == project_id))
