"""No slow client, waiting call or big body delays a short request. Run against the real front on a real socket."""

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.http.inline import before_waiting
from pileus.kernel.http.responses import FileBody
from pileus.kernel.http.server import MAX_INLINE_BODY, Front
from tests.serving import background_server

MIB = 1 << 20


class Lab:
    """A WSGI application with a path for each way of being slow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.release = threading.Event()
        self.runs: list[str] = []

    def mode(self, method: str, path: str) -> str:
        return {"/hang": "blocking", "/put": "streams", "/get": "streams", "/pieces": "streams"}.get(path, "inline")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        answer: Iterable[bytes] = [threading.current_thread().name.encode()]
        if path == "/hang":
            self.release.wait(20)
        elif path == "/maybe":
            self.runs.append(threading.current_thread().name)
            before_waiting()
        elif path == "/put":
            answer = [self._digest(environ["wsgi.input"])]
        elif path == "/get":
            answer = FileBody(self.folder / "big", 1, 20 * MIB)
        elif path == "/pieces":
            answer = (bytes([number]) * 1000 for number in range(200))
        elif path == "/echo":
            answer = [environ["wsgi.input"].read(), b"|", environ["QUERY_STRING"].encode()]
        elif path.startswith("/path/"):
            answer = [path.encode("latin-1")]
        start_response("200 OK", [("Content-Type", "text/plain")])
        return answer

    @staticmethod
    def _digest(stream: Any) -> bytes:
        digest = hashlib.sha256()
        try:
            while block := stream.read(65536):
                digest.update(block)
        except ConnectionError as error:
            return f"gone: {error}".encode()
        return digest.hexdigest().encode()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    yield Lab(tmp_path)


@pytest.fixture
def port(lab: Lab) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    with background_server(Front({"lab": lab}), address="127.0.0.1", port=number):
        yield number
        lab.release.set()


def ask(
    port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """A body that is an iterator is sent in chunks."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # the answer may come before the body has gone
            connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read()


# Far above what a busy machine costs a request, far below the time that the others are held up for.
HELD_UP = 5.0  # seconds


def longest(port: int, seconds: float) -> float:
    """The slowest of short requests made one after another for a while."""
    slowest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        assert ask(port, "GET", "/lab/short") == (200, b"loop")
        slowest = max(slowest, time.monotonic() - started)
    return slowest


def test_bodies_queries_and_paths_arrive_as_they_were_sent(port: int) -> None:
    assert ask(port, "POST", "/lab/echo?a=%20b", b"x" * 5000) == (200, b"x" * 5000 + b"|a=%20b")
    assert ask(port, "POST", "/lab/echo", iter((b"one", b"two")))[1] == b"onetwo|"
    assert ask(port, "GET", "/lab/path/a%2Fb%20%C3%A9")[1] == "/path/a/b é".encode()
    assert ask(port, "GET", "/nowhere")[0] == 404


def test_an_oversized_body_of_a_short_request_is_refused(port: int) -> None:
    assert ask(port, "POST", "/lab/echo", b"x" * (MAX_INLINE_BODY + 1))[0] == 413
    chunked = (b"x" * 65536 for _ in range(40))
    assert ask(port, "POST", "/lab/echo", chunked)[0] == 413


def test_waiting_calls_delay_nobody(port: int, lab: Lab) -> None:
    hanging = [threading.Thread(target=ask, args=(port, "GET", "/lab/hang")) for _ in range(40)]
    for thread in hanging:
        thread.start()
    assert longest(port, 0.5) < HELD_UP
    lab.release.set()
    for thread in hanging:
        thread.join()


def test_clients_that_send_or_read_slowly_delay_nobody(port: int, lab: Lab) -> None:
    (lab.folder / "big").write_bytes(b"x" * (20 * MIB + 1))
    slow = []
    for number in range(30):
        client = socket.create_connection(("127.0.0.1", port))
        if number % 3 == 0:
            client.sendall(b"PUT /lab/put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nslow")
        elif number % 3 == 1:
            client.sendall(b"GET /lab/get HTTP/1.1\r\nHost: x\r\n\r\n")
        else:
            client.sendall(b"POST /lab/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nslow")
        slow.append(client)
    assert longest(port, 0.5) < HELD_UP
    for client in slow:
        client.close()


def test_large_bodies_stream_both_ways(port: int, lab: Lab) -> None:
    data = bytes(range(256)) * (20 * MIB // 256)
    (lab.folder / "big").write_bytes(b"!" + data + b"!")
    assert ask(port, "PUT", "/lab/put", data) == (200, hashlib.sha256(data).hexdigest().encode())
    assert ask(port, "GET", "/lab/get") == (200, data)
    assert ask(port, "GET", "/lab/pieces")[1] == b"".join(bytes([number]) * 1000 for number in range(200))


def test_a_body_that_ends_too_early_is_noticed(port: int, lab: Lab) -> None:
    noticed: list[bytes] = []
    real = lab._digest
    lab._digest = lambda stream: noticed.append(real(stream)) or noticed[-1]  # type: ignore[method-assign,func-returns-value]
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"PUT /lab/put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\npart")
    deadline = time.monotonic() + 5
    while not noticed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert noticed[0].startswith(b"gone:")


def test_a_request_that_has_to_wait_is_run_again_on_a_thread(port: int, lab: Lab) -> None:
    status, name = ask(port, "GET", "/lab/maybe")
    assert status == 200
    assert name.startswith(b"waiting")
    assert [run.partition("_")[0] for run in lab.runs] == ["loop", "waiting"]
