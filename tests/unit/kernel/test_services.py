"""A call to another service is the same call whether it is a function call or goes over HTTP."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pileus.kernel.context import Context
from pileus.kernel.errors import NotFound, Unavailable
from pileus.kernel.http.server import Front
from pileus.kernel.services import CONTEXT_KEY, Client, Directory, LocalClient, RemoteClient, UnexpectedAnswer
from tests.database_servers import free_port
from tests.serving import background_server

GLOBAL_ID = "req-00000000-0000-4000-8000-000000000001"
CONTEXT = Context("req-1", GLOBAL_ID, user_id="u", token="users-token")


class Mirror:
    """A service that tells what it was asked."""

    def mode(self, method: str, path: str) -> str:
        return "inline"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        context = environ.get(CONTEXT_KEY)
        seen = {
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "query": environ["QUERY_STRING"],
            "body": environ["wsgi.input"].read().decode(),
            "version": environ.get("HTTP_OPENSTACK_API_VERSION"),
            "token": context.token if context else environ.get("HTTP_X_AUTH_TOKEN"),
            "global_id": context.global_request_id if context else environ.get("HTTP_X_OPENSTACK_REQUEST_ID"),
        }
        status = environ["PATH_INFO"].rpartition("/")[2]
        if status.isdigit():
            start_response(f"{status} Told", [("Content-Type", "application/json")])
            return [msgspec.json.encode({"error": {"code": int(status), "message": f"told to answer {status}"}})]
        start_response("200 OK", [("Content-Type", "application/json"), ("X-Seen", "yes")])
        return [msgspec.json.encode(seen)]


@pytest.fixture(params=["local", "remote"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    if request.param == "local":
        yield LocalClient("/mirror", Mirror())
        return
    port = free_port()
    with background_server(Front({"mirror": Mirror()}), address="127.0.0.1", port=port):
        yield RemoteClient("mirror", f"http://127.0.0.1:{port}/mirror", lambda context: "service-token")


def test_the_request_arrives_as_it_was_made(client: Client) -> None:
    answer = client.request(
        CONTEXT,
        "POST",
        "/things/ü 100%",
        {"thing": {"size": 1}},
        params={"name": "a b", "id": ["1", "2"]},
        headers={"OpenStack-API-Version": "compute 2.79"},
    )
    assert (answer.status, answer.headers["x-seen"]) == (200, "yes")
    assert answer.json == {
        "method": "POST",
        "path": "/things/ü 100%".encode().decode("latin-1"),
        "query": "name=a+b&id=1&id=2",
        "body": '{"thing":{"size":1}}',
        "version": "compute 2.79",
        "token": "users-token",
        "global_id": GLOBAL_ID,
    }


def test_bytes_are_sent_as_they_are(client: Client) -> None:
    assert client.request(CONTEXT, "POST", "/x", b"raw \xc3\xbc").json["body"] == "raw ü"


def test_expectations_turn_answers_into_errors(client: Client) -> None:
    assert client.request(CONTEXT, "GET", "/things").expect(200)["path"] == "/things"
    with pytest.raises(NotFound, match="told to answer 404"):
        client.request(CONTEXT, "GET", "/404").expect(200)
    with pytest.raises(Unavailable, match="told to answer 503"):
        client.request(CONTEXT, "GET", "/503").expect(200)
    with pytest.raises(UnexpectedAnswer) as refused:
        client.request(CONTEXT, "GET", "/409").expect(200, 201)
    assert (refused.value.status, refused.value.message) == (409, "told to answer 409")


def test_the_clouds_own_calls_carry_a_token_of_its_service_user() -> None:
    port = free_port()
    with background_server(Front({"mirror": Mirror()}), address="127.0.0.1", port=port):
        remote = RemoteClient("mirror", f"http://127.0.0.1:{port}/mirror", lambda context: "service-token")
        assert remote.request(CONTEXT.as_service(), "GET", "/x").json["token"] == "service-token"


def test_a_service_that_is_not_there_is_unavailable() -> None:
    remote = RemoteClient("mirror", f"http://127.0.0.1:{free_port()}", lambda context: "")
    with pytest.raises(Unavailable, match="mirror service"):
        remote.request(CONTEXT, "GET", "/x")
    with pytest.raises(Unavailable, match="no volume service"):
        Directory()["volume"]
