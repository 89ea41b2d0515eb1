"""Images: what can be created, listed, shown, changed and deleted, and by whom."""

from collections.abc import Callable
from typing import Any

import pytest

from pileus.kernel import ids
from tests.harness import FakeCloud
from tests.unit.image.conftest import patch, show, upload

Create = Callable[..., Any]


def names(cloud: FakeCloud, query: str = "", **options: Any) -> list[str]:
    return [image["name"] for image in cloud.request("GET", f"/image/v2/images{query}", **options).json["images"]]


def test_discovery_offers_the_versions_without_a_token(cloud: FakeCloud) -> None:
    for path, status in (("/image", 300), ("/image/", 300), ("/image/v1", 300), ("/image/versions", 200)):
        answer = cloud.request("GET", path, user="")
        assert answer.status == status
        assert answer.json["versions"][0] == {
            "id": "v2.18",
            "status": "CURRENT",
            "links": [{"rel": "self", "href": "http://cloud.test:8780/image/v2/"}],
        }
        assert answer.json["versions"][-1]["id"] == "v2.0"
    assert cloud.request("GET", "/image/v2", user="").status == 404
    assert cloud.request("GET", "/image/v2/images", user="").status == 401


def test_a_new_image_is_queued_and_shows_all_it_has(cloud: FakeCloud, create: Create) -> None:
    image = create(name="x", tags=["b", "a", "b"], min_disk=2, hw_disk_bus="scsi", kernel_id=None)
    assert image["status"] == "queued"
    assert image["visibility"] == "shared"
    assert image["owner"] == cloud.ids.admin_project_id
    assert sorted(image["tags"]) == ["a", "b"]
    assert (image["min_disk"], image["min_ram"], image["hw_disk_bus"], image["kernel_id"]) == (2, 0, "scsi", "")
    assert (image["size"], image["checksum"], image["protected"], image["os_hidden"]) == (None, None, False, False)
    assert image["self"] == f"/v2/images/{image['id']}"
    assert image["file"] == f"/v2/images/{image['id']}/file"
    assert image["schema"] == "/v2/schemas/image"
    assert show(cloud, image["id"]) == image


def test_creating_tells_where_the_image_is_and_how_to_fill_it(cloud: FakeCloud) -> None:
    answer = cloud.request("POST", "/image/v2/images", {})
    assert answer.headers["location"] == f"/v2/images/{answer.json['id']}"
    assert answer.headers["openstack-image-import-methods"] == "glance-direct,web-download,copy-image"
    assert answer.headers["openstack-image-store-ids"] == "local"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": 5}, 400),
        ({"name": "n" * 256}, 400),
        ({"visibility": "secret"}, 400),
        ({"disk_format": "floppy"}, 400),
        ({"min_ram": True}, 400),
        ({"min_ram": -1}, 400),
        ({"tags": "a"}, 400),
        ({"tags": ["t" * 256]}, 400),
        ({"id": "not-a-uuid"}, 400),
        ({"colour": 5}, 400),
        ({"k" * 256: "v"}, 400),
        ({"status": "active"}, 403),
        ({"size": 5}, 403),
        ({"file": "x"}, 403),
        ({"deleted": "true"}, 403),
        ({"locations": []}, 403),
        ({"os_glance_import_task": "x"}, 403),
        ({"tags": [str(number) for number in range(129)]}, 413),
        ({f"p{number}": "" for number in range(129)}, 413),
        ([], 400),
        (b"{", 400),
        (b'"x"', 400),
        (b"", 400),
    ],
)
def test_what_is_no_image_is_refused(cloud: FakeCloud, body: Any, status: int) -> None:
    assert cloud.request("POST", "/image/v2/images", body, user="demo").status == status


def test_an_id_is_taken_for_good(cloud: FakeCloud, create: Create) -> None:
    given = ids.new_uuid()
    create(id=given)
    assert cloud.request("POST", "/image/v2/images", {"id": given}).status == 409
    assert cloud.request("DELETE", f"/image/v2/images/{given}").status == 204
    assert cloud.request("POST", "/image/v2/images", {"id": given}, user="demo").status == 409


def test_only_administrators_create_for_others_or_for_all(cloud: FakeCloud, create: Create) -> None:
    for body in ({"owner": cloud.ids.admin_project_id}, {"visibility": "public"}):
        assert cloud.request("POST", "/image/v2/images", body, user="demo").status == 403
    assert create(owner=cloud.ids.demo_project_id)["owner"] == cloud.ids.demo_project_id
    assert create("demo", visibility="community")["visibility"] == "community"


