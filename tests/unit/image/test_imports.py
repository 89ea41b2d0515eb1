"""Imports: from staging, from the web, from store to store; and what is left when they fail."""

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.image.config import Settings
from pileus.image.download import is_public, passes
from pileus.image.stores.base import Full
from pileus.kernel.operations.tables import operations
from tests.harness import FakeCloud
from tests.unit.image.conftest import OCTETS, patch, show
from tests.unit.image.test_data import DATA, qcow2

Create = Callable[..., Any]
DIRECT = {"name": "glance-direct"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(
        tmp_path,
        pileus_image__stores="fast=file:,slow=file:,web=http:",
        pileus_image__download_private="true",
        pileus_image__download_ports="",
    )
    yield cloud
    cloud.close()


class Site(http.server.BaseHTTPRequestHandler):
    """A web site: /data is data, /away leads to it, /loop to itself."""

    def do_GET(self) -> None:
        if self.path in ("/away", "/loop"):
            self.send_response(302)
            self.send_header("Location", "/data" if self.path == "/away" else "/loop")
            self.end_headers()
            return
        body = DATA if self.path == "/data" else b"none"
        self.send_response(200 if self.path == "/data" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def queued(cloud: FakeCloud, **body: Any) -> str:
    answer = cloud.request("POST", "/image/v2/images", {"disk_format": "raw", "container_format": "bare", **body})
    image_id: str = answer.json["id"]
    return image_id


def staged(cloud: FakeCloud, data: bytes = DATA, **body: Any) -> str:
    image_id = queued(cloud, **body)
    assert cloud.request("PUT", f"/image/v2/images/{image_id}/stage", data, **OCTETS).status == 204
    return image_id


def ask(cloud: FakeCloud, image_id: str, method: Any, user: str = "admin", **more: Any) -> int:
    body = {"method": method, **more}
    return cloud.request("POST", f"/image/v2/images/{image_id}/import", body, user=user).status


def task_of(cloud: FakeCloud, image_id: str) -> Any:
    return cloud.request("GET", f"/image/v2/images/{image_id}/tasks").json["tasks"][-1]


def files(cloud: FakeCloud) -> list[str]:
    directory = cloud.cloud.state_dir / "image"
    return sorted(path.parent.name for path in directory.rglob("*") if path.is_file())


def test_staged_data_is_imported(cloud: FakeCloud) -> None:
    image_id = staged(cloud)
    assert ask(cloud, image_id, DIRECT) == 202
    importing = show(cloud, image_id)
    assert (importing["status"], importing["os_glance_importing_to_stores"]) == ("importing", "fast")
    assert ask(cloud, image_id, DIRECT) == 409
    cloud.drain()
    image = show(cloud, image_id)
    assert (image["status"], image["size"], image["stores"]) == ("active", len(DATA), "fast")
    assert (image["os_glance_importing_to_stores"], image["os_glance_failed_import"]) == ("", "")
    assert "os_glance_import_task" not in image
    assert cloud.request("GET", f"/image/v2/images/{image_id}/file").body == DATA
    assert files(cloud) == ["fast"]
    task = task_of(cloud, image_id)
    assert (task["status"], task["result"]) == ("success", {"image_id": image_id})
    assert task["input"]["import_req"]["method"] == DIRECT
    assert cloud.request("GET", f"/image/v2/tasks/{task['id']}").json["type"] == "api_image_import"


def test_data_goes_into_several_stores_and_out_of_one_again(cloud: FakeCloud) -> None:
    image_id = staged(cloud)
    assert ask(cloud, image_id, DIRECT, all_stores=True) == 202
    cloud.drain()
    assert show(cloud, image_id)["stores"] == "fast,slow"
    assert files(cloud) == ["fast", "slow"]
    assert cloud.request("DELETE", f"/image/v2/stores/web/{image_id}").status == 404
    assert cloud.request("DELETE", f"/image/v2/stores/none/{image_id}").status == 409
    assert cloud.request("DELETE", f"/image/v2/stores/fast/{image_id}").status == 204
    cloud.drain()
    assert (show(cloud, image_id)["stores"], files(cloud)) == ("slow", ["slow"])
    assert cloud.request("DELETE", f"/image/v2/stores/slow/{image_id}").status == 403


def test_an_image_is_copied_into_more_stores(cloud: FakeCloud, filled: Create) -> None:
    image_id = filled(DATA, visibility="public")["id"]
    assert ask(cloud, image_id, {"name": "copy-image"}, stores=["fast"]) == 400
    assert ask(cloud, image_id, {"name": "copy-image"}, user="demo", stores=["slow"]) == 403
    assert ask(cloud, image_id, {"name": "copy-image"}, all_stores=True) == 202
    assert show(cloud, image_id)["status"] == "active"
    cloud.drain()
    assert show(cloud, image_id)["stores"] == "fast,slow"
    assert task_of(cloud, image_id)["status"] == "success"


def test_copying_to_where_the_data_is_already_ends_at_once(cloud: FakeCloud, filled: Create) -> None:
    image_id = filled(DATA)["id"]
    for _ in range(2):
        assert ask(cloud, image_id, {"name": "copy-image"}, all_stores=True) == 202
        cloud.drain()
    image = show(cloud, image_id)
    assert (image["os_glance_importing_to_stores"], image["os_glance_failed_import"]) == ("", "")


@pytest.mark.parametrize("path", ["/data", "/away"])
def test_data_is_fetched_from_the_web(cloud: FakeCloud, site: str, path: str) -> None:
    image_id = queued(cloud)
    assert ask(cloud, image_id, {"name": "web-download", "uri": site + path}) == 202
    cloud.drain()
    image = show(cloud, image_id)
    assert (image["status"], image["size"]) == ("active", len(DATA))
    assert files(cloud) == ["fast"]


@pytest.mark.parametrize("path", ["/nothing", "/loop"])
def test_what_is_not_on_the_web_leaves_the_image_queued(cloud: FakeCloud, site: str, path: str) -> None:
    image_id = queued(cloud)
    assert ask(cloud, image_id, {"name": "web-download", "uri": site + path}) == 202
    cloud.drain()
    image = show(cloud, image_id)
    assert (image["status"], image["size"], image["os_glance_failed_import"]) == ("queued", None, "fast")
    assert task_of(cloud, image_id)["status"] == "failure"
    assert files(cloud) == []
    assert ask(cloud, image_id, {"name": "web-download", "uri": site + "/data"}) == 202


def test_data_of_the_wrong_format_is_refused_on_import(cloud: FakeCloud) -> None:
    image_id = staged(cloud, disk_format="qcow2")
    assert ask(cloud, image_id, DIRECT) == 202
    cloud.drain()
    assert show(cloud, image_id)["status"] == "queued"
    assert "does not match" in task_of(cloud, image_id)["message"]
    assert files(cloud) == []


class Broken:
    """A store that is full."""

    def write(self, piece: bytes) -> None:
        raise Full("no room")

    def abandon(self) -> None:
        pass


@pytest.mark.parametrize("all_must", [True, False])
def test_a_store_that_fails(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, all_must: bool) -> None:
    image: Any = cloud.cloud.services["image"]
    monkeypatch.setattr(image.stores["slow"], "create", lambda image_id, size: Broken())
    image_id = staged(cloud)
    assert ask(cloud, image_id, DIRECT, stores=["fast", "slow"], all_stores_must_succeed=all_must) == 202
    cloud.drain()
    shown = show(cloud, image_id)
    assert shown["os_glance_importing_to_stores"] == ""
    if all_must:
        assert (shown["status"], files(cloud)) == ("queued", [])
        assert "stores" not in shown
    else:
        assert (shown["status"], shown["stores"], shown["os_glance_failed_import"]) == ("active", "fast", "slow")


def test_an_import_goes_on_where_a_dead_engine_stopped(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    image: Any = cloud.cloud.services["image"]
    image_id = staged(cloud)
    ask(cloud, image_id, DIRECT, all_stores=True)
    real = image.stores["slow"].create

    def dies(image_id: str, size: int | None) -> Any:
        monkeypatch.setattr(image.stores["slow"], "create", real)
        raise RuntimeError("killed")

    monkeypatch.setattr(image.stores["slow"], "create", dies)
    cloud.drain()
    assert show(cloud, image_id)["stores"] == "fast,slow"
    assert files(cloud) == ["fast", "slow"]


def test_deleting_an_image_ends_its_import(cloud: FakeCloud) -> None:
    image_id = staged(cloud)
    ask(cloud, image_id, DIRECT)
    task = task_of(cloud, image_id)
    assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 204
    cloud.drain()
    assert files(cloud) == []
    assert cloud.request("GET", f"/image/v2/tasks/{task['id']}").json["status"] == "failure"
    with cloud.cloud.database.read() as tx:
        assert {row.state for row in tx.execute(operations.select())} == {"cancelled", "done"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"method": {}}, 400),
        ({"method": {"name": "telepathy"}}, 400),
        ({"method": DIRECT, "all_stores": "yes"}, 400),
        ({"method": DIRECT, "all_stores": True, "stores": ["fast"]}, 400),
        ({"method": DIRECT, "stores": []}, 400),
        ({"method": DIRECT, "stores": ["none"]}, 409),
        ({"method": DIRECT, "stores": ["web"]}, 409),
        ({"method": DIRECT}, 409),
        ({"method": {"name": "copy-image"}}, 409),
        ({"method": {"name": "web-download"}}, 400),
        ({"method": {"name": "web-download", "uri": "ftp://example.org/x"}}, 400),
    ],
)
def test_imports_that_cannot_be(cloud: FakeCloud, body: Any, status: int) -> None:
    image_id = queued(cloud)
    assert cloud.request("POST", f"/image/v2/images/{image_id}/import", body).status == status


