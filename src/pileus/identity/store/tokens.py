"""What tokens need from the database: keys and revocations."""

from typing import Any

import sqlalchemy as sa

from pileus.identity.store.generation import advance
from pileus.identity.tables import revocations, token_keys
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx


def keys(tx: Tx) -> list[sa.Row[Any]]:
    """Token keys, newest (the one that signs, or the staged one above it) first."""
    return list(tx.execute(sa.select(token_keys).order_by(token_keys.c.number.desc())))


def insert_key(tx: Tx, number: int, secret: str) -> None:
    tx.execute(token_keys.insert().values(number=number, secret=secret, created_at=clock.now()))
    advance(tx)


def delete_keys(tx: Tx, numbers: list[int]) -> None:
    tx.execute(token_keys.delete().where(token_keys.c.number.in_(numbers)))
    advance(tx)


def revoke(tx: Tx, **what: Any) -> None:
    """Adds a revocation: tokens issued until now that match everything in ``what`` (column=value) are void."""
    now = clock.now()
    tx.execute(revocations.insert().values({"id": ids.new_hex(), "issued_before": now, "revoked_at": now} | what))
    advance(tx)


def all_revocations(tx: Tx) -> list[sa.Row[Any]]:
    return list(tx.execute(sa.select(revocations)))


def forget_revocations(tx: Tx, before: int) -> None:
    """Removes revocations of tokens that have all expired by now."""
    tx.execute(revocations.delete().where(revocations.c.revoked_at < before))
