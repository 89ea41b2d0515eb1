"""What fake guests show on their consoles: a grey screen by the RFB protocol (RFC 6143), and a serial line that echoes.

Every guest of a process shows the same, so one socket for each kind serves them all.
"""

import asyncio
import struct
import threading
from collections.abc import Callable
from typing import Any

WIDTH, HEIGHT, NAME = 320, 200, b"fake guest"
PIXEL_FORMAT = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
GREETING = b"fake kernel\r\nlogin: "
_LENGTHS = {0: 19, 4: 7, 5: 5}  # of the rest of a message that is only read: pixel format, key, pointer
_ENCODINGS, _UPDATE, _CUT_TEXT = 2, 3, 6


class FakeConsoles:
    """``port(kind)`` is where a kind of console listens on this machine; the first call starts both."""

    def __init__(self) -> None:
        self._ports: dict[str, int] = {}
        self._lock = threading.Lock()

    def port(self, kind: str) -> int:
        with self._lock:
            if not self._ports:
                started: list[Any] = []
                ready = threading.Event()
                threading.Thread(
                    target=lambda: asyncio.run(_serve(started, ready.set)), name="fake-consoles", daemon=True
                ).start()
                ready.wait(10)
                self._ports = dict(started)
        return self._ports[kind]


async def _serve(started: list[Any], ready: Callable[[], None]) -> None:
    screen = await asyncio.start_server(_ended_well(_screen), "127.0.0.1", 0)
    line = await asyncio.start_server(_ended_well(_line), "127.0.0.1", 0)
    started += [("vnc", screen.sockets[0].getsockname()[1]), ("serial", line.sockets[0].getsockname()[1])]
    ready()
    await asyncio.gather(screen.serve_forever(), line.serve_forever())


def _ended_well(talk: Callable[..., Any]) -> Callable[..., Any]:
    """A client that goes away is the usual end."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    return session


async def _line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(GREETING)
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()


async def _screen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"RFB 003.008\n")
    await reader.readexactly(12)
    writer.write(b"\x01\x01")  # one security type: none
    await reader.readexactly(1)
    writer.write(bytes(4))
    await reader.readexactly(1)
    writer.write(struct.pack(">HH", WIDTH, HEIGHT) + PIXEL_FORMAT + struct.pack(">I", len(NAME)) + NAME)
    pixel = 4
    while True:
        kind = (await reader.readexactly(1))[0]
        if kind == _ENCODINGS:
            _, count = struct.unpack(">BH", await reader.readexactly(3))
            await reader.readexactly(4 * count)
        elif kind == _UPDATE:
            incremental, *_ = await reader.readexactly(9)
            if not incremental:
                writer.write(struct.pack(">BxHHHHHi", 0, 1, 0, 0, WIDTH, HEIGHT, 0))
                writer.write(b"\x80" * (pixel * WIDTH * HEIGHT))
                await writer.drain()
        elif kind == _CUT_TEXT:
            (length,) = struct.unpack(">3xI", await reader.readexactly(7))
            await reader.readexactly(length)
        elif kind in _LENGTHS:
            rest = await reader.readexactly(_LENGTHS[kind])
            pixel = rest[3] // 8 if kind == 0 else pixel
        else:
            return
