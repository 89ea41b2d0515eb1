"""The calling side: finds the transport to a host, bounds what one host can hold up."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from typing import Any, Protocol

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from pileus.kernel import metrics
from pileus.kernel.context import Context
from pileus.kernel.errors import Unavailable
from pileus.kernel.log import span
from pileus.kernel.rpc.methods import Call, Methods, encode, result_of

CALLS_PER_HOST = 8
SILENCE_AFTER_FAILURE = 2.0


class Transport(Protocol):
    """Carries one encoded call to an agent and brings its encoded outcome back.

    Raises Unavailable when the agent cannot be reached or does not answer within ``timeout`` seconds.
    """

    def send(self, data: bytes, timeout: float) -> bytes: ...


class LocalTransport:
    """The agent is in this process."""

    def __init__(self, methods: Methods) -> None:
        self._methods = methods

    def send(self, data: bytes, timeout: float) -> bytes:
        return self._methods.serve(data)


class HttpTransport:
    """The agent listens on a unix socket (``unix:PATH``) or on TLS (``https://ADDRESS:PORT``)."""

    def __init__(self, address: str, tls: "TlsFiles | None" = None) -> None:
        self._address = address
        if address.startswith("unix:"):
            self._pool: HTTPConnectionPool = _UnixPool(address.removeprefix("unix:"))
        else:
            if tls is None:
                raise Unavailable(f"the agent at {address} needs TLS files: set [rpc] ca_file, cert_file, key_file")
            url = urllib3.util.parse_url(address)
            self._pool = urllib3.HTTPSConnectionPool(
                url.host or "", url.port, maxsize=CALLS_PER_HOST, ssl_context=tls.client_context()
            )

    def send(self, data: bytes, timeout: float) -> bytes:
        limits = urllib3.Timeout(connect=5, read=timeout)
        try:
            response = self._pool.request("POST", "/rpc", body=data, timeout=limits, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"the agent at {self._address} does not answer: {error}") from error
        if response.status != 200:
            raise Unavailable(f"the agent at {self._address} answered HTTP {response.status}")
        return response.data


class TlsFiles:
    """The certificate and key of this host, and the authority that signed every host's."""

    def __init__(self, ca: Path, certificate: Path, key: Path) -> None:
        self.ca, self.certificate, self.key = ca, certificate, key

    def client_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.ca))
        context.load_cert_chain(self.certificate, self.key)
        return context


class _UnixConnection(HTTPConnection):
    def __init__(self, path: str, timeout: Any = None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(5)
        self.sock.connect(self._path)


class _UnixPool(HTTPConnectionPool):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", maxsize=CALLS_PER_HOST)
        self._path = path

    def _new_conn(self) -> _UnixConnection:
        return _UnixConnection(self._path)


class _Host:
    """What this process knows of one host: how to reach it, how many calls are under way, since when it is silent."""

    def __init__(self, address: str, transport: Transport) -> None:
        self.address, self.transport = address, transport
        self.slots = threading.BoundedSemaphore(CALLS_PER_HOST)
        self.silent_until = 0.0


class Rpc:
    """Calls methods of agents by host name.

    ``find`` tells a host's address (``unix:...``, ``https://...``), or None when the host is not known.
    """

    def __init__(self, find: Callable[[str], str | None] = lambda host: None, tls: TlsFiles | None = None) -> None:
        self._find = find
        self._tls = tls
        self._local: dict[str, _Host] = {}
        self._hosts: dict[str, _Host] = {}

    def serve_here(self, host: str, methods: Methods) -> None:
        """Calls to this host are function calls from now on."""
        self._local[host] = _Host("local", LocalTransport(methods))

    def call(self, context: Context, host: str, method: str, *, timeout: float = 60.0, **arguments: Any) -> Any:
        """Raises Unavailable when the host is unknown, silent or has enough calls under way; see the package."""
        target = self._host(host)
        data = encode(Call(method, context.without_token(), arguments))
        started = time.monotonic()
        outcome = "failed"
        try:
            with span("rpc", f"{host} {method}"), self._slot(host, target):
                result = result_of(self._send(target, data, timeout))
            outcome = "done"
            return result
        finally:
            metrics.CALLS.labels(method, outcome).observe(time.monotonic() - started)

    def _send(self, target: _Host, data: bytes, timeout: float) -> bytes:
        try:
            return target.transport.send(data, timeout)
        except Unavailable:
            target.silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
            raise

    def _host(self, host: str) -> _Host:
        known = self._local.get(host)
        if known is not None:
            return known
        address = self._find(host)
        if address is None:
            raise Unavailable(f"Host {host} is not known.")
        known = self._hosts.get(host)
        if known is None or known.address != address:
            known = self._hosts[host] = _Host(address, HttpTransport(address, self._tls))
        return known

    @contextmanager
    def _slot(self, host: str, target: _Host) -> Iterator[None]:
        """A host that hangs may hold up a few callers, never all of them."""
        if time.monotonic() < target.silent_until:
            raise Unavailable(f"Host {host} did not answer a moment ago.")
        if not target.slots.acquire(timeout=0.05):
            raise Unavailable(f"Host {host} is busy with {CALLS_PER_HOST} calls.")
        try:
            yield
        finally:
            target.slots.release()
