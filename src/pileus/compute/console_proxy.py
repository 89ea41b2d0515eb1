"""Websockets to consoles: what is said on one goes to a guest's VNC or serial socket, and back.

Runs on the API's event loop: a console that hangs, at either end, holds no thread. Only looking a token up takes one,
of a few that are kept for it.
"""

import asyncio
import http.cookies
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pileus.compute.service import Compute
from pileus.compute.store import console_tokens
from pileus.compute.store.console_tokens import ConsoleToken
from pileus.kernel.errors import DomainError

log = logging.getLogger(__name__)

SESSIONS = 256  # of one API process; each holds two sockets
CONNECT_TIMEOUT = 5.0  # seconds
PIECE = 1 << 16
LOOK_UPS = 2
_CLOSED, _TEXT = 0, 2  # kinds of messages


class ConsoleProxy:
    """RSGI application for websockets on any path: what matters is the token, in the query or in a cookie."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._threads = ThreadPoolExecutor(LOOK_UPS, thread_name_prefix="console")
        self._open = 0

    async def __call__(self, scope: Any, protocol: Any) -> None:
        # As the reference's proxy: whoever may not is let in and shown out, since browsers tell scripts no status.
        transport = await protocol.accept()
        token = token_of(scope.query_string or "", scope.headers.get("cookie") or "")
        public = urlsplit(self._compute.runtime.public_url).hostname
        if not token or self._open >= SESSIONS or not _same_origin(scope, public):
            return
        self._open += 1
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._find, token)
            if found is not None:
                await self._connect(found, transport)
        finally:
            self._open -= 1

    def _find(self, token: str) -> ConsoleToken | None:
        try:
            with self._compute.database.read() as tx:
                return console_tokens.valid(tx, token)
        except DomainError as error:
            log.warning("a console's token could not be looked up: %s", error.message)
            return None

    @staticmethod
    async def _connect(console: ConsoleToken, transport: Any) -> None:
        address = console.address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                if "socket" in address:
                    reader, writer = await asyncio.open_unix_connection(address["socket"])
                else:
                    reader, writer = await asyncio.open_connection(address["host"], address["port"])
        except (OSError, TimeoutError) as error:
            log.warning("the console of server %s on %s does not answer: %s", console.server_id, console.host, error)
            return
        log.info("%s console of server %s opened", console.type, console.server_id)
        try:
            await _bridge(transport, reader, writer)
        finally:
            writer.close()
            log.info("%s console of server %s closed", console.type, console.server_id)


def token_of(query: str, cookies: str) -> str:
    """The token in a query string, else in a cookie (older clients'); empty when there is none."""
    given = parse_qs(query).get("token", [""])[-1]
    if given:
        return given
    try:
        cookie = http.cookies.SimpleCookie(cookies).get("token")
    except http.cookies.CookieError:
        return ""
    return "" if cookie is None else cookie.value


def _same_origin(scope: Any, public: str | None) -> bool:
    """Browsers tell which site's script opens a console; it must be one of this cloud."""
    origin = scope.headers.get("origin")
    if origin is None:
        return True
    asked = urlsplit("//" + (scope.headers.get("host") or scope.authority or "")).hostname
    return urlsplit(origin).hostname in {name for name in (asked, public) if name}


async def _bridge(transport: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either end has enough."""
    both = [asyncio.create_task(_to_guest(transport, writer)), asyncio.create_task(_to_client(reader, transport))]
    _, left = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    for outcome in await asyncio.gather(*both, return_exceptions=True):
        # Either end going away is how consoles end: OSError, or RuntimeError of a websocket that is closed.
        if isinstance(outcome, Exception) and not isinstance(outcome, OSError | RuntimeError):
            raise outcome


async def _to_guest(transport: Any, writer: asyncio.StreamWriter) -> None:
    while (message := await transport.receive()).kind != _CLOSED:
        writer.write(message.data.encode() if message.kind == _TEXT else message.data)
        await writer.drain()


async def _to_client(reader: asyncio.StreamReader, transport: Any) -> None:
    while data := await reader.read(PIECE):
        await transport.send_bytes(data)
