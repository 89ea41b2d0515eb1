"""What the driver has still to be told: written with each change, read in batches, forgotten when it was told."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.network.drivers.base import ResourceKind
from pileus.network.tables import network_changes as changes

Changed = tuple[ResourceKind, str]

_insert = changes.insert()
_NEXT = sa.select(changes).order_by(changes.c.sequence).limit(sa.bindparam("most"))
_FORGET = changes.delete().where(changes.c.sequence.in_(sa.bindparam("sequences", expanding=True)))
_ANY = sa.select(changes.c.sequence).limit(1)


def write(tx: Tx, changed: Iterable[Changed]) -> None:
    tx.execute(_insert, [{"kind": kind, "resource_id": id} for kind, id in changed])


def read(tx: Tx, most: int) -> tuple[list[int], list[Changed]]:
    """The oldest entries: their sequence numbers, and what they name, each once."""
    rows = tx.execute(_NEXT, {"most": most}).all()
    return [row.sequence for row in rows], list(dict.fromkeys((row.kind, row.resource_id) for row in rows))


def forget(tx: Tx, sequences: Sequence[int]) -> None:
    tx.execute(_FORGET, {"sequences": list(sequences)})


def waiting(tx: Tx) -> bool:
    return tx.execute(_ANY).first() is not None
