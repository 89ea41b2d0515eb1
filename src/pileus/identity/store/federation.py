"""Identity providers, their protocols, mappings and service providers: kept as they were given."""

from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.identity.store.generation import advance
from pileus.identity.tables import federation
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

IDENTITY_PROVIDER, PROTOCOL = "identity_provider", "protocol"
MAPPING, SERVICE_PROVIDER = "mapping", "service_provider"
Body = dict[str, Any]


def _at(kind: str, parent_id: str, id: str | None = None) -> list[sa.ColumnElement[bool]]:
    where = [federation.c.kind == kind, federation.c.parent_id == parent_id]
    return where if id is None else [*where, federation.c.id == id]


def get(tx: Tx, kind: str, id: str, parent_id: str = "") -> Body | None:
    text = tx.scalar(sa.select(federation.c.body).where(*_at(kind, parent_id, id)))
    return None if text is None else msgspec.json.decode(text)


def find(tx: Tx, kind: str, parent_id: str = "") -> dict[str, Body]:
    """Id -> body."""
    query = sa.select(federation).where(*_at(kind, parent_id)).order_by(federation.c.id)
    return {row.id: msgspec.json.decode(row.body) for row in tx.execute(query)}


def insert(tx: Tx, kind: str, id: str, body: Body, parent_id: str = "") -> None:
    """Raises Conflict when the id is taken."""
    row = {"kind": kind, "parent_id": parent_id, "id": id, "body": msgspec.json.encode(body).decode()}
    advance(tx)
    try:
        with tx.begin_nested():
            tx.execute(federation.insert().values(row))
    except sa.exc.IntegrityError:
        raise Conflict(f"Conflict occurred attempting to store {kind} - Duplicate entry found with ID {id}.") from None


def update(tx: Tx, kind: str, id: str, body: Body, parent_id: str = "") -> None:
    advance(tx)
    text = msgspec.json.encode(body).decode()
    tx.execute(federation.update().where(*_at(kind, parent_id, id)).values(body=text))


def delete(tx: Tx, kind: str, id: str, parent_id: str = "") -> None:
    """With the protocols of an identity provider."""
    advance(tx)
    tx.execute(federation.delete().where(*_at(kind, parent_id, id)))
    if kind == IDENTITY_PROVIDER:
        tx.execute(federation.delete().where(*_at(PROTOCOL, id)))
