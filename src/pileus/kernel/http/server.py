"""The front: Granian on one port, every service's WSGI application behind it by its first path segment.

Granian (Rust) reads and writes sockets; Python sees a request only once its body is there, so a slow client holds no
thread. How a request is run depends on its line of the route table:

    inline     on the event loop's own thread, one after another: short, and nothing fights over the GIL; one that
               turns out to have to wait is run again on a thread (inline.py)
    blocking   on one of WAITING threads: waits for a host
    streams    on one of STREAMING threads: moves bodies of any size, piece by piece

The pools are separate, so no number of waiting calls or slow transfers can delay a short request. Measured against
Granian's own WSGI threads in docs/design/http-front.md.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from pileus.kernel.http.inline import Inline, MustWait
from pileus.kernel.http.responses import CHUNK, FileBody
from pileus.kernel.http.streams import BodyReader
from pileus.kernel.numerals import natural

WAITING = 64
STREAMING = 256
MAX_INLINE_BODY = 1 << 20
HEADER_TIMEOUT_MS = 30_000


Websockets = Callable[[Any, Any], Awaitable[None]]


class Mounted(Protocol):
    """What can stand behind the front: a WSGI application that knows how each request must be run."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]: ...

    def mode(self, method: str, path: str) -> str: ...


class TooMuch(Exception):
    """A body that no short request has."""


class Front:
    """RSGI application: routes by mount, and runs each request the way it must be run.

    ``pooled``: short requests too wait for something (a database over a network), so run them on threads.
    ``websockets``: the RSGI application of those, on whatever path; without it there are none.
    """

    def __init__(self, mounts: Mapping[str, Mounted], *, pooled: int = 0, websockets: Websockets | None = None) -> None:
        self._mounts = dict(mounts)
        self.websockets = websockets
        self._waiting = ThreadPoolExecutor(WAITING, thread_name_prefix="waiting")
        self._streaming = ThreadPoolExecutor(STREAMING, thread_name_prefix="streaming")
        self._pooled = ThreadPoolExecutor(pooled, thread_name_prefix="short") if pooled else None

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto == "ws" and self.websockets is not None:
            await self.websockets(scope, protocol)
            return
        segment, mount, path = _split(scope.path)
        application = self._mounts.get(segment) or self._mounts.get("")
        if application is None:
            protocol.response_bytes(404, _JSON_HEADERS, b'{"error": {"code": 404, "title": "Not Found"}}')
            return
        if segment not in self._mounts:
            mount, path = "", mount + path
        environ = _environ(scope, mount, path)
        mode = application.mode(scope.method, path)
        if mode == "streams":
            await self._stream(application, environ, protocol)
        else:
            await self._short_request(application, environ, protocol, mode)

    async def _stream(self, application: Mounted, environ: dict[str, Any], protocol: Any) -> None:
        loop = asyncio.get_running_loop()
        reader = environ["wsgi.input"] = BodyReader(protocol, loop, _length(environ))
        try:
            answer = await loop.run_in_executor(self._streaming, _run, application, environ)
            await _send(protocol, answer, loop, self._streaming)
        finally:
            reader.close()

    async def _short_request(self, application: Mounted, environ: dict[str, Any], protocol: Any, mode: str) -> None:
        try:
            body = await _read(environ, protocol)
        except TooMuch:
            protocol.response_bytes(413, _JSON_HEADERS, _TOO_LARGE)
            return
        environ["CONTENT_LENGTH"] = str(len(body))
        pool = self._waiting if mode == "blocking" else self._pooled
        if pool is None:
            environ["wsgi.input"] = io.BytesIO(body)
            answered = _run_inline(application, environ)
            pool = self._waiting
        else:
            answered = None
        loop = asyncio.get_running_loop()
        if answered is None:
            environ["wsgi.input"] = io.BytesIO(body)
            answered = await loop.run_in_executor(pool, _run, application, environ)
        await _send(protocol, answered, loop, self._waiting)


