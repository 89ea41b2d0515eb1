"""Providers, their trees, inventories, traits, classes and aggregates, by microversion."""

import pytest

from tests.unit.placement.client import Client

AGGREGATE = "99999999-0000-4000-8000-000000000001"


def test_a_provider_is_shown_as_its_version_has_it(placement: Client) -> None:
    uuid = placement.provider("host")
    oldest = placement("GET", f"/resource_providers/{uuid}", version="1.0")
    assert set(oldest.json) == {"uuid", "name", "generation", "links"}
    assert [link["rel"] for link in oldest.json["links"]] == ["self", "inventories", "usages"]
    assert "last-modified" not in oldest.headers
    newest = placement("GET", f"/resource_providers/{uuid}")
    assert newest.json["root_provider_uuid"] == uuid
    assert (newest.headers["cache-control"], newest.headers["openstack-api-version"]) == ("no-cache", "placement 1.39")
    made = placement("POST", "/resource_providers", {"name": "other"}, version="1.19")
    assert (made.status, made.body, "content-type" in made.headers) == (201, b"", False)
    assert made.headers["location"].startswith("http")


def test_names_and_uuids_are_given_once(placement: Client) -> None:
    uuid = placement.provider("host")
    for body in ({"name": "host"}, {"name": "other", "uuid": uuid}):
        taken = placement("POST", "/resource_providers", body)
        assert (taken.status, taken.json["errors"][0]["code"]) == (409, "placement.duplicate_name")


def test_trees_move_with_all_that_is_below_since_1_37(placement: Client) -> None:
    first, second = placement.provider("first"), placement.provider("second")
    child = placement.provider("child", parent=first)
    leaf = placement.provider("leaf", parent=child)

    def move(parent: str | None, version: str = "1.39", uuid: str = child) -> int:
        body = {"name": "child" if uuid == child else "first", "parent_provider_uuid": parent}
        return placement("PUT", f"/resource_providers/{uuid}", body, version=version).status

    assert (move(second, "1.36"), move(None, "1.36")) == (400, 400)
    assert move(second) == 200
    assert placement("GET", f"/resource_providers/{leaf}").json["root_provider_uuid"] == second
    assert move(leaf) == 400
    assert move(leaf, uuid=first) == 200
    assert placement("DELETE", f"/resource_providers/{child}").status == 409
    assert move(None) == 200
    in_tree = placement("GET", f"/resource_providers?in_tree={first}").json["resource_providers"]
    assert {provider["uuid"] for provider in in_tree} == {child, leaf, first}


def test_an_old_generation_changes_nothing(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    for path, body in (
        ("inventories", {"inventories": {}}),
        ("inventories/VCPU", {"total": 8}),
        ("traits", {"traits": []}),
        ("aggregates", {"aggregates": [AGGREGATE]}),
    ):
        body = {**body, "resource_provider_generation": 0}
        refused = placement("PUT", f"/resource_providers/{host}/{path}", body)
        assert (refused.status, refused.json["errors"][0]["code"]) == (409, "placement.concurrent_update")
    assert placement.generation(host) == 1


def test_an_inventory_in_use_stays(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4, "DISK_GB": 10})
    placement.allocate("aaaaaaaa-0000-4000-8000-000000000001", {host: {"VCPU": 1}})
    refused = placement.stock(host, {"DISK_GB": 10})
    assert (refused.status, refused.json["errors"][0]["code"]) == (409, "placement.inventory.inuse")
    assert placement("DELETE", f"/resource_providers/{host}/inventories").status == 409
    assert placement("DELETE", f"/resource_providers/{host}").status == 409
    assert placement("DELETE", f"/resource_providers/{host}/inventories/DISK_GB").status == 204
    assert placement("DELETE", f"/resource_providers/{host}/inventories/DISK_GB").status == 404
    assert placement("DELETE", f"/resource_providers/{host}/inventories", version="1.4").status == 405


