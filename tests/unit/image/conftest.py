"""A fake cloud, and images in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.services import Answer
from tests.harness import FakeCloud

OCTETS = {"Content_Type": "application/octet-stream"}
PATCH = {"Content_Type": "application/openstack-images-v2.1-json-patch"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


@pytest.fixture
def create(cloud: FakeCloud) -> Callable[..., Any]:
    def create(user: str = "admin", **body: Any) -> Any:
        answer = cloud.request("POST", "/image/v2/images", body, user=user)
        assert answer.status == 201, answer.body
        return answer.json

    return create


@pytest.fixture
def filled(cloud: FakeCloud, create: Callable[..., Any]) -> Callable[..., Any]:
    """Makes an active image."""

    def filled(data: bytes = b"data" * 300, user: str = "admin", **body: Any) -> Any:
        image = create(user, **{"disk_format": "raw", "container_format": "bare", **body})
        assert upload(cloud, image["id"], data, user=user).status == 204
        return show(cloud, image["id"], user=user)

    return filled


def upload(cloud: FakeCloud, image_id: str, data: bytes, **options: Any) -> Answer:
    return cloud.request("PUT", f"/image/v2/images/{image_id}/file", data, **{**OCTETS, **options})


def show(cloud: FakeCloud, image_id: str, **options: Any) -> Any:
    return cloud.request("GET", f"/image/v2/images/{image_id}", **options).expect(200)


def patch(cloud: FakeCloud, image_id: str, *steps: Any, user: str = "admin", **options: Any) -> Answer:
    return cloud.request("PATCH", f"/image/v2/images/{image_id}", list(steps), user=user, **{**PATCH, **options})
