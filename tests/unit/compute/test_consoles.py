"""Consoles open for whoever has a token, as long as it is good; and what hangs on one holds nobody else up."""

import base64
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pileus.compute.console_pages import ConsolePages
from pileus.compute.console_proxy import LOOK_UPS
from pileus.kernel.http.server import Front
from pileus.kernel.services import call_wsgi, make_environ
from tests.running import free_port
from tests.serving import background_server
from tests.unit.compute.world import Servers

NOBODY = "Instance {} is not ready"


class WebSocket:
    """A client of the kind that Tempest is: one short frame at a time."""

    def __init__(self, port: int, path: str, **headers: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "Sec-WebSocket-Version: 13"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def send(self, data: bytes) -> None:
        self.socket.sendall(bytes([130, 128 | len(data)]) + bytes(4) + data)

    def receive(self) -> bytes:
        """The next frame's content; empty when the other end has closed."""
        head = self.file.read(2)
        if not head or head[0] & 15 == 8:
            return b""
        size = head[1] & 127
        if size == 126:
            (size,) = struct.unpack(">H", self.file.read(2))
        return self.file.read(size)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def port(world: Servers) -> Iterator[int]:
    """The API on a real socket."""
    cloud = world.cloud.cloud
    port = free_port()
    with background_server(Front(cloud.applications, websockets=cloud.websockets), address="127.0.0.1", port=port):
        yield port


def console(world: Servers, server_id: str, protocol: str = "vnc", type: str = "novnc") -> str:
    body = {"remote_console": {"protocol": protocol, "type": type}}
    shown = world.api("POST", f"/servers/{server_id}/remote-consoles", body, expect=200).json["remote_console"]
    assert (shown["protocol"], shown["type"]) == (protocol, type)
    return str(shown["url"])


def path_of(url: str) -> str:
    """The path that noVNC's page opens a websocket at."""
    return "/" + parse_qs(urlsplit(url).query)["path"][0]


def test_a_screen_is_reached_through_its_url(world: Servers, port: int) -> None:
    url = console(world, world.boot())
    assert urlsplit(url).path == "/console/vnc_lite.html"
    with closing(WebSocket(port, path_of(url))) as client:
        assert client.status == 101
        assert client.receive() == b"RFB 003.008\n"
        client.send(b"RFB 003.008\n")
        assert client.receive() == b"\x01\x01"
        client.send(b"\x01")
        assert client.receive() == bytes(4)
        client.send(b"\x01")
        screen = client.receive()
        assert screen[24:] == b"fake guest"


def test_a_serial_line_is_reached_by_an_old_clients_cookie_too(world: Servers, port: int) -> None:
    url = urlsplit(console(world, world.boot(), "serial", "serial"))
    assert url.scheme == "ws"
    for path, headers in ((f"{url.path}?{url.query}", {}), ("/websockify", {"Cookie": url.query})):
        with closing(WebSocket(port, path, **headers)) as client:
            assert client.receive().endswith(b"login: ")
            client.send(b"root")
            assert client.receive() == b"root"


def test_a_bad_token_opens_nothing(world: Servers, port: int) -> None:
    good = path_of(console(world, world.boot()))
    origin = {"Origin": "http://elsewhere.test"}
    for path, headers in ((good.replace("token=", "token=bad"), {}), ("/", {}), (good, origin)):
        with closing(WebSocket(port, path, **headers)) as client:
            assert client.receive() == b""
    with closing(WebSocket(port, good, Origin=f"http://127.0.0.1:{port}")) as client:
        assert client.receive().startswith(b"RFB")


def test_a_token_ends_with_its_time_and_its_server(tmp_path: Path) -> None:
    world = Servers(tmp_path, PILEUS_COMPUTE__CONSOLE_TOKEN_LIFETIME="1")
    server_id = world.boot()
    token = console(world, server_id).rpartition("%3D")[2]
    shown = world.api("GET", f"/os-console-auth-tokens/{token}", user="admin", expect=200).json["console"]
    assert (shown["instance_uuid"], shown["host"], shown["internal_access_path"]) == (server_id, "127.0.0.1", None)
    time.sleep(1.1)
    world.api("GET", f"/os-console-auth-tokens/{token}", user="admin", expect=404)
    token = console(world, server_id).rpartition("%3D")[2]
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    world.api("GET", f"/os-console-auth-tokens/{token}", user="admin", expect=404)
    world.close()


def test_tokens_are_told_to_operators_since_231(world: Servers) -> None:
    token = console(world, world.boot()).rpartition("%3D")[2]
    path = f"/os-console-auth-tokens/{token}"
    world.api("GET", path, version="compute 2.30", user="admin", expect=400)
    world.api("GET", path, user="demo", expect=403)
    world.api("GET", f"{path}?a=b", version="compute 2.98", user="admin", expect=200)
    world.api("GET", f"{path}?a=b", version="compute 2.99", user="admin", expect=400)


@pytest.mark.parametrize(
    ("action", "type", "message"),
    [
        ("os-getVNCConsole", "xvpvnc", "Invalid console type xvpvnc"),
        ("os-getSPICEConsole", "spice-html5", "Unavailable console type spice-html5."),
    ],
)
def test_other_kinds_of_consoles_are_refused(world: Servers, action: str, type: str, message: str) -> None:
    server_id = world.boot()
    answer = world.act(server_id, action, {"type": type}, version="compute 2.1", expect=400)
    assert answer.json["badRequest"]["message"] == message
    world.act(server_id, action, {"type": type}, version="compute 2.6", expect=404)


def test_consoles_of_old_actions(world: Servers) -> None:
    server_id = world.boot()
    for action, type in (("os-getVNCConsole", "novnc"), ("os-getSerialConsole", "serial")):
        shown = world.act(server_id, action, {"type": type}, version="compute 2.5", expect=200).json["console"]
        assert shown["type"] == type
        assert "token" in shown["url"]


def test_a_server_that_is_on_no_host_has_no_console(world: Servers) -> None:
    server_id = world.new()
    body = {"remote_console": {"protocol": "vnc", "type": "novnc"}}
    refused = world.api("POST", f"/servers/{server_id}/remote-consoles", body, expect=409)
    assert refused.json["conflictingRequest"]["message"] == NOBODY.format(server_id)


@contextmanager
def hanging_console(world: Servers, server_id: str, folder: Path) -> Iterator[str]:
    """The path of a console whose guest takes connections, and that is all it does."""
    agent = world.compute.agents["host1"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "guest"))
        listener.listen(64)
        before = agent.driver.console_address
        agent.driver.console_address = lambda *_: {"socket": str(folder / "guest")}  # type: ignore[method-assign]
        try:
            yield path_of(console(world, server_id))
        finally:
            agent.driver.console_address = before  # type: ignore[method-assign]


