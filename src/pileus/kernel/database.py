"""The database: SQLite, MariaDB or PostgreSQL by URL, through SQLAlchemy Core.

Two ways in. ``read()`` gives a connection in autocommit: each statement sees what is committed. ``transaction()``
commits when its block ends well and rolls back when it does not. A commit that lost against another one raises
SerializationFailure: whoever runs handlers and steps runs the whole of it again (``retried``), since under
Galera the loser only learns of it at COMMIT. So nothing here locks rows; a change that depends on what was read
compares and sets.

On SQLite a transaction takes the write lock at its beginning, so it cannot fail half way, and writers of one process
queue on a lock of ours: SQLite's own waiting sleeps in growing steps.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from pileus.kernel.errors import BadRequest, Unavailable

T = TypeVar("T")
Tx = sa.Connection

RETRIES = 8
BUSY_TIMEOUT = 30.0


class SerializationFailure(Exception):
    """This transaction lost against a concurrent one; nothing of it was written."""


class Database:
    """One database of one or more services."""

    def __init__(self, url: str, *, durable: bool = True, pool_size: int = 16) -> None:
        self.url = sa.make_url(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        self._after_commit: list[Callable[[sa.Connection], None]] = []
        self._write_lock = threading.Lock() if self.embedded else nullcontext()
        self._inside = threading.local()
        self._peeks: list[sqlite3.Connection] = []
        if self.embedded:
            self._engine = sa.create_engine(self.url, pool_size=pool_size, max_overflow=-1)
            event.listen(self._engine, "connect", _sqlite_setup(durable))
            self._reader = self._engine
        else:
            self._engine = sa.create_engine(
                self.url, pool_size=pool_size, max_overflow=pool_size * 4, pool_pre_ping=True, pool_recycle=600
            )
            self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    def after_commit(self, hook: Callable[[sa.Connection], None]) -> None:
        """Calls hook with each committed transaction's connection (its ``info`` tells what happened in it)."""
        self._after_commit.append(hook)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for reading: every statement sees the newest committed state.

        Raises Unavailable when the database does not answer.
        """
        with _translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A connection whose changes are committed together when the block ends without an exception.

        Raises SerializationFailure when it lost against another, Unavailable when the database does not answer.
        """
        if getattr(self._inside, "transaction", False):
            # On SQLite this would wait for itself; elsewhere the inner one would survive the outer's rollback.
            raise RuntimeError("a transaction was begun inside another one; pass the connection on instead")
        with _translated(), self._write_lock, self._engine.connect() as connection:
            self._inside.transaction = True
            try:
                if self.embedded:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.info.pop("notes", None)
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._inside.transaction = False
            for hook in self._after_commit:
                hook(connection)

    def peek(self, sql: str) -> Any:
        """The first column of the first row of a query without parameters, or None when there is no row.

        For the one small question that every request asks: on SQLite it goes around SQLAlchemy (5 us instead of 45).
        """
        if not self.embedded or not self.url.database or self.url.database == ":memory:":
            with self.read() as tx:
                return tx.exec_driver_sql(sql).scalar()
        connection = getattr(self._inside, "peek", None)
        if connection is None:
            connection = sqlite3.connect(self.url.database, timeout=BUSY_TIMEOUT, check_same_thread=False)
            self._inside.peek = connection
            self._peeks.append(connection)
        try:
            row = connection.execute(sql).fetchone()
        except sqlite3.OperationalError as error:
            raise Unavailable(f"The database does not answer: {error}") from error
        return row[0] if row is not None else None

    def create(self, metadata: sa.MetaData) -> None:
        """Makes the tables of metadata that are not there yet."""
        with self.transaction() as tx:
            prepare(tx)
            metadata.create_all(tx)

    def close(self) -> None:
        while self._peeks:
            self._peeks.pop().close()
        self._engine.dispose()


def prepare(tx: sa.Connection) -> None:
    """To be done before tables are made: on MariaDB, any character in any text, compared as it is written."""
    if tx.dialect.name in ("mysql", "mariadb"):
        tx.exec_driver_sql("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")


def note(tx: sa.Connection, name: str) -> None:
    """Marks a transaction, for the after-commit hooks."""
    tx.info.setdefault("notes", set()).add(name)


def noted(tx: sa.Connection, name: str) -> bool:
    return name in tx.info.get("notes", ())


def retried(function: Callable[[], T]) -> T:
    """Runs function again as long as it loses against concurrent transactions.

    Raises Unavailable when it still loses after ``RETRIES`` runs.
    """
    for attempt in range(RETRIES):
        try:
            return function()
        except SerializationFailure:
            time.sleep(0.005 * 2**attempt)
    raise Unavailable("The database is too busy: the change kept colliding with others. Please try again.")


def rows_changed(result: sa.CursorResult[Any]) -> int:
    """How many rows an UPDATE or DELETE matched: the outcome of a compare-and-set."""
    return int(result.rowcount)


# MySQL: deadlock, lock wait timeout. PostgreSQL: serialization failure, deadlock.
_LOST = {1213, 1205, "40001", "40P01"}
# MySQL: gone away, lost connection, Galera node not ready.
_GONE = {1047, 2003, 2006, 2013}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        code = _driver_code(error.orig)
        busy = isinstance(error.orig, sqlite3.OperationalError) and "locked" in str(error.orig)
        if busy or code in _LOST:
            raise SerializationFailure(str(error.orig)) from error
        if code in _GONE or error.connection_invalidated or isinstance(error.orig, sqlite3.OperationalError):
            raise Unavailable(f"The database does not answer: {error.orig}") from error
        raise
    except (OverflowError, sa.exc.DataError) as error:
        # A value that no column can hold, which whoever asked has given: services need not know each column's range.
        raise BadRequest(f"A value is out of the range that can be kept: {getattr(error, 'orig', error)}") from error
    except sa.exc.DBAPIError as error:
        if _driver_code(error.orig) in _LOST:
            raise SerializationFailure(str(error.orig)) from error
        raise


def _driver_code(error: BaseException | None) -> object:
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return state
    return error.args[0] if error is not None and error.args else None


def _sqlite_setup(durable: bool) -> Callable[[sqlite3.Connection, object], None]:
    def setup(connection: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun by us (BEGIN IMMEDIATE); the driver must not begin one behind our back.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT * 1000)}")
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL survives a power cut with every acknowledged commit; NORMAL may lose the newest, never consistency.
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")

    return setup
