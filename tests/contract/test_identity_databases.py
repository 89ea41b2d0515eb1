"""Identity's SQL means the same on SQLite, MariaDB and PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.database_servers import available, server
from tests.harness import FakeCloud
from tests.unit.identity.conftest import Identity


@pytest.fixture(scope="module", params=["sqlite", "mariadb", "postgresql"])
def identity(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Identity]:
    reason = available(request.param)
    if reason:
        pytest.skip(reason)
    directory = tmp_path_factory.mktemp(request.param)
    with server(request.param, directory) as url:
        cloud = FakeCloud(directory, pileus_database__url=url, pileus_identity__lockout_failure_attempts="3")
        yield Identity(cloud)
        cloud.close()


def test_names_are_unique_as_they_are_written(identity: Identity) -> None:
    identity.make("project", name="Name")
    identity.make("project", name="name")
    identity.make("project", name="náme")
    assert identity.call("POST", "/projects", {"project": {"name": "name"}}).status == 409


def test_filters_mind_letter_case_as_they_say(identity: Identity) -> None:
    for name in ("Filter-A%", "filter-a", "filter-b"):
        identity.make("project", name=name, tags=[name[0], "all"])

    def names(query: str) -> list[str]:
        return sorted(p["name"] for p in identity.ok("GET", f"/projects?{query}")["projects"])

    assert names("name__contains=ilter-a") == ["filter-a"]
    assert names("name__icontains=FILTER-A") == ["Filter-A%", "filter-a"]
    assert names("name__startswith=Filter") == ["Filter-A%"]
    assert names("name__endswith=-b") == ["filter-b"]
    assert names("name__endswith=%25") == ["Filter-A%"]
    assert names("tags=all,F") == ["Filter-A%"]
    assert names("tags-any=F,f&enabled=true") == ["Filter-A%", "filter-a", "filter-b"]
    assert names("not-tags-any=all&name__icontains=filter") == []


def test_pages_cover_everything_once(identity: Identity) -> None:
    everything = {p["id"] for p in identity.ok("GET", "/projects")["projects"]}
    seen: list[str] = []
    marker = ""
    while page := identity.ok("GET", f"/projects?limit=2{marker}")["projects"]:
        seen += [project["id"] for project in page]
        marker = f"&marker={seen[-1]}"
    assert sorted(seen) == sorted(everything)


def test_roles_given_twice_taken_once(identity: Identity) -> None:
    user = identity.make("user", name="held", password="held")["id"]
    project = identity.make("project", name="holding")["id"]
    path = f"/projects/{project}/users/{user}/roles/{identity.role('member')}"
    identity.ok("PUT", path, status=204)
    identity.ok("PUT", path, status=204)
    effective = identity.ok("GET", f"/role_assignments?user.id={user}&effective&include_names")["role_assignments"]
    assert {one["role"]["name"] for one in effective} == {"member", "reader"}
    token = identity.token(user, "held", project={"id": project})
    identity.ok("DELETE", path, status=204)
    assert identity.call("DELETE", path).status == 404
    assert identity.call("GET", "/auth/projects", token=token).status == 401


def test_a_password_changes_and_locks(identity: Identity) -> None:
    user = identity.make("user", name="changer", password="one")["id"]
    change = {"user": {"original_password": "one", "password": "two"}}
    identity.ok("POST", f"/users/{user}/password", change, 204, user="")
    assert [identity.log_in(user, "one").status for _ in range(3)] == [401] * 3
    assert identity.log_in(user, "two").status == 401
    identity.ok("PATCH", f"/users/{user}", {"user": {"enabled": True}})
    assert identity.log_in(user, "two").status == 201
    assert identity.ok("GET", "/users?password_expires_at=lt:2090-01-01T00:00:00Z")["users"] == []


def test_a_domain_and_all_that_is_in_it_goes(identity: Identity) -> None:
    domain = identity.make("domain", name="going", tags=["x"])["id"]
    user = identity.make("user", name="in it", domain_id=domain, password="x")["id"]
    project = identity.make("project", name="in it", domain_id=domain)["id"]
    identity.make("group", name="in it", domain_id=domain)
    identity.make("credential", user_id=user, type="cert", blob="x")
    identity.ok("PUT", f"/domains/{domain}/config", {"config": {"identity": {"driver": "ldap"}}}, 201)
    identity.grant(f"projects/{project}", user, "member")
    service = identity.make("service", type="counted")["id"]
    limit = {"service_id": service, "resource_name": "things", "default_limit": 1}
    identity.ok("POST", "/registered_limits", {"registered_limits": [limit]}, 201)
    own = {"service_id": service, "resource_name": "things", "resource_limit": 2, "project_id": project}
    identity.ok("POST", "/limits", {"limits": [own]}, 201)
    identity.ok("PATCH", f"/domains/{domain}", {"domain": {"enabled": False}})
    identity.ok("DELETE", f"/domains/{domain}", status=204)
    assert identity.ok("GET", "/limits")["limits"] == []
    assert identity.ok("GET", f"/credentials?user_id={user}")["credentials"] == []


def test_trusts_and_policies(identity: Identity) -> None:
    ids = identity.cloud.ids
    body = {
        "trustor_user_id": ids.demo_user_id,
        "trustee_user_id": ids.admin_user_id,
        "project_id": ids.demo_project_id,
        "impersonation": False,
        "remaining_uses": 1,
        "roles": [{"name": "reader"}],
    }
    made = identity.ok("POST", "/OS-TRUST/trusts", {"trust": body}, 201, user="demo")["trust"]
    login = identity.log_in(ids.admin_user_id, "admin-secret", **{"OS-TRUST:trust": {"id": made["id"]}})
    assert login.status == 201
    service = identity.make("service", type="judged")["id"]
    policy = identity.make("policy", "policies", type="x", blob="{}")["id"]
    for _ in range(2):
        identity.ok("PUT", f"/policies/{policy}/OS-ENDPOINT-POLICY/services/{service}", status=204)
    endpoint = identity.make("endpoint", interface="public", service_id=service, url="http://x")["id"]
    assert identity.ok("GET", f"/policies/{policy}/OS-ENDPOINT-POLICY/endpoints")["endpoints"][0]["id"] == endpoint
