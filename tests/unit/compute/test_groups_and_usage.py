"""Server groups and the usage of projects over the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel import clock
from tests.harness import FakeCloud
from tests.unit.compute.rows import server_row

GROUPS = "/compute/v2.1/os-server-groups"
USAGE = "/compute/v2.1/os-simple-tenant-usage"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def create(cloud: FakeCloud, version: str = "2.1", user: str = "demo", **fields: Any) -> Any:
    return cloud.request("POST", GROUPS, {"server_group": fields}, user=user, version=f"compute {version}")


def test_a_group_looks_as_its_microversion_has_it(cloud: FakeCloud) -> None:
    old = create(cloud, name="web", policies=["anti-affinity"]).json["server_group"]
    assert old == {"id": old["id"], "name": "web", "policies": ["anti-affinity"], "metadata": {}, "members": []}
    member = server_row(cloud, server_group_id=old["id"])
    shown = cloud.request("GET", f"{GROUPS}/{old['id']}", user="demo", version="compute 2.64").json["server_group"]
    assert shown == {
        "id": old["id"],
        "name": "web",
        "policy": "anti-affinity",
        "rules": {},
        "members": [member],
        "project_id": cloud.ids.demo_project_id,
        "user_id": cloud.ids.demo_user_id,
    }
    new = create(cloud, "2.64", name="db", policy="anti-affinity", rules={"max_server_per_host": "3"})
    assert new.json["server_group"]["rules"] == {"max_server_per_host": 3}


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2.1", {"name": "g"}),
        ("2.1", {"name": "g", "policies": []}),
        ("2.1", {"name": "g", "policies": ["affinity", "anti-affinity"]}),
        ("2.1", {"name": "g", "policies": ["soft-affinity"]}),
        ("2.1", {"name": "", "policies": ["affinity"]}),
        ("2.15", {"name": "g", "policies": ["legacy"]}),
        ("2.64", {"name": "g", "policies": ["affinity"]}),
        ("2.64", {"name": "g"}),
        ("2.64", {"name": "g", "policy": "affinity", "rules": {"max_server_per_host": 2}}),
        ("2.64", {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 0}}),
        ("2.64", {"name": "g", "policy": "anti-affinity", "rules": {"other": 1}}),
    ],
)
def test_groups_that_make_no_sense_are_refused(cloud: FakeCloud, version: str, fields: dict[str, Any]) -> None:
    assert create(cloud, version, **fields).status == 400


def test_groups_belong_to_projects(cloud: FakeCloud) -> None:
    own = create(cloud, "2.15", name="mine", policies=["soft-affinity"]).json["server_group"]["id"]
    create(cloud, user="admin", name="theirs", policies=["affinity"])

    def names(query: str = "", user: str = "demo") -> list[str]:
        return [group["name"] for group in cloud.request("GET", GROUPS + query, user=user).json["server_groups"]]

    assert names() == ["mine"]
    assert names("?all_projects=1") == ["mine"]
    assert names("?all_projects=1", "admin") == ["mine", "theirs"]
    assert names("?all_projects=1&offset=1", "admin") == ["theirs"]
    assert names("?all_projects=1&limit=1", "admin") == ["mine"]
    theirs = cloud.request("GET", GROUPS, user="admin").json["server_groups"][0]["id"]
    assert cloud.request("DELETE", f"{GROUPS}/{theirs}", user="demo").status == 403
    assert cloud.request("DELETE", f"{GROUPS}/{own}", user="demo").status == 204
    assert cloud.request("GET", f"{GROUPS}/{own}", user="demo").status == 404


def test_groups_have_a_quota(cloud: FakeCloud) -> None:
    quota = f"/compute/v2.1/os-quota-sets/{cloud.ids.demo_project_id}"
    assert cloud.request("PUT", quota, {"quota_set": {"server_groups": 1}}).status == 200
    statuses = [create(cloud, name=name, policies=["affinity"]).status for name in ("a", "b")]
    assert statuses == [200, 403]
    too_low = cloud.request("PUT", quota, {"quota_set": {"server_groups": 0}})
    assert too_low.status == 400
    assert cloud.request("PUT", quota, {"quota_set": {"server_groups": 0, "force": True}}).status == 200


def test_servers_count_against_limits(cloud: FakeCloud) -> None:
    server_row(cloud, vcpus=4, memory_mb=2048)
    server_row(cloud, deleted_at=clock.now())
    absolute = cloud.request("GET", "/compute/v2.1/limits", user="demo").json["limits"]["absolute"]
    used = [absolute[f"total{name}Used"] for name in ("Instances", "Cores", "RAM")]
    assert used == [1, 4, 2048]
    quota = f"/compute/v2.1/os-quota-sets/{cloud.ids.demo_project_id}"
    refused = cloud.request("PUT", quota, {"quota_set": {"cores": 3}})
    assert refused.json["badRequest"]["message"] == (
        "Quota limit 3 for cores must be greater than or equal to already used and reserved 4."
    )


def stamp(moment: int) -> str:
    return clock.iso_naive(moment)


def test_usage_adds_up_what_servers_had_within_a_time(cloud: FakeCloud) -> None:
    now = clock.now()
    ended = now - 2 * clock.HOUR
    server_row(cloud, name="on", launched_at=now - 10 * clock.HOUR, vcpus=2, memory_mb=1024, root_gb=3)
    server_row(cloud, name="gone", launched_at=now - 4 * clock.HOUR, terminated_at=ended, deleted_at=ended)
    server_row(cloud, name="before", launched_at=now - 50 * clock.HOUR, terminated_at=now - 40 * clock.HOUR)
    period = f"?start={stamp(now - 6 * clock.HOUR)}&end={stamp(now)}"
    usage = cloud.request("GET", f"{USAGE}/{cloud.ids.demo_project_id}{period}", user="demo").json["tenant_usage"]
    assert usage["total_hours"] == pytest.approx(8, abs=0.01)
    assert usage["total_vcpus_usage"] == pytest.approx(2 * 6 + 2, abs=0.01)
    assert usage["total_memory_mb_usage"] == pytest.approx(1024 * 6 + 512 * 2, abs=1)
    states = {one["name"]: (one["state"], one["ended_at"] is None) for one in usage["server_usages"]}
    assert states == {"on": ("active", True), "gone": ("terminated", False)}
    listed = cloud.request("GET", USAGE + period).json["tenant_usages"]
    assert [one["tenant_id"] for one in listed] == [cloud.ids.demo_project_id]
    assert "server_usages" not in listed[0]
    assert "server_usages" in cloud.request("GET", USAGE + period + "&detailed=1").json["tenant_usages"][0]
    page = cloud.request("GET", USAGE + period + "&limit=1", version="compute 2.40").json
    assert page["tenant_usages_links"][0]["rel"] == "next"


def test_usage_is_refused_when_the_time_makes_no_sense(cloud: FakeCloud) -> None:
    own = f"{USAGE}/{cloud.ids.demo_project_id}"
    assert cloud.request("GET", own + "?start=yesterday", user="demo").status == 400
    assert cloud.request("GET", own + "?start=2026-01-02T00:00:00&end=2026-01-01T00:00:00", user="demo").status == 400
    assert cloud.request("GET", USAGE, user="demo").status == 403
    assert cloud.request("GET", f"{USAGE}/{cloud.ids.admin_project_id}", user="demo").status == 403
