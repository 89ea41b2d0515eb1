"""Groups and who is in them."""

from collections.abc import Sequence

import sqlalchemy as sa

from pileus.identity.model import Group
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.store.generation import advance
from pileus.identity.tables import group_members, groups
from pileus.kernel.database import Tx, rows_changed
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page


def _taken(group: Group) -> Conflict:
    return Conflict(
        "Conflict occurred attempting to store group - Duplicate entry found with name "
        f"{group.name} at domain ID {group.domain_id}."
    )


entities = Entities(groups, Group, _taken)
get, insert, update = entities.get, entities.insert, entities.update


def find(
    tx: Tx, filters: Sequence[Filter], page: Page, *, domain_id: str | None = None, user_id: str | None = None
) -> Listed[Group]:
    where = []
    if domain_id is not None:
        where.append(groups.c.domain_id == domain_id)
    if user_id is not None:
        where.append(groups.c.id.in_(sa.select(group_members.c.group_id).where(group_members.c.user_id == user_id)))
    return entities.find(tx, filters, page, where)


def of_domain(tx: Tx, domain_id: str) -> list[Group]:
    return entities.all(tx, groups.c.domain_id == domain_id)


def delete(tx: Tx, group_id: str) -> None:
    entities.delete(tx, group_id)
    tx.execute(group_members.delete().where(group_members.c.group_id == group_id))


def is_member(tx: Tx, group_id: str, user_id: str) -> bool:
    query = sa.select(group_members).where(group_members.c.group_id == group_id, group_members.c.user_id == user_id)
    return tx.execute(query).first() is not None


def add_member(tx: Tx, group_id: str, user_id: str) -> None:
    """Does nothing when the user is in the group already."""
    try:
        with tx.begin_nested():
            tx.execute(group_members.insert().values(group_id=group_id, user_id=user_id))
    except sa.exc.IntegrityError:
        return
    advance(tx)


def remove_member(tx: Tx, group_id: str, user_id: str) -> bool:
    """Whether the user was in the group."""
    where = (group_members.c.group_id == group_id, group_members.c.user_id == user_id)
    gone = rows_changed(tx.execute(group_members.delete().where(*where))) > 0
    if gone:
        advance(tx)
    return gone


def members(tx: Tx, group_ids: Sequence[str]) -> dict[str, list[str]]:
    """Group id -> the ids of its users."""
    query = sa.select(group_members).where(group_members.c.group_id.in_(group_ids))
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.group_id, []).append(row.user_id)
    return found
