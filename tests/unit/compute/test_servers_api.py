"""What clients see of servers at each microversion, and what they may ask for."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from pileus.kernel import clock
from tests.unit.compute.world import Servers


def names(answer: Any) -> list[str]:
    return [server["name"] for server in answer.json["servers"]]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """For requests that are refused, or do not mind what others made."""
    world = Servers(tmp_path_factory.mktemp("shared"))
    world.set_quota(world.cloud.ids.demo_project_id, instances=-1, cores=-1, ram=-1)
    yield world
    world.close()


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers a (active, tags x y), b (stopped, tag x), c (of another project), only to be looked at."""
    world = Servers(tmp_path_factory.mktemp("listed"))
    yield with_three(world)
    world.close()


@pytest.fixture
def three(world: Servers) -> Servers:
    """The same, to be changed."""
    return with_three(world)


def with_three(world: Servers) -> Servers:
    world.boot(name="a", tags=["x", "y"])
    stopped = world.boot(name="b", tags=["x"], metadata={"k": "v"})
    world.do(stopped, "os-stop")
    world.boot(name="c", user="admin")
    return world


# -- lists -------------------------------------------------------------------------------------------------------------


def test_a_list_shows_the_projects_own_servers_newest_first(listed: Servers) -> None:
    assert names(listed.api("GET", "/servers")) == ["b", "a"]
    assert names(listed.api("GET", "/servers/detail", user="admin")) == ["c"]


def test_only_administrators_see_all_projects(listed: Servers) -> None:
    assert names(listed.api("GET", "/servers?all_tenants=1", user="admin")) == ["c", "b", "a"]
    assert names(listed.api("GET", "/servers?all_tenants", user="admin")) == ["c", "b", "a"]
    assert names(listed.api("GET", "/servers?all_tenants=0", user="admin")) == ["c"]
    listed.api("GET", "/servers?all_tenants=1", expect=403)
    listed.api("GET", "/servers?all_tenants=perhaps", user="admin", expect=400)
    project = listed.cloud.ids.demo_project_id
    assert names(listed.api("GET", f"/servers?all_tenants=1&project_id={project}", user="admin")) == ["b", "a"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=^a", ["a"]),
        ("name=b|a", ["b", "a"]),
        ("status=SHUTOFF", ["b"]),
        ("status=active&status=shutoff", ["b", "a"]),
        ("status=ERROR", []),
        ("flavor=1", ["b", "a"]),
        ("flavor=2", []),
        ("tags=x", ["b", "a"]),
        ("tags=x,y", ["a"]),
        ("tags-any=y,z", ["a"]),
        ("not-tags=x,y", ["b"]),
        ("not-tags-any=y", ["b"]),
        ("vm_state=stopped", ["b"]),
        ("power_state=1", ["a"]),
        ("availability_zone=nova", ["b", "a"]),
        ("locked=true", []),
        ("locked=false", ["b", "a"]),
        ("key_name=nothing", []),
        ("sort_key=display_name&sort_dir=asc", ["a", "b"]),
        ("sort_key=power_state&sort_dir=desc&sort_key=display_name", ["b", "a"]),
        ("limit=1", ["b"]),
        ("changes-since=2000-01-01T00:00:00Z", ["b", "a"]),
        ("changes-before=2000-01-01T00:00:00Z", []),
        ("ip=10.", []),
        ("host=elsewhere", ["b", "a"]),  # not for users: as if it was not asked
    ],
)
def test_filters_and_order(listed: Servers, query: str, found: list[str]) -> None:
    assert names(listed.api("GET", f"/servers?{query}", expect=200)) == found


@pytest.mark.parametrize(
    ("query", "version", "status"),
    [
        ("status=nonsense", "compute 2.38", 400),
        ("status=nonsense", "compute 2.37", 200),
        ("unknown=1", "compute 2.75", 400),
        ("unknown=1", "compute 2.74", 200),
        ("sort_key=nonsense", "compute 2.1", 400),
        ("sort_key=vcpus", "compute 2.74", 200),
        ("sort_key=vcpus", "compute 2.75", 400),
        ("sort_key=host", "compute 2.1", 403),
        ("changes-since=yesterday", "compute 2.1", 400),
        ("changes-since=2020-01-01T00:00:00Z&changes-before=2019-01-01T00:00:00Z", "compute 2.66", 400),
        ("limit=-1", "compute 2.1", 400),
        ("limit=many", "compute 2.1", 400),
        ("marker=nothing", "compute 2.1", 400),
        ("name=(", "compute 2.1", 400),
        ("metadata=x", "compute 2.1", 200),
        ("status=DELETED", "compute 2.1", 403),
        ("locked=perhaps", "compute 2.73", 400),
        ("tags=x", "compute 2.25", 200),
    ],
)
def test_what_a_list_refuses(shared: Servers, query: str, version: str, status: int) -> None:
    shared.api("GET", f"/servers?{query}", version=version, expect=status)


