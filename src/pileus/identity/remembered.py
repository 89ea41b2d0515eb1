"""What was worked out from identity's data, for as long as that data does not change.

Every change advances a number in the database. A value is kept with the number that was read before it was worked
out, and counts only while that is still the number: never stale, in any of any number of processes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pileus.identity.store import generation
from pileus.kernel.database import Database

T = TypeVar("T")
SIZE = 8192


class Remembered:
    def __init__(self, database: Database, size: int = SIZE) -> None:
        self._database = database
        self._size = size
        self._values: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def moment(self) -> int:
        """The number now; ask once a request."""
        return generation.current(self._database)

    def get(self, moment: int, key: Hashable, work_out: Callable[[], T]) -> T:
        """The value of key at this moment; worked out unless it is remembered. An exception is not remembered."""
        known = self._values.get(key)
        if known is not None and known[0] == moment:
            value: T = known[1]
            return value
        value = work_out()
        with self._lock:
            self._values[key] = (moment, value)
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
