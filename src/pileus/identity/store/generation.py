"""The number that tells whether anything a token depends on has changed."""

from pileus.identity.tables import generation
from pileus.kernel.database import Database, Tx

_SELECT = "SELECT value FROM identity_generation WHERE id = 1"


def current(database: Database) -> int:
    """0 for a database that was never written to."""
    return int(database.peek(_SELECT) or 0)


def advance(tx: Tx) -> None:
    """To be called in every transaction that changes what tokens depend on."""
    changed = tx.execute(generation.update().where(generation.c.id == 1).values(value=generation.c.value + 1))
    if changed.rowcount == 0:
        tx.execute(generation.insert().values(id=1, value=1))
