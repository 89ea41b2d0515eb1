"""Tokens: a small packed payload under Fernet (AES-128-CBC with an HMAC), and nothing in the database.

Keys are kept in the database, so every api process of every host has the same. The highest number but one signs; the
highest is staged: known to all before it signs anything. Older ones only read, until every token they signed has
expired; so rotating loses no token.
"""

import base64
import secrets

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pileus.identity.remembered import Remembered
from pileus.identity.store import tokens as store
from pileus.kernel import clock
from pileus.kernel.database import Database, Tx
from pileus.kernel.errors import NotFound, Unavailable

METHODS = ("password", "token", "application_credential", "totp", "external", "oauth1", "mapped", "ec2credential")
UNSCOPED, PROJECT, DOMAIN, SYSTEM = "", "project", "domain", "system"


class Payload(msgspec.Struct, frozen=True, array_like=True):
    """What a token says of itself. Times are microseconds since the epoch.

    ``audit_ids``: the token's own, then that of the first token of its chain when it was made from another token.
    """

    user_id: str
    methods: tuple[str, ...]
    scope: str
    scope_id: str
    audit_ids: tuple[str, ...]
    issued_at: int
    expires_at: int
    application_credential_id: str | None = None
    trust_id: str | None = None
    access_token_id: str | None = None


class _Packed(msgspec.Struct, frozen=True, array_like=True):
    """A payload as it is sealed: ids that are UUIDs as 16 bytes, methods as bits, audit ids as bytes."""

    version: int
    user: bytes
    methods: int
    scope: str
    scope_id: bytes
    audit: tuple[bytes, ...]
    issued_at: int
    expires_at: int
    application_credential: bytes | None
    trust: bytes | None
    access_token: bytes | None = None


_pack = msgspec.msgpack.encode
_unpack = msgspec.msgpack.Decoder(_Packed)


class Sealer:
    """Makes tokens of payloads and payloads of tokens."""

    def __init__(self, database: Database, remembered: Remembered) -> None:
        self._database, self._remembered = database, remembered

    def seal(self, payload: Payload, moment: int) -> str:
        packed = _Packed(
            1,
            _short(payload.user_id),
            sum(1 << METHODS.index(method) for method in payload.methods),
            payload.scope,
            _short(payload.scope_id),
            tuple(_decoded(audit_id) for audit_id in payload.audit_ids),
            payload.issued_at,
            payload.expires_at,
            _short(payload.application_credential_id) if payload.application_credential_id else None,
            _short(payload.trust_id) if payload.trust_id else None,
            _short(payload.access_token_id) if payload.access_token_id else None,
        )
        return self.encrypt(_pack(packed), moment)

    def open(self, token: str, moment: int) -> Payload:
        """Raises NotFound for anything that is not a token of ours. Expiry is not looked at."""
        try:
            packed = _unpack.decode(self.decrypt(token, moment))
        except msgspec.MsgspecError:
            raise NotFound("Could not find token.") from None
        return Payload(
            _long(packed.user),
            tuple(name for bit, name in enumerate(METHODS) if packed.methods >> bit & 1),
            packed.scope,
            _long(packed.scope_id),
            tuple(_encoded(audit) for audit in packed.audit),
            packed.issued_at,
            packed.expires_at,
            _long(packed.application_credential) if packed.application_credential is not None else None,
            _long(packed.trust) if packed.trust is not None else None,
            _long(packed.access_token) if packed.access_token is not None else None,
        )

    def encrypt(self, data: bytes, moment: int) -> str:
        return self._fernet(moment).encrypt(data).decode().rstrip("=")

    def decrypt(self, text: str, moment: int) -> bytes:
        """Raises NotFound for anything that was not sealed by us."""
        try:
            return self._fernet(moment).decrypt(_padded(text))
        except (InvalidToken, ValueError):
            raise NotFound("Could not find token.") from None

    def _fernet(self, moment: int) -> MultiFernet:
        return self._remembered.get(moment, "token keys", self._load)

    def _load(self) -> MultiFernet:
        with self._database.read() as tx:
            rows = store.keys(tx)
        if not rows:
            raise Unavailable("The identity service has no token keys: run `pileus up` or `pileus db upgrade`.")
        signing_first = rows[1:2] + rows[:1] + rows[2:]
        return MultiFernet([Fernet(row.secret) for row in signing_first])


def rotate(tx: Tx, keep: float) -> None:
    """Stages a new key, so that the one staged before signs from now on.

    ``keep``: seconds after which a token has surely expired; keys that have not signed for so long are removed.
    """
    rows = store.keys(tx)
    newest = rows[0].number if rows else 0
    store.insert_key(tx, newest + 1, new_key())
    if not rows:
        store.insert_key(tx, newest + 2, new_key())
    # A key stopped signing when the second key after it was made.
    long_ago = clock.now() - int(keep * clock.SECOND)
    stopped = [old.number for old, successor in zip(rows[2:], rows, strict=False) if successor.created_at < long_ago]
    if stopped:
        store.delete_keys(tx, stopped)


def new_key() -> str:
    return Fernet.generate_key().decode()


def new_audit_id() -> str:
    return _encoded(secrets.token_bytes(16))


def _short(identifier: str) -> bytes:
    """A UUID in hexadecimal as its 16 bytes, marked 0; anything else as text, marked 1."""
    if len(identifier) == 32:
        try:
            packed = bytes.fromhex(identifier)
        except ValueError:
            packed = b""
        if packed.hex() == identifier:
            return b"\0" + packed
    return b"\1" + identifier.encode()


def _long(packed: bytes) -> str:
    return packed[1:].hex() if packed[:1] == b"\0" else packed[1:].decode()


def _encoded(audit: bytes) -> str:
    return base64.urlsafe_b64encode(audit).decode().rstrip("=")


def _decoded(audit_id: str) -> bytes:
    return base64.urlsafe_b64decode(_padded(audit_id))


def _padded(text: str) -> bytes:
    return (text + "=" * (-len(text) % 4)).encode()