def test_pages_are_linked(listed: Servers) -> None:
    first = listed.api("GET", "/servers?limit=1").json
    link = first["servers_links"][0]
    assert link["rel"] == "next"
    assert link["href"].startswith("http://cloud.test:8780/compute/v2.1/servers?")
    second = listed.api("GET", link["href"].partition("/v2.1")[2])
    assert names(second) == ["a"]
    assert "servers_links" not in listed.api("GET", "/servers?limit=3").json


def test_deleted_servers_are_shown_to_whoever_asks_for_changes(three: Servers) -> None:
    moment = clock.iso(clock.now() - clock.SECOND)
    deleted = three.boot(name="d")
    three.api("DELETE", f"/servers/{deleted}", expect=204)
    three.cloud.drain()
    assert "d" not in names(three.api("GET", "/servers"))
    changed = three.api("GET", f"/servers/detail?changes-since={moment}").json["servers"]
    assert {server["name"]: server["status"] for server in changed}["d"] == "DELETED"
    assert names(three.api("GET", "/servers?deleted=True&all_tenants=1", user="admin")) == ["d"]


# -- making ------------------------------------------------------------------------------------------------------------


def test_many_servers_at_once(world: Servers) -> None:
    body = {
        "server": {
            "name": "many",
            "flavorRef": "1",
            "imageRef": world.image_id,
            "networks": "none",
            "min_count": 2,
            "max_count": "3",
            "return_reservation_id": True,
        }
    }
    answer = world.api("POST", "/servers", body, expect=202).json
    assert set(answer) == {"reservation_id"}
    world.cloud.drain()
    shown = world.api("GET", f"/servers/detail?reservation_id={answer['reservation_id']}", user="demo").json["servers"]
    assert sorted(server["name"] for server in shown) == ["many-1", "many-2", "many-3"]
    assert {server["status"] for server in shown} == {"ACTIVE"}


def test_as_many_as_the_quota_allows_but_never_fewer_than_the_minimum(world: Servers) -> None:
    world.set_quota(world.cloud.ids.demo_project_id, instances=2)
    world.new(min_count=1, max_count=5)
    assert len(world.api("GET", "/servers").json["servers"]) == 2
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": world.image_id, "networks": "none"}}
    refused = world.api("POST", "/servers", body, expect=403).json["forbidden"]
    assert refused["message"] == ("Quota exceeded for instances: Requested 1, but already used 2 of 2 instances")


def test_the_answer_to_a_new_server(world: Servers) -> None:
    body = {
        "server": {
            "name": "s",
            "flavorRef": "http://x/flavors/1",
            "imageRef": world.image_id,
            "adminPass": "secret",
            "OS-DCF:diskConfig": "MANUAL",
            "networks": "none",
        }
    }
    answer = world.api("POST", "/servers", body, expect=202)
    server = answer.json["server"]
    assert server["adminPass"] == "secret"
    assert server["OS-DCF:diskConfig"] == "MANUAL"
    assert server["security_groups"] == [{"name": "default"}]
    assert answer.headers["location"] == server["links"][0]["href"]


