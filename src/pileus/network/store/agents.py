"""What operators say about agents; everything else of an agent is seen, not kept."""

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.network.tables import agent_descriptions as table


def descriptions(tx: Tx) -> dict[str, str | None]:
    return {row.agent_id: row.description for row in tx.execute(sa.select(table))}


def describe(tx: Tx, agent_id: str, description: str | None) -> None:
    tx.execute(table.delete().where(table.c.agent_id == agent_id))
    tx.execute(table.insert(), {"agent_id": agent_id, "description": description})