def test_who_sees_which_image(cloud: FakeCloud, create: Create) -> None:
    made = {v: create(name=v, visibility=v)["id"] for v in ("public", "private", "shared", "community")}
    for visibility, image_id in made.items():
        expected = 200 if visibility in ("public", "community") else 404
        assert cloud.request("GET", f"/image/v2/images/{image_id}", user="demo").status == expected
    create("demo", name="mine", visibility="private")
    assert sorted(names(cloud, user="demo")) == ["mine", "public"]
    assert sorted(names(cloud, "?visibility=community", user="demo")) == ["community"]
    assert sorted(names(cloud, "?visibility=all", user="demo")) == ["community", "mine", "public"]
    assert sorted(names(cloud)) == ["community", "mine", "private", "public", "shared"]
    assert cloud.request("GET", "/image/v2/images?visibility=none").status == 400


def test_hidden_images_are_listed_only_when_asked_for(cloud: FakeCloud, create: Create) -> None:
    create(name="plain")
    create(name="hidden", os_hidden=True)
    assert names(cloud) == ["plain"]
    assert names(cloud, "?os_hidden=true") == ["hidden"]
    assert cloud.request("GET", "/image/v2/images?os_hidden=maybe").status == 400


def test_filters(cloud: FakeCloud, create: Create, filled: Create) -> None:
    first = create(name="a,b", tags=["x", "y"], distro="debian", min_ram=1, disk_format="raw", protected=True)
    filled(b"12345", name="five")
    assert names(cloud, "?name=five") == ["five"]
    assert names(cloud, '?name=in:"a,b",six') == ["a,b"]
    assert names(cloud, f"?id=in:{first['id']}") == ["a,b"]
    assert names(cloud, "?tag=x&tag=y") == ["a,b"]
    assert names(cloud, "?tag=x&tag=z") == []
    assert names(cloud, "?distro=debian&min_ram=1") == ["a,b"]
    assert names(cloud, "?distro=fedora") == []
    assert names(cloud, "?size_min=5&size_max=5") == ["five"]
    assert names(cloud, "?size_min=6") == []
    assert names(cloud, "?status=queued") == ["a,b"]
    assert names(cloud, "?protected=true") == ["a,b"]
    assert names(cloud, f"?owner={cloud.ids.demo_project_id}") == []
    for query in ("size_min=x", "name=gt:x", "protected=1", 'name=in:x"y"', "changes-since=2020-01-01", "limit=-1"):
        assert cloud.request("GET", f"/image/v2/images?{query}").status == 400, query


def test_times_are_compared_as_they_are_shown(cloud: FakeCloud, create: Create) -> None:
    shown = create(name="x")["created_at"]
    found = {op for op in ("eq", "neq", "gt", "gte", "lt", "lte") if names(cloud, f"?created_at={op}:{shown}")}
    assert found == {"eq", "gte", "lte"}
    assert names(cloud, f"?created_at={shown}") == ["x"]
    assert names(cloud, "?updated_at=gt:2020-01-01T00:00:00Z") == ["x"]
    for value in ("yesterday", "about:2020-01-01T00:00:00Z"):
        assert cloud.request("GET", f"/image/v2/images?created_at={value}").status == 400


def test_sorting_by_several_keys_both_ways(cloud: FakeCloud, create: Create) -> None:
    for name, disk_format in (("a", "raw"), ("b", "raw"), ("c", "iso"), ("d", None)):
        create(name=name, disk_format=disk_format)
    assert names(cloud) == ["d", "c", "b", "a"]
    assert names(cloud, "?sort_key=name&sort_dir=asc") == ["a", "b", "c", "d"]
    assert names(cloud, "?sort_key=disk_format&sort_dir=asc&sort_key=name&sort_dir=desc") == ["d", "c", "b", "a"]
    assert names(cloud, "?sort=disk_format:desc,name:asc") == ["a", "b", "c", "d"]
    for query in ("sort=colour", "sort=name:up", "sort=name&sort_key=name", "sort_key=name&sort_dir=asc&sort_dir=asc"):
        assert cloud.request("GET", f"/image/v2/images?{query}").status == 400, query


@pytest.mark.parametrize("sort", ["", "&sort=name:asc", "&sort=disk_format:desc", "&sort_key=size&sort_dir=asc"])
def test_pages_follow_each_other_without_gap_or_repetition(cloud: FakeCloud, create: Create, sort: str) -> None:
    for number in range(5):
        create(name=f"image{number}", disk_format="raw" if number % 2 else None)
    seen, path = [], f"/v2/images?limit=2{sort}"
    first = path
    while path:
        page = cloud.request("GET", "/image" + path).json
        assert page["first"].replace("%3A", ":") == first
        seen += [image["name"] for image in page["images"]]
        path = page.get("next", "")
    assert seen == names(cloud, f"?{sort.lstrip('&')}")
    assert len(seen) == 5
    assert cloud.request("GET", f"/image/v2/images?marker={ids.new_uuid()}").status == 400


