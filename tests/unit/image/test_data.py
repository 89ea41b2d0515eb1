"""An image's bytes: in, out, and what happens when they stop coming."""

import hashlib
import io
import struct
from collections.abc import Callable
from typing import Any

import pytest

from pileus.image.stores.file import UNFINISHED
from pileus.image.tables import uploads
from tests.harness import FakeCloud
from tests.unit.image.conftest import OCTETS, show, upload

Create = Callable[..., Any]
DATA = bytes(range(256)) * 9000


def files(cloud: FakeCloud) -> list[str]:
    directory = cloud.cloud.state_dir / "image"
    return [path.name for path in directory.rglob("*") if path.is_file()]


def service(cloud: FakeCloud) -> Any:
    return cloud.cloud.services["image"]


def test_uploaded_data_is_hashed_and_comes_back(cloud: FakeCloud, filled: Create) -> None:
    image = filled(DATA)
    assert (image["status"], image["size"], image["virtual_size"]) == ("active", len(DATA), len(DATA))
    assert image["checksum"] == hashlib.md5(DATA).hexdigest()
    assert (image["os_hash_algo"], image["os_hash_value"]) == ("sha512", hashlib.sha512(DATA).hexdigest())
    assert image["stores"] == "local"
    answer = cloud.request("GET", f"/image/v2/images/{image['id']}/file")
    assert answer.body == DATA
    assert answer.headers["content-md5"] == image["checksum"]
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, len(DATA) - 1), ("bytes=-5", len(DATA) - 5, len(DATA) - 1)],
)
def test_parts(cloud: FakeCloud, filled: Create, asked: str, first: int, last: int) -> None:
    answer = cloud.request("GET", f"/image/v2/images/{filled(DATA)['id']}/file", Range=asked)
    assert answer.status == 206
    assert answer.body == DATA[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(DATA)}"


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Range", "bytes=0-1,3-4", 400),
        ("Range", "lines=1-2", 416),
        ("Range", "bytes=5-1", 416),
        ("Range", f"bytes={len(DATA)}-", 416),
        ("Content_Range", "bytes 0-9/*", 206),
        ("Content_Range", f"bytes 0-{len(DATA)}/*", 416),
        ("Content_Range", "0-9", 416),
    ],
)
def test_parts_that_are_not_there(cloud: FakeCloud, filled: Create, header: str, value: str, status: int) -> None:
    answer = cloud.request("GET", f"/image/v2/images/{filled(DATA)['id']}/file", **{header: value})
    assert answer.status == status


def test_an_image_without_data_has_no_content(cloud: FakeCloud, create: Create) -> None:
    assert cloud.request("GET", f"/image/v2/images/{create()['id']}/file").status == 204


def test_data_needs_formats_and_comes_once(cloud: FakeCloud, create: Create, filled: Create) -> None:
    bare = create()["id"]
    answer = upload(cloud, bare, DATA)
    assert answer.status == 400
    assert b"disk_format, container_format must be set" in answer.body
    assert upload(cloud, filled()["id"], DATA).status == 409
    assert len(files(cloud)) == 1


def test_data_is_bytes_and_says_so(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="raw", container_format="bare")["id"]
    assert upload(cloud, image_id, DATA, Content_Type="application/json").status == 415
    assert upload(cloud, image_id, DATA, X_Image_Meta_Store="nowhere").status == 400
    assert upload(cloud, image_id, DATA, X_OpenStack_Image_Size="many").status == 400
    assert upload(cloud, image_id, DATA, X_OpenStack_Image_Size="5").status == 400
    assert show(cloud, image_id)["status"] == "queued"
    assert files(cloud) == []
    assert upload(cloud, image_id, DATA, X_Image_Meta_Store="local").status == 204


