"""An operation is finished, or undone and explained, whatever dies on the way."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.database import Database
from pileus.kernel.errors import GiveUp, RetryLater, Unavailable
from pileus.kernel.operations import engine as engine_module
from pileus.kernel.operations.engine import Engine
from pileus.kernel.operations.leases import Lease, owner_is_dead, process_owner
from pileus.kernel.operations.model import Kind, Operation, Run, Step
from pileus.kernel.operations.queue import Queue, hurry
from pileus.kernel.operations.tables import metadata, operations

CONTEXT = Context(request_id="req-1", project_id="p1", token="secret")


class World:
    """Records what steps did, and lets a test decide what they do."""

    def __init__(self, database: Database) -> None:
        database.create(metadata)
        self.database = database
        self.queue = Queue(database)
        self.did: list[str] = []
        self.failures: list[tuple[str, int]] = []
        self.behaviour: dict[str, Callable[[Run], Any]] = {}
        self.kind = self.make_kind("make", deadline=60)
        self.delete = Kind(name="delete", steps=[self.step("erase")], cancels=True)

    def step(self, name: str) -> Step:
        def do(run: Run) -> Any:
            self.did.append(name)
            return self.behaviour.get(name, lambda run: {"by": name})(run)

        def undo(run: Run) -> None:
            self.did.append(f"undo {name}")
            self.behaviour.get(f"undo {name}", lambda run: None)(run)

        return Step(name, do, undo)

    def make_kind(self, name: str, deadline: float) -> Kind:
        steps = [self.step("first"), self.step("second"), self.step("third")]
        return Kind(name=name, steps=steps, deadline=deadline, failed=lambda run, why, code: self.failed(why, code))

    def failed(self, why: str, code: int) -> None:
        self.failures.append((why, code))

    def engine(self, owner: str = "engine-1") -> Engine:
        kinds = {kind.name: (kind, self) for kind in (self.kind, self.delete)}
        return Engine(self.database, kinds, owner=owner, threads=4)

    def ask(self, kind: Kind | None = None, resource: str = "r1") -> str:
        with self.database.transaction() as tx:
            return self.queue.ask(tx, kind or self.kind, resource, CONTEXT, {"size": 3})

    def row(self, operation_id: str) -> Any:
        with self.database.read() as tx:
            return tx.execute(sa.select(operations).where(operations.c.id == operation_id)).one()

    def hurry(self) -> None:
        """Makes everything that waits for its time due now."""
        with self.database.transaction() as tx:
            tx.execute(operations.update().values(run_at=0))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_steps_run_in_order_and_keep_their_results(world: World) -> None:
    seen: dict[str, Any] = {}

    def third(run: Run) -> None:
        seen.update(results=dict(run.results), input=run.input, context=run.context)

    world.behaviour["third"] = third
    operation = world.ask()
    world.engine().drain()
    assert world.did == ["first", "second", "third"]
    assert seen["results"] == {"first": {"by": "first"}, "second": {"by": "second"}}
    assert seen["input"] == {"size": 3}
    assert world.row(operation).state == "done"


def test_the_token_is_not_kept(world: World) -> None:
    operation = world.ask()
    assert "secret" not in world.row(operation).context
    with world.database.read() as tx:
        assert world.queue.of_request(tx, "req-1")[0].context.project_id == "p1"


def test_an_operation_asked_for_in_a_failed_transaction_is_never_done(world: World) -> None:
    with pytest.raises(RuntimeError), world.database.transaction() as tx:
        world.queue.ask(tx, world.kind, "r1", CONTEXT)
        raise RuntimeError
    assert world.engine().drain() == 0


def test_giving_up_undoes_in_reverse_the_step_that_gave_up_included_and_tells_why(world: World) -> None:
    def give_up(run: Run) -> None:
        raise GiveUp("no room", code=409)

    world.behaviour["second"] = give_up
    operation = world.ask()
    world.engine().drain()
    assert world.did == ["first", "second", "undo second", "undo first"]
    assert world.failures == [("no room", 409)]
    row = world.row(operation)
    assert (row.state, row.error, row.error_code) == ("failed", "no room", 409)


@pytest.mark.parametrize("error", [RetryLater("not yet"), Unavailable("host is silent")])
def test_retry_later_runs_the_same_step_again_later(world: World, error: Exception) -> None:
    attempts: list[int] = []

    def second(run: Run) -> None:
        attempts.append(run.attempts)
        if len(attempts) < 3:
            raise error

    world.behaviour["second"] = second
    operation = world.ask()
    engine = world.engine()
    engine.drain()
    row = world.row(operation)
    assert (row.state, row.lease_owner) == ("running", None)
    assert row.run_at > clock.now()
    assert row.error
    for _ in range(2):
        world.hurry()
        engine.drain()
    assert attempts == [0, 1, 2]
    assert world.did.count("first") == 1
    assert world.row(operation).state == "done"


def test_what_is_parked_is_tried_again_at_once_when_something_happened(world: World) -> None:
    def first(run: Run) -> None:
        if run.attempts == 0:
            raise RetryLater("waiting for the port", after=60)

    world.behaviour["first"] = first
    operation = world.ask()
    engine = world.engine()
    engine.drain()
    assert engine.drain() == 0
    with world.database.transaction() as tx:
        hurry(tx, "r1")
    engine.drain()
    assert world.row(operation).state == "done"


def test_out_of_time_it_gives_up(world: World) -> None:
    def never(run: Run) -> None:
        raise RetryLater("still no answer")

    world.behaviour["second"] = never
    operation = world.ask()
    with world.database.transaction() as tx:
        tx.execute(operations.update().values(deadline=0))
    world.engine().drain()
    assert world.row(operation).state == "failed"
    assert world.failures == [("Timed out: still no answer", 504)]


def test_a_bug_is_tried_again_then_undone_and_reported(world: World) -> None:
    def bug(run: Run) -> None:
        raise ZeroDivisionError("oops")

    world.behaviour["first"] = bug
    operation = world.ask()
    engine = world.engine()
    for _ in range(3):
        engine.drain()
        world.hurry()
    assert world.did == ["first"] * 3 + ["undo first"]
    assert world.row(operation).state == "failed"
    assert world.failures == [("ZeroDivisionError: oops", 500)]


def test_operations_of_one_resource_run_in_order_others_do_not_wait(world: World) -> None:
    def wait(run: Run) -> None:
        if run.resource_id == "r1":
            raise RetryLater("busy", after=60)

    world.behaviour["first"] = wait
    first, second, other = world.ask(), world.ask(), world.ask(resource="r2")
    world.engine().drain()
    assert world.row(first).state == "running"
    assert world.row(second).state == "pending"
    assert world.row(other).state == "done"


def test_a_delete_cancels_what_is_under_way_at_the_next_step(world: World) -> None:
    deletes: list[str] = []

    def second(run: Run) -> None:
        deletes.append(world.ask(world.delete))

    world.behaviour["second"] = second
    operation = world.ask()
    world.engine().drain()
    assert world.did == ["first", "second", "erase"]
    assert world.row(operation).state == "cancelled"
    assert world.row(deletes[0]).state == "done"
    assert world.failures == []


def test_a_delete_does_not_wait_for_a_retry_or_for_hanging_undoing(world: World) -> None:
    def give_up(run: Run) -> None:
        raise GiveUp("no")

    def hang(run: Run) -> None:
        raise Unavailable("host is gone")

    world.behaviour |= {"second": give_up, "undo first": hang}
    operation = world.ask()
    engine = world.engine()
    engine.drain()
    assert world.row(operation).state == "undoing"
    delete = world.ask(world.delete)
    engine.drain()
    assert world.row(operation).state == "cancelled"
    assert world.row(delete).state == "done"


def test_a_long_step_notices_the_cancel_at_its_checkpoint(world: World) -> None:
    def first(run: Run) -> None:
        run.checkpoint()
        world.ask(world.delete)
        run.checkpoint()
        raise AssertionError("went on after the cancel")

    world.behaviour["first"] = first
    operation = world.ask()
    world.engine().drain()
    assert world.row(operation).state == "cancelled"
    assert world.did == ["first", "erase"]


class Died(BaseException):
    """Stands for kill -9: nothing after it is run, not even the engine's own error handling."""