@pytest.mark.parametrize(
    ("values", "version", "status"),
    [
        ({"flavorRef": "nothing"}, "latest", 400),
        ({"imageRef": "11111111-1111-1111-1111-111111111111"}, "latest", 400),
        ({"imageRef": "nonsense"}, "latest", 400),
        ({"imageRef": None}, "latest", 400),
        ({"name": " padded "}, "latest", 400),
        ({"name": ""}, "latest", 400),
        ({"name": "x" * 256}, "latest", 400),
        ({"key_name": "nothing"}, "latest", 400),
        ({"user_data": "not base64!"}, "latest", 400),
        ({"user_data": base64.b64encode(b"#!/bin/sh").decode()}, "latest", 202),
        ({"metadata": {"a" * 256: "x"}}, "latest", 400),
        ({"metadata": {"a": "x" * 256}}, "latest", 400),
        ({"metadata": {f"k{n}": "v" for n in range(129)}}, "latest", 403),
        ({"availability_zone": "nowhere"}, "latest", 400),
        ({"availability_zone": "nova"}, "latest", 202),
        ({"availability_zone": "nova:host1"}, "latest", 403),
        ({"availability_zone": "a:b:c:d"}, "latest", 400),
        ({"host": "host1"}, "latest", 403),
        ({"host": "host1"}, "2.73", 400),
        ({"hostname": "h1"}, "2.90", 202),
        ({"hostname": "h1.example.org"}, "2.90", 400),
        ({"hostname": "h1.example.org"}, "2.94", 202),
        ({"hostname": "h1", "min_count": 2}, "latest", 400),
        ({"min_count": 3, "max_count": 2}, "latest", 400),
        ({"min_count": 0}, "latest", 400),
        ({"networks": None}, "2.37", 400),
        ({"networks": "some"}, "2.37", 400),
        ({"networks": "none"}, "2.36", 400),
        ({"networks": [{"uuid": "nonsense"}]}, "latest", 400),
        ({"tags": ["a,b"]}, "latest", 400),
        ({"tags": ["a"]}, "2.51", 400),
        ({"description": "d"}, "2.18", 400),
        ({"accessIPv4": "1.2.3"}, "latest", 400),
        ({"accessIPv6": "1.2.3.4"}, "latest", 400),
        ({"config_drive": "perhaps"}, "latest", 400),
        ({"config_drive": "True"}, "latest", 202),
        ({"personality": [{"path": "/a", "contents": "eA=="}]}, "2.57", 400),
        ({"block_device_mapping_v2": [{"source_type": "nonsense"}]}, "latest", 400),
        ({"block_device_mapping_v2": [{"source_type": "volume", "uuid": "x", "boot_index": 0}]}, "latest", 400),
        ({"nonsense": 1}, "latest", 400),
    ],
)
def test_what_a_new_server_may_be(shared: Servers, values: dict[str, Any], version: str, status: int) -> None:
    server = {"name": "s", "flavorRef": "1", "imageRef": shared.image_id, "networks": "none", **values}
    body = {"server": {name: value for name, value in server.items() if value is not None}}
    shared.api("POST", "/servers", body, version=f"compute {version}", expect=status)


def test_an_image_must_be_active_and_fit_the_flavor(world: Servers) -> None:
    queued = world.cloud.request("POST", "/image/v2/images", {"name": "q", "visibility": "public"}).json["id"]
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": queued, "networks": "none"}}
    refused = world.api("POST", "/servers", body, expect=400).json["badRequest"]["message"]
    assert refused == f"Image {queued} is not active."
    large = world.make_image("large", min_ram=1024)
    body["server"]["imageRef"] = large
    refused = world.api("POST", "/servers", body, expect=400).json["badRequest"]["message"]
    assert refused == "Flavor's memory is too small for requested image."


def test_an_administrator_chooses_the_host(world2: Servers) -> None:
    for number in (1, 2):
        server_id = world2.boot(user="admin", availability_zone=f"nova:host{number}")
        assert world2.show(server_id)["OS-EXT-SRV-ATTR:host"] == f"host{number}"
        server_id = world2.boot(user="admin", host=f"host{number}")
        assert world2.show(server_id)["OS-EXT-SRV-ATTR:host"] == f"host{number}"


def test_no_valid_host_says_which_host_failed_which_test(world2: Servers) -> None:
    large = {"flavor": {"name": "huge", "ram": 1 << 20, "vcpus": 1, "disk": 1, "id": "huge"}}
    world2.api("POST", "/flavors", large, user="admin", expect=200)
    with world2.cloud.cloud.database.transaction() as tx:
        from pileus.compute.store import hosts

        hosts.change(tx, "host2", disabled=True, disabled_reason="repair")
    world2.set_quota(world2.cloud.ids.demo_project_id, ram=-1)
    server_id = world2.new(flavorRef="huge")
    world2.cloud.drain()
    fault = world2.show(server_id)["fault"]
    assert fault["message"].startswith("No valid host was found. There are not enough hosts available.")
    assert "host2: disabled: repair" in fault["details"]
    assert "host1: with too little MEMORY_MB (asked 1048576, free" in fault["details"]
    theirs = world2.api("GET", f"/servers/{server_id}").json["server"]["fault"]
    assert "details" not in theirs
    assert "host1" not in theirs["message"]


def test_server_groups_keep_servers_apart_or_together(world2: Servers) -> None:
    def group(policy: str) -> str:
        body = {"server_group": {"name": policy, "policy": policy}}
        made = world2.api("POST", "/os-server-groups", body, expect=200)
        return str(made.json["server_group"]["id"])

    def host(server_id: str) -> str:
        return str(world2.show(server_id)["OS-EXT-SRV-ATTR:host"])

    apart = group("anti-affinity")
    both = [world2.boot(hints={"group": apart}) for _ in range(2)]
    assert {host(one) for one in both} == {"host1", "host2"}
    third = world2.new(hints={"group": apart})
    world2.cloud.drain()
    assert world2.show(third)["status"] == "ERROR"
    together = group("affinity")
    assert len({host(world2.boot(hints={"group": together})) for _ in range(3)}) == 1


