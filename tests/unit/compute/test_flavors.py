"""Flavors, their extra specs and access, over the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.seed import seed
from tests.harness import PASSWORDS, URL, FakeCloud

FLAVORS = "/compute/v2.1/flavors"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def create(cloud: FakeCloud, version: str = "", **fields: Any) -> Any:
    body = {"flavor": {"name": "big", "ram": 1024, "vcpus": 2, "disk": 10, **fields}}
    return cloud.request("POST", FLAVORS, body, version=version)


def test_a_new_cloud_has_the_usual_flavors_and_keeps_what_was_deleted_away(cloud: FakeCloud) -> None:
    names = {flavor["name"] for flavor in cloud.request("GET", FLAVORS, user="demo").json["flavors"]}
    assert names == {"m1.nano", "m1.micro", "m1.tiny", "m1.small", "m1.medium", "m1.large"}
    assert cloud.request("DELETE", FLAVORS + "/1").status == 202
    seed(cloud.cloud, PASSWORDS, URL)
    assert cloud.request("GET", FLAVORS + "/1").status == 404


def test_a_flavor_looks_as_its_microversion_has_it(cloud: FakeCloud) -> None:
    old = cloud.request("GET", FLAVORS + "/42", user="demo").json["flavor"]
    assert old == {
        "id": "42",
        "name": "m1.nano",
        "ram": 192,
        "disk": 1,
        "swap": "",
        "OS-FLV-EXT-DATA:ephemeral": 0,
        "OS-FLV-DISABLED:disabled": False,
        "vcpus": 1,
        "os-flavor-access:is_public": True,
        "rxtx_factor": 1.0,
        "links": [
            {"rel": "self", "href": "http://cloud.test:8780/compute/v2.1/flavors/42"},
            {"rel": "bookmark", "href": "http://cloud.test:8780/compute/flavors/42"},
        ],
    }
    middle = cloud.request("GET", FLAVORS + "/42", user="demo", version="compute 2.61").json["flavor"]
    assert middle == old | {"description": None, "extra_specs": {}}
    new = cloud.request("GET", FLAVORS + "/42", user="demo", version="compute 2.102").json["flavor"]
    assert new["swap"] == 0
    assert not {"rxtx_factor", "OS-FLV-DISABLED:disabled"} & set(new)
    brief = cloud.request("GET", FLAVORS, version="compute 2.55").json["flavors"][0]
    assert set(brief) == {"id", "name", "links", "description"}


def test_numbers_may_come_as_text_and_an_id_is_made_up(cloud: FakeCloud) -> None:
    made = create(cloud, ram="1024", swap="512", id=None, **{"os-flavor-access:is_public": "False"})
    assert made.status == 200
    flavor = made.json["flavor"]
    assert (flavor["ram"], flavor["swap"], flavor["os-flavor-access:is_public"]) == (1024, 512, False)
    assert len(flavor["id"]) == 36
    assert create(cloud, name="other", id=7).json["flavor"]["id"] == "7"


@pytest.mark.parametrize(
    "fields",
    [
        {"ram": 0},
        {"ram": -1},
        {"vcpus": "0"},
        {"disk": "x"},
        {"ram": 1 << 31},
        {"name": ""},
        {"name": " big"},
        {"name": "b\nig"},
        {"id": " x"},
        {"id": ""},
        {"id": "a/b"},
        {"rxtx_factor": 0},
        {"os-flavor-access:is_public": "maybe"},
        {"description": "not yet"},
        {"unknown": 1},
        {"ram": None},
    ],
)
def test_a_flavor_that_makes_no_sense_is_refused(cloud: FakeCloud, fields: dict[str, Any]) -> None:
    answer = create(cloud, **fields)
    assert answer.status == 400
    assert answer.json["badRequest"]["code"] == 400


def test_names_and_ids_are_unique(cloud: FakeCloud) -> None:
    assert create(cloud, id="a").status == 200
    assert create(cloud, id="b").json["conflictingRequest"]["message"] == "Flavor with name big already exists."
    assert create(cloud, name="x", id="a").json["conflictingRequest"]["message"] == "Flavor with ID a already exists."


def test_only_administrators_change_flavors(cloud: FakeCloud) -> None:
    assert cloud.request("DELETE", FLAVORS + "/42", user="demo").status == 403
    assert cloud.request("DELETE", FLAVORS + "/none", user="demo").status == 403
    assert cloud.request("DELETE", FLAVORS + "/none").status == 404
    body = {"flavor": {"name": "big", "ram": 1024, "vcpus": 2, "disk": 10}}
    assert cloud.request("POST", FLAVORS, body, user="demo").status == 403
    assert cloud.request("POST", FLAVORS, {}, user="demo").status == 400


def test_descriptions_came_with_255(cloud: FakeCloud) -> None:
    change = {"flavor": {"description": "small"}}
    assert cloud.request("PUT", FLAVORS + "/42", change).status == 404
    changed = cloud.request("PUT", FLAVORS + "/42", change, version="compute 2.55")
    assert changed.json["flavor"]["description"] == "small"
    assert cloud.request("PUT", FLAVORS + "/42", {"flavor": {}}, version="compute 2.55").status == 400


def test_lists_are_filtered_sorted_and_paged(cloud: FakeCloud) -> None:
    def ids(query: str, **options: Any) -> list[str]:
        answer = cloud.request("GET", f"{FLAVORS}?{query}", **options)
        assert answer.status == 200, answer.body
        return [flavor["id"] for flavor in answer.json["flavors"]]

    assert ids("minRam=2048") == ["2", "3", "4"]
    assert ids("minDisk=40") == ["3", "4"]
    assert ids("sort_key=memory_mb&sort_dir=desc&limit=2") == ["4", "3"]
    assert ids("sort_key=memory_mb&sort_dir=desc&limit=2&marker=3") == ["2", "1"]
    assert ids("limit=0") == []
    assert ids("name=nano|micro&sort_key=name", version="compute 2.102") == ["84", "42"]
    page = cloud.request("GET", FLAVORS + "/detail?limit=1").json
    assert page["flavors_links"] == [
        {"rel": "next", "href": "http://cloud.test:8780/compute/v2.1/flavors/detail?limit=1&marker=1"}
    ]
    for wrong in ("limit=-1", "limit=x", "marker=none", "sort_key=color", "minRam=x", "is_public=perhaps"):
        assert cloud.request("GET", f"{FLAVORS}?{wrong}").status == 400, wrong
    assert cloud.request("GET", FLAVORS + "?color=red").status == 200
    assert cloud.request("GET", FLAVORS + "?color=red", version="compute 2.75").status == 400


def test_a_private_flavor_is_seen_by_those_who_have_access(cloud: FakeCloud) -> None:
    create(cloud, id="p", **{"os-flavor-access:is_public": False})
    project = cloud.ids.demo_project_id

    def seen(user: str, query: str = "") -> bool:
        listed = cloud.request("GET", FLAVORS + query, user=user).json["flavors"]
        return "p" in {flavor["id"] for flavor in listed}

    assert not seen("demo")
    assert not seen("admin")
    assert seen("admin", "?is_public=none")
    assert seen("admin", "?is_public=false")
    assert cloud.request("GET", FLAVORS + "/p", user="demo").status == 404
    added = cloud.request("POST", FLAVORS + "/p/action", {"addTenantAccess": {"tenant": project}})
    assert added.json == {"flavor_access": [{"flavor_id": "p", "tenant_id": project}]}
    assert cloud.request("POST", FLAVORS + "/p/action", {"addTenantAccess": {"tenant": project}}).status == 409
    assert seen("demo")
    assert cloud.request("GET", FLAVORS + "/p/os-flavor-access").json == added.json
    assert cloud.request("GET", FLAVORS + "/42/os-flavor-access").status == 404
    gone = cloud.request("POST", FLAVORS + "/p/action", {"removeTenantAccess": {"tenant": project}})
    assert gone.json == {"flavor_access": []}
    assert cloud.request("POST", FLAVORS + "/p/action", {"removeTenantAccess": {"tenant": project}}).status == 404
    public = {"addTenantAccess": {"tenant": project}}
    assert cloud.request("POST", FLAVORS + "/42/action", public, version="compute 2.7").status == 409


def test_extra_specs(cloud: FakeCloud) -> None:
    specs = FLAVORS + "/42/os-extra_specs"
    made = cloud.request("POST", specs, {"extra_specs": {"hw:cpu_policy": "shared", "n": 4}})
    assert made.json == {"extra_specs": {"hw:cpu_policy": "shared", "n": 4}}
    assert cloud.request("GET", specs, user="demo").json == {"extra_specs": {"hw:cpu_policy": "shared", "n": "4"}}
    assert cloud.request("PUT", specs + "/n", {"n": "5"}).json == {"n": "5"}
    assert cloud.request("PUT", specs + "/n", {"m": "5"}).status == 400
    assert cloud.request("PUT", specs + "/n", {"n": "5", "m": "6"}).status == 400
    assert cloud.request("GET", specs + "/n", user="demo").json == {"n": "5"}
    assert cloud.request("DELETE", specs + "/n").status == 200
    assert cloud.request("GET", specs + "/n").status == 404
    assert cloud.request("POST", specs, {"extra_specs": {"a": "x" * 256}}).status == 400
    assert cloud.request("POST", specs, {"extra_specs": {"ä": "x"}}).status == 400
    assert cloud.request("POST", specs, {"extra_specs": {"a": "b"}}, user="demo").status == 403


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("hw:cpu_policy", "dedicated", True),
        ("hw:cpu_policy", "none", False),
        ("hw:numa_nodes", "0", False),
        ("hw:numa_cpus.0", "1,2", True),
        ("hw:no_such", "1", False),
        ("hw_rng:allowed", "True", True),
        ("resources:VCPU", "2", True),
        ("resources_GPU:CUSTOM_GPU", "x", False),
        ("trait:HW_CPU_X86_VMX", "required", True),
        ("trait:HW_CPU_NONE", "required", False),
        ("quota:cpu_quota", "-1", True),
        ("mine:anything", "goes", True),
    ],
)
def test_extra_specs_are_checked_since_286(cloud: FakeCloud, name: str, value: str, good: bool) -> None:
    body = {"extra_specs": {name: value}}
    specs = FLAVORS + "/42/os-extra_specs"
    assert cloud.request("POST", specs, body, version="compute 2.85").status == 200
    assert cloud.request("POST", specs, body, version="compute 2.86").status == (200 if good else 400)
