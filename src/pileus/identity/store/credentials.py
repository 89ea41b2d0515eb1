"""Credentials of users, and the keys that seal them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pileus.identity.model import Credential
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.tables import credential_keys, credentials
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page


def _taken(credential: Credential) -> Conflict:
    return Conflict(
        f"Conflict occurred attempting to store credential - Duplicate entry found with ID {credential.id}."
    )


entities = Entities(credentials, Credential, _taken, counts=False)
get, insert, update, delete = entities.get, entities.insert, entities.update, entities.delete


def find(tx: Tx, filters: Sequence[Filter], page: Page, user_id: str | None = None) -> Listed[Credential]:
    where = [] if user_id is None else [credentials.c.user_id == user_id]
    return entities.find(tx, filters, page, where)


def of_user(tx: Tx, user_id: str, type: str) -> list[Credential]:
    return entities.all(tx, credentials.c.user_id == user_id, credentials.c.type == type)


def forget_user(tx: Tx, user_id: str) -> None:
    entities.delete_where(tx, credentials.c.user_id == user_id)


def forget_project(tx: Tx, project_id: str) -> None:
    entities.delete_where(tx, credentials.c.project_id == project_id)


def keys(tx: Tx) -> list[sa.Row[Any]]:
    """Newest first: the first seals, all open."""
    return list(tx.execute(sa.select(credential_keys).order_by(credential_keys.c.number.desc())))


def insert_key(tx: Tx, number: int, secret: str) -> None:
    tx.execute(credential_keys.insert().values(number=number, secret=secret, created_at=clock.now()))
