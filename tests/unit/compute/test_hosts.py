"""Aggregates, availability zones, services, hypervisors and hosts over the API."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.compute.agent import uptime_line
from pileus.compute.model import HOST_TIMEOUT
from pileus.compute.reconciling import INTERVAL, RECONCILE
from pileus.kernel import clock
from pileus.kernel.operations.leases import Lease
from pileus.kernel.operations.periodic import lease_seconds
from tests.harness import FakeCloud
from tests.unit.compute.rows import host_row, no_hosts, server_row

AGGREGATES = "/compute/v2.1/os-aggregates"
SERVICES = "/compute/v2.1/os-services"
HYPERVISORS = "/compute/v2.1/os-hypervisors"
HOSTS = "/compute/v2.1/os-hosts"
ZONES = "/compute/v2.1/os-availability-zone"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    no_hosts(cloud)
    yield cloud
    cloud.close()


def aggregate(cloud: FakeCloud, name: str = "fast", zone: str | None = None) -> int:
    body = {"aggregate": {"name": name, "availability_zone": zone}}
    answer = cloud.request("POST", AGGREGATES, body)
    assert answer.status == 200, answer.body
    return int(answer.json["aggregate"]["id"])


def act(cloud: FakeCloud, number: int, action: str, value: Any) -> Any:
    return cloud.request("POST", f"{AGGREGATES}/{number}/action", {action: value})


def zone_names(cloud: FakeCloud) -> list[tuple[str, bool]]:
    zones = cloud.request("GET", ZONES, user="demo").json["availabilityZoneInfo"]
    return [(zone["zoneName"], zone["zoneState"]["available"]) for zone in zones]


# -- aggregates and zones ----------------------------------------------------------------------------------------------


def test_an_aggregate_is_made_changed_and_deleted(cloud: FakeCloud) -> None:
    made = cloud.request("POST", AGGREGATES, {"aggregate": {"name": "fast", "availability_zone": "east"}})
    body = made.json["aggregate"]
    assert set(body) == {
        "id",
        "name",
        "availability_zone",
        "created_at",
        "updated_at",
        "deleted",
        "deleted_at",
    }
    path = f"{AGGREGATES}/{body['id']}"
    shown = cloud.request("GET", path, version="compute 2.41").json["aggregate"]
    assert (shown["hosts"], shown["metadata"]) == ([], {"availability_zone": "east"})
    assert len(shown["uuid"]) == 36
    changed = cloud.request("PUT", path, {"aggregate": {"name": "slow", "availability_zone": "west"}})
    assert (changed.json["aggregate"]["name"], changed.json["aggregate"]["availability_zone"]) == ("slow", "west")
    assert cloud.request("GET", AGGREGATES).json["aggregates"] == [changed.json["aggregate"]]
    assert cloud.request("DELETE", path).status == 200
    assert cloud.request("GET", path).status == 404
    assert cloud.request("GET", AGGREGATES + "/x").status == 400
    assert cloud.request("GET", AGGREGATES, user="demo").status == 403


def test_aggregates_that_make_no_sense_are_refused(cloud: FakeCloud) -> None:
    number = aggregate(cloud)
    taken = cloud.request("POST", AGGREGATES, {"aggregate": {"name": "fast"}})
    assert (taken.status, taken.json["conflictingRequest"]["message"]) == (409, "Aggregate fast already exists.")
    for body in ({"name": ""}, {"name": "a", "availability_zone": "a:b"}, {"name": "a", "x": 1}, {}):
        assert cloud.request("POST", AGGREGATES, {"aggregate": body}).status == 400, body
    assert cloud.request("PUT", f"{AGGREGATES}/{number}", {"aggregate": {}}).status == 400
    assert cloud.request("PUT", f"{AGGREGATES}/{number}", {"aggregate": {"availability_zone": None}}).status == 400


def test_metadata_is_merged_and_null_removes(cloud: FakeCloud) -> None:
    number = aggregate(cloud)
    assert act(cloud, number, "set_metadata", {"metadata": {"a": "1", "b": "2"}}).status == 200
    merged = act(cloud, number, "set_metadata", {"metadata": {"a": None, "c": "3"}})
    assert merged.json["aggregate"]["metadata"] == {"b": "2", "c": "3"}
    assert act(cloud, number, "set_metadata", {"metadata": {"availability_zone": None}}).status == 400
    assert act(cloud, number, "set_metadata", {"metadata": {"a": 1}}).status == 400


def test_hosts_come_and_go_and_make_the_zones(cloud: FakeCloud) -> None:
    host_row(cloud, "host1")
    host_row(cloud, "host2")
    number, other = aggregate(cloud, "a", "east"), aggregate(cloud, "b", "west")
    assert zone_names(cloud) == [("nova", True)]
    added = act(cloud, number, "add_host", {"host": "host1"})
    assert added.json["aggregate"]["hosts"] == ["host1"]
    assert zone_names(cloud) == [("east", True), ("nova", True)]
    assert act(cloud, number, "add_host", {"host": "host1"}).status == 409
    assert act(cloud, other, "add_host", {"host": "host1"}).status == 409
    assert act(cloud, number, "add_host", {"host": "nowhere"}).status == 404
    assert act(cloud, number, "remove_host", {"host": "host2"}).status == 404
    assert cloud.request("DELETE", f"{AGGREGATES}/{number}").status == 400
    server_row(cloud, host="host1")
    assert act(cloud, number, "remove_host", {"host": "host1"}).status == 409
    assert cloud.request("PUT", f"{AGGREGATES}/{number}", {"aggregate": {"availability_zone": "x"}}).status == 400
    detail = cloud.request("GET", ZONES + "/detail").json["availabilityZoneInfo"]
    east = next(zone for zone in detail if zone["zoneName"] == "east")
    assert east["hosts"]["host1"]["nova-compute"]["active"] is True
    assert cloud.request("GET", ZONES + "/detail", user="demo").status == 403


def test_images_are_brought_to_an_aggregates_hosts(cloud: FakeCloud) -> None:
    number = aggregate(cloud)
    path, image = f"{AGGREGATES}/{number}/images", "70a599e0-31e7-49b7-b260-868f441e862b"
    assert cloud.request("POST", path, {"cache": [{"id": image}]}, version="compute 2.80").status == 404
    assert cloud.request("POST", path, {"cache": [{"id": image}]}, version="compute 2.81").status == 202
    assert cloud.request("POST", path, {"cache": [{"id": image}] * 2}, version="compute 2.81").status == 400
    assert cloud.request("POST", path, {"cache": []}, version="compute 2.81").status == 400


# -- services ----------------------------------------------------------------------------------------------------------


def test_services_are_listed_as_the_microversion_has_them(cloud: FakeCloud) -> None:
    host = host_row(cloud)
    host_row(cloud, "silent", seen_at=clock.now() - HOST_TIMEOUT - 1)
    (old,) = cloud.request("GET", SERVICES + "?host=host1").json["services"]
    assert isinstance(old["id"], int)
    assert "forced_down" not in old
    assert (old["binary"], old["zone"], old["status"], old["state"]) == ("nova-compute", "nova", "enabled", "up")
    new = cloud.request("GET", SERVICES, version="compute 2.53").json["services"]
    assert [(one["host"], one["state"], one["forced_down"]) for one in new] == [
        ("host1", "up", False),
        ("silent", "down", False),
    ]
    assert new[0]["id"] == host.service_id
    assert cloud.request("GET", SERVICES + "?binary=nova-conductor").json["services"] == []
    assert cloud.request("GET", SERVICES, user="demo").status == 403


def test_the_engine_is_the_scheduler_and_the_conductor(cloud: FakeCloud) -> None:
    host_row(cloud)
    Lease(cloud.cloud.database, f"periodic:{RECONCILE}", "boss:1:2", lease_seconds(INTERVAL)).hold()
    services = cloud.request("GET", SERVICES, version="compute 2.53").json["services"]
    assert [(one["binary"], one["host"], one["zone"], one["state"]) for one in services] == [
        ("nova-conductor", "boss", "internal", "up"),
        ("nova-scheduler", "boss", "internal", "up"),
        ("nova-compute", "host1", "nova", "up"),
    ]
    path = f"{SERVICES}/{services[0]['id']}"
    refused = cloud.request("PUT", path, {"status": "disabled"}, version="compute 2.53")
    assert refused.json["badRequest"]["message"].startswith("Updating a nova-conductor service is not supported.")
    assert {host["service"] for host in cloud.request("GET", HOSTS).json["hosts"]} == {
        "conductor",
        "scheduler",
        "compute",
    }
    zones = cloud.request("GET", ZONES + "/detail").json["availabilityZoneInfo"]
    assert [zone["zoneName"] for zone in zones] == ["internal", "nova"]
    assert zone_names(cloud) == [("nova", True)]


def test_services_are_disabled_the_old_way(cloud: FakeCloud) -> None:
    host_row(cloud)
    named = {"host": "host1", "binary": "nova-compute"}
    disabled = cloud.request("PUT", SERVICES + "/disable-log-reason", {**named, "disabled_reason": "test"})
    assert disabled.json == {"service": {**named, "status": "disabled", "disabled_reason": "test"}}
    assert zone_names(cloud) == [("nova", False)]
    assert cloud.request("GET", SERVICES).json["services"][0]["disabled_reason"] == "test"
    assert cloud.request("PUT", SERVICES + "/enable", named).json == {"service": {**named, "status": "enabled"}}
    assert cloud.request("PUT", SERVICES + "/disable-log-reason", named).status == 400
    assert cloud.request("PUT", SERVICES + "/explode", named).status == 404
    assert cloud.request("PUT", SERVICES + "/force-down", named).status == 404
    forced = cloud.request("PUT", SERVICES + "/force-down", {**named, "forced_down": "true"}, version="compute 2.11")
    assert forced.json == {"service": {**named, "forced_down": True}}
    assert cloud.request("GET", SERVICES).json["services"][0]["state"] == "down"
    assert cloud.request("PUT", SERVICES + "/enable", {"host": "host1", "binary": "nova-api"}).status == 400
    assert cloud.request("PUT", SERVICES + "/enable", {"host": "none", "binary": "nova-compute"}).status == 404


def test_services_are_changed_by_id_since_253(cloud: FakeCloud) -> None:
    path = f"{SERVICES}/{host_row(cloud).service_id}"
    changed = cloud.request("PUT", path, {"status": "disabled", "disabled_reason": "test"}, version="compute 2.53")
    assert (changed.json["service"]["status"], changed.json["service"]["disabled_reason"]) == ("disabled", "test")
    for body in ({}, {"status": "enabled", "disabled_reason": "x"}, {"status": "broken"}):
        assert cloud.request("PUT", path, body, version="compute 2.53").status == 400, body
    assert cloud.request("PUT", SERVICES + "/x", {"status": "enabled"}, version="compute 2.53").status == 400


def test_a_service_is_deleted_when_its_host_is_empty(cloud: FakeCloud) -> None:
    host = host_row(cloud)
    server_row(cloud)
    path = f"{SERVICES}/{host.service_id}"
    assert cloud.request("DELETE", path, version="compute 2.53").status == 409
    number = aggregate(cloud)
    empty = host_row(cloud, "host2")
    act(cloud, number, "add_host", {"host": "host2"})
    path = f"{SERVICES}/{empty.service_id}"
    assert cloud.request("DELETE", path, version="compute 2.53").status == 204
    assert cloud.request("DELETE", path, version="compute 2.53").status == 404
    assert cloud.request("GET", f"{AGGREGATES}/{number}").json["aggregate"]["hosts"] == []


# -- hypervisors -------------------------------------------------------------------------------------------------------


def test_hypervisors_count_what_servers_were_given(cloud: FakeCloud) -> None:
    host = host_row(cloud)
    server_row(cloud, vcpus=2, memory_mb=1024, root_gb=5, ephemeral_gb=1)
    server_row(cloud, host=None)
    (old,) = cloud.request("GET", HYPERVISORS + "/detail").json["hypervisors"]
    assert (old["vcpus"], old["vcpus_used"], old["running_vms"]) == (8, 2, 1)
    assert (old["memory_mb"], old["memory_mb_used"], old["free_ram_mb"]) == (8192, 1536, 6656)
    assert (old["local_gb"], old["local_gb_used"], old["free_disk_gb"], old["disk_available_least"]) == (100, 6, 94, 60)
    assert old["cpu_info"] == '{"arch":"x86_64"}'
    assert isinstance(old["id"], int)
    newer = cloud.request("GET", HYPERVISORS + "/detail", version="compute 2.53").json["hypervisors"][0]
    assert newer["cpu_info"] == {"arch": "x86_64"}
    assert (newer["id"], newer["service"]["id"]) == (host.id, host.service_id)
    newest = cloud.request("GET", HYPERVISORS + "/detail", version="compute 2.88").json["hypervisors"][0]
    assert "vcpus" not in newest
    assert " up " in newest["uptime"]
    totals = cloud.request("GET", HYPERVISORS + "/statistics").json["hypervisor_statistics"]
    assert (totals["count"], totals["vcpus_used"], totals["memory_mb_used"]) == (1, 2, 1536)
    assert cloud.request("GET", HYPERVISORS + "/statistics", version="compute 2.88").status == 404
    assert cloud.request("GET", HYPERVISORS, user="demo").status == 403


def test_hypervisors_are_shown_and_searched(cloud: FakeCloud) -> None:
    host_row(cloud)
    host_row(cloud, "other")
    server_id = server_row(cloud)
    number = cloud.request("GET", HYPERVISORS).json["hypervisors"][0]["id"]
    assert cloud.request("GET", f"{HYPERVISORS}/{number}").json["hypervisor"]["hypervisor_hostname"] == "host1"
    assert cloud.request("GET", f"{HYPERVISORS}/none").status == 404
    assert cloud.request("GET", f"{HYPERVISORS}/none", version="compute 2.53").status == 400
    told = cloud.request("GET", f"{HYPERVISORS}/{number}/uptime").json["hypervisor"]
    assert set(told) == {"id", "hypervisor_hostname", "state", "status", "uptime"}
    found = cloud.request("GET", f"{HYPERVISORS}/host/search").json["hypervisors"]
    assert [one["hypervisor_hostname"] for one in found] == ["host1"]
    (with_servers,) = cloud.request("GET", f"{HYPERVISORS}/host1/servers").json["hypervisors"]
    assert with_servers["servers"] == [{"name": "web", "uuid": server_id}]
    assert cloud.request("GET", f"{HYPERVISORS}/nothing/search").status == 404
    query = "?hypervisor_hostname_pattern=oth&with_servers=true"
    (new,) = cloud.request("GET", HYPERVISORS + query, version="compute 2.75").json["hypervisors"]
    assert (new["hypervisor_hostname"], new["servers"]) == ("other", [])
    (old,) = cloud.request("GET", HYPERVISORS + query, version="compute 2.53").json["hypervisors"]
    assert "servers" not in old
    both = query + "&limit=1"
    assert cloud.request("GET", HYPERVISORS + both, version="compute 2.53").status == 400
    assert cloud.request("GET", HYPERVISORS + "?color=red", version="compute 2.53").status == 400


def test_hypervisors_are_paged(cloud: FakeCloud) -> None:
    rows = [host_row(cloud, name, created_at=i) for i, name in enumerate("ab")]
    page = cloud.request("GET", HYPERVISORS + "?limit=1", version="compute 2.53").json
    assert [one["id"] for one in page["hypervisors"]] == [rows[0].id]
    assert page["hypervisors_links"][0]["href"].endswith(f"/v2.1/os-hypervisors?limit=1&marker={rows[0].id}")
    rest = cloud.request("GET", f"{HYPERVISORS}?marker={rows[0].id}", version="compute 2.53").json["hypervisors"]
    assert [one["id"] for one in rest] == [rows[1].id]
    assert cloud.request("GET", HYPERVISORS + "?marker=none", version="compute 2.53").status == 400


def test_hosts_as_they_were_until_242(cloud: FakeCloud) -> None:
    host_row(cloud)
    server_row(cloud)
    assert cloud.request("GET", HOSTS).json["hosts"] == [{"host_name": "host1", "service": "compute", "zone": "nova"}]
    assert cloud.request("GET", HOSTS + "?zone=other").json["hosts"] == []
    lines = [line["resource"] for line in cloud.request("GET", HOSTS + "/host1").json["host"]]
    assert [line["project"] for line in lines] == ["(total)", "(used_now)", "(used_max)", cloud.ids.demo_project_id]
    assert [line["cpu"] for line in lines] == [8, 1, 1, 1]
    disabled = cloud.request("PUT", HOSTS + "/host1", {"status": "disable"})
    assert disabled.json == {"host": "host1", "status": "disabled"}
    assert cloud.request("PUT", HOSTS + "/host1", {"maintenance_mode": "enable"}).status == 501
    assert cloud.request("PUT", HOSTS + "/none", {"maintenance_mode": "enable"}).status == 404
    assert cloud.request("PUT", HOSTS + "/host1", {}).status == 400
    assert cloud.request("GET", HOSTS + "/host1/reboot").status == 501
    assert cloud.request("GET", HOSTS + "/none").status == 404
    assert cloud.request("GET", HOSTS, version="compute 2.43").status == 404


def test_uptime_reads_as_the_command_tells_it() -> None:
    now = clock.time.gmtime(0)
    assert uptime_line(now, "8101500.20 1.0", "0.20 0.12 0.14 1/2 3") == (
        " 00:00:00 up 93 days, 18:25,  load average: 0.20, 0.12, 0.14"
    )
    assert uptime_line(now, "300.0 1.0", "0.20 0.12 0.14 1/2 3").startswith(" 00:00:00 up 5 min,")
