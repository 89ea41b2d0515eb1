"""A request body of any size, read by a thread while the event loop receives it."""

import asyncio
import queue
from typing import Any

from pileus.kernel.http.responses import CHUNK

AHEAD = 8  # pieces received but not yet read


class BodyReader:
    """File-like reader of a streamed request body.

    The loop side starts with the first read, so a request that is refused on its headers costs nothing. What is
    received ahead is bounded: a fast client cannot fill the memory of a slow store.
    """

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop, length: int | None) -> None:
        self._protocol, self._loop, self._expected = protocol, loop, length
        self._pieces: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()
        self._room: asyncio.Semaphore | None = None
        self._task: asyncio.Task[None] | None = None
        self._rest = b""
        self._ended = False
        self._received = 0

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes (a piece as it came when size is negative); empty at the end.

        Raises ConnectionError when the client goes away before its body is complete.
        """
        if not self._rest and not self._ended:
            self._rest = self._next_piece()
        if size < 0 or size >= len(self._rest):
            piece, self._rest = self._rest, b""
        else:
            piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def _next_piece(self) -> bytes:
        if self._task is None:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        piece = self._pieces.get()
        room = self._room
        if room is not None:
            self._loop.call_soon_threadsafe(room.release)
        if isinstance(piece, bytes):
            self._received += len(piece)
            return piece
        self._ended = True
        if isinstance(piece, Exception):
            raise ConnectionError(f"the client went away: {piece}") from piece
        if self._expected is not None and self._received < self._expected:
            raise ConnectionError(f"the body ended after {self._received} of {self._expected} bytes")
        return b""

    async def _start(self) -> None:
        self._room = asyncio.Semaphore(AHEAD)
        self._task = asyncio.create_task(self._receive(self._room))

    async def _receive(self, room: asyncio.Semaphore) -> None:
        joined = bytearray()
        try:
            async for part in self._protocol:
                joined += part
                if len(joined) >= CHUNK or (joined and self._pieces.empty()):
                    await room.acquire()
                    self._pieces.put(bytes(joined))
                    joined.clear()
        except asyncio.CancelledError:
            self._pieces.put(ConnectionError("the server is stopping"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever ends the reception must reach the reading thread
            self._pieces.put(error)
            return
        if joined:
            self._pieces.put(bytes(joined))
        self._pieces.put(None)

    def close(self) -> None:
        """Stops receiving, when the request was answered before its body ended."""
        if self._task is not None:
            self._task.cancel()
