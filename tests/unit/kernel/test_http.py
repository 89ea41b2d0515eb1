"""A request goes one way through any service: these are the promises of that way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, Struct, UnsetType

from pileus.kernel.access_rules import AccessRule
from pileus.kernel.context import Context
from pileus.kernel.database import Database, SerializationFailure
from pileus.kernel.errors import BadRequest, Conflict, NotFound, Unauthorized
from pileus.kernel.http.application import Application
from pileus.kernel.http.bodies import BodyType, Open, since, until
from pileus.kernel.http.faults import ComputeFaults, ImageFaults, NetworkFaults, PlacementFaults
from pileus.kernel.http.microversions import Microversions
from pileus.kernel.http.openapi import document
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.http.routes import Route
from pileus.kernel.operations.queue import Queue
from pileus.kernel.policy import Rule
from pileus.kernel.rpc import Rpc
from pileus.kernel.service import Runtime, Service
from pileus.kernel.services import Answer, call_wsgi, make_environ

REQUEST_ID = "req-00000000-0000-4000-8000-000000000001"


class Thing(Struct, frozen=True):
    id: str
    project_id: str


class Size(Struct, forbid_unknown_fields=True):
    gigabytes: int
    unit: Annotated[str | UnsetType, since(2, 5)] = UNSET


class New(Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=5)]
    colour: Annotated[str | UnsetType, since(2, 3)] = UNSET
    flavour: Annotated[str | UnsetType, until(2, 3)] = UNSET
    sizes: list[Size] | UnsetType = UNSET


class Body(Struct, forbid_unknown_fields=True):
    thing: New


class Things(Service):
    type = "compute"
    mount = "/things"
    faults = ComputeFaults()
    microversions = Microversions("compute", (2, 1), (2, 9), "X-Old-Version")
    request_id_header = "X-Compute-Request-Id"
    rules = [Rule("see", "project_id:%(project_id)s"), Rule("make", "role:member"), Rule("kill", "role:admin")]
    lost = 0


def load(request: Request[Things], thing_id: str) -> Thing:
    if thing_id == "none":
        raise NotFound("Thing none could not be found.")
    return Thing(thing_id, "p1" if thing_id == "mine" else "p2")


def show(request: Request[Things], thing: Thing, part: str = "all") -> dict[str, Any]:
    return {"thing": {"id": thing.id, "part": part, "version": request.microversion}}


def make(request: Request[Things]) -> Response:
    return Response({"made": request.body.thing.name}, headers=[("Location", request.url("/x y"))])


def make_stop(request: Request[Things], thing: Thing) -> dict[str, Any]:
    return {"stopped": thing.id, "for": request.body.stop.gigabytes}


def collide(request: Request[Things]) -> dict[str, int]:
    request.service.lost += 1
    if request.service.lost < 3:
        raise SerializationFailure("lost")
    return {"runs": request.service.lost}


def crash(request: Request[Things]) -> None:
    raise ZeroDivisionError("secret detail")


def taken(request: Request[Things]) -> None:
    raise Conflict("Name is taken.", headers={"Retry-After": "3"})


class Stop(Struct, forbid_unknown_fields=True):
    stop: Size


def no_colours(request: Request[Things]) -> None:
    if request.param("colour"):
        raise BadRequest("No colours.")


ROUTES = [
    Route(method="POST", path="/t/{thing_id}/action", action="stop", body=Stop, handler=make_stop, load=load),
    Route(method="POST", path="/t/{thing_id}/action", action="go", handler=show, load=load, policy="kill"),
    Route(method="POST", path="/t/{thing_id}/action", action="go2", handler=show, load=load, minimum=(2, 5)),
    Route(method="GET", path="/asked", handler=lambda request: {}, query=no_colours),
    Route(method="GET", path="", handler=lambda request: {"versions": []}, public=True),
    Route(method="GET", path="/t/{thing_id}", handler=show, load=load, policy="see"),
    Route(method="GET", path="/t/{thing_id}/{part}", handler=show, load=load, policy="see"),
    Route(method="POST", path="/t", handler=make, body=Body, policy="make", status=202),
    Route(method="DELETE", path="/t/{thing_id}", handler=show, load=load, policy="kill", status=204),
    Route(method="GET", path="/secret/{thing_id}", handler=show, load=load, policy="see", hides_absence=True),
    Route(method="GET", path="/old", handler=lambda request: {"old": 1}, maximum=(2, 3)),
    Route(method="GET", path="/old", handler=lambda request: {"new": 1}, minimum=(2, 4), maximum=(2, 6)),
    Route(method="GET", path="/collide", handler=collide),
    Route(method="GET", path="/crash", handler=crash),
    Route(method="GET", path="/taken", handler=taken),
    Route(method="GET", path="/nothing", handler=lambda request: None, status=204),
]


RESTRICTED = (AccessRule("compute", "GET", "/t/{name}"), AccessRule("compute", "GET", "/things/deep/**"))


class Known:
    """Accepts the token ``good``, and ``restricted``, which has access rules; ``service`` is a service's own."""

    def authenticate(self, token: str | None, service_token: str | None, base: Context) -> Context:
        if token not in ("good", "restricted"):
            raise Unauthorized("The request you have made requires authentication.")
        return Context(
            base.request_id,
            base.global_request_id,
            user_id="u",
            project_id="p1",
            roles=("member",),
            access_rules=RESTRICTED if token == "restricted" else None,
            service_roles=("service",) if service_token == "service" else (),
        )


