"""One OVSDB connection on a thread of its own: a copy of the tables that are asked for, and transactions on it.

Everything that touches the copy runs on that thread, one piece at a time; callers wait for their piece's result. The
connection is made again whenever it is lost; pieces asked for meanwhile wait until their time is up.
"""

import logging
import os
import queue
import select
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar
from uuid import UUID

import ovs.jsonrpc
import ovs.poller
import ovs.stream
from ovs.db import idl as ovsdb

from pileus.kernel.errors import Unavailable
from pileus.network.drivers.ovn.view import View

log = logging.getLogger(__name__)
T = TypeVar("T")

Columns = Mapping[str, Sequence[str]]
Key = Callable[[Any], str | None]
Listener = Callable[[str, str, Any, Any], None]

SCHEMA_WAIT_MS = 5_000
RETRY_SECONDS = 0.2


class Refused(Exception):
    """The database server would not carry out a transaction."""


class _Idl(ovsdb.Idl):  # type: ignore[misc]
    """Keeps an index of keys to rows, and tells a listener of every change."""

    def __init__(self, remote: str, helper: Any, keys: Mapping[str, Key], listener: Listener) -> None:
        super().__init__(remote, helper, probe_interval=0 if remote.startswith("unix:") else None, leader_only=True)
        self.keys, self._listener = keys, listener
        self.index: dict[str, dict[str, UUID]] = {table: {} for table in keys}

    def notify(self, event: str, row: Any, updates: Any = None) -> None:
        table = row._table.name
        key = self.keys[table](row) if table in self.keys else None
        if key is not None and event == ovsdb.ROW_DELETE:
            if self.index[table].get(key) == row.uuid:
                del self.index[table][key]
        elif key is not None:
            self.index[table][key] = row.uuid
        try:
            self._listener(event, table, row, updates)
        except Exception:
            log.exception("a listener of %s failed", table)

    @property
    def usable(self) -> bool:
        return bool(self.state == self.IDL_S_MONITORING and self._session.is_connected())


