"""A walk with the stock client over the commands of images."""

import http.server
import json
import threading
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.client_session import ClientSession
from tests.running import RunningCloud, wait_for

pytestmark = pytest.mark.functional
DATA = bytes(range(256)) * 400
NAMESPACE = "WALK::Things"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """With two stores, and downloads from this machine."""
    cloud = RunningCloud(tmp_path_factory.mktemp("image-cloud"), fake=True)
    cloud.environ |= {
        "PILEUS_IMAGE__STORES": "fast=file:,slow=file:",
        "PILEUS_IMAGE__DOWNLOAD_PRIVATE": "true",
        "PILEUS_IMAGE__DOWNLOAD_PORTS": "",
    }
    cloud.up()
    yield cloud
    cloud.down()


@pytest.fixture(scope="module")
def client(cloud: RunningCloud) -> Iterator[ClientSession]:
    with ClientSession(cloud.environ, "pileus-admin") as session:
        yield session


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    return str(path)


@pytest.fixture
def image(client: ClientSession) -> Iterator[Any]:
    """Makes images that are gone after the test."""
    gone: list[str] = []

    def create(name: str, *arguments: str) -> dict[str, Any]:
        made = client.show("image", "create", name, *arguments)
        gone.append(made["id"])
        return made

    yield create
    for image_id in gone:
        client.run("image", "delete", image_id)


@pytest.fixture
def namespace(client: ClientSession) -> Iterator[str]:
    client.run("image", "metadef", "namespace", "create", NAMESPACE, "--public", "--display-name", "Things")
    yield NAMESPACE
    client.run("image", "metadef", "namespace", "set", NAMESPACE, "--unprotected")
    client.run("image", "metadef", "namespace", "delete", NAMESPACE)


def names(client: ClientSession, *arguments: str) -> list[str]:
    return [row["Name"] for row in client.rows("image", "list", *arguments)]