def test_an_import_needs_formats(cloud: FakeCloud, create: Create) -> None:
    assert ask(cloud, create()["id"], {"name": "web-download", "uri": "http://example.org/x"}) == 409


def test_downloads_stay_out_of_the_operators_network() -> None:
    settings = Settings()
    for url in ("http://example.org/x", "https://example.org:443/x", "http://8.8.8.8/x"):
        assert passes(settings, url), url
    for url in (
        "http://127.0.0.1/x",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://example.org:8080/",
        "file:///etc/passwd",
        "http://",
        "http://[bad/",
        None,
    ):
        assert not passes(settings, url), url


@pytest.mark.parametrize("address", ["0.0.0.0", "100.64.0.1", "224.0.0.1", "fe80::1", "fc00::1", "2002:a00:1::"])
def test_addresses_that_are_not_public(address: str) -> None:
    import ipaddress

    assert not is_public(ipaddress.ip_address(address))


def test_a_name_that_resolves_to_a_private_address_is_not_gone_to(tmp_path: Path, site: str) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__download_ports="")
    image_id = queued(cloud)
    uri = site.replace("127.0.0.1", "localhost") + "/data"
    assert ask(cloud, image_id, {"name": "web-download", "uri": uri}) == 202
    cloud.drain()
    assert show(cloud, image_id)["status"] == "queued"
    assert "not on the Internet" in task_of(cloud, image_id)["message"]
    cloud.close()


