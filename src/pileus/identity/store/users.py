"""Users, their passwords and their groups."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pileus.identity.model import Password, User
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, build_all
from pileus.identity.tables import group_members, passwords, users
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page

_BY_NAME = sa.select(users).where(users.c.domain_id == sa.bindparam("domain_id"), users.c.name == sa.bindparam("name"))
_PASSWORD = (
    sa.select(passwords)
    .where(passwords.c.user_id == sa.bindparam("user_id"))
    .order_by(passwords.c.created_at.desc())
    .limit(1)
)
_GROUPS = sa.select(group_members.c.group_id).where(group_members.c.user_id == sa.bindparam("user_id"))


def _taken(user: User) -> Conflict:
    return Conflict(
        "Conflict occurred attempting to store user - Duplicate entry found with name "
        f"{user.name} at domain ID {user.domain_id}."
    )


entities = Entities(users, User, _taken)
get, insert, update = entities.get, entities.insert, entities.update


def get_by_name(tx: Tx, name: str, domain_id: str) -> User | None:
    return build(User, tx.execute(_BY_NAME, {"domain_id": domain_id, "name": name}).first())


def delete(tx: Tx, user_id: str) -> None:
    """The user with its passwords and memberships; what others hold of it is theirs to remove."""
    tx.execute(users.delete().where(users.c.id == user_id))
    tx.execute(passwords.delete().where(passwords.c.user_id == user_id))
    tx.execute(group_members.delete().where(group_members.c.user_id == user_id))
    advance(tx)


def password(tx: Tx, user_id: str) -> Password | None:
    """The password in force."""
    return build(Password, tx.execute(_PASSWORD, {"user_id": user_id}).first())


def password_history(tx: Tx, user_id: str) -> list[Password]:
    """All kept passwords, newest first."""
    query = sa.select(passwords).where(passwords.c.user_id == user_id).order_by(passwords.c.created_at.desc())
    return build_all(Password, tx.execute(query))


def add_password(tx: Tx, password: Password) -> None:
    tx.execute(passwords.insert().values({name: getattr(password, name) for name in password.__struct_fields__}))
    advance(tx)


def forget_passwords(tx: Tx, password_ids: list[str]) -> None:
    tx.execute(passwords.delete().where(passwords.c.id.in_(password_ids)))


def group_ids(tx: Tx, user_id: str) -> list[str]:
    return list(tx.scalars(_GROUPS, {"user_id": user_id}))


def newest_expiry() -> sa.ScalarSelect[Any]:
    """When the password in force of the row of ``users`` expires, as part of another statement."""
    return (
        sa.select(passwords.c.expires_at)
        .where(passwords.c.user_id == users.c.id)
        .order_by(passwords.c.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def expiry_is(operator: str, moment: int) -> sa.ColumnElement[bool]:
    """Users whose password expires ``lt``, ``lte``, ``gt``, ``gte``, ``eq`` or ``neq`` a moment."""
    compare = {
        "lt": newest_expiry().__lt__,
        "lte": newest_expiry().__le__,
        "gt": newest_expiry().__gt__,
        "gte": newest_expiry().__ge__,
        "eq": newest_expiry().__eq__,
        "neq": newest_expiry().__ne__,
    }
    return sa.type_coerce(compare[operator](moment), sa.Boolean)


def find(
    tx: Tx,
    filters: Sequence[Filter],
    expiries: Sequence[tuple[str, int]],
    page: Page,
    *,
    domain_id: str | None = None,
    group_id: str | None = None,
) -> Listed[User]:
    where = [expiry_is(operator, moment) for operator, moment in expiries]
    if domain_id is not None:
        where.append(users.c.domain_id == domain_id)
    if group_id is not None:
        where.append(users.c.id.in_(sa.select(group_members.c.user_id).where(group_members.c.group_id == group_id)))
    return entities.find(tx, filters, page, where)


def expiries_of(tx: Tx, user_ids: Sequence[str]) -> dict[str, int]:
    """User id -> when its password expires, for those whose password does."""
    found: dict[str, int | None] = {}
    for start in range(0, len(user_ids), 500):
        query = (
            sa.select(passwords.c.user_id, passwords.c.expires_at)
            .where(passwords.c.user_id.in_(user_ids[start : start + 500]))
            .order_by(passwords.c.created_at)
        )
        found.update((row.user_id, row.expires_at) for row in tx.execute(query))
    return {user_id: moment for user_id, moment in found.items() if moment is not None}


def of_domain(tx: Tx, domain_id: str) -> list[User]:
    return entities.all(tx, users.c.domain_id == domain_id)


def forget_default_project(tx: Tx, project_id: str) -> None:
    statement = users.update().where(users.c.default_project_id == project_id)
    tx.execute(statement.values(default_project_id=None))


def forget_all_passwords(tx: Tx, user_id: str) -> None:
    tx.execute(passwords.delete().where(passwords.c.user_id == user_id))
    advance(tx)


def note_failure(tx: Tx, user_id: str, moment: int) -> None:
    """Counts a wrong password. Tokens do not depend on it, so nothing that is remembered is void."""
    values = {"failed_attempts": users.c.failed_attempts + 1, "failed_at": moment}
    tx.execute(users.update().where(users.c.id == user_id).values(values))


def note_success(tx: Tx, user_id: str, moment: int) -> None:
    values = {"failed_attempts": 0, "failed_at": None, "last_active_at": moment}
    tx.execute(users.update().where(users.c.id == user_id).values(values))