def test_consoles_that_hang_hold_no_thread(world: Servers, port: int, tmp_path: Path) -> None:
    server_id = world.boot()
    good = path_of(console(world, server_id))
    with ExitStack() as clients, hanging_console(world, server_id, tmp_path) as path:
        before = threading.active_count()
        for _ in range(20):
            client = clients.enter_context(closing(WebSocket(port, path)))
            client.send(b"anybody there?")
        answering = clients.enter_context(closing(WebSocket(port, good)))
        assert answering.receive().startswith(b"RFB")
        assert threading.active_count() <= before + LOOK_UPS


def test_the_pages_are_novncs_files_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "novnc"
    (folder / "core").mkdir(parents=True)
    (folder / "core" / "rfb.js").write_text("noVNC")
    (tmp_path / "secret").write_text("secret")
    pages = ConsolePages(folder)
    answer = call_wsgi(pages, make_environ("GET", "/core/rfb.js", "", b"", {}))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"noVNC", "text/javascript")
    for path in ("/../secret", "/core", "/none", "/core/../../secret", "/%2e%2e/secret"):
        assert call_wsgi(pages, make_environ("GET", path, "", b"", {})).status == 404
    assert call_wsgi(pages, make_environ("POST", "/core/rfb.js", "", b"", {})).status == 405