def test_locations_on_the_web(cloud: FakeCloud, site: str) -> None:
    import hashlib

    digest = hashlib.sha256(DATA).hexdigest()
    good = {"os_hash_algo": "sha256", "os_hash_value": digest}
    image_id = queued(cloud)
    path = f"/image/v2/images/{image_id}/locations"
    for data in ({"os_hash_value": digest}, {"os_hash_algo": "sha512", "os_hash_value": digest}, {"x": "y"}):
        body = {"url": f"{site}/data", "validation_data": data}
        assert cloud.request("POST", path, body).status == 400
    assert cloud.request("POST", path, {"url": "file:///etc/passwd"}).status == 403
    assert cloud.request("POST", path, {"url": f"{site}/data", "validation_data": good}).status == 202
    cloud.drain()
    image = show(cloud, image_id)
    assert (image["status"], image["os_hash_algo"], image["os_hash_value"]) == ("active", "sha256", digest)
    assert image["stores"] == "web"
    assert cloud.request("GET", f"/image/v2/images/{image_id}/file", Range="bytes=5-9").body == DATA[5:10]
    located = cloud.request("GET", path).json
    assert located == [{"url": f"{site}/data", "metadata": {"store": "web"}}]
    assert cloud.request("GET", path, user="demo").status == 404
    bad = queued(cloud)
    body = {"url": f"{site}/data", "validation_data": {"os_hash_algo": "sha256", "os_hash_value": "00" * 32}}
    assert cloud.request("POST", f"/image/v2/images/{bad}/locations", body).status == 202
    cloud.drain()
    assert (show(cloud, bad)["status"], task_of(cloud, bad)["status"]) == ("queued", "failure")
    assert show(cloud, bad)["stores"] == "web"
    assert cloud.request("GET", f"/image/v2/images/{bad}/file").status == 204
    assert ask(cloud, bad, {"name": "web-download", "uri": f"{site}/data"}) == 202
    cloud.drain()
    assert (show(cloud, bad)["status"], show(cloud, bad)["stores"]) == ("active", "fast")