def request(client: ClientSession, cloud: RunningCloud, path: str, body: object = None) -> Any:
    """What the API answers itself: to POST where there is a body."""
    asked = urllib.request.Request(
        f"{cloud.url}/image/v2/{path}",
        None if body is None else json.dumps(body).encode(),
        {"X-Auth-Token": client.show("token", "issue")["id"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        return json.loads(answer.read())


def settled(client: ClientSession, image_id: str, stores: str) -> dict[str, Any]:
    """The image once its data is in these stores and no task has it."""

    def look() -> dict[str, Any] | None:
        shown = client.show("image", "show", image_id)
        properties = shown["properties"]
        done = properties.get("stores") == stores and "os_glance_import_task" not in properties
        return shown if done and shown["status"] == "active" else None

    found: dict[str, Any] = wait_for(look, 30, f"the image is in {stores}")
    return found


def test_data_goes_in_and_comes_out(client: ClientSession, image: Any, file: str, tmp_path: Path) -> None:
    made = image("walk", "--file", file, "--disk-format", "raw", "--container-format", "bare", "--tag", "red")
    shown = client.show("image", "show", made["id"])
    assert (shown["status"], shown["size"], shown["tags"]) == ("active", len(DATA), ["red"])
    saved = tmp_path / "saved"
    client.run("image", "save", "--file", str(saved), made["id"])
    assert saved.read_bytes() == DATA
    client.run("image", "save", "--chunk-size", "1024", "--file", str(saved), "walk")
    assert saved.read_bytes() == DATA


def test_everything_that_can_be_set_is_set_and_unset(client: ClientSession, image: Any, file: str) -> None:
    made = image("plain", "--file", file, "--property", "colour=blue", "--min-disk", "2", "--private")
    changes = "--name fancy --min-ram 64 --protected --tag a --tag b --property hw_disk_bus=scsi --architecture x86_64"
    client.run("image", "set", *changes.split(), "--os-distro", "debian", "--os-version", "12", "--hidden", made["id"])
    shown = client.show("image", "show", made["id"])
    assert (shown["name"], shown["min_ram"], shown["min_disk"], shown["protected"]) == ("fancy", 64, 2, True)
    assert sorted(shown["tags"]) == ["a", "b"]
    properties = shown["properties"]
    assert (properties["colour"], properties["architecture"], properties["os_hidden"]) == ("blue", "x86_64", True)
    assert "protected" in client.run("image", "delete", made["id"], check=False)
    client.run("image", "unset", "--tag", "a", "--property", "colour", made["id"])
    client.run("image", "set", "--unprotected", "--unhidden", "--public", "--project", "demo", made["id"])
    shown = client.show("image", "show", made["id"])
    assert (shown["tags"], shown["visibility"]) == (["b"], "public")
    assert "colour" not in shown["properties"]
    assert shown["owner"] == client.show("project", "show", "demo")["id"]


def test_a_deactivated_image_gives_no_data(client: ClientSession, image: Any, file: str, cloud: RunningCloud) -> None:
    made = image("resting", "--file", file, "--public")
    client.run("image", "set", "--deactivate", made["id"])
    assert client.show("image", "show", made["id"])["status"] == "deactivated"
    with ClientSession(cloud.environ, "pileus") as demo:
        refused = demo.run("image", "save", "--file", "/dev/null", made["id"], check=False)
        assert "Unable to download image" in refused  # The client takes the 403's text for data, and its hash is wrong.
    client.run("image", "set", "--activate", made["id"])
    assert client.show("image", "show", made["id"])["status"] == "active"


def test_lists_are_filtered_and_sorted(client: ClientSession, image: Any, file: str) -> None:
    image("list-b", "--file", file, "--public", "--tag", "listed", "--property", "colour=red")
    image("list-a", "--private", "--tag", "listed")
    image("list-c", "--community", "--tag", "listed")
    hidden = image("list-d", "--private", "--tag", "listed")
    client.run("image", "set", "--hidden", hidden["id"])
    mine = ("--tag", "listed")
    assert names(client, *mine) == ["list-a", "list-b", "list-c"]
    assert names(client, *mine, "--sort", "name:desc") == ["list-c", "list-b", "list-a"]
    assert names(client, *mine, "--public") == ["list-b"]
    assert names(client, *mine, "--private") == ["list-a"]
    assert names(client, *mine, "--community") == ["list-c"]
    assert names(client, *mine, "--hidden") == ["list-d"]
    assert names(client, *mine, "--status", "queued", "--private") == ["list-a"]
    assert names(client, "--name", "list-b") == ["list-b"]
    assert names(client, *mine, "--property", "colour=red") == ["list-b"]
    assert names(client, *mine, "--limit", "1") == ["list-c"]  # The newest: only the client sorts by name.
    assert names(client, *mine, "--max-items", "1") == ["list-c"]
    [row] = client.rows("image", "list", "--name", "list-b", "--long")
    assert (row["Disk Format"], row["Size"], row["Visibility"], row["Tags"]) == ("raw", len(DATA), "public", ["listed"])


def test_an_image_is_shared(client: ClientSession, image: Any, cloud: RunningCloud) -> None:
    made, project = image("lent", "--shared"), client.show("project", "show", "demo")["id"]
    assert client.show("image", "add", "project", made["id"], "demo")["status"] == "pending"
    with ClientSession(cloud.environ, "pileus") as demo:
        assert names(demo, "--shared", "--member-status", "pending") == ["lent"]
        for verb, status in (("--accept", "accepted"), ("--reject", "rejected"), ("--pending", "pending")):
            demo.run("image", "set", verb, made["id"])
            assert client.show("image", "member", "get", made["id"], project)["status"] == status
        demo.run("image", "set", "--accept", made["id"])
        assert "lent" in names(demo)
    [row] = client.rows("image", "member", "list", made["id"])
    assert (row["Member ID"], row["Status"]) == (project, "accepted")
    client.run("image", "remove", "project", made["id"], "demo")
    assert client.rows("image", "member", "list", made["id"]) == []


def test_staged_data_is_imported_and_copied(client: ClientSession, image: Any, file: str) -> None:
    assert "copy-image" in client.show("image", "import", "info")["import-methods"]
    made = image("staged", "--disk-format", "raw", "--container-format", "bare")
    client.run("image", "stage", "--file", file, made["id"])
    assert client.show("image", "show", made["id"])["status"] == "uploading"
    client.run("image", "import", "--method", "glance-direct", "--store", "slow", "--wait", made["id"])
    assert settled(client, made["id"], "slow")["size"] == len(DATA)
    client.run("image", "import", "--method", "copy-image", "--all-stores", "--allow-failure", made["id"])
    settled(client, made["id"], "slow,fast")
    client.run("image", "delete", "--store", "slow", made["id"])
    settled(client, made["id"], "fast")


def test_create_can_import(client: ClientSession, image: Any, file: str) -> None:
    made = image("created by import", "--import", "--file", file)
    assert settled(client, made["id"], "fast")["size"] == len(DATA)


def test_data_comes_from_the_web(client: ClientSession, image: Any, file: str) -> None:
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(Path(file).parent))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        made = image("from afar", "--disk-format", "raw", "--container-format", "bare")
        url = f"http://127.0.0.1:{server.server_address[1]}/data"
        client.run("image", "import", "--method", "web-download", "--uri", url, made["id"])
        assert settled(client, made["id"], "fast")["size"] == len(DATA)
    finally:
        server.shutdown()
        server.server_close()
    task = next(row for row in client.rows("image", "task", "list") if row["Type"] == "api_image_import")
    assert client.show("image", "task", "show", task["ID"])["status"] == "success"
    assert client.rows("image", "task", "list", "--status", "success")
    assert client.rows("image", "task", "list", "--type", "import") == []


def test_the_stores_are_told(client: ClientSession) -> None:
    rows = client.rows("image", "stores", "list")
    assert [(row["ID"], str(row["Default"]).lower()) for row in rows] == [("fast", "true"), ("slow", "none")]
    detailed = client.rows("image", "stores", "list", "--detail")
    assert all(row["Properties"]["data_dir"].endswith(row["ID"]) for row in detailed)


def test_the_cache(client: ClientSession, image: Any, file: str) -> None:
    made, other = image("cached", "--file", file), image("cached too", "--file", file)
    client.run("cached", "image", "queue", made["id"], other["id"])

    def cached() -> set[str]:
        rows = client.rows("cached", "image", "list")
        return {row["ID"] for row in rows if row["State"] == "cached"}

    wait_for(lambda: cached() == {made["id"], other["id"]}, 30, "the images are cached")
    client.run("cached", "image", "delete", made["id"])
    assert cached() == {other["id"]}
    client.run("cached", "image", "clear", "--queue")
    assert cached() == {other["id"]}
    client.run("cached", "image", "clear")
    assert cached() == set()


def test_namespaces(client: ClientSession, cloud: RunningCloud, namespace: str) -> None:
    group = ("image", "metadef", "namespace")
    client.run(
        *group,
        "set",
        namespace,
        "--description",
        "a walk",
        "--protected",
        "--tag",
        "one",
        "--tag",
        "two",
        "--display-name",
        "All things",
    )
    shown = client.show(*group, "show", namespace)
    assert (shown["description"], shown["protected"], shown["display_name"]) == ("a walk", True, "All things")
    assert sorted(tag["name"] for tag in shown["tags"]) == ["one", "two"]
    assert "protected" in client.run(*group, "delete", namespace, check=False)
    client.run(*group, "set", namespace, "--unprotected", "--private")
    client.run(*group, "unset", namespace, "--tag", "one")
    assert client.show(*group, "show", namespace)["tags"] == [{"name": "two"}]
    client.run(*group, "unset", namespace, "--all-tags")
    # The SDK keeps the tags it set in a default value that all namespaces of its process share.
    assert "tags" not in request(client, cloud, f"metadefs/namespaces/{namespace}")
    assert namespace in {row["namespace"] for row in client.rows(*group, "list", "--visibility", "private")}


def test_objects(client: ClientSession, namespace: str) -> None:
    group = ("image", "metadef", "object")
    assert client.show(*group, "create", "--namespace", namespace, "wheel")["name"] == "wheel"
    client.run(*group, "create", "--namespace", namespace, "axle")
    assert {row["name"] for row in client.rows(*group, "list", namespace)} == {"wheel", "axle"}
    client.run(*group, "update", namespace, "wheel", "--name", "disc")
    assert client.show(*group, "show", namespace, "disc")["name"] == "disc"
    client.run(*group, "delete", namespace, "disc")
    assert [row["name"] for row in client.rows(*group, "list", namespace)] == ["axle"]
    client.run(*group, "delete", namespace)
    assert client.rows(*group, "list", namespace) == []


def test_a_property_of_an_object(client: ClientSession, cloud: RunningCloud, namespace: str) -> None:
    wheel = {"name": "wheel", "properties": {"spokes": {"title": "Spokes", "type": "integer", "minimum": 3}}}
    request(client, cloud, f"metadefs/namespaces/{namespace}/objects", wheel)  # The client makes none with properties.
    shown = client.show("image", "metadef", "object", "property", "show", namespace, "wheel", "spokes")
    assert (shown["title"], shown["type"], shown["minimum"]) == ("Spokes", "integer", 3)


def test_properties(client: ClientSession, namespace: str) -> None:
    group = ("image", "metadef", "property")
    schema = json.dumps({"enum": ["round", "square"], "default": "round"})
    made = client.show(
        *group, "create", namespace, "--name=shape", "--title=Shape", "--type=string", "--schema", schema
    )
    assert (made["name"], made["type"]) == ("shape", "string")
    client.run(*group, "set", namespace, "shape", "--title", "The shape")
    shown = client.show(*group, "show", namespace, "shape")
    assert (shown["title"], shown["enum"]) == ("The shape", ["round", "square"])
    assert [row["name"] for row in client.rows(*group, "list", namespace)] == ["shape"]
    client.run(*group, "delete", namespace, "shape")
    client.run(
        *group, "create", namespace, *["--name", "size", "--title", "Size", "--type", "integer", "--schema", "{}"]
    )
    client.run(*group, "delete", namespace)
    assert client.rows(*group, "list", namespace) == []


def test_resource_types(client: ClientSession, namespace: str) -> None:
    group = ("image", "metadef", "resource", "type")
    assert client.rows(*group, "list")
    made = client.show(*group, "association", "create", namespace, "OS::Glance::Image", "--properties-target", "image")
    assert made["name"] == "OS::Glance::Image"
    [row] = client.rows(*group, "association", "list", namespace)
    assert row["Name"] == "OS::Glance::Image"
    typed = client.rows("image", "metadef", "namespace", "list", "--resource-types", "OS::Glance::Image")
    assert namespace in {row["namespace"] for row in typed}
    client.run(*group, "association", "delete", namespace, "OS::Glance::Image")
    assert client.rows(*group, "association", "list", namespace) == []


def test_what_is_not_there_is_said_plainly(client: ClientSession) -> None:
    assert "No Image found for nowhere" in client.run("image", "show", "nowhere", check=False)