@pytest.mark.parametrize("at", ["first", "second", "third", "undo second", "undo first"])
def test_another_engine_goes_on_where_one_died(world: World, at: str) -> None:
    died: list[str] = []

    def die_once(run: Run) -> None:
        if not died:
            died.append(at)
            raise Died

    def give_up(run: Run) -> None:
        raise GiveUp("no")

    if at.startswith("undo"):
        world.behaviour["second"] = give_up
    world.behaviour[at] = die_once
    operation = world.ask()
    with pytest.raises(Died):
        world.engine("engine-1").drain()
    successor = world.engine("engine-2")
    assert successor.drain() == 0, "the dead engine's lease still stands"
    with world.database.transaction() as tx:
        tx.execute(operations.update().values(lease_expires=clock.now() - 1))
    successor.drain()
    assert world.row(operation).state == ("failed" if at.startswith("undo") else "done")
    assert world.did.count(at) == 2
    assert all(world.did.count(step) == 1 for step in set(world.did) - {at})


def test_an_engine_that_only_seemed_dead_changes_nothing(world: World) -> None:
    def taken_over(run: Run) -> None:
        if len(world.did) == 1:
            with world.database.transaction() as tx:
                tx.execute(operations.update().values(lease_owner="engine-2"))

    world.behaviour["first"] = taken_over
    operation = world.ask()
    world.engine("engine-1").drain()
    assert world.did == ["first"]
    row = world.row(operation)
    assert (row.state, row.step, row.lease_owner) == ("running", 0, "engine-2")


