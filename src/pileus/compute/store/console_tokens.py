"""Who may open a console: tokens by their hash, for a while."""

import hashlib
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.tables import servers
from pileus.compute.tables_resources import console_tokens
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx

# A server that moved or is gone has no console where the token says.
_VALID = (
    sa.select(console_tokens)
    .join(servers, servers.c.id == console_tokens.c.server_id)
    .where(
        console_tokens.c.token_hash == sa.bindparam("token_hash"),
        console_tokens.c.expires_at > sa.bindparam("now"),
        servers.c.deleted_at.is_(None),
        servers.c.host == console_tokens.c.host,
    )
)


class ConsoleToken(msgspec.Struct, frozen=True):
    """``type``: novnc, serial; ``address``: ``socket``, or ``host`` and ``port``."""

    token_hash: str
    server_id: str
    host: str
    type: str
    address_json: str
    expires_at: int

    @property
    def address(self) -> dict[str, Any]:
        address: dict[str, Any] = msgspec.json.decode(self.address_json)
        return address


def insert(tx: Tx, server_id: str, host: str, type: str, address: dict[str, Any], lifetime: int) -> str:
    """A new token, which is only here in the clear; ``lifetime`` in seconds."""
    token = ids.new_uuid()
    tx.execute(
        console_tokens.insert().values(
            token_hash=_hash(token),
            server_id=server_id,
            host=host,
            type=type,
            address_json=msgspec.json.encode(address).decode(),
            expires_at=clock.now() + lifetime * clock.SECOND,
        )
    )
    return token


def valid(tx: Tx, token: str) -> ConsoleToken | None:
    row = tx.execute(_VALID, {"token_hash": _hash(token), "now": clock.now()}).first()
    return None if row is None else ConsoleToken(*row)


def forget_expired(tx: Tx) -> None:
    tx.execute(console_tokens.delete().where(console_tokens.c.expires_at <= clock.now()))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
