"""Unified limits: what identity says a project may have of images."""

from typing import Any

import pytest

from tests.harness import FakeCloud
from tests.unit.image.conftest import OCTETS, upload
from tests.unit.image.test_data import DATA

MIB = 1 << 20


@pytest.fixture
def limit(cloud: FakeCloud) -> Any:
    """Registers a limit with a default for everybody, and sets another for the demo project where one is given."""
    services = cloud.request("GET", "/identity/v3/services?type=image").json["services"]

    def limit(name: str, default: int, own: int | None = None) -> None:
        about = {"service_id": services[0]["id"], "region_id": None, "resource_name": name}
        registered = [{**about, "default_limit": default}]
        answer = cloud.request("POST", "/identity/v3/registered_limits", {"registered_limits": registered})
        assert answer.status == 201, answer.body
        if own is not None:
            limits = [{**about, "project_id": cloud.ids.demo_project_id, "resource_limit": own}]
            assert cloud.request("POST", "/identity/v3/limits", {"limits": limits}).status == 201
        service: Any = cloud.cloud.services["image"]
        service.limits.forget()

    return limit


def make(cloud: FakeCloud) -> Any:
    body = {"disk_format": "raw", "container_format": "bare"}
    return cloud.request("POST", "/image/v2/images", body, user="demo")


def test_without_registered_limits_there_are_none(cloud: FakeCloud) -> None:
    assert make(cloud).status == 201
    assert cloud.request("GET", "/image/v2/info/usage", user="demo").json == {"usage": {}}


def test_images_are_counted(cloud: FakeCloud, limit: Any) -> None:
    limit("image_count_total", 1)
    assert make(cloud).status == 201
    assert make(cloud).status == 413
    assert cloud.request("POST", "/image/v2/images", {}).status == 201


def test_a_projects_own_limit_counts_before_the_default(cloud: FakeCloud, limit: Any) -> None:
    limit("image_count_total", 1, own=2)
    assert [make(cloud).status for _ in range(3)] == [201, 201, 413]


def test_sizes_count_once_there_is_data(cloud: FakeCloud, limit: Any) -> None:
    limit("image_size_total", 2)
    first, second = make(cloud).json["id"], make(cloud).json["id"]
    assert upload(cloud, first, b"x" * 2 * MIB, user="demo").status == 204
    assert upload(cloud, second, b"x" * MIB, user="demo").status == 413
    assert cloud.request("GET", f"/image/v2/images/{second}", user="demo").json["status"] == "queued"
    usage = cloud.request("GET", "/image/v2/info/usage", user="demo").json["usage"]
    assert usage["image_size_total"] == {"usage": 2, "limit": 2}
    assert usage["image_count_total"] == {"usage": 2, "limit": -1}
    cloud.request("DELETE", f"/image/v2/images/{first}", user="demo")
    assert upload(cloud, second, b"x" * MIB, user="demo").status == 204


def test_staging_and_uploading_are_limited(cloud: FakeCloud, limit: Any) -> None:
    limit("image_stage_total", 1)
    limit("image_count_uploading", 1)
    first, second = make(cloud).json["id"], make(cloud).json["id"]
    path = f"/image/v2/images/{first}/stage"
    assert cloud.request("PUT", path, b"x" * 2 * MIB, user="demo", **OCTETS).status == 413
    assert cloud.request("PUT", path, b"x" * MIB, user="demo", **OCTETS).status == 204
    assert upload(cloud, second, DATA, user="demo").status == 413
