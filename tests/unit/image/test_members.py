"""Sharing an image with a project."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.harness import FakeCloud

Create = Callable[..., Any]


@pytest.fixture
def path(create: Create) -> str:
    return f"/image/v2/images/{create(name='shared')['id']}"


def share(cloud: FakeCloud, path: str) -> Any:
    return cloud.request("POST", f"{path}/members", {"member": cloud.ids.demo_project_id})


def listed(cloud: FakeCloud, query: str = "") -> list[str]:
    return [image["name"] for image in cloud.request("GET", f"/image/v2/images{query}", user="demo").json["images"]]


def test_a_shared_image_is_seen_by_the_member_and_listed_once_accepted(cloud: FakeCloud, path: str) -> None:
    answer = share(cloud, path)
    member = answer.json
    assert answer.status == 200
    assert (member["status"], member["schema"]) == ("pending", "/v2/schemas/member")
    assert cloud.request("GET", path, user="demo").status == 200
    assert listed(cloud) == []
    assert listed(cloud, "?member_status=pending&visibility=shared") == ["shared"]
    own = f"{path}/members/{cloud.ids.demo_project_id}"
    assert cloud.request("PUT", own, {"status": "accepted"}, user="demo").json["status"] == "accepted"
    assert listed(cloud) == ["shared"]
    assert listed(cloud, "?member_status=rejected") == []
    assert listed(cloud, "?member_status=all") == ["shared"]
    assert cloud.request("GET", f"{path}/members", user="demo").json["members"][0]["status"] == "accepted"


def test_only_the_member_decides_and_only_the_owner_shares(cloud: FakeCloud, create: Create) -> None:
    path = f"/image/v2/images/{create('demo')['id']}"
    project = cloud.ids.admin_project_id
    member = f"{path}/members/{project}"
    assert cloud.request("POST", f"{path}/members", {"member": project}, user="demo").status == 200
    assert cloud.request("PUT", member, {"status": "accepted"}, user="demo").status == 403
    assert cloud.request("PUT", member, {"status": "accepted"}).status == 200
    assert cloud.request("DELETE", member, user="demo").status == 204
    assert cloud.request("GET", member, user="demo").status == 404
    assert cloud.request("DELETE", member, user="demo").status == 404


def test_a_member_does_not_share_further(cloud: FakeCloud, path: str) -> None:
    share(cloud, path)
    assert cloud.request("POST", f"{path}/members", {"member": "x"}, user="demo").status == 403
    assert cloud.request("DELETE", f"{path}/members/{cloud.ids.demo_project_id}", user="demo").status == 403


def test_strangers_learn_nothing(cloud: FakeCloud, path: str) -> None:
    assert cloud.request("GET", f"{path}/members", user="demo").status == 404
    assert cloud.request("POST", f"{path}/members", {"member": "x"}, user="demo").status == 404


def test_only_shared_images_have_members(cloud: FakeCloud, create: Create) -> None:
    path = f"/image/v2/images/{create(visibility='private')['id']}"
    assert share(cloud, path).status == 403
    assert cloud.request("GET", f"{path}/members").status == 403
    assert cloud.request("GET", f"{path}/members/x").status == 404


def test_bodies_that_make_no_sense(cloud: FakeCloud, path: str) -> None:
    for body in ({}, {"member": ""}, ["x"], b""):
        assert cloud.request("POST", f"{path}/members", body).status == 400
    share(cloud, path)
    assert share(cloud, path).status == 409
    for body in ({}, ["x"], {"status": "perhaps"}):
        assert cloud.request("PUT", f"{path}/members/{cloud.ids.demo_project_id}", body).status == 400
