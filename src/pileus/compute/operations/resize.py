"""Resizing and cold migration: to a host, held there until it is confirmed or reverted."""

from typing import Any

import msgspec

from pileus.compute import states
from pileus.compute.model import Server, ServerFlavor
from pileus.compute.operations.common import call, failed, fault, gone_is_fine, guest, host_of, load, service_of, settle
from pileus.compute.operations.moving import (
    bind_to,
    claim_target,
    give_up_source,
    give_up_target,
    migration_of,
    target_of,
)
from pileus.compute.store import migrations, servers
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.operations.model import Kind, Run, Step

EVENT = "compute_finish_resize"
CONFIRM_EVENT = "compute_confirm_resize"
REVERT_EVENT = "compute_finish_revert_resize"
MOVE_TIMEOUT = 600.0


def sized(server: Server, values: dict[str, Any]) -> Server:
    """The server as it is with other sizes (servers_checks.flavor_values)."""
    flavor = msgspec.convert(values["flavor"], ServerFlavor)
    return msgspec.structs.replace(
        server,
        flavor_json=msgspec.json.encode(flavor).decode(),
        **{name: value for name, value in values.items() if name != "flavor"},
    )


def _schedule(run: Run) -> None:
    server = load(run)
    flavor = msgspec.convert(run.input["flavor"]["flavor"], ServerFlavor)
    wanted: dict[str, Any] = {}
    if not run.input["same_host"]:
        wanted["avoid"] = frozenset({host_of(server)})
    claim_target(run, server, flavor, **wanted)
    with run.database.transaction() as tx:
        servers.settle(tx, server.id, (states.RESIZE_PREP,), task_state=states.RESIZE_MIGRATING)


def _unschedule(run: Run) -> None:
    give_up_target(run, load(run))


def _stop(run: Run) -> None:
    """The guest is off while it moves."""
    server, migration = load(run), migration_of(run)
    if migration.vm_state == states.ACTIVE:
        timeout = service_of(run).settings.shutdown_timeout
        call(run, migration.source_host, "power_off", guest_id=server.id, patience=timeout)


def _start_again(run: Run) -> None:
    server, migration = load(run), migration_of(run)
    if migration.vm_state == states.ACTIVE:
        gone_is_fine(lambda: call(run, migration.source_host, "power_on", guest=guest(run, server)))


def _move(run: Run) -> None:
    server, migration, target = load(run), migration_of(run), target_of(run)
    if target.host != migration.source_host:
        bind_to(run, server, target.host)
    with run.database.transaction() as tx:
        servers.settle(tx, server.id, (states.RESIZE_MIGRATING,), task_state=states.RESIZE_FINISH)
    call(
        run,
        target.host,
        "begin_move",
        guest=guest(run, sized(server, run.input["flavor"])),
        source=migration.source_host,
        start=migration.vm_state == states.ACTIVE,
        image=server.image,
        timeout=MOVE_TIMEOUT,
    )


def _move_back(run: Run) -> None:
    server, migration, target = load(run), migration_of(run), target_of(run)
    _back_to_source(run, server, migration.source_host, target.host, start=False)


def _back_to_source(run: Run, server: Server, source: str, target: str, *, start: bool) -> None:
    if target != source:
        gone_is_fine(lambda: call(run, target, "destroy", guest=guest(run, server)))
        bind_to(run, server, source)
    call(run, source, "revert_move", guest=guest(run, server), start=start, timeout=MOVE_TIMEOUT)


def _finish(run: Run) -> None:
    migration, target = migration_of(run), target_of(run)
    running = migration.vm_state == states.ACTIVE
    settle(
        run,
        EVENT,
        host=target.host,
        also=lambda tx: _moved(tx, run, target.host, target.hypervisor_hostname),
        vm_state=states.RESIZED,
        task_state=None,
        power_state=states.RUNNING if running else states.SHUTDOWN,
        launched_at=clock.now(),
        **run.input["flavor"],
    )


def _moved(tx: Tx, run: Run, host: str, node: str) -> None:
    servers.update(tx, run.resource_id, host=host, node=node)
    migrations.update(tx, run.input["migration_id"], status="finished")


def _confirm(run: Run) -> None:
    server, migration = load(run), migration_of(run)
    away = migration.source_host != server.host
    gone_is_fine(lambda: call(run, migration.source_host, "confirm_move", guest=guest(run, server), moved_away=away))
    give_up_source(run)
    stopped = migration.vm_state == states.STOPPED
    settle(
        run,
        CONFIRM_EVENT,
        also=lambda tx: migrations.update(tx, migration.id, status="confirmed"),
        vm_state=states.STOPPED if stopped else states.ACTIVE,
        task_state=None,
    )


def _revert(run: Run) -> None:
    server, migration = load(run), migration_of(run)
    before = sized(server, migration.flavor)
    running = migration.vm_state == states.ACTIVE
    assert migration.dest_host is not None
    _back_to_source(run, before, migration.source_host, migration.dest_host, start=running)
    give_up_target(run, server)
    settle(
        run,
        REVERT_EVENT,
        host=migration.source_host,
        also=lambda tx: _reverted(tx, server.id, migration.id, migration.source_host, migration.source_node),
        vm_state=migration.vm_state,
        task_state=None,
        power_state=states.RUNNING if running else states.SHUTDOWN,
        launched_at=clock.now(),
        **migration.flavor,
    )


def _reverted(tx: Tx, server_id: str, migration_id: str, host: str, node: str) -> None:
    servers.update(tx, server_id, host=host, node=node)
    migrations.update(tx, migration_id, status="reverted")


def move_failed(event: str, **values: Any) -> Any:
    """The move failed and was undone: the server is where it was."""

    def report(run: Run, reason: str, code: int) -> None:
        details = str(run.input.get("fault_details", ""))
        settle(
            run,
            event,
            error=reason,
            details=details or reason,
            also=lambda tx: migrations.update(tx, run.input["migration_id"], status="error"),
            task_state=None,
            fault=fault(reason, code, details),
            **values,
        )

    return report


RESIZE = Kind(
    name="server.resize",
    steps=[
        Step("schedule", _schedule, _unschedule),
        Step("stop", _stop, _start_again),
        Step("move", _move, _move_back),
        Step("finish", _finish),
    ],
    deadline=1800.0,
    failed=move_failed(EVENT),
)
CONFIRM_RESIZE = Kind(
    name="server.confirm-resize",
    steps=[Step("confirm", _confirm)],
    failed=failed(CONFIRM_EVENT, vm_state=states.ERROR),
)
REVERT_RESIZE = Kind(
    name="server.revert-resize",
    steps=[Step("revert", _revert)],
    failed=failed(REVERT_EVENT, vm_state=states.ERROR),
)
