"""An engine may die at any step of making or deleting a server: it is finished or undone, and nothing stays behind."""

from typing import Any

import pytest

from pileus.compute.operations.boot import BOOT
from pileus.compute.operations.delete import DELETE
from pileus.compute.operations.resize import RESIZE
from pileus.kernel.errors import GiveUp
from pileus.kernel.operations.model import Kind, Run, Step
from tests.unit.compute.world import Servers


class Died(BaseException):
    """Stands for kill -9."""


def dying(kind: Kind, at: str, when: str) -> Kind:
    """The kind, but the engine dies once before or after a step did its work."""
    died: list[str] = []

    def wrap(step: Step) -> Step:
        def do(run: Run) -> Any:
            if when == "before" and not died:
                died.append(at)
                raise Died
            result = step.do(run)
            if when == "after" and not died:
                died.append(at)
                raise Died
            return result

        return Step(step.name, do, step.undo) if step.name == at else step

    return Kind(
        name=kind.name,
        steps=[wrap(step) for step in kind.steps],
        deadline=kind.deadline,
        cancels=kind.cancels,
        failed=kind.failed,
    )


def failing(kind: Kind, at: str) -> Kind:
    """The kind, but a step gives up after it did its work."""

    def wrap(step: Step) -> Step:
        def do(run: Run) -> Any:
            step.do(run)
            raise GiveUp("no luck")

        return Step(step.name, do, step.undo) if step.name == at else step

    return Kind(name=kind.name, steps=[wrap(step) for step in kind.steps], failed=kind.failed)


def use(world: Servers, kind: Kind) -> None:
    world.cloud.cloud.kinds[kind.name] = (kind, world.compute)


def die(world: Servers) -> None:
    with pytest.raises(Died):
        world.cloud.drain()
    world.next_engine()


BOOT_STEPS = [step.name for step in BOOT.steps]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", BOOT_STEPS)
def test_another_engine_finishes_a_boot(world: Servers, at: str, when: str) -> None:
    use(world, dying(BOOT, at, when))
    server_id = world.new()
    die(world)
    world.cloud.drain()
    assert world.show(server_id)["status"] == "ACTIVE"
    world.check_no_leaks()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", BOOT_STEPS)
def test_a_delete_cleans_up_a_boot_that_died(world: Servers, at: str, when: str) -> None:
    use(world, dying(BOOT, at, when))
    server_id = world.new()
    die(world)
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    assert world.gone(server_id)
    assert not world.guests()
    world.check_no_leaks()


@pytest.mark.parametrize("at", BOOT_STEPS[:-1])
def test_a_boot_that_fails_at_any_step_is_undone_and_explained(world: Servers, at: str) -> None:
    use(world, failing(BOOT, at))
    server_id = world.new()
    world.cloud.drain()
    server = world.show(server_id)
    assert (server["status"], server["fault"]["message"]) == ("ERROR", "no luck")
    assert server["OS-EXT-SRV-ATTR:host"] is None
    assert not world.guests()
    world.check_no_leaks()
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    world.cloud.drain()
    assert world.gone(server_id)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [step.name for step in DELETE.steps])
def test_another_engine_finishes_a_delete(world: Servers, at: str, when: str) -> None:
    server_id = world.boot()
    use(world, dying(DELETE, at, when))
    world.api("DELETE", f"/servers/{server_id}", expect=204)
    die(world)
    world.cloud.drain()
    assert world.gone(server_id)
    assert not world.guests()
    world.check_no_leaks()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [step.name for step in RESIZE.steps])
def test_another_engine_finishes_a_resize(world2: Servers, at: str, when: str) -> None:
    server_id = world2.boot()
    use(world2, dying(RESIZE, at, when))
    world2.act(server_id, "resize", {"flavorRef": "2"})
    die(world2)
    world2.cloud.drain()
    assert world2.show(server_id)["status"] == "VERIFY_RESIZE"
    world2.act(server_id, "confirmResize", expect=204)
    world2.cloud.drain()
    world2.check_no_leaks()


@pytest.mark.parametrize("at", [step.name for step in RESIZE.steps][:-1])
def test_a_resize_that_fails_at_any_step_is_undone(world2: Servers, at: str) -> None:
    server_id = world2.boot()
    before = world2.show(server_id)
    use(world2, failing(RESIZE, at))
    after = world2.do(server_id, "resize", {"flavorRef": "2"})
    same = ("status", "flavor", "OS-EXT-SRV-ATTR:host", "OS-EXT-STS:power_state")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    world2.check_no_leaks()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", [step.name for step in RESIZE.steps])
def test_a_delete_cleans_up_a_resize_that_died(world2: Servers, at: str, when: str) -> None:
    server_id = world2.boot()
    use(world2, dying(RESIZE, at, when))
    world2.act(server_id, "resize", {"flavorRef": "2"})
    die(world2)
    world2.api("DELETE", f"/servers/{server_id}", expect=204)
    world2.cloud.drain()
    assert world2.gone(server_id)
    assert not world2.guests()
    world2.check_no_leaks()


def test_a_host_that_cannot_make_a_server_is_left_for_another(world2: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise GiveUp("the disk is full")

    for first in ("host1", "host2"):
        monkeypatch.setattr(world2.compute.agents[first].driver, "spawn", refuse)
        if first == "host1":
            server_id = world2.boot()
            assert world2.show(server_id)["OS-EXT-SRV-ATTR:host"] == "host2"
            world2.check_no_leaks()
    server_id = world2.new()
    world2.cloud.drain()
    server = world2.show(server_id)
    assert server["status"] == "ERROR"
    assert server["fault"]["message"] == "Exceeded maximum number of retries. the disk is full"
    world2.check_no_leaks()
