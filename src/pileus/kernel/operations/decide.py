"""What to do next with an operation: pure functions of a snapshot of it."""

from typing import Literal

from pileus.kernel import clock
from pileus.kernel.operations.model import UNDOING, Kind, Operation

Next = Literal["do", "undo", "cancel", "fail", "finish"]

BUG_ATTEMPTS = 3
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 15.0


def next_action(kind: Kind, operation: Operation) -> Next:
    """The one thing to do with a claimed operation.

    A delete that waits wins even over undoing, which may hang on a host that is gone: it cleans up everything anyway.
    """
    if operation.cancel_requested:
        return "cancel"
    if operation.state == UNDOING:
        return "undo" if operation.step >= 0 else "fail"
    return "do" if operation.step < len(kind.steps) else "finish"


def pause(attempts: int, asked: float | None) -> int:
    """Microseconds until the next try: what the step asked for, or growing with each attempt."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 10)) if asked is None else asked
    return int(seconds * clock.SECOND)


def out_of_time(operation: Operation, now: int) -> bool:
    return now > operation.deadline


def tries_again(operation: Operation, now: int) -> bool:
    """Whether a step that failed in an unforeseen way is worth another run: a few, since a crash may pass."""
    return operation.attempts + 1 < BUG_ATTEMPTS and not out_of_time(operation, now)
