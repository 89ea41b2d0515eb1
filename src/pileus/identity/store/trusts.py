"""Trusts."""

import sqlalchemy as sa

from pileus.identity.model import Trust
from pileus.identity.store.entities import Entities
from pileus.identity.tables import trusts
from pileus.kernel.database import Tx, rows_changed

entities = Entities(trusts, Trust)
get, insert = entities.get, entities.insert


def find(tx: Tx, *, trustor_id: str | None = None, trustee_id: str | None = None) -> list[Trust]:
    where = []
    if trustor_id is not None:
        where.append(trusts.c.trustor_user_id == trustor_id)
    if trustee_id is not None:
        where.append(trusts.c.trustee_user_id == trustee_id)
    return entities.all(tx, *where)


def pedigree(tx: Tx, trust: Trust) -> list[Trust]:
    """The trust, the one it was redelegated from, and so on to the first."""
    chain = [trust]
    while chain[-1].redelegated_trust_id is not None:
        parent = get(tx, chain[-1].redelegated_trust_id)
        if parent is None:
            break
        chain.append(parent)
    return chain


def use(tx: Tx, trust_id: str) -> bool:
    """Counts one use; False when there is none left."""
    where = (trusts.c.id == trust_id, trusts.c.remaining_uses > 0)
    statement = trusts.update().where(*where).values(remaining_uses=trusts.c.remaining_uses - 1)
    return rows_changed(tx.execute(statement)) > 0


def delete(tx: Tx, trust_id: str) -> list[str]:
    """The ids of all that went: the trust and those redelegated from it."""
    gone = [trust_id]
    for one in gone:
        gone.extend(tx.scalars(sa.select(trusts.c.id).where(trusts.c.redelegated_trust_id == one)))
    entities.delete_where(tx, trusts.c.id.in_(gone))
    return gone


def forget_user(tx: Tx, user_id: str) -> None:
    entities.delete_where(tx, sa.or_(trusts.c.trustor_user_id == user_id, trusts.c.trustee_user_id == user_id))


def forget_project(tx: Tx, project_id: str) -> None:
    entities.delete_where(tx, trusts.c.project_id == project_id)
