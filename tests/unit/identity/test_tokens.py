"""What a token is worth, and that it is worth nothing once it should not be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.identity.store import assignments, projects, users
from pileus.identity.tables import assignments as assignment_table
from pileus.identity.tables import token_keys
from pileus.identity.tokens import rotate
from pileus.kernel import clock
from pileus.kernel.services import Answer
from tests.harness import PASSWORDS, FakeCloud

DEMO = {"project": {"name": "demo", "domain": {"id": "default"}}}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def validate(cloud: FakeCloud, subject: str, **options: Any) -> Answer:
    return cloud.request("GET", "/identity/v3/auth/tokens", X_Subject_Token=subject, **options)


def issue(cloud: FakeCloud, **auth: Any) -> Answer:
    return cloud.request("POST", "/identity/v3/auth/tokens", {"auth": auth}, user="")


def password(user: str = "demo", secret: str = PASSWORDS.demo) -> dict[str, Any]:
    named = {"name": user, "password": secret, "domain": {"id": "default"}}
    return {"methods": ["password"], "password": {"user": named}}


def by_token(token: str) -> dict[str, Any]:
    return {"methods": ["token"], "token": {"id": token}}


def test_a_project_token_shows_its_user_project_roles_and_catalogue(cloud: FakeCloud) -> None:
    answer = issue(cloud, identity=password(), scope=DEMO)
    token = answer.json["token"]
    assert answer.status == 201
    assert token["user"]["name"] == "demo"
    assert token["project"] == {
        "id": cloud.ids.demo_project_id,
        "name": "demo",
        "domain": {"id": "default", "name": "Default"},
    }
    assert {role["name"] for role in token["roles"]} == {"member", "reader"}
    assert token["methods"] == ["password"]
    identity = next(service for service in token["catalog"] if service["type"] == "identity")
    assert {endpoint["interface"] for endpoint in identity["endpoints"]} == {"public", "internal", "admin"}
    lifetime = clock.parse(token["expires_at"]) - clock.parse(token["issued_at"])
    assert abs(lifetime - 3600 * clock.SECOND) <= clock.SECOND


def test_validation_shows_the_same(cloud: FakeCloud) -> None:
    answer = issue(cloud, identity=password(), scope=DEMO)
    subject = answer.headers["x-subject-token"]
    valid = validate(cloud, subject)
    assert (valid.status, valid.headers["x-subject-token"]) == (200, subject)
    assert valid.json == answer.json
    short = cloud.request("GET", "/identity/v3/auth/tokens?nocatalog", X_Subject_Token=subject)
    assert "catalog" not in short.json["token"]


def test_admin_has_the_roles_that_admin_implies(cloud: FakeCloud) -> None:
    roles = validate(cloud, cloud.token("admin")).json["token"]["roles"]
    assert {role["name"] for role in roles} == {"admin", "manager", "member", "reader"}


def test_scopes(cloud: FakeCloud) -> None:
    system = issue(cloud, identity=password("admin", PASSWORDS.admin), scope={"system": {"all": True}})
    assert system.json["token"]["system"] == {"all": True}
    unscoped = issue(cloud, identity=password(), scope="unscoped").json["token"]
    assert not {"project", "roles", "catalog"} & set(unscoped)
    assert issue(cloud, identity=password(), scope={"system": {"all": True}}).status == 401
    assert issue(cloud, identity=password(), scope={"project": {"id": cloud.ids.admin_project_id}}).status == 401
    assert issue(cloud, identity=password(), scope={"project": {"name": "demo"}}).status == 400
    assert issue(cloud, identity=password(), scope={"project": {"id": "x"}, "domain": {"id": "default"}}).status == 400


@pytest.mark.parametrize(
    "identity",
    [
        password(secret="wrong"),
        password(user="nobody"),
        password(secret=""),
        {"methods": ["telepathy"], "telepathy": {}},
        {"methods": []},
    ],
)
def test_every_refusal_looks_the_same(cloud: FakeCloud, identity: dict[str, Any]) -> None:
    answer = issue(cloud, identity=identity, scope=DEMO)
    assert answer.status == 401
    assert answer.json == {
        "error": {
            "code": 401,
            "message": "The request you have made requires authentication.",
            "title": "Unauthorized",
        }
    }


@pytest.mark.parametrize("identity", [{}, {"methods": ["password"]}, {"methods": "password"}, {"methods": [1]}])
def test_a_request_that_makes_no_sense_is_a_400(cloud: FakeCloud, identity: dict[str, Any]) -> None:
    assert issue(cloud, identity=identity).status == 400


def test_a_token_from_a_token_lives_no_longer_and_remembers_its_chain(cloud: FakeCloud) -> None:
    first = issue(cloud, identity=password(), scope=DEMO)
    second = issue(cloud, identity=by_token(first.headers["x-subject-token"]), scope="unscoped")
    one, two = first.json["token"], second.json["token"]
    assert two["expires_at"] == one["expires_at"]
    assert two["audit_ids"][1:] == one["audit_ids"]
    assert two["methods"] == ["password", "token"]


def test_a_revoked_token_is_gone_at_once_and_no_other(cloud: FakeCloud) -> None:
    tokens = [issue(cloud, identity=password(), scope=DEMO).headers["x-subject-token"] for _ in range(2)]
    assert cloud.request("GET", "/identity/v3/auth/catalog", token=tokens[0]).status == 200
    revoked = cloud.request("DELETE", "/identity/v3/auth/tokens", token=tokens[0], X_Subject_Token=tokens[0])
    assert revoked.status == 204
    assert validate(cloud, tokens[0]).status == 404
    assert cloud.request("GET", "/identity/v3/auth/catalog", token=tokens[0]).status == 401
    assert validate(cloud, tokens[1]).status == 200


def test_a_user_may_look_at_its_own_token_only(cloud: FakeCloud) -> None:
    own, other = cloud.token("demo"), cloud.token("admin")
    assert validate(cloud, own, user="demo").status == 200
    assert validate(cloud, other, user="demo").status == 403


@pytest.mark.parametrize("forged", ["", "x", "gAAAAAB", "é" * 40, "a" * 300])
def test_forged_tokens_are_not_found(cloud: FakeCloud, forged: str) -> None:
    assert validate(cloud, forged.encode().decode("latin-1")).status == 404
    if forged:
        assert cloud.request("GET", "/identity/v3/auth/catalog", token="x" + forged[1:]).status == 401


def test_a_token_of_another_clouds_keys_is_not_found(cloud: FakeCloud, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = FakeCloud(tmp_path / "other")
    assert validate(cloud, other.token("admin")).status == 404
    other.close()


def test_an_expired_token_counts_only_for_those_who_ask_for_expired_ones(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = issue(cloud, identity=password(), scope=DEMO).headers["x-subject-token"]
    later = clock.now() + 2 * clock.HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    fresh = cloud.log_in("admin", PASSWORDS.admin, project={"name": "admin", "domain": {"id": "default"}})
    assert validate(cloud, subject, token=fresh).status == 404
    asked = cloud.request("GET", "/identity/v3/auth/tokens?allow_expired=1", token=fresh, X_Subject_Token=subject)
    assert asked.status == 200


def _disable_user(cloud: FakeCloud, tx: Any) -> None:
    user = users.get(tx, cloud.ids.demo_user_id)
    assert user is not None
    users.update(tx, type(user)(**{f: getattr(user, f) for f in user.__struct_fields__} | {"enabled": False}))


def _disable(project_id: str, tx: Any) -> None:
    project = projects.get(tx, project_id)
    assert project is not None
    values = {f: getattr(project, f) for f in project.__struct_fields__} | {"enabled": False}
    projects.update(tx, type(project)(**values))


@pytest.mark.parametrize("change", ["user", "project", "domain", "roles", "delete user", "delete project"])
def test_a_token_is_void_as_soon_as_what_it_stands_on_is_gone(cloud: FakeCloud, change: str) -> None:
    subject = cloud.token("demo")
    assert validate(cloud, subject).status == 200
    with cloud.cloud.database.transaction() as tx:
        if change == "user":
            _disable_user(cloud, tx)
        elif change == "project":
            _disable(cloud.ids.demo_project_id, tx)
        elif change == "domain":
            _disable("default", tx)
        elif change == "delete user":
            users.delete(tx, cloud.ids.demo_user_id)
        elif change == "delete project":
            projects.delete(tx, cloud.ids.demo_project_id)
        else:
            tx.execute(assignment_table.delete().where(assignment_table.c.actor_id == cloud.ids.demo_user_id))
            assignments.advance(tx)
    identity: Any = cloud.cloud.services["identity"]
    with pytest.raises(Exception, match="token"):
        identity.validator.validate(subject, identity.freshness())


def test_rotating_keys_loses_no_token(cloud: FakeCloud) -> None:
    subjects = [cloud.token("demo")]
    for _ in range(4):
        with cloud.cloud.database.transaction() as tx:
            rotate(tx, keep=3600)
        subjects.append(issue(cloud, identity=password(), scope=DEMO).headers["x-subject-token"])
    assert [validate(cloud, subject).status for subject in subjects] == [200] * 5


def test_keys_that_can_have_signed_no_living_token_are_removed(cloud: FakeCloud) -> None:
    def numbers() -> list[int]:
        with cloud.cloud.database.read() as tx:
            return [row.number for row in tx.execute(token_keys.select().order_by(token_keys.c.number))]

    for _ in range(3):
        with cloud.cloud.database.transaction() as tx:
            tx.execute(token_keys.update().values(created_at=clock.now() - 2 * clock.HOUR))
            rotate(tx, keep=3600)
    assert numbers() == [3, 4, 5]
