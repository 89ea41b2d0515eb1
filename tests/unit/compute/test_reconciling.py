"""Servers, guests and allocations that drifted apart are brought together again."""

from typing import Any

import pytest

from pileus.compute import states
from pileus.compute.drivers.base import Guest
from pileus.compute.model import Server
from pileus.compute.reconciling import remedy
from pileus.compute.store import servers
from pileus.kernel import ids
from pileus.kernel.context import service_context
from tests.unit.compute.world import Servers


@pytest.mark.parametrize(
    ("vm_state", "power_state", "task", "guest", "restarted", "what"),
    [
        ("active", 1, None, "running", False, ""),
        ("active", 1, None, None, False, "recover"),
        ("active", 1, None, "shutdown", False, "stopped"),
        ("active", 1, None, "shutdown", True, "recover"),
        ("active", 1, "powering-off", "shutdown", False, ""),
        ("active", 1, None, "paused", False, "sync"),
        ("stopped", 4, None, "running", False, "stop"),
        ("stopped", 4, None, None, False, ""),
        ("building", 0, "spawning", "running", False, ""),
    ],
)
def test_the_remedy_for_each_difference(
    world: Servers, vm_state: str, power_state: int, task: str | None, guest: str | None, restarted: bool, what: str
) -> None:
    server = _server(world, vm_state=vm_state, power_state=power_state, task_state=task)
    assert remedy(server, guest, host_restarted=restarted) == what


def _server(world: Servers, **values: Any) -> Server:
    server_id = world.new()
    with world.cloud.cloud.database.transaction() as tx:
        servers.update(tx, server_id, **values)
        found = servers.get(tx, server_id)
    assert found is not None
    return found


def test_a_guest_that_shut_itself_down_makes_its_server_shutoff(world: Servers) -> None:
    server_id = world.boot()
    world.compute.reconciler.run()
    world.world.guests["host1", server_id].power_state = "shutdown"
    world.compute.reconciler.run()
    assert world.show(server_id)["status"] == "SHUTOFF"


def test_servers_that_should_run_are_started_after_their_host_was(world: Servers) -> None:
    running, stopped = world.boot(), world.boot()
    world.do(stopped, "os-stop")
    world.world.guests.clear()
    world.compute.reconciler.run()
    world.cloud.drain()
    assert world.show(running)["OS-EXT-STS:power_state"] == states.RUNNING
    assert set(world.guests()) == {("host1", running)}


def test_a_guest_of_no_server_is_removed(world: Servers) -> None:
    server_id = world.boot()
    stray = world.world.guests["host1", server_id]
    lost = ids.new_uuid()
    world.world.guests["host1", lost] = stray
    world.compute.reconciler.run()
    assert world.guests() == {("host1", server_id)}


def test_a_guest_that_came_while_guests_were_counted_stays(world: Servers) -> None:
    agent, context = world.compute.agents["host1"], service_context("req-1")
    counted = agent.states(context)
    guest = Guest("g", "g", "g", "i", "p", "u", 1, 64, 1, None)
    agent.spawn(context, {name: getattr(guest, name) for name in guest.__struct_fields__}, None)
    agent.clean(context, [], counted["at"])
    assert world.guests() == {("host1", "g")}


def test_allocations_of_no_server_are_given_back(world: Servers) -> None:
    server_id = world.boot()
    context = service_context("req-1")
    allocations, _ = world.compute.placing.allocations(context, server_id)
    assert world.compute.placing.claim(context, ids.new_uuid(), "p", "u", allocations)
    world.compute.reconciler.run()
    world.check_no_leaks()


def test_a_server_whose_task_nobody_does_is_freed(world: Servers) -> None:
    server_id = world.boot()
    with world.cloud.cloud.database.transaction() as tx:
        servers.update(tx, server_id, task_state="pausing", updated_at=0)
    world.compute.reconciler.run()
    assert world.show(server_id)["OS-EXT-STS:task_state"] is None


def test_deleting_a_server_of_a_host_that_is_down_does_not_wait_for_it(world: Servers) -> None:
    server_id = world.boot()
    world.down("host1")
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    assert world.gone(server_id)
    assert world.guests() == {("host1", server_id)}
    world.up("host1")
    world.compute.reconciler.run()
    assert not world.guests()
