"""Quota sets, quota classes, limits, and the version documents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness import FakeCloud

SETS = "/compute/v2.1/os-quota-sets/"
CLASSES = "/compute/v2.1/os-quota-class-sets/"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def project(cloud: FakeCloud) -> str:
    return cloud.ids.demo_project_id


def test_a_project_sees_its_quota_as_the_microversion_has_it(cloud: FakeCloud) -> None:
    old = cloud.request("GET", SETS + project(cloud), user="demo").json["quota_set"]
    assert old == {
        "id": project(cloud),
        "cores": 20,
        "fixed_ips": -1,
        "floating_ips": -1,
        "injected_file_content_bytes": 10240,
        "injected_file_path_bytes": 255,
        "injected_files": 5,
        "instances": 10,
        "key_pairs": 100,
        "metadata_items": 128,
        "ram": 51200,
        "security_group_rules": -1,
        "security_groups": -1,
        "server_group_members": 10,
        "server_groups": 10,
    }
    newer = cloud.request("GET", SETS + project(cloud), user="demo", version="compute 2.36").json["quota_set"]
    assert set(old) - set(newer) == {"fixed_ips", "floating_ips", "security_group_rules", "security_groups"}
    newest = cloud.request("GET", SETS + project(cloud), user="demo", version="compute 2.57").json["quota_set"]
    assert not any(name.startswith("injected") for name in newest)
    detail = cloud.request("GET", SETS + project(cloud) + "/detail", user="demo").json["quota_set"]
    assert detail["cores"] == {"limit": 20, "in_use": 0, "reserved": 0}
    other = cloud.request("GET", SETS + cloud.ids.admin_project_id, user="demo")
    assert other.status == 403


def test_quotas_are_changed_and_put_back(cloud: FakeCloud) -> None:
    changed = cloud.request("PUT", SETS + project(cloud), {"quota_set": {"cores": "30", "ram": -1}})
    assert changed.status == 200
    assert "id" not in changed.json["quota_set"]
    assert (changed.json["quota_set"]["cores"], changed.json["quota_set"]["ram"]) == (30, -1)
    defaults = cloud.request("GET", SETS + project(cloud) + "/defaults", user="demo").json["quota_set"]
    assert (defaults["id"], defaults["cores"]) == (project(cloud), 20)
    assert cloud.request("PUT", SETS + project(cloud), {"quota_set": {"cores": 1}}, user="demo").status == 403
    assert cloud.request("DELETE", SETS + project(cloud)).status == 202
    assert cloud.request("GET", SETS + project(cloud)).json["quota_set"]["cores"] == 20


def test_a_user_may_have_less_than_the_project(cloud: FakeCloud) -> None:
    mine = f"{SETS}{project(cloud)}?user_id={cloud.ids.demo_user_id}"
    assert cloud.request("PUT", mine, {"quota_set": {"cores": 21}}).status == 400
    assert cloud.request("PUT", mine, {"quota_set": {"cores": 4}}).json["quota_set"]["cores"] == 4
    assert cloud.request("GET", mine).json["quota_set"]["cores"] == 4
    assert cloud.request("GET", SETS + project(cloud)).json["quota_set"]["cores"] == 20
    assert cloud.request("DELETE", mine).status == 202
    assert cloud.request("GET", mine).json["quota_set"]["cores"] == 20


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ({"quota_set": {"cores": -2}}, "2.1"),
        ({"quota_set": {"cores": "many"}}, "2.1"),
        ({"quota_set": {"cores": 1 << 31}}, "2.1"),
        ({"quota_set": {"networks": 1}}, "2.1"),
        ({"quota_set": {"floating_ips": 1}}, "2.36"),
        ({"quota_set": {"injected_files": 1}}, "2.57"),
        ({}, "2.1"),
    ],
)
def test_quotas_that_make_no_sense_are_refused(cloud: FakeCloud, body: Any, version: str) -> None:
    assert cloud.request("PUT", SETS + project(cloud), body, version=f"compute {version}").status == 400


def test_the_default_class_is_everybodys_default(cloud: FakeCloud) -> None:
    assert cloud.request("PUT", CLASSES + "default", {"quota_class_set": {"instances": 3}}).status == 200
    shown = cloud.request("GET", CLASSES + "default").json["quota_class_set"]
    assert (shown["id"], shown["instances"]) == ("default", 3)
    assert "server_groups" not in shown
    assert cloud.request("GET", SETS + project(cloud)).json["quota_set"]["instances"] == 3
    newer = cloud.request("GET", CLASSES + "default", version="compute 2.50").json["quota_class_set"]
    assert "server_groups" in newer
    assert "floating_ips" not in newer
    assert cloud.request("GET", CLASSES + "default", user="demo").status == 403


def test_limits(cloud: FakeCloud) -> None:
    old = cloud.request("GET", "/compute/v2.1/limits", user="demo").json["limits"]
    assert old["rate"] == []
    assert old["absolute"]["maxImageMeta"] == old["absolute"]["maxServerMeta"] == 128
    assert old["absolute"]["totalFloatingIpsUsed"] == 0
    new = cloud.request("GET", "/compute/v2.1/limits", user="demo", version="compute 2.57").json["limits"]
    assert new["absolute"] == {
        "maxServerMeta": 128,
        "maxServerGroups": 10,
        "maxServerGroupMembers": 10,
        "maxTotalCores": 20,
        "maxTotalInstances": 10,
        "maxTotalKeypairs": 100,
        "maxTotalRAMSize": 51200,
        "totalCoresUsed": 0,
        "totalInstancesUsed": 0,
        "totalRAMUsed": 0,
        "totalServerGroupsUsed": 0,
    }
    other = f"/compute/v2.1/limits?tenant_id={project(cloud)}"
    assert cloud.request("GET", other).status == 200
    assert (
        cloud.request("GET", f"/compute/v2.1/limits?tenant_id={cloud.ids.admin_project_id}", user="demo").status == 403
    )
    assert cloud.request("GET", "/compute/v2.1/limits?color=red", version="compute 2.75").status == 400


def test_versions_are_found_without_a_token(cloud: FakeCloud) -> None:
    listed = cloud.request("GET", "/compute/", user="").json["versions"]
    assert [version["id"] for version in listed] == ["v2.0", "v2.1"]
    shown = cloud.request("GET", "/compute/v2.1/", user="")
    version = shown.json["version"]
    assert (version["min_version"], version["status"]) == ("2.1", "CURRENT")
    assert version["links"][0] == {"rel": "self", "href": "http://cloud.test:8780/compute/v2.1/"}
    assert shown.headers["openstack-api-version"] == "compute 2.1"
    assert shown.headers["x-openstack-nova-api-version"] == "2.1"


def test_a_slash_at_the_end_is_another_path(cloud: FakeCloud) -> None:
    assert cloud.request("GET", "/compute/v2.1/flavors").status == 200
    assert cloud.request("GET", "/compute/v2.1/flavors/").status == 404
    assert cloud.request("DELETE", "/compute/v2.1/os-server-groups/").status == 404
    assert cloud.request("DELETE", "/compute/v2.1/os-server-groups").status == 405
    assert cloud.request("GET", "/compute/v2.1").status == 200


def test_versions_are_negotiated_as_the_reference_does(cloud: FakeCloud) -> None:
    assert cloud.request("GET", "/compute/v2.1/flavors", version="compute 2.9999").status == 406
    assert cloud.request("GET", "/compute/v2.1/flavors", version="compute two").status == 400
    latest = cloud.request("GET", "/compute/v2.1/flavors", version="compute latest")
    assert latest.headers["openstack-api-version"] == "compute 2.104"
    old_header = cloud.request("GET", "/compute/v2.1/flavors", X_OpenStack_Nova_API_Version="2.90")
    assert old_header.headers["x-openstack-nova-api-version"] == "2.90"
    assert latest.headers["x-compute-request-id"] == latest.headers["x-openstack-request-id"]
