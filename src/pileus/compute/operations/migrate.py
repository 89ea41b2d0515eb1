"""Live migration, and evacuation from a host that is down."""

from typing import Any

from pileus.compute import states
from pileus.compute.drivers.base import HostResources
from pileus.compute.model import Host
from pileus.compute.operations.boot import SPAWN_TIMEOUT
from pileus.compute.operations.common import call, gone_is_fine, guest, host_of, load, settle
from pileus.compute.operations.moving import (
    bind_to,
    claim_target,
    give_up_source,
    give_up_target,
    migration_of,
    target_of,
)
from pileus.compute.operations.resize import MOVE_TIMEOUT, move_failed
from pileus.compute.store import migrations, servers
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.operations.model import Kind, Run, Step

LIVE_EVENT = "compute_live_migration"
EVACUATE_EVENT = "compute_rebuild_instance"


def _schedule(run: Run) -> None:
    server = load(run)
    source = migration_of(run).source_host
    claim_target(run, server, server.flavor, avoid=frozenset({source}))


def _unschedule(run: Run) -> None:
    give_up_target(run, load(run))


def _live(run: Run) -> None:
    server, target = load(run), target_of(run)
    source = migration_of(run).source_host
    with run.database.transaction() as tx:
        migrations.update(tx, run.input["migration_id"], status="running")
    dest = _resources(target)
    call(run, source, "live_migrate", guest=guest(run, server), dest=dest, timeout=MOVE_TIMEOUT)
    bind_to(run, server, target.host)


def _resources(host: Host) -> dict[str, Any]:
    return {
        **{
            name: getattr(host, name)
            for name in HostResources.__struct_fields__
            if name not in ("hostname", "traits", "supported", "cpu_info")
        },
        "hostname": host.hypervisor_hostname,
        "cpu_info": host.cpu_info,
        "traits": host.traits,
        "supported": host.supported,
    }


def _live_finish(run: Run) -> None:
    target = target_of(run)
    give_up_source(run)
    settle(
        run,
        LIVE_EVENT,
        host=target.host,
        also=lambda tx: _arrived(tx, run, target, "completed"),
        task_state=None,
    )


def _arrived(tx: Tx, run: Run, target: Host, status: str) -> None:
    servers.update(tx, run.resource_id, host=target.host, node=target.hypervisor_hostname)
    migrations.update(tx, run.input["migration_id"], status=status)


def _spawn(run: Run) -> None:
    server, target = load(run), target_of(run)
    bind_to(run, server, target.host)
    call(run, target.host, "spawn", guest=guest(run, server), image=server.image, timeout=SPAWN_TIMEOUT)


def _destroy(run: Run) -> None:
    server, target = load(run), target_of(run)
    gone_is_fine(lambda: call(run, target.host, "destroy", guest=guest(run, server)))
    bind_to(run, server, host_of(server))


def _evacuated(run: Run) -> None:
    server, target = load(run), target_of(run)
    give_up_source(run)
    values: dict[str, Any] = {"vm_state": states.ACTIVE, "power_state": states.RUNNING, "launched_at": clock.now()}
    if run.input["stopped"]:
        call(run, target.host, "power_off", guest_id=server.id, patience=0)
        values |= {"vm_state": states.STOPPED, "power_state": states.SHUTDOWN}
    settle(
        run,
        EVACUATE_EVENT,
        host=target.host,
        also=lambda tx: _arrived(tx, run, target, "done"),
        task_state=None,
        fault=None,
        **values,
    )


LIVE_MIGRATE = Kind(
    name="server.live-migrate",
    steps=[Step("schedule", _schedule, _unschedule), Step("migrate", _live), Step("finish", _live_finish)],
    deadline=3600.0,
    failed=move_failed(LIVE_EVENT),
)
EVACUATE = Kind(
    name="server.evacuate",
    steps=[Step("schedule", _schedule, _unschedule), Step("spawn", _spawn, _destroy), Step("finish", _evacuated)],
    failed=move_failed(EVACUATE_EVENT, vm_state=states.ERROR),
)
