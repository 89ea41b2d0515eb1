"""Doing operations: any number of engines claim them by lease, run their steps, retry and undo.

An engine may die at any instant. Its leases run out (or are seen to belong to a dead process of this host), another
engine claims the operation and runs the step it stands at again. Everything an engine keeps is written with its own
lease as the condition, so one that only seemed dead can do no harm: its writes no longer match.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.database import Database, Tx, retried, rows_changed
from pileus.kernel.errors import Unavailable
from pileus.kernel.operations.leases import owner_is_dead, process_owner
from pileus.kernel.operations.model import RUNNING, UNDOING, UNFINISHED, Kind, Operation
from pileus.kernel.operations.queue import from_row
from pileus.kernel.operations.runner import Runner
from pileus.kernel.operations.tables import operations

log = logging.getLogger(__name__)

LEASE_SECONDS = 20.0
RENEW_SECONDS = 5.0
POLL_SECONDS = 5.0
KEEP_FINISHED = 7 * clock.DAY


class Engine:
    """Claims due operations and runs each on a thread."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, tuple[Kind, Any]],
        *,
        threads: int = 16,
        owner: str | None = None,
    ) -> None:
        """``kinds``: kind name -> the kind and the service whose it is."""
        self.database = database
        self.owner = owner or process_owner()
        self._threads = threads
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._runner = Runner(database, kinds, self.owner, self._stopping)
        self._busy: set[int] = set()
        self._lock = threading.Lock()

    # -- the loop ----------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Look for due operations now."""
        self._wake.set()

    def stop(self) -> None:
        """Ends ``run`` once the steps under way have ended; what is left is claimed by whoever comes next."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Works until ``stop`` is called."""
        renewer = threading.Thread(target=self._renew_forever, name="renew-leases", daemon=True)
        renewer.start()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="operation") as pool:
            while not self._stopping.is_set():
                self._wake.clear()
                try:
                    wait = self._dispatch(pool.submit)
                except Unavailable as error:
                    log.warning("cannot look for operations: %s", error)
                    wait = 1.0
                self._wake.wait(wait)

    def _perform(self, operation: Operation) -> None:
        try:
            self._runner.perform(operation)
        finally:
            with self._lock:
                self._busy.discard(operation.sequence)
            self.wake()

    def drain(self) -> int:
        """Runs every operation that is due, in this thread, until none is; returns how many were claimed."""
        count = 0
        while claimed := self.claim(self._threads):
            for operation in claimed:
                self._perform(operation)
            count += len(claimed)
        return count

    def _dispatch(self, submit: Callable[..., Any]) -> float:
        free = self._threads - len(self._busy)
        if free <= 0:
            return POLL_SECONDS
        claimed = self.claim(free)
        for operation in claimed:
            submit(self._perform, operation)
        if len(claimed) == free:
            return POLL_SECONDS
        return 0.0 if claimed else self._until_next()

    def _until_next(self) -> float:
        """Seconds until an operation that waits for its time is due, at most the poll interval."""
        with self.database.read() as tx:
            soonest: int | None = tx.scalar(
                sa.select(sa.func.min(operations.c.run_at)).where(
                    operations.c.state.in_(UNFINISHED),
                    operations.c.lease_owner.is_(None),
                    operations.c.run_at > clock.now(),
                )
            )
        if soonest is None:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(0.0, (soonest - clock.now()) / clock.SECOND))

    # -- claiming ----------------------------------------------------------------------------------------------

    def claim(self, limit: int) -> list[Operation]:
        """Takes the lease of up to ``limit`` due operations, the oldest of each resource first."""
        with self.database.read() as tx:
            if not _due(tx, clock.now(), 1):
                return []
        return retried(lambda: self._claim(limit))

    def _claim(self, limit: int) -> list[Operation]:
        now = clock.now()
        claimed = []
        with self.database.transaction() as tx:
            for row in _due(tx, now, limit):
                taken = tx.execute(
                    _TAKE,
                    {
                        "at": row.sequence,
                        "was": row.lease_expires or 0,
                        "owner": self.owner,
                        "until": now + int(LEASE_SECONDS * clock.SECOND),
                        "new_state": UNDOING if row.state == UNDOING else RUNNING,
                    },
                )
                if rows_changed(taken) == 1:
                    claimed.append(from_row(row))
        for operation in claimed:
            operation.lease_owner = self.owner
            if operation.state != UNDOING:
                operation.state = RUNNING
        with self._lock:
            self._busy.update(operation.sequence for operation in claimed)
        return claimed

    def release_dead(self) -> int:
        """Frees the leases of engines of this host that are no more; returns how many operations that were."""
        with self.database.read() as tx:
            owners = tx.scalars(
                sa.select(operations.c.lease_owner)
                .where(operations.c.state.in_(UNFINISHED), operations.c.lease_owner.is_not(None))
                .distinct()
            ).all()
        dead = [owner for owner in owners if owner and owner != self.owner and owner_is_dead(owner)]
        if not dead:
            return 0
        with self.database.transaction() as tx:
            freed = tx.execute(
                operations.update()
                .where(operations.c.state.in_(UNFINISHED), operations.c.lease_owner.in_(dead))
                .values(lease_owner=None, lease_expires=None)
            )
            return rows_changed(freed)

    def _renew_forever(self) -> None:
        last_cleaning = 0.0
        while not self._stopping.wait(RENEW_SECONDS):
            try:
                self._renew()
                if self.release_dead():
                    self.wake()
                if time.monotonic() - last_cleaning > 3600:
                    last_cleaning = time.monotonic()
                    self._forget_old()
            except Exception:
                # Without the database nothing can be renewed; the leases run out, which is what they are for.
                log.exception("cannot renew leases")

    def _renew(self) -> None:
        with self._lock:
            if not self._busy:
                return
        with self.database.transaction() as tx:
            tx.execute(
                operations.update()
                .where(operations.c.lease_owner == self.owner, operations.c.state.in_(UNFINISHED))
                .values(lease_expires=clock.now() + int(LEASE_SECONDS * clock.SECOND))
            )

    def _forget_old(self) -> None:
        with self.database.transaction() as tx:
            tx.execute(
                operations.delete().where(
                    operations.c.state.not_in(UNFINISHED), operations.c.updated_at < clock.now() - KEEP_FINISHED
                )
            )


_earlier = operations.alias("earlier")
_DUE = (
    sa.select(operations)
    .where(
        operations.c.state.in_(UNFINISHED),
        operations.c.run_at <= sa.bindparam("now"),
        sa.or_(operations.c.lease_owner.is_(None), operations.c.lease_expires < sa.bindparam("now")),
        ~sa.exists().where(
            _earlier.c.resource_id == operations.c.resource_id,
            _earlier.c.sequence < operations.c.sequence,
            _earlier.c.state.in_(UNFINISHED),
        ),
    )
    .order_by(operations.c.sequence)
    .limit(sa.bindparam("most"))
)
_TAKE = (
    operations.update()
    .where(
        operations.c.sequence == sa.bindparam("at"),
        sa.func.coalesce(operations.c.lease_expires, 0) == sa.bindparam("was"),
        operations.c.state.in_(UNFINISHED),
    )
    .values(
        lease_owner=sa.bindparam("owner"),
        lease_expires=sa.bindparam("until"),
        state=sa.bindparam("new_state"),
    )
)


def _due(tx: Tx, now: int, limit: int) -> list[sa.Row[Any]]:
    return list(tx.execute(_DUE, {"now": now, "most": limit}))
