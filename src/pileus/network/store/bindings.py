"""Bindings of ports besides their active ones."""

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.network.store.records import Row
from pileus.network.tables import port_bindings as table


def of_port(tx: Tx, port_id: str) -> list[Row]:
    found = sa.select(table).where(table.c.port_id == port_id).order_by(table.c.host)
    return [row._asdict() for row in tx.execute(found)]


def get(tx: Tx, port_id: str, host: str) -> Row | None:
    row = tx.execute(sa.select(table).where(table.c.port_id == port_id, table.c.host == host)).first()
    return None if row is None else row._asdict()


def insert(tx: Tx, binding: Row) -> None:
    tx.execute(table.insert(), binding)


def delete(tx: Tx, port_id: str, host: str) -> None:
    tx.execute(table.delete().where(table.c.port_id == port_id, table.c.host == host))