@pytest.fixture
def things(tmp_path: Path, database: Database) -> Iterator[Application]:
    runtime = Runtime(database=database, state_dir=tmp_path, operations=Queue(database), rpc=Rpc())
    runtime.authenticator = Known()
    yield Application(Things(runtime), ROUTES)


def ask(
    app: Application, method: str, path: str, body: bytes = b"", query: str = "", token: str = "good", **headers: str
) -> Answer:
    sent = {"X-Auth-Token": token, **{name.replace("_", "-"): value for name, value in headers.items()}}
    environ = make_environ(method, path, query, body, sent)
    environ["HTTP_HOST"] = "cloud.example:8780"
    environ["SCRIPT_NAME"] = "/things"
    return call_wsgi(app, environ)


def test_a_loaded_resource_reaches_the_handler_beside_the_other_parameters(things: Application) -> None:
    assert ask(things, "GET", "/t/mine").json["thing"] == {"id": "mine", "part": "all", "version": [2, 1]}
    assert ask(things, "GET", "/t/mine/top").json["thing"]["part"] == "top"
    assert ask(things, "GET", "/t/mine/").status == 200


def test_the_key_of_the_body_selects_the_action(things: Application) -> None:
    def act(body: bytes, **headers: str) -> Answer:
        return ask(things, "POST", "/t/mine/action", body, **headers)

    assert act(b'{"stop": {"gigabytes": 3}}').json == {"stopped": "mine", "for": 3}
    assert act(b'{"stop": {}}').status == 400, "its body is checked"
    assert act(b'{"go": null}').status == 403, "and so is its own rule"
    assert act(b'{"go2": null}').status == 404, "not at this version"
    assert act(b'{"go2": null}', OpenStack_API_Version="compute 2.5").status == 200
    assert act(b'{"dance": null}').json["badRequest"]["message"] == "There is no such action: dance"
    for malformed in (b"", b"[]", b"{", b"{}", b'{"stop": {"gigabytes": 3}, "go": null}', b'"stop"'):
        answer = act(malformed)
        assert (answer.status, answer.json["badRequest"]["message"]) == (400, "Malformed request body")


def test_a_line_checks_its_query_string(things: Application) -> None:
    assert ask(things, "GET", "/asked", query="size=3").status == 200
    assert ask(things, "GET", "/asked", query="colour=red").json["badRequest"]["message"] == "No colours."


def test_policy_is_checked_against_the_loaded_resource(things: Application) -> None:
    answer = ask(things, "GET", "/t/other")
    assert (answer.status, answer.json) == (
        403,
        {"forbidden": {"code": 403, "message": "Policy doesn't allow see to be performed."}},
    )