class Interrupted(io.BytesIO):
    """A body whose sender goes away before its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(1000)
        if not piece:
            raise ConnectionError("gone")
        return piece


def test_an_interrupted_upload_leaves_nothing_and_can_be_repeated(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="raw", container_format="bare")["id"]
    context = cloud.cloud.runtime.authenticator.authenticate(cloud.token("admin"), None, _base())
    client = cloud.cloud.runtime.services["image"]
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(DATA))}
    answer = client.request(context, "PUT", f"/v2/images/{image_id}/file", Interrupted(DATA), headers=headers)
    assert answer.status == 400
    image = show(cloud, image_id)
    assert (image["status"], image["size"], image["checksum"]) == ("queued", None, None)
    assert files(cloud) == []
    assert upload(cloud, image_id, DATA).status == 204


def _base() -> Any:
    from pileus.kernel.context import Context

    return Context("req-1")


def _half_way(cloud: FakeCloud, image_id: str, process: str) -> None:
    """An upload that another process is in the middle of."""
    from pileus.image.model import SAVING, moved
    from pileus.image.store import images
    from pileus.image.store import uploads as kept

    with cloud.cloud.database.transaction() as tx:
        image = images.get(tx, image_id)
        images.save(tx, image, moved(image, SAVING))
        kept.begin(tx, image_id)
        tx.execute(uploads.update().values(process=process))
    unfinished = cloud.cloud.state_dir / "image" / "local" / UNFINISHED
    unfinished.mkdir(parents=True)
    (unfinished / f"{image_id}-0").write_bytes(DATA)


def test_an_upload_under_way_is_not_disturbed(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="raw", container_format="bare")["id"]
    _half_way(cloud, image_id, "another-host:1:1")
    assert upload(cloud, image_id, DATA).status == 409
    assert service(cloud).sweeper.end_abandoned_uploads() == 0
    assert show(cloud, image_id)["status"] == "saving"


def test_after_the_death_of_the_uploading_process_the_image_is_queued_again(cloud: FakeCloud, create: Create) -> None:
    import socket

    image_id = create(disk_format="raw", container_format="bare")["id"]
    _half_way(cloud, image_id, f"{socket.gethostname()}:999999:1-dead")
    assert service(cloud).sweeper.end_abandoned_uploads() == 1
    assert show(cloud, image_id)["status"] == "queued"
    assert len(files(cloud)) == 1
    assert service(cloud).sweeper.remove_orphans(untouched=-1) == 1
    assert files(cloud) == []


def test_a_retry_does_not_wait_for_the_sweeper(cloud: FakeCloud, create: Create) -> None:
    import socket

    image_id = create(disk_format="raw", container_format="bare")["id"]
    _half_way(cloud, image_id, f"{socket.gethostname()}:999999:1-dead")
    assert upload(cloud, image_id, DATA).status == 204
    assert show(cloud, image_id)["status"] == "active"


def test_an_image_deleted_during_its_upload_takes_the_data_with_it(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="raw", container_format="bare")["id"]

    class Deleting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(1 << 20)
            if not piece:
                assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 204
            return piece

    context = cloud.cloud.runtime.authenticator.authenticate(cloud.token("admin"), None, _base())
    client = cloud.cloud.runtime.services["image"]
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(DATA))}
    answer = client.request(context, "PUT", f"/v2/images/{image_id}/file", Deleting(DATA), headers=headers)
    assert answer.status == 410
    cloud.drain()
    assert files(cloud) == []


def test_known_data_is_never_taken_for_an_orphan(cloud: FakeCloud, filled: Create) -> None:
    filled(DATA)
    assert service(cloud).sweeper.remove_orphans(untouched=-1) == 0
    (cloud.cloud.state_dir / "image" / "local" / "left-behind").write_bytes(b"x")
    assert service(cloud).sweeper.remove_orphans(untouched=-1) == 1
    assert len(files(cloud)) == 1


def qcow2(*, backing: int = 0, incompatible: int = 0, size: int = 1 << 30) -> bytes:
    """A qcow2 header as the format has it, and room behind it."""
    header = struct.pack(">4sIQIIQIIQQIIQQQQII", b"QFI\xfb", 3, backing, 0, 16, size, 0, 1, 3 << 16, 1 << 16,
                         1, 0, 0, incompatible, 0, 0, 4, 104)  # fmt: skip
    return header.ljust(256 << 10, b"\0")


VMDK = b"""# Disk DescriptorFile
version=1
CID=123a608e
parentCID=ffffffff
createType="%s"
RW 16 FLAT "%s" 0
ddb.virtualHWVersion = "4"
"""


@pytest.mark.parametrize(
    ("claimed", "data", "status"),
    [
        ("qcow2", qcow2(), 204),
        ("qcow2", DATA, 415),
        ("raw", DATA, 204),
        ("raw", qcow2(), 204),
        ("vmdk", qcow2(), 415),
        ("ami", qcow2(), 415),
        ("ami", DATA, 204),
        ("qcow2", qcow2(backing=512), 415),
        ("raw", qcow2(backing=512), 415),
        ("qcow2", qcow2(incompatible=4), 415),
    ],
)
def test_data_is_what_it_claims_to_be_and_refers_to_nothing_else(
    cloud: FakeCloud, create: Create, claimed: str, data: bytes, status: int
) -> None:
    image_id = create(disk_format=claimed, container_format="bare")["id"]
    assert upload(cloud, image_id, data).status == status
    image = show(cloud, image_id)
    assert image["status"] == ("active" if status == 204 else "queued")
    assert len(files(cloud)) == (1 if status == 204 else 0)
    if claimed == "qcow2" and status == 204:
        assert image["virtual_size"] == 1 << 30


def test_a_vmdk_with_extents_elsewhere_is_refused(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="vmdk", container_format="bare")["id"]
    header = struct.pack("<4sIIQQQQ", b"KDMV", 1, 3, 2048, 128, 1, 20).ljust(512, b"\0")
    descriptor = VMDK % (b"monolithicFlat", b"/etc/passwd")
    assert upload(cloud, image_id, (header + descriptor).ljust(1 << 20, b"\0")).status == 415


def test_data_in_a_container_is_not_looked_into(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="qcow2", container_format="ova")["id"]
    assert upload(cloud, image_id, DATA).status == 204


def test_too_large_an_image_is_refused(tmp_path: Any) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__size_cap="1000")
    image = cloud.request("POST", "/image/v2/images", {"disk_format": "raw", "container_format": "bare"}).json
    assert upload(cloud, image["id"], b"x" * 1001).status == 413
    assert upload(cloud, image["id"], b"x" * 1000).status == 204
    cloud.close()


def test_a_store_can_be_chosen(tmp_path: Any) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__stores="fast=file:,slow=file:")
    image = cloud.request("POST", "/image/v2/images", {"disk_format": "raw", "container_format": "bare"}).json
    assert upload(cloud, image["id"], DATA, X_Image_Meta_Store="slow").status == 204
    assert show(cloud, image["id"])["stores"] == "slow"
    assert cloud.request("GET", f"/image/v2/images/{image['id']}/file?prefer=fast,slow").body == DATA
    assert cloud.request("GET", f"/image/v2/images/{image['id']}/file?prefer=none").status == 400
    assert [store["id"] for store in cloud.request("GET", "/image/v2/info/stores").json["stores"]] == ["fast", "slow"]
    cloud.close()


def test_data_can_be_staged(cloud: FakeCloud, create: Create) -> None:
    image_id = create(disk_format="raw", container_format="bare")["id"]
    path = f"/image/v2/images/{image_id}/stage"
    assert cloud.request("PUT", path, DATA, **OCTETS).status == 204
    image = show(cloud, image_id)
    assert (image["status"], image["size"]) == ("uploading", len(DATA))
    assert cloud.request("PUT", path, DATA, **OCTETS).status == 409
    assert service(cloud).sweeper.remove_orphans(untouched=-1) == 0
    cloud.request("DELETE", f"/image/v2/images/{image_id}")
    cloud.drain()
    assert files(cloud) == []
