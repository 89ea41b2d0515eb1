"""Users, their passwords and their groups."""

from typing import Any

import sqlalchemy as sa

from pileus.identity.model import Password, User
from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, build_all, encode
from pileus.identity.tables import group_members, passwords, users
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

_BY_ID = sa.select(users).where(users.c.id == sa.bindparam("id"))
_BY_NAME = sa.select(users).where(users.c.domain_id == sa.bindparam("domain_id"), users.c.name == sa.bindparam("name"))
_PASSWORD = (
    sa.select(passwords)
    .where(passwords.c.user_id == sa.bindparam("user_id"))
    .order_by(passwords.c.created_at.desc())
    .limit(1)
)
_GROUPS = sa.select(group_members.c.group_id).where(group_members.c.user_id == sa.bindparam("user_id"))


def get(tx: Tx, user_id: str) -> User | None:
    return build(User, tx.execute(_BY_ID, {"id": user_id}).first())


def get_by_name(tx: Tx, name: str, domain_id: str) -> User | None:
    return build(User, tx.execute(_BY_NAME, {"domain_id": domain_id, "name": name}).first())


def insert(tx: Tx, user: User) -> None:
    """Raises Conflict when the name is taken."""
    try:
        with tx.begin_nested():
            tx.execute(users.insert().values(_values(user)))
    except sa.exc.IntegrityError:
        raise _taken(user) from None
    advance(tx)


def update(tx: Tx, user: User) -> None:
    """Raises Conflict when the name is taken."""
    try:
        with tx.begin_nested():
            tx.execute(users.update().where(users.c.id == user.id).values(_values(user)))
    except sa.exc.IntegrityError:
        raise _taken(user) from None
    advance(tx)


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


def _values(user: User) -> dict[str, Any]:
    return encode({name: getattr(user, name) for name in user.__struct_fields__})


def _taken(user: User) -> Conflict:
    return Conflict(
        "Conflict occurred attempting to store user - Duplicate entry found with name "
        f"{user.name} at domain ID {user.domain_id}."
    )
