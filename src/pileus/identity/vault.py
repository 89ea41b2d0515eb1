"""What keeps credentials secret in the database: Fernet under keys of their own."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pileus.identity.store import credentials as store
from pileus.kernel.database import Database, Tx
from pileus.kernel.errors import Unavailable


class Vault:
    """Keys are made when the cloud is seeded, and read again when one is met that is not known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fernet: MultiFernet | None = None

    def seal(self, blob: str) -> str:
        return self._keys().encrypt(blob.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises Unavailable when no key of ours opens it."""
        try:
            return self._keys().decrypt(sealed).decode()
        except InvalidToken:
            self._fernet = None
        try:
            return self._keys().decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable("A credential was sealed with a key that is gone.") from None

    def rotate(self) -> None:
        """Adds a key that seals from now on (in other processes: once they start again); older ones still open."""
        with self._database.transaction() as tx:
            add_key(tx)
        self._fernet = None

    def _keys(self) -> MultiFernet:
        if self._fernet is None:
            with self._database.read() as tx:
                rows = store.keys(tx)
            if not rows:
                raise Unavailable("The identity service has no credential keys: run `pileus up` again.")
            self._fernet = MultiFernet([Fernet(row.secret) for row in rows])
        return self._fernet


def add_key(tx: Tx) -> None:
    """Adds a key; the newest seals."""
    rows = store.keys(tx)
    store.insert_key(tx, rows[0].number + 1 if rows else 1, Fernet.generate_key().decode())
