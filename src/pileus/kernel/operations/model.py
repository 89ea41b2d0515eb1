"""What an operation is: a kind with steps, and one run of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.kernel.context import Context
from pileus.kernel.errors import Cancelled

if TYPE_CHECKING:
    from pileus.kernel.database import Database

PENDING, RUNNING, UNDOING = "pending", "running", "undoing"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
UNFINISHED = (PENDING, RUNNING, UNDOING)

Result = Mapping[str, Any] | None


class Step(msgspec.Struct, frozen=True):
    """One part of an operation.

    do    safe to run twice: the process may die after it acted and before its result was kept. What it returns (JSON-
          able) is kept under the step's name. It raises RetryLater to be run again, GiveUp to end the operation.
    undo  takes back what do did, also when do got only half way; run in reverse order when a later step gave up.
    """

    name: str
    do: Callable[["Run"], Result]
    undo: Callable[["Run"], None] | None = None


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of slow work on one resource.

    deadline  seconds after which it gives up instead of trying again.
    cancels   ends every earlier operation on the same resource at its next step boundary (a delete).
    failed    told why when the operation gave up, after the undoing: writes the reason where the user sees it.
    """

    name: str
    steps: Sequence[Step]
    deadline: float = 600.0
    cancels: bool = False
    failed: Callable[["Run", str, int], None] | None = None


class Operation(msgspec.Struct, kw_only=True):
    """One operation as it is kept (see tables.py)."""

    sequence: int
    id: str
    kind: str
    resource_id: str
    context: Context
    input: dict[str, Any]
    results: dict[str, Any]
    state: str
    step: int
    attempts: int
    run_at: int
    deadline: int
    cancel_requested: bool
    lease_owner: str | None
    lease_expires: int | None
    error: str | None
    error_code: int | None
    created_at: int
    updated_at: int


class Run:
    """One operation being done, as its steps see it."""

    def __init__(self, operation: Operation, service: Any, database: "Database", is_cancelled: Callable[[], bool]):
        self.operation = operation
        self.service = service
        self.database = database
        self._is_cancelled = is_cancelled

    @property
    def resource_id(self) -> str:
        return self.operation.resource_id

    @property
    def input(self) -> dict[str, Any]:
        return self.operation.input

    @property
    def results(self) -> dict[str, Any]:
        """What finished steps returned, by step name."""
        return self.operation.results

    @property
    def context(self) -> Context:
        """The context of the request that asked for this, without its token."""
        return self.operation.context

    @property
    def attempts(self) -> int:
        """How often the current step was tried before."""
        return self.operation.attempts

    def checkpoint(self) -> None:
        """For a step that takes long: raises Cancelled when the operation was overtaken by a delete."""
        if self._is_cancelled():
            raise Cancelled
