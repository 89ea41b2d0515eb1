"""A front on a real socket, in a thread of the test's own process."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pileus.kernel.http.server import Front, serve


@contextlib.contextmanager
def background_server(
    front: Front, *, address: str = "", port: int = 0, unix: Path | None = None, **options: Any
) -> Iterator[None]:
    """Serves until the block ends."""
    started = threading.Event()
    stop: list[Any] = []

    async def main() -> None:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel) if task else None)
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await serve(front, address=address, port=port, unix=unix, **options)

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="loop")
    thread.start()
    started.wait(5)
    try:
        _wait_for(address, port, unix)
        yield
    finally:
        stop[0]()
        thread.join()


def _wait_for(address: str, port: int, unix: Path | None) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as probe:
            if probe.connect_ex(str(unix) if unix else (address, port)) == 0:
                return
        time.sleep(0.01)
    raise TimeoutError("the server did not start")