def test_the_older_tasks_api(cloud: FakeCloud, site: str) -> None:
    asked = {"import_from": f"{site}/data", "import_from_format": "raw", "image_properties": {"name": "old way"}}
    body = {"type": "import", "input": asked}
    assert cloud.request("POST", "/image/v2/tasks", body, user="demo").status == 403
    assert cloud.request("POST", "/image/v2/tasks", {"type": "import"}).status == 400
    answer = cloud.request("POST", "/image/v2/tasks", body)
    assert answer.status == 201
    task = answer.json
    assert (task["status"], task["input"]) == ("pending", asked)
    assert answer.headers["location"] == f"/v2/tasks/{task['id']}"
    cloud.drain()
    done = cloud.request("GET", f"/image/v2/tasks/{task['id']}").json
    assert done["status"] == "success"
    image = show(cloud, done["result"]["image_id"])
    assert (image["name"], image["status"], image["size"]) == ("old way", "active", len(DATA))
    listed = cloud.request("GET", "/image/v2/tasks?status=success&limit=1").json
    assert [task["id"] for task in listed["tasks"]] == [done["id"]]
    assert "input" not in listed["tasks"][0]
    assert cloud.request("DELETE", f"/image/v2/tasks/{task['id']}").status == 405


def test_imports_can_be_converted(tmp_path: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("qemu-img") is None:
        pytest.skip("needs qemu-img")
    cloud = FakeCloud(tmp_path, pileus_image__conversion="raw")
    source = tmp_path / "source.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(source), "4M"], check=True)
    image_id = staged(cloud, source.read_bytes(), disk_format="qcow2")
    bad = staged(cloud, qcow2(backing=512), disk_format="qcow2")
    for image in (image_id, bad):
        assert ask(cloud, image, DIRECT) == 202
    cloud.drain()
    image = show(cloud, image_id)
    assert (image["status"], image["disk_format"], image["size"]) == ("active", "raw", 4 << 20)
    assert show(cloud, bad)["status"] == "queued"
    assert files(cloud) == ["local"]
    cloud.close()


def test_locations_are_patched_where_they_are_visible(tmp_path: Path, site: str) -> None:
    cloud = FakeCloud(tmp_path, pileus_image__stores="local=file:,web=http:", pileus_image__show_locations="true")
    image_id = queued(cloud)

    def change(op: str, path: str, value: Any = None) -> Any:
        return patch(cloud, image_id, {"op": op, "path": path, "value": value})

    first, second = ({"url": f"{site}/data{end}", "metadata": {}} for end in ("", "#2"))
    image = change("add", "/locations/-", first).json
    assert (image["status"], image["size"]) == ("active", len(DATA))
    assert change("add", "/locations/-", first).status == 400
    assert change("add", "/locations/-", {"url": "swift://x", "metadata": {}}).status == 400
    assert change("add", "/locations/0", second).status == 200
    assert [place["url"] for place in show(cloud, image_id)["locations"]] == [second["url"], first["url"]]
    marked = [{**second, "metadata": {"rack": "1"}}, first]
    assert change("replace", "/locations", marked).json["locations"][0]["metadata"] == {"rack": "1", "store": "web"}
    assert change("replace", "/locations", [first]).status == 400
    assert change("remove", "/locations/5").status == 400
    assert change("remove", "/locations/0").status == 200
    assert change("remove", "/locations/0").status == 403
    cloud.close()
