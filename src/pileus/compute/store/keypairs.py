"""Key pairs of users."""

import sqlalchemy as sa

from pileus.compute.keypairs import KeyPair
from pileus.compute.tables_resources import key_pairs
from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed
from pileus.kernel.errors import Conflict, NotFound

_OF_USER = (
    sa.select(key_pairs)
    .where(key_pairs.c.user_id == sa.bindparam("user_id"))
    .order_by(key_pairs.c.name)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_AFTER = _OF_USER.where(key_pairs.c.name > sa.bindparam("marker"))
_ONE = sa.select(key_pairs).where(
    key_pairs.c.user_id == sa.bindparam("user_id"), key_pairs.c.name == sa.bindparam("name")
)
_COUNT = sa.select(sa.func.count()).select_from(key_pairs).where(key_pairs.c.user_id == sa.bindparam("user_id"))


def find(tx: Tx, user_id: str, name: str) -> KeyPair | None:
    row = tx.execute(_ONE, {"user_id": user_id, "name": name}).first()
    return None if row is None else KeyPair(*row)


def get(tx: Tx, user_id: str, name: str) -> KeyPair:
    """Raises NotFound."""
    found = find(tx, user_id, name)
    if found is None:
        raise _missing(user_id, name)
    return found


def page(tx: Tx, user_id: str, limit: int, marker: str | None) -> list[KeyPair]:
    """Key pairs by name, those after the one named ``marker``."""
    values = {"user_id": user_id, "limit": limit, "marker": marker}
    return [KeyPair(*row) for row in tx.execute(_OF_USER if marker is None else _AFTER, values)]


def count(tx: Tx, user_id: str) -> int:
    return int(tx.execute(_COUNT, {"user_id": user_id}).scalar_one())


def insert(tx: Tx, user_id: str, name: str, type: str, fingerprint: str, public_key: str) -> KeyPair:
    """Raises Conflict when the user has one of that name."""
    values = {
        "user_id": user_id,
        "name": name,
        "type": type,
        "fingerprint": fingerprint,
        "public_key": public_key,
        "created_at": clock.now(),
    }
    try:
        with tx.begin_nested():
            tx.execute(key_pairs.insert().values(values))
    except sa.exc.IntegrityError:
        raise Conflict(f"Key pair '{name}' already exists.") from None
    return get(tx, user_id, name)


def delete(tx: Tx, user_id: str, name: str) -> None:
    """Raises NotFound."""
    gone = tx.execute(key_pairs.delete().where(key_pairs.c.user_id == user_id, key_pairs.c.name == name))
    if rows_changed(gone) != 1:
        raise _missing(user_id, name)


def _missing(user_id: str, name: str) -> NotFound:
    return NotFound(f"Keypair {name} not found for user {user_id}")