def test_leases_of_dead_processes_of_this_host_are_freed_at_once(world: World) -> None:
    world.ask()
    gone = process_owner().rsplit(":", 2)[0] + ":999999999:1-abc"
    assert owner_is_dead(gone)
    assert not owner_is_dead(process_owner())
    assert not owner_is_dead("elsewhere:1:1-abc")
    assert len(world.engine(gone).claim(1)) == 1
    engine = world.engine("engine-2")
    assert engine.drain() == 0
    assert engine.release_dead() == 1
    assert engine.drain() == 1


def test_two_engines_never_claim_the_same_operation(world: World) -> None:
    for number in range(40):
        world.ask(resource=f"r{number}")
    claimed: list[Operation] = []

    def claim(owner: str) -> None:
        engine = world.engine(owner)
        while found := engine.claim(3):
            claimed.extend(found)

    threads = [threading.Thread(target=claim, args=(f"engine-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len({operation.id for operation in claimed}) == 40


def test_the_running_engine_wakes_for_what_is_asked_and_for_retries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "POLL_SECONDS", 60.0)
    done = threading.Event()

    def second(run: Run) -> None:
        if run.attempts == 0:
            raise RetryLater("soon", after=0.05)

    def third(run: Run) -> None:
        done.set()

    world.behaviour |= {"second": second, "third": third}
    engine = world.engine()
    world.queue._hint = engine.wake
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        world.ask()
        assert done.wait(10)
    finally:
        engine.stop()
        thread.join()


def test_a_lease_is_held_by_one_and_passes_on_when_it_runs_out(world: World) -> None:
    mine = Lease(world.database, "writer", "me", 0.05)
    yours = Lease(world.database, "writer", "you", 60)
    assert mine.hold()
    assert mine.hold()
    assert not yours.hold()
    clock_until = clock.now() + 60_000
    while clock.now() < clock_until:
        pass
    assert yours.hold()
    assert not mine.hold()
    yours.release()
    assert mine.hold()