def test_where_absence_is_hidden_a_stranger_learns_403_and_not_404(things: Application) -> None:
    assert ask(things, "GET", "/t/none").status == 404
    hidden = ask(things, "GET", "/secret/none")
    assert hidden.status == 404, "the target is the caller's own project: it may see what is there"
    assert ask(things, "GET", "/secret/other").status == 403
    things.service.unloaded_target = lambda context, parameters: parameters  # type: ignore[method-assign]
    assert ask(things, "GET", "/secret/none").status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/t/mine", 200), ("GET", "/t/mine/top", 401), ("POST", "/t", 401), ("GET", "/taken", 401)],
)
def test_a_restricted_token_is_good_for_what_its_access_rules_cover(
    things: Application, method: str, path: str, status: int
) -> None:
    assert ask(things, method, path, token="restricted").status == status
    assert ask(things, method, path, token="restricted", X_Service_Token="service").status != 401


def test_no_or_a_bad_token_is_a_401_of_the_middleware_with_the_way_to_identity(things: Application) -> None:
    answer = ask(things, "GET", "/t/mine", token="bad")
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Keystone uri="http://cloud.example:8780/identity"'
    assert answer.json["error"]["code"] == 401
    assert ask(things, "GET", "", token="bad").status == 200, "discovery needs no token"
    assert ask(things, "GET", "/no/such/path", token="bad").status == 401


def test_errors_have_the_services_own_format(things: Application) -> None:
    assert ask(things, "GET", "/t/none").json == {
        "itemNotFound": {"code": 404, "message": "Thing none could not be found."}
    }
    assert ask(things, "GET", "/no/such/path").json["itemNotFound"]["code"] == 404
    wrong = ask(things, "PUT", "/t/mine")
    assert (wrong.status, set(wrong.headers["allow"].split(", "))) == (405, {"GET", "DELETE"})
    conflict = ask(things, "GET", "/taken")
    assert (conflict.status, conflict.headers["retry-after"]) == (409, "3")


def test_no_stack_trace_leaves_and_none_is_swallowed(things: Application, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(things, "GET", "/crash")
    assert answer.status == 500
    assert b"secret detail" not in answer.body
    assert answer.headers["x-openstack-request-id"].encode() in answer.body
    assert "secret detail" in caplog.text


def test_request_ids_are_made_echoed_and_accepted_from_outside(things: Application) -> None:
    one, two = ask(things, "GET", "/t/mine"), ask(things, "GET", "/t/mine", X_OpenStack_Request_Id=REQUEST_ID)
    assert one.headers["x-openstack-request-id"].startswith("req-")
    assert one.headers["x-openstack-request-id"] == one.headers["x-compute-request-id"]
    assert two.headers["x-openstack-request-id"] != REQUEST_ID, "it is the global id, not this request's"


@pytest.mark.parametrize(
    ("headers", "status", "echoed"),
    [
        ({}, 200, "2.1"),
        ({"OpenStack_API_Version": "compute 2.7"}, 200, "2.7"),
        ({"OpenStack_API_Version": "volume 3.1, compute 2.7"}, 200, "2.7"),
        ({"OpenStack_API_Version": "compute latest"}, 200, "2.9"),
        ({"X_Old_Version": "2.4"}, 200, "2.4"),
        ({"OpenStack_API_Version": "compute 2.10"}, 406, None),
        ({"OpenStack_API_Version": "compute 2.x"}, 400, None),
        ({"OpenStack_API_Version": "compute 2.01"}, 400, None),
    ],
)
def test_microversions(things: Application, headers: dict[str, str], status: int, echoed: str | None) -> None:
    answer = ask(things, "GET", "/t/mine", **headers)
    assert answer.status == status
    assert answer.headers["vary"] == "OpenStack-API-Version, X-Old-Version"
    if echoed:
        assert answer.headers["openstack-api-version"] == f"compute {echoed}"
        assert answer.headers["x-old-version"] == echoed


def test_lines_stand_between_their_microversions(things: Application) -> None:
    def at(version: str) -> Answer:
        return ask(things, "GET", "/old", OpenStack_API_Version=f"compute {version}")

    assert at("2.3").json == {"old": 1}
    assert at("2.4").json == {"new": 1}
    assert at("2.7").status == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"", "not valid JSON"),
        (b'{"thing": {"name": 5}}', "attribute thing.name"),
        (b'{"thing": {"name": "toolong"}}', "attribute thing.name"),
        (b'{"thing": {}}', "'name' is a required property in thing"),
        (b'{"thing": {"name": "a", "shape": 1}}', "'shape' was unexpected"),
        (b'{"thing": {"name": "a", "colour": "red"}}', "'colour' was unexpected"),
        (b'{"thing": {"name": "a", "sizes": [{"gigabytes": 1, "unit": "GB"}]}}', "'unit' was unexpected"),
        (b'{"other": {}}', "'other' was unexpected"),
    ],
)
def test_bad_bodies_are_a_400_that_names_the_field(things: Application, body: bytes, said: str) -> None:
    answer = ask(things, "POST", "/t", body)
    assert answer.status == 400
    assert said in answer.json["badRequest"]["message"]


