"""Calls to other services: a function call where the service runs in this process, HTTP where it does not.

Either way the call is a public API request with the caller's request id, and answers come back as (status, headers,
body). In process, the Context itself is handed over, so no token is made or validated; policy is the same.
"""

import io
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import msgspec
import urllib3

from pileus.kernel import log
from pileus.kernel.context import Context, current
from pileus.kernel.errors import DomainError, NotFound, Unavailable

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
CONTEXT_KEY = "pileus.context"
TIMEOUT = urllib3.Timeout(connect=5, read=60)
PIECE = 1 << 20


class Answer(msgspec.Struct, frozen=True):
    """What a service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body) if self.body else None

    def expect(self, *statuses: int) -> Any:
        """The decoded body. Raises NotFound, Unavailable or UnexpectedAnswer when the status is another one."""
        if self.status in statuses:
            return self.json
        message = fault_message(self.body) or f"HTTP {self.status}"
        if self.status == 404:
            raise NotFound(message)
        if self.status >= 500:
            raise Unavailable(message)
        raise UnexpectedAnswer(self.status, message)


class UnexpectedAnswer(DomainError):
    """Another service refused what this one asked of it; ``status`` is its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Client(Protocol):
    """How to reach one service."""

    def request(
        self,
        context: Context,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """``path`` is below the service's mount; ``body`` is sent as JSON unless it is bytes or an open file.

        A file is sent piece by piece; its Content-Length must be among the headers.
        Raises Unavailable when the service cannot be reached.
        """
        ...

    def download(self, context: Context, path: str) -> Iterator[bytes]:
        """The body of a GET, piece by piece, however large; nothing at all for 204.

        Raises NotFound, Unavailable or UnexpectedAnswer at once when the service has no such body, Unavailable while
        iterating when it goes away.
        """
        ...


class LocalClient:
    """A service in this process."""

    def __init__(self, name: str, application: WSGI) -> None:
        self._name, self._application = name, application

    def request(
        self,
        context: Context,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        started = time.time()
        data = b"" if _is_file(body) else encoded(body) or b""
        environ = make_environ(method, path, query(params), data, headers or {})
        if _is_file(body):
            environ["wsgi.input"] = body
        environ[CONTEXT_KEY] = context
        token = current.set(context)
        try:
            answer = call_wsgi(self._application, environ)
        finally:
            current.reset(token)
        log.record_span("call", f"{method} {self._name}{path}", started, status=answer.status)
        return answer

    def download(self, context: Context, path: str) -> Iterator[bytes]:
        environ = make_environ("GET", path, "", b"", {})
        environ[CONTEXT_KEY] = context
        status, headers, parts = start_wsgi(self._application, environ)
        if status not in (200, 204):
            Answer(status, headers, b"".join(parts)).expect(200)
        return iter(parts)


class RemoteClient:
    """A service elsewhere, called with the user's token or, for the cloud's own calls, a token of its service user."""

    def __init__(self, name: str, url: str, service_token: Callable[[Context], str], ca_file: str = "") -> None:
        self._name, self._url, self._service_token = name, url.rstrip("/"), service_token
        self._pool = urllib3.PoolManager(
            num_pools=4, maxsize=16, retries=False, timeout=TIMEOUT, ca_certs=ca_file or None
        )

    def request(
        self,
        context: Context,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        url = self._url + quote(path) + (f"?{query(params)}" if params else "")
        sent = {
            "X-Auth-Token": context.token or self._service_token(context),
            "X-OpenStack-Request-Id": context.global_request_id or context.request_id,
            "Accept": "application/json",
            **(headers or {}),
        }
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        data = body if _is_file(body) else encoded(body)
        with log.span("call", f"{method} {self._name}{path}") as facts:
            try:
                response = self._pool.request(method, url, body=data, headers=sent)
            except urllib3.exceptions.HTTPError as error:
                raise Unavailable(f"The {self._name} service at {self._url} does not answer: {error}") from error
            facts["status"] = response.status
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.data)

    def download(self, context: Context, path: str) -> Iterator[bytes]:
        token = context.token or self._service_token(context)
        sent = {"X-Auth-Token": token, "X-OpenStack-Request-Id": context.global_request_id or context.request_id}
        try:
            response = self._pool.request("GET", self._url + path, headers=sent, preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"The {self._name} service at {self._url} does not answer: {error}") from error
        if response.status not in (200, 204):
            Answer(response.status, dict(response.headers), response.data).expect(200)
        return self._pieces(response)

    def _pieces(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            yield from response.stream(PIECE)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"The {self._name} service stopped in the middle of a body: {error}") from error
        finally:
            response.release_conn()


class Directory:
    """The services this process can call, by type."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}

    def add(self, service_type: str, client: Client) -> None:
        self._clients[service_type] = client

    def __getitem__(self, service_type: str) -> Client:
        """Raises Unavailable when the cloud has no such service."""
        try:
            return self._clients[service_type]
        except KeyError:
            raise Unavailable(f"This cloud has no {service_type} service.") from None

    def __contains__(self, service_type: str) -> bool:
        return service_type in self._clients


def _is_file(body: Any) -> bool:
    return hasattr(body, "read")


def encoded(body: Any) -> bytes | None:
    """A body as it is sent: bytes as they are, anything else as JSON."""
    return body if body is None or isinstance(body, bytes) else msgspec.json.encode(body)


def query(params: Mapping[str, Any] | None) -> str:
    return urlencode(params, doseq=True) if params else ""


def fault_message(body: bytes) -> str:
    """The message inside a fault of any service's format, or an empty text."""
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    if isinstance(document, dict):
        inner = next(iter(document.values()), None)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        holder = inner if isinstance(inner, dict) else document
        return str(holder.get("message") or holder.get("detail") or "")
    return ""


def make_environ(method: str, path: str, query_string: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """A WSGI environment for a call that came over no socket. ``path`` is text, not percent-encoded."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query_string,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_TYPE"] = "application/json"
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
    return environ


def call_wsgi(application: WSGI, environ: dict[str, Any]) -> Answer:
    """Runs a WSGI application to the end of its answer."""
    status, headers, parts = start_wsgi(application, environ)
    return Answer(status, headers, b"".join(parts))


def start_wsgi(application: WSGI, environ: dict[str, Any]) -> tuple[int, dict[str, str], Iterable[bytes]]:
    """Runs a WSGI application; its status, its headers (names in small letters) and its body, not yet read."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        started.append((status, headers))

    parts = application(environ, start_response)
    status, headers = started[-1]
    return int(status[:3]), {name.lower(): value for name, value in headers}, parts