def test_all_of_an_inventory_may_be_reserved_since_1_26(placement: Client) -> None:
    host = placement.provider("host")
    body = {"resource_class": "VCPU", "total": 4, "reserved": 4}
    assert placement("POST", f"/resource_providers/{host}/inventories", body, version="1.25").status == 400
    assert placement("POST", f"/resource_providers/{host}/inventories", body, version="1.26").status == 201
    again = placement("POST", f"/resource_providers/{host}/inventories", body)
    assert again.json["errors"][0]["code"] == "placement.concurrent_update"


def test_custom_names_are_made_used_and_deleted_when_unused(placement: Client) -> None:
    host = placement.provider("host")
    assert placement.stock(host, {"CUSTOM_GOLD": 1}).status == 400
    assert [placement("PUT", "/resource_classes/CUSTOM_GOLD").status for _ in range(2)] == [201, 204]
    assert [placement("PUT", "/traits/CUSTOM_SHINY").status for _ in range(2)] == [201, 204]
    assert placement.stock(host, {"CUSTOM_GOLD": 1}).status == 200
    traits = {"resource_provider_generation": 1, "traits": ["CUSTOM_SHINY"]}
    assert placement("PUT", f"/resource_providers/{host}/traits", traits).status == 200
    assert placement("DELETE", "/resource_classes/CUSTOM_GOLD").status == 409
    assert placement("DELETE", "/traits/CUSTOM_SHINY").status == 409
    listed = placement("GET", "/traits?name=startswith:CUSTOM&associated=true").json["traits"]
    assert listed == ["CUSTOM_SHINY"]
    assert placement("DELETE", f"/resource_providers/{host}").status == 204
    assert placement("DELETE", "/resource_classes/CUSTOM_GOLD").status == 204
    assert placement("DELETE", "/traits/CUSTOM_SHINY").status == 204
    assert placement("DELETE", "/traits/HW_CPU_X86_AVX").status == 400


def test_a_class_may_be_renamed_below_1_7_with_all_that_is_of_it(placement: Client) -> None:
    placement("PUT", "/resource_classes/CUSTOM_OLD")
    host = placement.provider("host", {"CUSTOM_OLD": 4})
    consumer = "aaaaaaaa-0000-4000-8000-000000000001"
    placement.allocate(consumer, {host: {"CUSTOM_OLD": 1}})
    assert placement("PUT", "/resource_classes/CUSTOM_OLD", {"name": "CUSTOM_NEW"}, version="1.6").status == 200
    assert placement("GET", f"/allocations/{consumer}").json["allocations"][host]["resources"] == {"CUSTOM_NEW": 1}


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Accept": "text/plain"}, 406), ({"Accept": "text/html,*/*;q=0.8"}, 200), ({"Accept": "*/*;q=0"}, 406)],
)
def test_only_json_is_given(placement: Client, headers: dict[str, str], status: int) -> None:
    assert placement("GET", "/resource_providers", **headers).status == status


def test_only_json_is_taken(placement: Client) -> None:
    answer = placement("POST", "/resource_providers", b"name: host", Content_Type="text/plain")
    assert answer.status == 415
    malformed = placement("POST", "/resource_providers", b'{"colour": ')
    assert "Malformed JSON" in malformed.json["errors"][0]["detail"]


def test_a_version_that_is_not_spoken_is_told_which_ones_are(placement: Client) -> None:
    fault = placement("GET", "/resource_providers", version="1.40").json["errors"][0]
    assert (fault["status"], fault["min_version"], fault["max_version"]) == (406, "1.0", "1.39")
    assert placement("GET", "/resource_providers", version="pony").status == 400
    assert "code" not in placement("GET", "/nothing", version="1.22").json["errors"][0]
    assert placement("GET", "/nothing", version="1.23").json["errors"][0]["code"] == "placement.undefined_code"


def test_users_see_only_what_their_own_project_uses(placement: Client) -> None:
    own = placement.cloud.ids.demo_project_id
    assert placement("GET", f"/usages?project_id={own}", user="demo").status == 200
    assert placement("GET", "/usages?project_id=another", user="demo").status == 403
    for path in ("/resource_providers", "/allocation_candidates?resources=VCPU:1", "/traits"):
        assert placement("GET", path, user="demo").status == 403
