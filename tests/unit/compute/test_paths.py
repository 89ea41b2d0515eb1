"""Older forms of paths mean the same as today's, and show in links."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import URL, FakeCloud

ROOT = f"{URL}/compute"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def flavor_links(cloud: FakeCloud, path: str, **headers: str) -> list[str]:
    answer = cloud.request("GET", f"/compute{path}/flavors?limit=1", user="demo", **headers)
    assert answer.status == 200, answer.body
    flavor = answer.json["flavors"][0]
    return [*(link["href"] for link in flavor["links"]), answer.json["flavors_links"][0]["href"]]


def test_a_path_with_the_callers_project_is_served_and_linked(cloud: FakeCloud) -> None:
    project = cloud.ids.demo_project_id
    id = cloud.request("GET", "/compute/v2.1/flavors?limit=1").json["flavors"][0]["id"]
    assert flavor_links(cloud, f"/v2.1/{project}") == [
        f"{ROOT}/v2.1/{project}/flavors/{id}",
        f"{ROOT}/{project}/flavors/{id}",
        f"{ROOT}/v2.1/{project}/flavors?limit=1&marker={id}",
    ]
    assert flavor_links(cloud, "/v2.1")[0] == f"{ROOT}/v2.1/flavors/{id}"
    assert cloud.request("GET", f"/compute/v2.1/{project}/flavors/{id}", user="demo").json["flavor"]["id"] == id


def test_a_path_with_another_project_is_refused(cloud: FakeCloud) -> None:
    project = cloud.ids.admin_project_id
    refused = cloud.request("GET", f"/compute/v2.1/{project}/servers", user="demo")
    assert refused.status == 400
    assert refused.json["badRequest"]["message"] == (
        f"Malformed request URL: URL's project_id '{project}' doesn't match "
        f"Context's project_id '{cloud.ids.demo_project_id}'"
    )
    assert cloud.request("GET", f"/compute/v2.1/{project}/servers", user="").status == 401
    assert cloud.request("GET", f"/compute/v2.1/{project}/nothing", user="demo").status == 404


def test_v2_knows_no_microversions(cloud: FakeCloud) -> None:
    project = cloud.ids.demo_project_id
    assert flavor_links(cloud, f"/v2/{project}")[0].startswith(f"{ROOT}/v2/{project}/flavors/")
    answer = cloud.request("GET", f"/compute/v2/{project}/flavors/detail", user="demo", version="compute 2.61")
    assert "extra_specs" not in answer.json["flavors"][0]
    assert not {"openstack-api-version", "x-openstack-nova-api-version", "vary"} & set(answer.headers)
    now = cloud.request("GET", "/compute/v2.1/flavors/detail", user="demo", version="compute 2.61")
    assert now.headers["openstack-api-version"] == "compute 2.61"


def test_short_names_of_collections_are_not_projects(cloud: FakeCloud) -> None:
    assert cloud.request("GET", "/compute/v2/", user="").json["version"]["id"] == "v2.0"
    assert cloud.request("GET", "/compute/v2.1/", user="").json["version"]["id"] == "v2.1"
    assert cloud.request("GET", "/compute/v2/flavors", user="demo").status == 200
