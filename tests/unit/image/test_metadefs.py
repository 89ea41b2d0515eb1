"""Metadata definitions: namespaces and what they hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import FakeCloud

HOME = "/image/v2/metadefs/namespaces"
SIZE = {"title": "Size", "type": "integer", "minimum": 1}


@pytest.fixture
def home(cloud: FakeCloud) -> str:
    """A namespace that everybody sees."""
    body = {"namespace": "OS::Test", "visibility": "public", "display_name": "Test"}
    assert cloud.request("POST", HOME, body).status == 201
    return f"{HOME}/OS::Test"


def test_a_namespace_with_all_it_holds(cloud: FakeCloud) -> None:
    body = {
        "namespace": "OS::Whole",
        "description": "All of it",
        "visibility": "public",
        "resource_type_associations": [{"name": "OS::Nova::Flavor", "prefix": "hw:"}],
        "objects": [{"name": "cpu", "required": ["cores"], "properties": {"cores": SIZE}}],
        "properties": {"size": SIZE},
        "tags": [{"name": "fast"}],
    }
    answer = cloud.request("POST", HOME, body)
    assert answer.status == 201
    assert answer.headers["location"] == "/v2/metadefs/namespaces/OS::Whole"
    assert answer.json["schema"] == "/v2/schemas/metadefs/namespace"
    assert (answer.json["protected"], answer.json["owner"]) == (False, cloud.ids.admin_project_id)
    shown = cloud.request("GET", f"{HOME}/OS::Whole", user="demo").json
    assert shown["properties"] == {"size": SIZE}
    assert shown["objects"][0]["properties"] == {"cores": SIZE}
    assert shown["tags"] == [{"name": "fast"}]
    assert shown["resource_type_associations"][0]["prefix"] == "hw:"
    prefixed = cloud.request("GET", f"{HOME}/OS::Whole?resource_type=OS::Nova::Flavor").json
    assert prefixed["properties"] == {"hw:size": SIZE}
    assert prefixed["objects"][0]["required"] == ["hw:cores"]
    types = cloud.request("GET", "/image/v2/metadefs/resource_types").json["resource_types"]
    assert "OS::Nova::Flavor" in [kind["name"] for kind in types]


def test_who_sees_and_changes_namespaces(cloud: FakeCloud, home: str) -> None:
    assert cloud.request("POST", HOME, {"namespace": "x"}, user="demo").status == 403
    assert cloud.request("POST", HOME, {"namespace": "hidden"}).status == 201
    assert cloud.request("GET", f"{HOME}/hidden", user="demo").status == 404
    assert cloud.request("DELETE", f"{HOME}/hidden", user="demo").status == 404
    assert cloud.request("DELETE", home, user="demo").status == 403
    listed = cloud.request("GET", HOME, user="demo").json
    assert [one["namespace"] for one in listed["namespaces"]] == ["OS::Test"]
    assert listed["first"] == "/v2/metadefs/namespaces"
    assert cloud.request("GET", f"{HOME}?visibility=private").json["namespaces"][0]["namespace"] == "hidden"


def test_namespaces_are_paged_and_sorted(cloud: FakeCloud) -> None:
    for name in "abc":
        body = {"namespace": name, "resource_type_associations": [{"name": "OS::X" if name == "b" else "OS::Y"}]}
        cloud.request("POST", HOME, body)
    page = cloud.request("GET", f"{HOME}?limit=2&sort_key=namespace&sort_dir=asc").json
    assert [one["namespace"] for one in page["namespaces"]] == ["a", "b"]
    rest = cloud.request("GET", "/image" + page["next"]).json
    assert [one["namespace"] for one in rest["namespaces"]] == ["c"]
    assert [one["namespace"] for one in cloud.request("GET", f"{HOME}?resource_types=OS::X").json["namespaces"]] == [
        "b"
    ]
    assert cloud.request("GET", f"{HOME}?marker=none").status == 404
    assert cloud.request("GET", f"{HOME}?sort_key=colour").status == 400


def test_a_namespace_is_renamed_replaced_and_deleted(cloud: FakeCloud, home: str) -> None:
    cloud.request("POST", f"{home}/tags/t")
    body = {"namespace": "OS::New", "protected": True, "visibility": "public"}
    changed = cloud.request("PUT", home, body)
    assert (changed.status, changed.json["namespace"]) == (200, "OS::New")
    assert "display_name" not in changed.json
    assert cloud.request("GET", home).status == 404
    assert cloud.request("GET", f"{HOME}/OS::New/tags/t").status == 200
    for path in ("", "/tags/t", "/tags", "/objects", "/properties"):
        assert cloud.request("DELETE", f"{HOME}/OS::New{path}").status == 403
    assert cloud.request("PUT", f"{HOME}/OS::New", {**body, "protected": False}).status == 200
    assert cloud.request("DELETE", f"{HOME}/OS::New").status == 204
    assert cloud.request("GET", f"{HOME}/OS::New").status == 404


@pytest.mark.parametrize(
    "body", [{}, {"namespace": "n" * 81}, {"namespace": "x", "visibility": "shared"}, {"namespace": "x", "colour": 1}]
)
def test_what_is_no_namespace(cloud: FakeCloud, body: Any) -> None:
    assert cloud.request("POST", HOME, body).status == 400


def test_a_name_is_taken_once(cloud: FakeCloud, home: str) -> None:
    assert cloud.request("POST", HOME, {"namespace": "OS::Test"}).status == 409
    assert cloud.request("POST", f"{home}/objects", {"name": "o"}).status == 201
    assert cloud.request("POST", f"{home}/objects", {"name": "o"}).status == 409


def test_objects(cloud: FakeCloud, home: str) -> None:
    body = {"name": "cpu", "description": "d", "required": [], "properties": {"cores": SIZE}}
    made = cloud.request("POST", f"{home}/objects", body)
    assert made.status == 201
    assert made.json["self"] == "/v2/metadefs/namespaces/OS::Test/objects/cpu"
    assert cloud.request("GET", f"{home}/objects/cpu", user="demo").json == made.json
    assert cloud.request("GET", f"{home}/objects").json["objects"] == [made.json]
    assert cloud.request("PUT", f"{home}/objects/cpu", {**body, "name": "core"}).json["name"] == "core"
    assert cloud.request("GET", f"{home}/objects/cpu").status == 404
    assert cloud.request("POST", f"{home}/objects", {"name": "x", "properties": {"y": {"title": "y"}}}).status == 400
    assert cloud.request("POST", f"{home}/objects", body, user="demo").status == 403
    assert cloud.request("DELETE", f"{home}/objects/core").status == 204
    assert cloud.request("DELETE", f"{home}/objects/core").status == 404


def test_properties(cloud: FakeCloud, home: str) -> None:
    made = cloud.request("POST", f"{home}/properties", {"name": "size", **SIZE})
    assert (made.status, made.json) == (201, {"name": "size", **SIZE})
    assert cloud.request("POST", f"{home}/properties", SIZE).status == 400
    assert cloud.request("POST", f"{home}/properties", {"name": "x", "title": "x", "type": "floaty"}).status == 400
    assert set(cloud.request("GET", f"{home}/properties").json["properties"]) == {"size"}
    assert cloud.request("POST", f"{home}/resource_types", {"name": "OS::X", "prefix": "p_"}).status == 201
    assert cloud.request("GET", f"{home}/properties/p_size?resource_type=OS::X").json["name"] == "size"
    assert cloud.request("GET", f"{home}/properties/size?resource_type=OS::X").status == 404
    assert cloud.request("PUT", f"{home}/properties/size", {"name": "area", **SIZE}).json["name"] == "area"
    assert cloud.request("DELETE", f"{home}/properties/area").status == 204
    assert cloud.request("DELETE", f"{home}/resource_types/OS::X").status == 204
    assert cloud.request("DELETE", f"{home}/resource_types/OS::X").status == 404


def test_tags(cloud: FakeCloud, home: str) -> None:
    def names() -> list[str]:
        return sorted(tag["name"] for tag in cloud.request("GET", f"{home}/tags").json["tags"])

    assert cloud.request("POST", f"{home}/tags/a").status == 201
    assert cloud.request("POST", f"{home}/tags", {"tags": [{"name": "b"}, {"name": "c"}]}).status == 201
    assert names() == ["b", "c"]
    more = {"tags": [{"name": "d"}]}
    assert cloud.request("POST", f"{home}/tags", more, X_OpenStack_Append="True").status == 201
    assert names() == ["b", "c", "d"]
    assert cloud.request("PUT", f"{home}/tags/b", {"name": "e"}).json["name"] == "e"
    assert cloud.request("PUT", f"{home}/tags/c", {"name": "e"}).status == 409
    assert cloud.request("DELETE", f"{home}/tags/e").status == 204
    assert cloud.request("DELETE", f"{home}/tags").status == 204
    assert names() == []


def test_schemas(cloud: FakeCloud) -> None:
    for name in ("namespace", "namespaces", "object", "objects", "property", "properties", "tag", "tags"):
        assert cloud.request("GET", f"/image/v2/schemas/metadefs/{name}").json["name"] == name
    assert cloud.request("GET", "/image/v2/schemas/metadefs/resource_types").status == 200
    assert cloud.request("GET", "/image/v2/schemas/metadefs/nothing").status == 404


def test_definitions_are_loaded_from_a_directory_once(tmp_path: Path) -> None:
    directory = tmp_path / "definitions"
    directory.mkdir()
    (directory / "good.json").write_text(json.dumps({"namespace": "OS::Loaded", "visibility": "public"}))
    (directory / "bad.json").write_text("{")
    cloud = FakeCloud(tmp_path, pileus_image__metadefs_dir=str(directory))
    listed = cloud.request("GET", HOME, user="demo").json["namespaces"]
    assert [one["namespace"] for one in listed] == ["OS::Loaded"]
    cloud.close()
