"""Bodies of any size pass between services piece by piece, in process and over a socket alike."""

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.context import Context
from pileus.kernel.errors import NotFound, Unavailable
from pileus.kernel.http.server import Front
from pileus.kernel.services import Client, LocalClient, RemoteClient, UnexpectedAnswer
from tests.serving import background_server

CONTEXT = Context(request_id="req-1", token="t")


class Store:
    """Keeps what is PUT, and gives it back in pieces."""

    def __init__(self) -> None:
        self.kept = b""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        if environ["REQUEST_METHOD"] == "PUT":
            length = int(environ["CONTENT_LENGTH"])
            while len(self.kept) < length and (piece := environ["wsgi.input"].read(1000)):
                self.kept += piece
            start_response("204 No Content", [])
            return iter(())
        status = {"/none": "404 Not Found", "/no": "403 Forbidden", "/later": "503 Service Unavailable"}.get(
            environ["PATH_INFO"].removeprefix("/store"), "200 OK"
        )
        start_response(status, [("Content-Type", "application/octet-stream")])
        return (self.kept[at : at + 1000] for at in range(0, len(self.kept), 1000))

    def mode(self, method: str, path: str) -> str:
        return "streams"


@pytest.fixture(params=["local", "remote"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    store = Store()
    if request.param == "local":
        yield LocalClient("store", store)
        return
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with background_server(Front({"": store}), address="127.0.0.1", port=port):
        yield RemoteClient("store", f"http://127.0.0.1:{port}", lambda context: "service")


def test_a_file_goes_there_and_comes_back(client: Client) -> None:
    data = bytes(range(256)) * 40
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(data))}
    assert client.request(CONTEXT, "PUT", "/file", io.BytesIO(data), headers=headers).status == 204
    assert b"".join(client.download(CONTEXT, "/file")) == data


def test_a_body_that_is_not_there_is_an_error_before_the_first_piece(client: Client) -> None:
    for path, error in (("/none", NotFound), ("/no", UnexpectedAnswer), ("/later", Unavailable)):
        with pytest.raises(error):
            client.download(CONTEXT, path)