def test_hints_by_other_servers(world2: Servers) -> None:
    first = world2.boot()
    same, other = world2.boot(hints={"same_host": first}), world2.boot(hints={"different_host": [first]})
    where = {one: world2.show(one)["OS-EXT-SRV-ATTR:host"] for one in (first, same, other)}
    assert where[first] == where[same] != where[other]


# -- changing ----------------------------------------------------------------------------------------------------------


def test_a_server_is_changed(world: Servers) -> None:
    server_id = world.boot()
    changes = {"name": "new", "description": "d", "accessIPv4": "10.0.0.1", "hostname": "h2"}
    shown = world.api("PUT", f"/servers/{server_id}", {"server": changes}, expect=200).json["server"]
    assert (shown["name"], shown["description"], shown["accessIPv4"]) == ("new", "d", "10.0.0.1")
    assert shown["OS-EXT-SRV-ATTR:hostname"] == "h2"
    world.api("PUT", f"/servers/{server_id}", {"server": {"name": ""}}, expect=400)
    world.api("PUT", f"/servers/{server_id}", {"server": {"status": "x"}}, expect=400)
    pinned = {"server": {"pinned_availability_zone": "nova"}}
    assert world.api("PUT", f"/servers/{server_id}", pinned, expect=200)
    world.api("PUT", f"/servers/{server_id}", {"server": {"pinned_availability_zone": "other"}}, expect=409)


def test_metadata(world: Servers) -> None:
    server_id = world.boot(metadata={"a": "1"})
    path = f"/servers/{server_id}/metadata"
    assert world.api("POST", path, {"metadata": {"b": "2"}}).json == {"metadata": {"a": "1", "b": "2"}}
    assert world.api("PUT", f"{path}/b", {"meta": {"b": "3"}}).json == {"meta": {"b": "3"}}
    world.api("PUT", f"{path}/b", {"meta": {"c": "3"}}, expect=400)
    assert world.api("GET", f"{path}/b").json == {"meta": {"b": "3"}}
    world.api("DELETE", f"{path}/a", expect=204)
    world.api("DELETE", f"{path}/a", expect=404)
    assert world.api("PUT", path, {"metadata": {"z": ""}}).json == {"metadata": {"z": ""}}
    assert world.show(server_id)["metadata"] == {"z": ""}
    many = {f"k{number}": "v" for number in range(129)}
    world.api("POST", path, {"metadata": many}, expect=403)


def test_tags(world: Servers) -> None:
    server_id = world.boot()
    path = f"/servers/{server_id}/tags"
    assert world.api("PUT", path, {"tags": ["b", "a", "a"]}).json == {"tags": ["a", "b"]}
    added = world.api("PUT", f"{path}/c", expect=201)
    assert added.headers["location"].endswith(f"/servers/{server_id}/tags/c")
    world.api("PUT", f"{path}/c", expect=204)
    world.api("GET", f"{path}/c", expect=204)
    world.api("DELETE", f"{path}/c", expect=204)
    world.api("GET", f"{path}/c", expect=404)
    assert world.show(server_id)["tags"] == ["a", "b"]
    world.api("DELETE", path, expect=204)
    assert world.api("GET", path).json == {"tags": []}
    world.api("GET", path, version="compute 2.25", expect=404)


def test_other_projects_servers_are_not_there(world: Servers) -> None:
    server_id = world.boot(user="admin")
    world.api("GET", f"/servers/{server_id}", expect=404)
    world.act(server_id, "os-stop", expect=404)
    world.api("GET", f"/servers/{server_id}/os-instance-actions", expect=404)
    world.api("GET", "/servers/nothing", expect=404)


def test_external_events(world: Servers) -> None:
    server_id = world.boot()
    unknown = "11111111-1111-1111-1111-111111111111"
    events = [
        {"name": "network-changed", "server_uuid": server_id, "tag": "p"},
        {"name": "network-changed", "server_uuid": unknown},
        {"name": "network-vif-deleted", "server_uuid": server_id},
    ]
    answer = world.api("POST", "/os-server-external-events", {"events": events}, user="admin", expect=207).json
    assert [(event["status"], event["code"]) for event in answer["events"]] == [
        ("completed", 200),
        ("failed", 404),
        ("failed", 400),
    ]
    world.api("POST", "/os-server-external-events", {"events": events}, expect=403)