_JSON_HEADERS = [("content-type", "application/json")]
_TOO_LARGE = msgspec.json.encode(
    {"error": {"code": 413, "title": "Request Entity Too Large", "message": "Request is too large."}}
)
_BODILESS = ("GET", "HEAD", "DELETE", "OPTIONS")
Started = tuple[int, list[tuple[str, str]], Iterable[bytes]]


def _split(path: str) -> tuple[str, str, str]:
    """``/compute/v2.1/servers`` -> ("compute", "/compute", "/v2.1/servers")."""
    segment, slash, rest = path[1:].partition("/")
    return segment, "/" + segment if segment else "", slash + rest


def _environ(scope: Any, mount: str, path: str) -> dict[str, Any]:
    host, _, port = (scope.server or "localhost:80").rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": mount,
        "PATH_INFO": _wsgi_path(path),
        "QUERY_STRING": scope.query_string or "",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": (scope.client or "").rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ[key] = value
        elif "HTTP_" + key in environ:
            environ["HTTP_" + key] += "," + value
        else:
            environ["HTTP_" + key] = value
    if "HTTP_HOST" not in environ and scope.authority:
        environ["HTTP_HOST"] = scope.authority
    return environ


def _wsgi_path(path: str) -> str:
    """PEP 3333: percent-decoded bytes, as latin-1 text."""
    return unquote_to_bytes(path).decode("latin-1") if "%" in path else path.encode().decode("latin-1")


def _length(environ: Mapping[str, Any]) -> int | None:
    return natural(environ.get("CONTENT_LENGTH", ""))


async def _read(environ: Mapping[str, Any], protocol: Any) -> bytes:
    """The whole body of a short request. Raises TooMuch as soon as it is larger than any such body may be."""
    length = _length(environ)
    if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    if length is not None:
        if length > MAX_INLINE_BODY:
            raise TooMuch
        whole: bytes = await protocol()
        return whole
    parts, size = [], 0
    async for part in protocol:
        size += len(part)
        if size > MAX_INLINE_BODY:
            raise TooMuch
        parts.append(part)
    return b"".join(parts)


def _run(application: Mounted, environ: dict[str, Any]) -> Started:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        started.append((status, headers))

    body = application(environ, start_response)
    status, headers = started[-1]
    return int(status[:3]), headers, body


def _run_inline(application: Mounted, environ: dict[str, Any]) -> Started | None:
    """The answer, or None when the handler found that it has to wait."""
    try:
        with Inline():
            return _run(application, environ)
    except MustWait:
        return None


async def _send(protocol: Any, answer: Started, loop: asyncio.AbstractEventLoop, pool: ThreadPoolExecutor) -> None:
    status, headers, body = answer
    if isinstance(body, list | tuple):
        protocol.response_bytes(status, headers, body[0] if len(body) == 1 else b"".join(body))
        return
    if isinstance(body, FileBody):
        protocol.response_file_range(status, headers, str(body.path), body.offset, body.offset + body.length)
        return
    transport = protocol.response_stream(status, headers)
    parts = iter(body)
    try:
        while (part := await loop.run_in_executor(pool, _next, parts)) is not None:
            await transport.send_bytes(part)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            await loop.run_in_executor(pool, close)


def _next(parts: Iterator[bytes]) -> bytes | None:
    """The next piece, several small ones joined: each piece costs a switch of threads."""
    joined = bytearray()
    for part in parts:
        joined += part
        if len(joined) >= CHUNK:
            break
    return bytes(joined) or None


async def serve(
    application: Any,
    *,
    address: str = "",
    port: int = 0,
    unix: Path | None = None,
    tls: Mapping[str, Any] | None = None,
) -> None:
    """Serves an RSGI application until the task is cancelled. ``tls`` is passed on to Granian (ssl_* options)."""
    server = Server(
        application,
        address=address or "127.0.0.1",
        port=port,
        uds=unix,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto if tls else HTTPModes.http1,
        websockets=getattr(application, "websockets", None) is not None,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        log_enabled=False,
        **(tls or {}),
    )
    await server.serve()