class Connection:
    """``tables`` are copied (table -> columns); rows can be found by ``keys`` (table -> key of a row).

    ``listener(event, table, row, old)`` runs on the connection's thread: it must not wait.
    """

    def __init__(
        self,
        remote: str,
        database: str,
        tables: Columns,
        keys: Mapping[str, Key],
        listener: Listener = lambda *_: None,
    ) -> None:
        self._remote, self._database, self._tables, self._keys = remote, database, tables, keys
        self._listener = listener
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        self._waiting: list[_Task] = []
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"ovsdb {database}", daemon=True)
        self._started = threading.Lock()

    def start(self) -> None:
        with self._started:
            if self._thread.ident is None:
                self._thread.start()

    def stop(self) -> None:
        with self._started:
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._wake()
            if self._thread.ident is not None:
                self._thread.join(5)
            os.close(self._wake_write)
            os.close(self._wake_read)

    def transact(self, work: Callable[[View], T], timeout: float = 10.0) -> T:
        """Runs ``work`` and commits what it changed; it may run several times.

        Raises Unavailable when that cannot be done in time, Refused when the server says no.
        """
        return self._ask(work, writes=True, timeout=timeout)

    def read(self, work: Callable[[View], T], timeout: float = 10.0) -> T:
        """Runs ``work`` on the copy. Raises Unavailable when there is none yet after ``timeout`` seconds."""
        return self._ask(work, writes=False, timeout=timeout)

    def _ask(self, work: Callable[[View], T], *, writes: bool, timeout: float) -> T:
        self.start()
        if self._stopping.is_set():
            raise Unavailable(f"The connection to {self._database} has been closed.")
        task = _Task(work, writes, time.monotonic() + timeout)
        self._tasks.put(task)
        self._wake()
        try:
            result: T = task.result.result(timeout)
        except FutureTimeoutError:
            task.result.cancel()
            raise Unavailable(f"The database {self._database} of OVN does not answer.") from None
        return result

    def _wake(self) -> None:
        try:
            os.write(self._wake_write, b"!")
        except OSError:
            return  # the pipe is full: it is awake already

    def _run(self) -> None:
        helper = self._schema()
        if helper is None:
            return
        idl = _Idl(self._remote, helper, self._keys, self._listener)
        try:
            while not self._stopping.is_set():
                self._turn(idl)
        finally:
            idl.close()

    def _turn(self, idl: _Idl) -> None:
        try:
            before = idl.change_seqno
            idl.run()
            if idl.usable:
                self._work(idl)
            if idl.change_seqno == before:
                self._wait(idl)
        except Exception:
            log.exception("the connection to %s failed", self._database)
            self._stopping.wait(RETRY_SECONDS)

    def _wait(self, idl: _Idl, transaction: Any = None, until: float | None = None) -> None:
        poller = ovs.poller.Poller()
        idl.wait(poller)
        if transaction is None:
            poller.fd_wait(self._wake_read, select.POLLIN)
        else:
            transaction.wait(poller)
        if until is not None:
            poller.timer_wait(max(0, int((until - time.monotonic()) * 1000)))
        poller.block()
        if transaction is None:
            self._drain_wakes()

    def _drain_wakes(self) -> None:
        try:
            while os.read(self._wake_read, 4096):
                continue
        except BlockingIOError:
            return

    def _schema(self) -> Any:
        """The part of the database's schema that is copied, once the server has told it; None when stopped."""
        while not self._stopping.is_set():
            try:
                helper = ovsdb.SchemaHelper(schema_json=_fetch_schema(self._remote, self._database))
            except OSError:
                self._stopping.wait(RETRY_SECONDS)
                continue
            for table, columns in self._tables.items():
                helper.register_columns(table, list(columns))
            return helper
        return None

    def _work(self, idl: _Idl) -> None:
        while idl.usable and not self._stopping.is_set():
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                return
            if not task.result.set_running_or_notify_cancel():
                continue
            try:
                task.result.set_result(self._commit(idl, task) if task.writes else task.work(View(idl, None)))
            except Exception as error:  # noqa: BLE001 - it is the caller's
                task.result.set_exception(error)

    def _commit(self, idl: _Idl, task: "_Task") -> Any:
        while True:
            transaction = ovsdb.Transaction(idl)
            try:
                result = task.work(View(idl, transaction))
                status = self._finish(idl, transaction, task.deadline)
            except BaseException:
                transaction.abort()
                raise
            if status in (ovsdb.Transaction.SUCCESS, ovsdb.Transaction.UNCHANGED):
                return result
            if status == ovsdb.Transaction.ERROR:
                raise Refused(transaction.get_error())
            transaction.abort()
            if time.monotonic() > task.deadline:
                raise Unavailable(f"The database {self._database} of OVN does not answer.")
            idl.run()
            if not idl.usable:
                self._wait(idl, until=min(task.deadline, time.monotonic() + RETRY_SECONDS))

    def _finish(self, idl: _Idl, transaction: Any, deadline: float) -> str:
        while True:
            status = str(transaction.commit())
            if status != ovsdb.Transaction.INCOMPLETE or time.monotonic() > deadline:
                return status
            idl.run()
            self._wait(idl, transaction, until=deadline)


class _Task:
    def __init__(self, work: Callable[[View], Any], writes: bool, deadline: float) -> None:
        self.work, self.writes, self.deadline = work, writes, deadline
        self.result: Future[Any] = Future()


def _fetch_schema(remote: str, database: str) -> Any:
    """Raises OSError when the server does not answer."""
    error, stream = ovs.stream.Stream.open_block(ovs.stream.Stream.open(remote.split(",")[0]), SCHEMA_WAIT_MS)
    if error:
        raise OSError(error, f"{remote} does not answer")
    rpc = ovs.jsonrpc.Connection(stream)
    try:
        error, reply = rpc.transact_block(ovs.jsonrpc.Message.create_request("get_schema", [database]))
        if error or reply.error:
            raise OSError(error or 0, f"{remote}: {reply.error if reply else 'no answer'}")
        return reply.result
    finally:
        rpc.close()