def test_the_page_size_has_a_default_and_a_maximum(cloud: FakeCloud, create: Create) -> None:
    for _ in range(27):
        create()
    assert len(names(cloud)) == 25
    assert len(names(cloud, "?limit=26")) == 26
    assert names(cloud, "?limit=0") == []


def test_a_patch_changes_attributes_and_properties(cloud: FakeCloud, create: Create) -> None:
    image = create(name="x", colour="red", shape="round")
    answer = patch(
        cloud,
        image["id"],
        {"op": "replace", "path": "/name", "value": "y"},
        {"op": "replace", "path": "/tags", "value": ["a", "a"]},
        {"op": "add", "path": "/size~1of~0it", "value": "large"},
        {"op": "replace", "path": "/colour", "value": "blue"},
        {"op": "remove", "path": "/shape"},
    )
    assert answer.status == 200
    changed = answer.json
    assert (changed["name"], changed["tags"], changed["size/of~it"], changed["colour"]) == ("y", ["a"], "large", "blue")
    assert "shape" not in changed
    assert show(cloud, image["id"]) == changed
    assert names(cloud, "?colour=blue&tag=a") == ["y"]
    assert names(cloud, "?colour=red") == []


def test_the_older_patch_format(cloud: FakeCloud, create: Create) -> None:
    image = create(colour="red")
    old = {"Content_Type": "application/openstack-images-v2.0-json-patch"}
    assert patch(cloud, image["id"], {"replace": "/colour", "value": "blue"}, **old).json["colour"] == "blue"
    assert patch(cloud, image["id"], {"add": "/colour", "value": "blue"}, **old).status == 409
    assert patch(cloud, image["id"], {"remove": "/colour"}, **old).status == 200
    assert patch(cloud, image["id"], {"remove": "/colour", "add": "/x", "value": ""}, **old).status == 400


@pytest.mark.parametrize(
    ("step", "status"),
    [
        ({"op": "replace", "path": "/nothing", "value": "x"}, 409),
        ({"op": "remove", "path": "/nothing"}, 409),
        ({"op": "remove", "path": "/name"}, 403),
        ({"op": "replace", "path": "/id", "value": "x"}, 403),
        ({"op": "replace", "path": "/status", "value": "active"}, 403),
        ({"op": "add", "path": "/os_glance_x", "value": "x"}, 403),
        ({"op": "add", "path": "/deleted", "value": "x"}, 403),
        ({"op": "replace", "path": "/visibility", "value": "public"}, 403),
        ({"op": "replace", "path": "/owner", "value": "x"}, 403),
        ({"op": "replace", "path": "/visibility", "value": "secret"}, 400),
        ({"op": "replace", "path": "/min_disk", "value": -1}, 400),
        ({"op": "add", "path": "/colour", "value": 5}, 400),
        ({"op": "move", "path": "/name", "value": "x"}, 400),
        ({"op": "replace", "path": "name", "value": "x"}, 400),
        ({"op": "replace", "path": "/name/first", "value": "x"}, 400),
        ({"op": "replace", "path": "/name"}, 400),
        ({"path": "/name", "value": "x"}, 400),
        ({"op": "replace", "value": "x"}, 400),
        ({"op": "add", "path": "/locations/0", "value": {"url": "file:///etc/passwd", "metadata": {}}}, 403),
        ({"op": "replace", "path": "/locations", "value": []}, 403),
        ("x", 400),
    ],
)
def test_what_cannot_be_patched(cloud: FakeCloud, create: Create, step: Any, status: int) -> None:
    image = create("demo")
    assert patch(cloud, image["id"], step, user="demo").status == status
    assert show(cloud, image["id"], user="demo") == image


def test_a_patch_says_what_it_is(cloud: FakeCloud, create: Create) -> None:
    answer = patch(cloud, create()["id"], Content_Type="application/json")
    assert answer.status == 415
    assert "application/openstack-images-v2.1-json-patch" in answer.headers["accept-patch"]


def test_formats_are_fixed_once_there_is_data(cloud: FakeCloud, filled: Create) -> None:
    image = filled()
    assert patch(cloud, image["id"], {"op": "replace", "path": "/disk_format", "value": "qcow2"}).status == 403


