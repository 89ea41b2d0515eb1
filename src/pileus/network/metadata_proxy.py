"""The web server that guests see at 169.254.169.254: it tells who asks, and passes the request on.

One thread accepts; each connection has a thread of its own for one request, with a bound on how many one guest and all
guests together can have, and on how long a guest may take. So a slow guest delays itself only.
"""

import logging
import os
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

from msgspec import Struct

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64
MAX_OF_GUEST = 8
MAX_BODY = 64 << 10
PAUSE_SECONDS = 5.0
WHOLE_SECONDS = 30.0
SWEEP_SECONDS = 1.0


class Asked(Struct, frozen=True):
    """A guest's request. ``path`` with its query, as it was sent."""

    network_id: str
    address: str
    method: str
    path: str
    content_type: str
    body: bytes


class Answered(Struct, frozen=True):
    status: int
    content_type: str
    body: bytes


Serve = Callable[[Asked], Answered]


class Proxy:
    """Serves any number of listening sockets, each of one network."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._listeners: dict[str, socket.socket] = {}
        self._open: Counter[tuple[str, str]] = Counter()
        self._since: dict[socket.socket, float] = {}
        self._wake_read, self._wake_write = os.pipe()
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._stopping = False
        self._thread = threading.Thread(target=self._accept, name="metadata", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        os.write(self._wake_write, b"!")
        self._thread.join()
        for network_id in list(self._listeners):
            self.remove(network_id)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def add(self, network_id: str, listener: socket.socket) -> None:
        """Serves a listening socket, which is closed when it is removed."""
        with self._lock:
            self._listeners[network_id] = listener
            self._selector.register(listener, selectors.EVENT_READ, network_id)

    def remove(self, network_id: str) -> None:
        with self._lock:
            listener = self._listeners.pop(network_id, None)
            if listener is not None:
                self._selector.unregister(listener)
                listener.close()

    def _accept(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(SWEEP_SECONDS if self._since else None):
                if key.data is not None:
                    self._accept_one(key.data)
            self._cut_off()

    def _cut_off(self) -> None:
        """Ends the conversations that take too long: a guest that sends a byte now and then must not keep a place."""
        latest = time.monotonic() - WHOLE_SECONDS
        with self._lock:
            for connection, since in self._since.items():
                if since < latest:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    def _accept_one(self, network_id: str) -> None:
        with self._lock:
            listener = self._listeners.get(network_id)
            try:
                connection, (address, _) = listener.accept() if listener else (None, ("", 0))
            except OSError:
                return  # the guest has gone again
        if connection is None:
            return
        guest = (network_id, address)
        with self._lock:
            full = self._open[guest] >= MAX_OF_GUEST or self._open.total() >= MAX_CONNECTIONS
            if not full:
                self._open[guest] += 1
                self._since[connection] = time.monotonic()
        if full:
            connection.close()
            return
        threading.Thread(target=self._converse, args=(connection, guest), name="metadata", daemon=True).start()

    def _converse(self, connection: socket.socket, guest: tuple[str, str]) -> None:
        try:
            _Conversation(connection, guest, self._serve)
        except OSError:
            log.debug("guest %s of network %s went away", guest[1], guest[0])
        finally:
            with self._lock:
                del self._since[connection]
                self._open[guest] -= 1
                if not self._open[guest]:
                    del self._open[guest]
            connection.close()


class _Conversation(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    timeout = PAUSE_SECONDS
    server_version = "Pileus"
    sys_version = ""

    def __init__(self, connection: socket.socket, guest: tuple[str, str], serve: Serve) -> None:
        self._guest, self._serve = guest, serve
        super().__init__(connection, (guest[1], 0), None)  # type: ignore[arg-type]

    def handle(self) -> None:
        self.close_connection = True
        self.handle_one_request()

    def do_GET(self) -> None:
        self._pass_on()

    def do_HEAD(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self._body()
        if body is None:
            return
        method = "GET" if self.command == "HEAD" else self.command
        asked = Asked(*self._guest, method, self.path, self.headers.get("Content-Type", ""), body)
        try:
            answered = self._serve(asked)
        except Exception:
            log.exception("metadata for %s of network %s", self._guest[1], self._guest[0])
            answered = Answered(500, "text/plain", b"The metadata service failed.\n")
        self._answer(answered)

    def _body(self) -> bytes | None:
        """The request's body; None when the request was answered already."""
        text = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not text.isdigit():
            self._answer(Answered(411, "text/plain", b"Content-Length is needed.\n"))
            return None
        length = int(text)
        if length > MAX_BODY:
            self._answer(Answered(413, "text/plain", b"The body is too large.\n"))
            return None
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _answer(self, answered: Answered) -> None:
        self.send_response(answered.status)
        self.send_header("Content-Type", answered.content_type)
        self.send_header("Content-Length", str(len(answered.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answered.body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug("%s %s", self._guest[1], format % args)
