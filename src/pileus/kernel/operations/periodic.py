"""Work done again and again: each piece by whichever engine holds its lease, so by one of any number."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from pileus.kernel import ids
from pileus.kernel.context import current, service_context
from pileus.kernel.database import Database
from pileus.kernel.operations.leases import Lease

log = logging.getLogger(__name__)


class Periodic(msgspec.Struct, frozen=True):
    """``work`` is called every ``interval`` seconds; ``everywhere``: by every engine, not by one of them."""

    name: str
    interval: float
    work: Callable[[], None]
    everywhere: bool = False


def lease_seconds(interval: float) -> float:
    """How long an engine may be silent before another one takes over a piece of work."""
    return 3 * interval + 10


class Clockwork:
    """Calls each piece of periodic work on a thread of its own, so that none delays another."""

    def __init__(self, database: Database, pieces: Sequence[Periodic], owner: str) -> None:
        self._database, self._pieces, self._owner = database, pieces, owner
        self._stopping = threading.Event()

    def start(self) -> None:
        for piece in self._pieces:
            threading.Thread(target=self._turn, args=(piece,), name=piece.name, daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def _turn(self, piece: Periodic) -> None:
        lease = Lease(self._database, f"periodic:{piece.name}", self._owner, lease_seconds(piece.interval))
        while not self._stopping.is_set():
            started = time.monotonic()
            reset = current.set(service_context(ids.new_request_id()))
            try:
                if piece.everywhere or lease.hold():
                    piece.work()
            except Exception:
                log.exception("periodic work %s failed", piece.name)
            finally:
                current.reset(reset)
            self._stopping.wait(max(0.0, piece.interval - (time.monotonic() - started)))
