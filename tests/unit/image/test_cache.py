"""The cache of a host."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel import ids
from tests.harness import FakeCloud
from tests.unit.image.conftest import show
from tests.unit.image.test_data import DATA
from tests.unit.image.test_imports import queued, site

Create = Callable[..., Any]
__all__ = ["site"]


def contents(cloud: FakeCloud) -> tuple[list[str], list[str]]:
    state = cloud.request("GET", "/image/v2/cache").json
    return [entry["image_id"] for entry in state["cached_images"]], state["queued_images"]


def test_an_image_is_queued_copied_and_removed(cloud: FakeCloud, filled: Create, create: Create) -> None:
    image_id = filled(DATA)["id"]
    assert cloud.request("GET", "/image/v2/cache", user="demo").status == 403
    assert cloud.request("PUT", f"/image/v2/cache/{ids.new_uuid()}").status == 404
    assert cloud.request("PUT", f"/image/v2/cache/{create()['id']}").status == 400
    assert cloud.request("PUT", f"/image/v2/cache/{image_id}").status == 202
    assert contents(cloud) == ([], [image_id])
    cloud.drain()
    assert contents(cloud) == ([image_id], [])
    assert len(cloud.request("GET", f"/image/v2/cache/nodes/{image_id}").json) == 1
    assert cloud.request("DELETE", f"/image/v2/cache/{image_id}").status == 204
    assert contents(cloud) == ([], [])
    directory = cloud.cloud.state_dir / "image" / "cache"
    assert [path for path in directory.iterdir() if path.is_file()] == []


def test_cache_and_queue_are_cleared_together_or_apart(cloud: FakeCloud, filled: Create) -> None:
    first, second = filled(DATA)["id"], filled(DATA)["id"]
    cloud.request("PUT", f"/image/v2/cache/{first}")
    cloud.drain()
    cloud.request("PUT", f"/image/v2/cache/{second}")
    assert cloud.request("DELETE", "/image/v2/cache", X_Image_Cache_Clear_Target="all").status == 400
    assert cloud.request("DELETE", "/image/v2/cache", X_Image_Cache_Clear_Target="queue").status == 204
    assert contents(cloud) == ([first], [])
    assert cloud.request("DELETE", "/image/v2/cache").status == 204
    cloud.drain()
    assert contents(cloud) == ([], [])


def test_data_of_a_remote_store_is_fetched_once(tmp_path: Path, site: str) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__stores="local=file:,web=http:")
    image_id = queued(cloud)
    cloud.request("POST", f"/image/v2/images/{image_id}/locations", {"url": f"{site}/data"})
    cloud.drain()
    assert show(cloud, image_id)["status"] == "active"
    for _ in range(3):
        assert cloud.request("GET", f"/image/v2/images/{image_id}/file").body == DATA
        cloud.drain()
    assert cloud.request("GET", "/image/v2/cache").json["cached_images"][0]["hits"] == 2
    cloud.close()


def test_the_cache_makes_room_for_what_is_newer(tmp_path: Path) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__cache_size="1500")
    made = []
    for _ in range(2):
        image_id = queued(cloud)
        headers = {"Content_Type": "application/octet-stream"}
        cloud.request("PUT", f"/image/v2/images/{image_id}/file", b"x" * 1000, **headers)
        cloud.request("PUT", f"/image/v2/cache/{image_id}")
        cloud.drain()
        made.append(image_id)
    assert contents(cloud) == ([made[1]], [])
    assert cloud.request("POST", "/image/v2/cache/prune").json == {"total_files_pruned": 0, "total_bytes_pruned": 0}
    cloud.request("DELETE", f"/image/v2/images/{made[1]}")
    assert cloud.request("POST", "/image/v2/cache/clean").status == 200
    assert contents(cloud) == ([], [])
    cloud.close()


@pytest.mark.parametrize("path", ["cache", "cache/nodes/x"])
def test_without_a_cache_there_is_none(tmp_path: Path, path: str) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__cache="false")
    assert cloud.request("GET", f"/image/v2/{path}").status == 404
    assert cloud.request("GET", "/image").json["versions"][0]["id"] == "v2.17"
    cloud.close()