def test_others_can_look_at_a_public_image_but_not_touch_it(cloud: FakeCloud, filled: Create) -> None:
    public, private = filled(visibility="public")["id"], filled(visibility="private")["id"]
    change = {"op": "replace", "path": "/name", "value": "x"}
    for image_id, status in ((public, 403), (private, 404)):
        path = f"/image/v2/images/{image_id}"
        assert patch(cloud, image_id, change, user="demo").status == status
        assert cloud.request("DELETE", path, user="demo").status == status
        assert upload(cloud, image_id, b"x", user="demo").status == status
        assert cloud.request("PUT", f"{path}/tags/x", user="demo").status == status
        assert cloud.request("POST", f"{path}/actions/deactivate", user="demo").status == status
    assert cloud.request("GET", f"/image/v2/images/{public}/file", user="demo").status == 200
    assert cloud.request("GET", f"/image/v2/images/{private}/file", user="demo").status == 404


def test_a_deleted_image_is_gone_and_so_is_its_data(cloud: FakeCloud, filled: Create) -> None:
    image_id = filled()["id"]
    directory = cloud.cloud.state_dir / "image" / "local"
    assert [path.name.startswith(image_id) for path in directory.iterdir() if path.is_file()] == [True]
    assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 204
    assert cloud.request("GET", f"/image/v2/images/{image_id}").status == 404
    assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 404
    cloud.drain()
    assert [path for path in directory.iterdir() if path.is_file()] == []


def test_a_protected_image_is_not_deleted(cloud: FakeCloud, create: Create) -> None:
    image_id = create(protected=True)["id"]
    assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 403
    assert patch(cloud, image_id, {"op": "replace", "path": "/protected", "value": False}).status == 200
    assert cloud.request("DELETE", f"/image/v2/images/{image_id}").status == 204


def test_tags_are_added_and_removed_one_by_one(cloud: FakeCloud, create: Create) -> None:
    path = f"/image/v2/images/{create(tags=['a'])['id']}"
    assert cloud.request("PUT", f"{path}/tags/b c").status == 204
    assert cloud.request("PUT", f"{path}/tags/b c").status == 204
    assert cloud.request("GET", path).json["tags"] == ["a", "b c"]
    assert cloud.request("DELETE", f"{path}/tags/a").status == 204
    assert cloud.request("DELETE", f"{path}/tags/a").status == 404
    assert cloud.request("PUT", f"{path}/tags/{'t' * 256}").status == 400
    assert cloud.request("GET", path).json["tags"] == ["b c"]


def test_a_deactivated_image_cannot_be_downloaded(cloud: FakeCloud, filled: Create) -> None:
    path = f"/image/v2/images/{filled(user='demo')['id']}"
    for _ in range(2):
        assert cloud.request("POST", f"{path}/actions/deactivate", user="demo").status == 204
    assert cloud.request("GET", path).json["status"] == "deactivated"
    assert cloud.request("GET", f"{path}/file", user="demo").status == 403
    assert cloud.request("GET", f"{path}/file").status == 200
    for _ in range(2):
        assert cloud.request("POST", f"{path}/actions/reactivate", user="demo").status == 204
    assert cloud.request("GET", f"{path}/file", user="demo").status == 200


def test_only_what_has_data_is_deactivated(cloud: FakeCloud, create: Create) -> None:
    path = f"/image/v2/images/{create()['id']}"
    assert cloud.request("POST", f"{path}/actions/deactivate").status == 403
    assert cloud.request("POST", f"{path}/actions/reactivate").status == 403


def test_a_fault_is_a_page_unless_json_is_asked_for(cloud: FakeCloud) -> None:
    path = f"/image/v2/images/{ids.new_uuid()}"
    page = cloud.request("GET", path)
    assert page.headers["content-type"].startswith("text/html")
    assert b"<title>404 Not Found</title>" in page.body
    assert cloud.request("GET", path, Accept="application/json").json["title"] == "Not Found"


def test_schemas_and_information(cloud: FakeCloud) -> None:
    schema = cloud.request("GET", "/image/v2/schemas/image").json
    assert schema["name"] == "image"
    assert schema["additionalProperties"] == {"type": "string"}
    assert schema["properties"]["disk_format"]["enum"][:2] == [None, "ami"]
    listed = cloud.request("GET", "/image/v2/schemas/images").json
    assert listed["properties"]["images"]["items"] == schema
    for name in ("member", "members", "task", "tasks"):
        assert cloud.request("GET", f"/image/v2/schemas/{name}").json["name"] == name
    methods = cloud.request("GET", "/image/v2/info/import").json["import-methods"]["value"]
    assert methods == ["glance-direct", "web-download", "copy-image"]
    assert cloud.request("GET", "/image/v2/info/stores").json == {"stores": [{"id": "local", "default": "true"}]}
    assert cloud.request("GET", "/image/v2/info/stores/detail", user="demo").status == 403
    assert cloud.request("GET", "/image/v2/info/stores/detail").json["stores"][0]["type"] == "file"
    assert cloud.request("GET", "/image/v2/info/usage").json == {"usage": {}}
