"""Work that takes longer than a call should: it goes on in a thread, and the caller comes again."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from contextvars import copy_context
from typing import Any

from pileus.kernel.errors import RetryLater


class Background:
    """At most one piece of work a key. Its result, or its error, goes to the first call that finds it ended."""

    def __init__(self, threads: int = 8) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="guest-work")
        self._lock = threading.Lock()
        self._jobs: dict[str, Future[Any]] = {}

    def run(self, key: str, reason: str, work: Callable[[], None], *, grace: float = 1.0) -> None:
        """Starts the work, or goes on waiting for it, ``grace`` seconds a call. Raises RetryLater(reason)."""
        with self._lock:
            future = self._jobs.get(key)
            if future is None:
                future = self._jobs[key] = self._executor.submit(copy_context().run, work)
        try:
            future.result(grace)
        except NotDone:
            if not future.done():
                raise RetryLater(reason, after=0.3) from None
            raise
        finally:
            if future.done():
                with self._lock:
                    if self._jobs.get(key) is future:
                        del self._jobs[key]
