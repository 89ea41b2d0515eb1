"""Asking for slow work: the operation is written in the transaction of the change that needs it."""

import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.kernel import clock, ids
from pileus.kernel.context import Context
from pileus.kernel.database import Database, Tx, note, noted
from pileus.kernel.operations.model import PENDING, UNFINISHED, Kind, Operation
from pileus.kernel.operations.tables import operations

_NOTE = "operations"
_encode = msgspec.json.encode
_context = msgspec.json.Decoder(Context)
_insert = operations.insert()
_select = sa.select(operations)
_unfinished = operations.update().where(
    operations.c.resource_id == sa.bindparam("at"), operations.c.state.in_(UNFINISHED)
)
_CANCEL = _unfinished.values(
    cancel_requested=True, run_at=sa.case((operations.c.lease_owner.is_(None), 0), else_=operations.c.run_at)
)
_HURRY = _unfinished.where(operations.c.lease_owner.is_(None)).values(run_at=0)
_WAITING = (
    sa.select(operations.c.sequence)
    .where(operations.c.resource_id == sa.bindparam("resource_id"), operations.c.state == PENDING)
    .limit(1)
)


class Queue:
    """The operations of one database. ``hint`` wakes an engine; losing a hint costs only time."""

    def __init__(self, database: Database, hint: Callable[[], None] = lambda: None) -> None:
        self.database = database
        self._hint = hint
        database.after_commit(self._committed)

    def _committed(self, tx: Tx) -> None:
        if noted(tx, _NOTE):
            self._hint()

    def ask(
        self,
        tx: Tx,
        kind: Kind,
        resource_id: str,
        context: Context,
        input: Mapping[str, Any] | None = None,
        *,
        after: float = 0,
    ) -> str:
        """Writes an operation into tx and returns its id; it is done once tx is committed, ``after`` seconds later."""
        now = clock.now()
        operation_id = ids.new_uuid()
        if kind.cancels:
            cancel(tx, resource_id)
        tx.execute(
            _insert,
            {
                "id": operation_id,
                "kind": kind.name,
                "resource_id": resource_id,
                "project_id": context.project_id,
                "request_id": context.request_id,
                "context": _encode(context.without_token()).decode(),
                "input": _encode(input or {}).decode(),
                "results": "{}",
                "state": PENDING,
                "step": 0,
                "attempts": 0,
                "run_at": now + int(after * clock.SECOND),
                "deadline": now + int((kind.deadline + after) * clock.SECOND),
                "cancel_requested": False,
                "created_at": now,
                "updated_at": now,
            },
        )
        note(tx, _NOTE)
        return operation_id

    def ask_once(
        self, tx: Tx, kind: Kind, resource_id: str, context: Context, input: Mapping[str, Any] | None = None
    ) -> None:
        """``ask``, unless one on this resource is there that nobody has begun: it will see what tx changes.

        Over a network database one may begin between the look and tx's commit: whoever coalesces work this way also
        looks now and then whether something was left.
        """
        if tx.scalar(_WAITING, {"resource_id": resource_id}) is None:
            self.ask(tx, kind, resource_id, context, input)

    def unfinished(self, tx: Tx, resource_ids: Iterable[str]) -> list[Operation]:
        """What is still to be done with these resources, oldest first."""
        found = tx.execute(
            _select.where(
                operations.c.resource_id.in_(list(resource_ids)), operations.c.state.in_(UNFINISHED)
            ).order_by(operations.c.sequence)
        )
        return [from_row(row) for row in found]

    def of_request(self, tx: Tx, request_id: str) -> list[Operation]:
        """The operations that one request asked for."""
        found = tx.execute(_select.where(operations.c.request_id == request_id).order_by(operations.c.sequence))
        return [from_row(row) for row in found]


def cancel(tx: Tx, resource_id: str) -> None:
    """Asks every unfinished operation on a resource to stop at its next step boundary, and wakes the waiting ones."""
    tx.execute(_CANCEL, {"at": resource_id})


def hurry(tx: Tx, resource_id: str) -> None:
    """What is parked on a resource is tried again at once: what it waits for may have happened."""
    tx.execute(_HURRY, {"at": resource_id})
    note(tx, _NOTE)


def from_row(row: sa.Row[Any]) -> Operation:
    return Operation(
        sequence=row.sequence,
        id=row.id,
        kind=row.kind,
        resource_id=row.resource_id,
        context=_context.decode(row.context),
        input=msgspec.json.decode(row.input),
        results=msgspec.json.decode(row.results),
        state=row.state,
        step=row.step,
        attempts=row.attempts,
        run_at=row.run_at,
        deadline=row.deadline,
        cancel_requested=row.cancel_requested,
        lease_owner=row.lease_owner,
        lease_expires=row.lease_expires,
        error=row.error,
        error_code=row.error_code,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


class SocketHint:
    """Wakes the engine of this host through a datagram socket."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def __call__(self) -> None:
        try:
            self._socket.sendto(b"!", self._path)
        except OSError:
            # No engine is listening, or it has hints enough: its slow poll finds the operation.
            return

    def close(self) -> None:
        self._socket.close()
