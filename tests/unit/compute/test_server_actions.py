"""Whatever is done with a server ends in the state that the API promises, and leaves nothing behind."""

from typing import Any

import pytest

from pileus.kernel.errors import GiveUp
from tests.unit.compute.world import Servers

STATES = "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state", "OS-EXT-STS:power_state"


def states(server: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(server[name] for name in STATES)


def test_a_server_is_made_and_deleted(world: Servers) -> None:
    server_id = world.new(name="first")
    building = world.show(server_id)
    assert building["status"] == "BUILD"
    assert states(building) == ("building", "scheduling", 0)
    world.cloud.drain()
    server = world.show(server_id)
    assert server["status"] == "ACTIVE"
    assert states(server) == ("active", None, 1)
    assert server["OS-EXT-SRV-ATTR:host"] == "host1"
    assert server["OS-SRV-USG:launched_at"]
    assert world.used("host1") == {"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1}
    world.check_no_leaks()
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    assert world.show(server_id)["OS-EXT-STS:task_state"] == "deleting"
    world.cloud.drain()
    assert world.gone(server_id)
    assert not world.guests()
    world.check_no_leaks()


def test_stop_start_reboot_pause_suspend(world: Servers) -> None:
    server_id = world.boot()
    assert states(world.do(server_id, "os-stop")) == ("stopped", None, 4)
    assert states(world.do(server_id, "os-start")) == ("active", None, 1)
    assert states(world.do(server_id, "reboot", {"type": "SOFT"})) == ("active", None, 1)
    assert states(world.do(server_id, "pause")) == ("paused", None, 3)
    assert world.show(server_id)["status"] == "PAUSED"
    assert states(world.do(server_id, "unpause")) == ("active", None, 1)
    assert states(world.do(server_id, "suspend")) == ("suspended", None, 4)
    assert states(world.do(server_id, "resume")) == ("active", None, 1)
    assert states(world.do(server_id, "os-stop")) == ("stopped", None, 4)
    assert states(world.do(server_id, "reboot", {"type": "hard"})) == ("active", None, 1)


def test_an_action_in_the_wrong_state_is_refused_in_the_references_words(world: Servers) -> None:
    server_id = world.boot()
    refused = world.act(server_id, "os-start", expect=409).json["conflictingRequest"]
    assert refused["message"] == f"Cannot 'start' instance {server_id} while it is in vm_state active"
    world.act(server_id, "os-stop")
    refused = world.act(server_id, "os-stop", expect=409).json["conflictingRequest"]
    assert refused["message"] == f"Cannot 'stop' instance {server_id} while it is in task_state powering-off"


def test_a_locked_server_refuses_its_owner_not_the_administrator(world: Servers) -> None:
    server_id = world.boot()
    world.act(server_id, "lock", {"locked_reason": "mine"})
    assert world.show(server_id)["locked_reason"] == "mine"
    refused = world.act(server_id, "os-stop", expect=409).json["conflictingRequest"]
    assert refused["message"] == f"Instance {server_id} is locked"
    assert world.api("DELETE", f"/servers/{server_id}").status == 409
    world.act(server_id, "os-stop", user="admin")
    world.cloud.drain()
    world.act(server_id, "unlock")
    assert world.do(server_id, "os-start")["locked"] is False


def test_what_an_administrator_locked_takes_one_to_unlock(world: Servers) -> None:
    server_id = world.boot()
    world.act(server_id, "lock", user="admin")
    world.act(server_id, "unlock", expect=403)
    world.act(server_id, "unlock", user="admin")


def test_a_snapshot_becomes_an_active_image(world: Servers) -> None:
    server_id = world.boot()
    made = world.act(server_id, "createImage", {"name": "snap", "metadata": {"a": "b"}})
    image_id = made.json["image_id"]
    assert world.show(server_id)["OS-EXT-STS:task_state"] == "image_snapshot_pending"
    world.cloud.drain()
    image = world.cloud.request("GET", f"/image/v2/images/{image_id}", user="demo").json
    assert (image["status"], image["instance_uuid"], image["image_type"], image["a"]) == (
        "active",
        server_id,
        "snapshot",
        "b",
    )
    assert states(world.show(server_id)) == ("active", None, 1)
    old = world.act(server_id, "createImage", {"name": "snap2"}, version="compute 2.1")
    assert not old.body
    assert old.headers["location"].startswith("http://cloud.test:8780/image/v2/images/")


def test_backups_are_rotated(world: Servers) -> None:
    server_id = world.boot()
    made = []
    for number in range(3):
        backup = {"name": f"b{number}", "backup_type": "daily", "rotation": 2}
        made.append(world.act(server_id, "createBackup", backup).json["image_id"])
        world.cloud.drain()
    images = world.cloud.request("GET", "/image/v2/images?image_type=backup", user="demo").json["images"]
    assert {image["id"] for image in images} == set(made[1:])


def test_a_rebuild_changes_the_image_and_keeps_the_state(world: Servers) -> None:
    other = world.make_image("other")
    server_id = world.boot()
    world.do(server_id, "os-stop")
    answer = world.act(server_id, "rebuild", {"imageRef": other, "name": "new", "metadata": {"k": "v"}})
    assert answer.json["server"]["status"] == "REBUILD"
    assert len(answer.json["server"]["adminPass"]) == 12
    world.cloud.drain()
    server = world.show(server_id)
    assert (server["image"]["id"], server["name"], server["metadata"]) == (other, "new", {"k": "v"})
    assert states(server) == ("stopped", None, 4)
    world.check_no_leaks()


def test_rescue_and_unrescue(world: Servers) -> None:
    server_id = world.boot()
    answer = world.act(server_id, "rescue", {"adminPass": "secret"}, expect=200)
    assert answer.json == {"adminPass": "secret"}
    world.cloud.drain()
    assert world.show(server_id)["status"] == "RESCUE"
    assert states(world.do(server_id, "unrescue")) == ("active", None, 1)


def test_a_resize_is_confirmed_on_the_only_host(world: Servers) -> None:
    server_id = world.boot()
    server = world.do(server_id, "resize", {"flavorRef": "2"})
    assert server["status"] == "VERIFY_RESIZE"
    assert server["flavor"]["original_name"] == "m1.small"
    assert world.used("host1")["MEMORY_MB"] == 512 + 2048
    world.act(server_id, "confirmResize", expect=204)
    world.cloud.drain()
    assert states(world.show(server_id)) == ("active", None, 1)
    assert world.used("host1")["MEMORY_MB"] == 2048
    world.check_no_leaks()


def test_a_resize_is_reverted(world2: Servers) -> None:
    server_id = world2.boot()
    world2.do(server_id, "os-stop")
    before = world2.show(server_id)
    assert world2.do(server_id, "resize", {"flavorRef": "2"})["status"] == "VERIFY_RESIZE"
    after = world2.do(server_id, "revertResize")
    assert states(after) == ("stopped", None, 4)
    assert after["flavor"] == before["flavor"]
    assert after["OS-EXT-SRV-ATTR:host"] == before["OS-EXT-SRV-ATTR:host"]
    world2.check_no_leaks()


def test_a_resize_to_the_same_flavor_is_refused(world: Servers) -> None:
    server_id = world.boot()
    refused = world.act(server_id, "resize", {"flavorRef": "1"}, expect=400).json["badRequest"]
    assert refused["message"] == "When resizing, instances must change flavor!"
    world.act(server_id, "resize", {"flavorRef": "nothing"}, expect=400)


def test_a_failed_resize_leaves_the_server_as_it_was(world: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    server_id = world.boot()

    def refuse(*args: Any, **options: Any) -> None:
        raise GiveUp("the disk does not fit")

    monkeypatch.setattr(world.compute.agents["host1"].driver, "begin_move", refuse)
    server = world.do(server_id, "resize", {"flavorRef": "2"})
    assert states(server) == ("active", None, 1)
    assert server["flavor"]["original_name"] == "m1.tiny"
    actions = world.api("GET", f"/servers/{server_id}/os-instance-actions").json["instanceActions"]
    assert (actions[0]["action"], actions[0]["message"]) == ("resize", "Error")
    world.check_no_leaks()


def test_cold_migration_goes_to_another_host(world2: Servers) -> None:
    server_id = world2.boot()
    source = world2.show(server_id)["OS-EXT-SRV-ATTR:host"]
    server = world2.do(server_id, "migrate", None, user="admin")
    assert server["status"] == "VERIFY_RESIZE"
    assert server["OS-EXT-SRV-ATTR:host"] != source
    world2.act(server_id, "confirmResize", expect=204)
    world2.cloud.drain()
    world2.check_no_leaks()
    migration = world2.api("GET", "/os-migrations", user="admin").json["migrations"][0]
    assert (migration["status"], migration["migration_type"]) == ("confirmed", "migration")


def test_live_migration(world2: Servers) -> None:
    server_id = world2.boot()
    source = world2.show(server_id)["OS-EXT-SRV-ATTR:host"]
    target = {"host1": "host2", "host2": "host1"}[source]
    world2.act(server_id, "os-migrateLive", {"host": target, "block_migration": "auto"}, expect=403)
    world2.act(server_id, "os-migrateLive", {"host": target, "block_migration": "auto"}, user="admin")
    assert world2.show(server_id)["status"] == "MIGRATING"
    world2.cloud.drain()
    server = world2.show(server_id)
    assert (server["OS-EXT-SRV-ATTR:host"], *states(server)) == (target, "active", None, 1)
    world2.check_no_leaks()


def test_a_live_migration_with_nowhere_to_go_changes_nothing(world: Servers) -> None:
    server_id = world.boot()
    server = world.do(server_id, "os-migrateLive", {"host": None, "block_migration": "auto"}, user="admin")
    assert states(server) == ("active", None, 1)
    migration = world.api("GET", "/os-migrations", user="admin").json["migrations"][0]
    assert migration["status"] == "error"
    world.check_no_leaks()


def test_evacuation_from_a_host_that_is_down(world2: Servers) -> None:
    server_id = world2.boot()
    source = world2.show(server_id)["OS-EXT-SRV-ATTR:host"]
    refused = world2.act(server_id, "evacuate", {}, user="admin", expect=400).json["badRequest"]
    assert refused["message"] == f"Compute service of {source} is still in use."
    world2.down(source)
    server = world2.do(server_id, "evacuate", {}, user="admin", expect=200, version="compute 2.79")
    assert server["OS-EXT-SRV-ATTR:host"] != source
    assert states(server) == ("active", None, 1)
    world2.up(source)
    world2.compute.reconciler.run()
    world2.check_no_leaks()


def test_shelving_gives_the_host_back_and_unshelving_takes_one(world: Servers) -> None:
    server_id = world.boot()
    server = world.do(server_id, "shelve")
    assert server["status"] == "SHELVED_OFFLOADED"
    assert server["OS-EXT-SRV-ATTR:host"] is None
    assert world.used("host1") == {"VCPU": 0, "MEMORY_MB": 0, "DISK_GB": 0}
    images = world.cloud.request("GET", "/image/v2/images?name=s-shelved", user="demo").json["images"]
    assert [image["status"] for image in images] == ["active"]
    server = world.do(server_id, "unshelve", None)
    assert states(server) == ("active", None, 1)
    assert world.cloud.request("GET", "/image/v2/images?name=s-shelved", user="demo").json["images"] == []
    world.check_no_leaks()


def test_a_shelved_server_can_stay_on_its_host_for_a_while(tmp_path: Any) -> None:
    world = Servers(tmp_path, PILEUS_COMPUTE__SHELVED_OFFLOAD_TIME="-1")
    server_id = world.boot()
    assert world.do(server_id, "shelve")["status"] == "SHELVED"
    assert world.do(server_id, "shelveOffload", user="admin")["status"] == "SHELVED_OFFLOADED"
    world.close()


def test_a_soft_deleted_server_can_be_restored(tmp_path: Any) -> None:
    world = Servers(tmp_path, PILEUS_COMPUTE__RECLAIM_INTERVAL="3600")
    server_id = world.boot()
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    assert world.show(server_id)["status"] == "SOFT_DELETED"
    assert world.api("GET", "/servers").json["servers"] == []
    assert states(world.do(server_id, "restore")) == ("active", None, 1)
    world.act(server_id, "forceDelete")
    world.cloud.drain()
    assert world.gone(server_id)
    world.close()


def test_reset_state_and_delete_of_a_failed_server(world: Servers) -> None:
    server_id = world.boot()
    world.act(server_id, "os-resetState", {"state": "error"}, user="admin")
    assert world.show(server_id)["status"] == "ERROR"
    world.act(server_id, "os-resetState", {"state": "active"}, expect=403)
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    assert world.gone(server_id)


def test_every_action_is_recorded_with_its_events(world: Servers) -> None:
    server_id = world.boot()
    world.do(server_id, "os-stop")
    actions = world.api("GET", f"/servers/{server_id}/os-instance-actions").json["instanceActions"]
    assert [action["action"] for action in actions] == ["stop", "create"]
    request_id = actions[1]["request_id"]
    action = world.api("GET", f"/servers/{server_id}/os-instance-actions/{request_id}", user="admin").json
    event = action["instanceAction"]["events"][0]
    assert (event["event"], event["result"], event["host"]) == (
        "compute__do_build_and_run_instance",
        "Success",
        "host1",
    )
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    actions = world.api("GET", f"/servers/{server_id}/os-instance-actions", user="admin").json["instanceActions"]
    assert actions[0]["action"] == "delete"
    world.api("GET", f"/servers/{server_id}/os-instance-actions", version="compute 2.20", user="admin", expect=404)


def test_console_output_and_diagnostics(world: Servers) -> None:
    server_id = world.boot()
    output = world.act(server_id, "os-getConsoleOutput", {"length": 2}, expect=200).json["output"]
    assert output.count("\n") == 1
    figures = world.api("GET", f"/servers/{server_id}/diagnostics", user="admin", expect=200).json
    assert (figures["state"], figures["num_cpus"], figures["driver"]) == ("running", 1, "libvirt")
    old = world.api("GET", f"/servers/{server_id}/diagnostics", user="admin", version="compute 2.1", expect=200).json
    assert old["memory"] == 512 * 1024
    console = world.act(server_id, "os-getVNCConsole", {"type": "novnc"}, version="compute 2.1", expect=200).json[
        "console"
    ]
    assert console["type"] == "novnc" and "%3Ftoken%3D" in console["url"]
    world.act(server_id, "os-getVNCConsole", {"type": "no-such"}, version="compute 2.1", expect=400)


def test_removed_actions_are_gone(world: Servers) -> None:
    server_id = world.boot()
    world.act(server_id, "resetNetwork", expect=410)
    world.act(server_id, "addFloatingIp", {"address": "10.0.0.1"}, version="compute 2.44", expect=404)
    world.act(server_id, "trigger_crash_dump", version="compute 2.16", expect=404)
    world.act(server_id, "no-such-action", expect=400)