def test_a_body_that_is_nested_without_end_is_a_400() -> None:
    with pytest.raises(BadRequest, match="nested too deeply"):
        BodyType(dict[str, Any]).decode(b'{"a":' + b"[" * 100_000, (2, 1))


class Person(Open):
    name: str
    age: int = 0


class People(Struct):
    person: Person
    other: Person | UnsetType = UNSET


def test_an_open_body_keeps_the_fields_it_does_not_declare() -> None:
    people = BodyType(People).decode(b'{"person": {"name": "a", "hobby": [1], "kept": 2}, "more": 1}', (2, 1))
    assert (people.person.name, people.person.unknown) == ("a", {"hobby": [1], "kept": 2})
    with pytest.raises(BadRequest, match="name"):
        BodyType(People).decode(b'{"person": {"name": 1}}', (2, 1))
    with pytest.raises(BadRequest, match="nested too deeply"):
        BodyType(People).decode(b'{"person": ' + b"[" * 100_000, (2, 1))


def test_fields_come_and_go_with_microversions(things: Application) -> None:
    def send(body: bytes, version: str) -> int:
        return ask(things, "POST", "/t", body, OpenStack_API_Version=f"compute {version}").status

    assert send(b'{"thing": {"name": "a", "colour": "red"}}', "2.3") == 202
    assert send(b'{"thing": {"name": "a", "flavour": "x"}}', "2.3") == 202
    assert send(b'{"thing": {"name": "a", "flavour": "x"}}', "2.4") == 400
    assert send(b'{"thing": {"name": "a", "sizes": [{"gigabytes": 1, "unit": "GB"}]}}', "2.5") == 202


def test_large_bodies_and_other_media_types_are_refused(things: Application) -> None:
    assert ask(things, "POST", "/t", b'{"thing": {"name": "' + b"x" * 200_000 + b'"}}').status == 413
    assert ask(things, "POST", "/t", b"<thing/>", Content_Type="application/xml").status == 415


def test_locations_are_quoted_and_below_the_mount(things: Application) -> None:
    answer = ask(things, "POST", "/t", b'{"thing": {"name": "a"}}')
    assert answer.headers["location"] == "http://cloud.example:8780/things/x%20y"


def test_a_handler_that_lost_a_commit_is_run_again(things: Application) -> None:
    assert ask(things, "GET", "/collide").json == {"runs": 3}


def test_no_content_has_no_body_and_head_follows_get(things: Application) -> None:
    nothing = ask(things, "GET", "/nothing")
    assert (nothing.status, nothing.body) == (204, b"")
    head = ask(things, "HEAD", "/t/mine")
    assert (head.status, head.body) == (200, b"")


def test_the_openapi_document_follows_the_table(things: Application) -> None:
    paths = document(things.service, things.routes, "1")["paths"]
    assert set(paths["/t/{thing_id}"]) == {"get", "delete"}
    assert paths["/t/{thing_id}"]["get"]["x-policy"] == "see"
    assert paths["/old"]["get"]["x-microversions"] == [{"from": "0.0", "to": "2.3"}, {"from": "2.4", "to": "2.6"}]
    assert paths["/t"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/Body")


def test_fault_formats() -> None:
    error = NotFound("No <such> thing.", type="NetworkNotFound")
    assert msgspec.json.decode(NetworkFaults().render(error, "req-1", "")[1]) == {
        "NeutronError": {"type": "NetworkNotFound", "message": "No <such> thing.", "detail": ""}
    }
    assert msgspec.json.decode(PlacementFaults().render(error, "req-1", "")[1])["errors"][0]["request_id"] == "req-1"
    content_type, page = ImageFaults().render(error, "req-1", "*/*")
    assert content_type.startswith("text/html")
    assert b"No &lt;such&gt; thing." in page
    assert ImageFaults().render(error, "req-1", "application/json")[0] == "application/json"
