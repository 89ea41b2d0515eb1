"""One claimed operation, carried as far as it goes now: do, retry, undo, finish.

What to do next is decided in decide.py; here it is done, and each outcome is kept before the next thing begins.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.kernel import clock, metrics
from pileus.kernel.context import current
from pileus.kernel.database import Database, retried, rows_changed
from pileus.kernel.errors import Cancelled, DomainError, GiveUp, RetryLater, Unavailable
from pileus.kernel.log import span
from pileus.kernel.operations import decide
from pileus.kernel.operations.model import CANCELLED, DONE, FAILED, RUNNING, UNDOING, Kind, Operation, Run, Step
from pileus.kernel.operations.tables import operations

log = logging.getLogger(__name__)

_CANCEL_REQUESTED = sa.select(operations.c.cancel_requested).where(operations.c.sequence == sa.bindparam("at"))
_KEEP = operations.update().where(
    operations.c.sequence == sa.bindparam("at"), operations.c.lease_owner == sa.bindparam("we")
)


class LostLease(Exception):
    """Another engine has taken the operation over; whatever this one does about it no longer counts."""


class _Parked(Exception):
    """The operation was given back, to be run again later."""


class Runner:
    """Runs operations in the name of one engine (``owner`` of their leases)."""

    def __init__(
        self,
        database: Database,
        kinds: Mapping[str, tuple[Kind, Any]],
        owner: str,
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._kinds = kinds
        self._owner = owner
        self._stopping = stopping

    def perform(self, operation: Operation) -> None:
        """Never raises: what goes wrong here is logged, and the lease runs out."""
        reset = current.set(operation.context)
        metrics.RUNNING.inc()
        try:
            self._advance(operation)
        except _Parked:
            return
        except LostLease:
            log.warning("operation %s (%s) was taken over", operation.id, operation.kind)
        except Exception:
            log.exception("operation %s (%s): the engine failed", operation.id, operation.kind)
        finally:
            metrics.RUNNING.dec()
            current.reset(reset)

    def _advance(self, operation: Operation) -> None:
        known = self._kinds.get(operation.kind)
        if known is None:
            self._park(operation, 5 * clock.SECOND, f"this engine does not know {operation.kind}")
            return
        kind, service = known
        run = Run(operation, service, self._database, lambda: self._cancel_requested(operation))
        while operation.state in (RUNNING, UNDOING):
            if self._stopping.is_set():
                self._park(operation, 0, operation.error or "the engine is stopping")
            action = decide.next_action(kind, operation)
            if action == "do":
                self._do(kind, kind.steps[operation.step], run)
            elif action == "undo":
                self._undo(kind, kind.steps[operation.step], run)
            elif action == "fail":
                self._fail(kind, run)
            else:
                self._finish(operation, CANCELLED if action == "cancel" else DONE)

    def _do(self, kind: Kind, step: Step, run: Run) -> None:
        operation = run.operation
        try:
            with (
                span("step", f"{kind.name}.{step.name}", operation=operation.id, attempt=operation.attempts),
                metrics.STEPS.labels(kind.name, step.name).time(),
            ):
                result = retried(lambda: step.do(run))
        except RetryLater as later:
            self._retry(operation, later.reason, later.after)
        except Unavailable as error:
            self._retry(operation, error.message, None)
        except Cancelled:
            operation.cancel_requested = True
        except GiveUp as error:
            self._begin_undo(operation, error.reason, error.code)
        except DomainError as error:
            self._begin_undo(operation, error.message, error.status)
        except Exception as error:
            log.exception("operation %s: step %s.%s failed", operation.id, kind.name, step.name)
            reason = f"{type(error).__name__}: {error}"
            if decide.tries_again(operation, clock.now()):
                self._retry(operation, reason, None)
            self._begin_undo(operation, reason, 500)
        else:
            self._step_done(kind, operation, step.name, result)

    def _step_done(self, kind: Kind, operation: Operation, name: str, result: Mapping[str, Any] | None) -> None:
        operation.results[name] = dict(result) if result is not None else {}
        operation.step += 1
        operation.attempts = 0
        results = msgspec.json.encode(operation.results).decode()
        progress = {"step": operation.step, "attempts": 0, "results": results, "error": None}
        if operation.step == len(kind.steps):
            self._finish(operation, DONE, **progress)
        else:
            self._keep(operation, state=RUNNING, **progress)

    def _retry(self, operation: Operation, reason: str, after: float | None) -> None:
        """Parks the operation, or begins to undo it when its time is up."""
        if decide.out_of_time(operation, clock.now()):
            self._begin_undo(operation, f"Timed out: {reason}", 504)
        else:
            self._park(operation, decide.pause(operation.attempts, after), reason)

    def _begin_undo(self, operation: Operation, reason: str, code: int) -> None:
        """The current step gave up: from here on backwards, it included."""
        operation.error, operation.error_code, operation.state = reason, code, UNDOING
        operation.attempts = 0
        self._keep(operation, state=UNDOING, error=reason, error_code=code, attempts=0)

    def _undo(self, kind: Kind, step: Step, run: Run) -> None:
        operation = run.operation
        if step.undo is not None:
            undo = step.undo
            try:
                with span("undo", f"{kind.name}.{step.name}", operation=operation.id, attempt=operation.attempts):
                    retried(lambda: undo(run))
            except (RetryLater, Unavailable) as error:
                after = error.after if isinstance(error, RetryLater) else None
                self._park(operation, decide.pause(operation.attempts, after), operation.error)
            except Exception:
                log.exception("operation %s: undoing %s.%s failed", operation.id, kind.name, step.name)
                if decide.tries_again(operation, clock.now()):
                    self._park(operation, decide.pause(operation.attempts, None), operation.error)
        operation.step -= 1
        operation.attempts = 0
        self._keep(operation, step=operation.step, attempts=0)

    def _fail(self, kind: Kind, run: Run) -> None:
        operation = run.operation
        if kind.failed is not None:
            failed = kind.failed
            try:
                retried(lambda: failed(run, operation.error or "unknown", operation.error_code or 500))
            except Exception:
                log.exception("operation %s: its failure could not be reported", operation.id)
                if decide.tries_again(operation, clock.now()):
                    self._park(operation, decide.pause(operation.attempts, None), operation.error)
        self._finish(operation, FAILED)

    def _park(self, operation: Operation, pause: int, reason: str | None) -> None:
        """Gives the operation back for ``pause`` microseconds. Raises _Parked."""
        self._keep(
            operation,
            run_at=clock.now() + pause,
            attempts=operation.attempts + 1,
            error=reason,
            lease_owner=None,
            lease_expires=None,
        )
        raise _Parked

    def _finish(self, operation: Operation, state: str, **progress: Any) -> None:
        self._keep(operation, state=state, lease_owner=None, lease_expires=None, **progress)
        operation.state = state
        metrics.OPERATIONS.labels(operation.kind, state).inc()

    def _keep(self, operation: Operation, **values: Any) -> None:
        """Writes progress, on condition that the lease is still ours; notices a cancel meanwhile.

        Raises LostLease.
        """
        operation.cancel_requested = retried(lambda: self._write(operation.sequence, values))

    def _write(self, sequence: int, values: Mapping[str, Any]) -> bool:
        with self._database.transaction() as tx:
            changed = tx.execute(_KEEP, {"at": sequence, "we": self._owner, "updated_at": clock.now(), **values})
            if rows_changed(changed) != 1:
                raise LostLease
            return bool(tx.scalar(_CANCEL_REQUESTED, {"at": sequence}))

    def _cancel_requested(self, operation: Operation) -> bool:
        with self._database.read() as tx:
            return bool(tx.scalar(_CANCEL_REQUESTED, {"at": operation.sequence}))
