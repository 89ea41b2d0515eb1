"""Making a server's guest anew: from another image (rebuild), from a rescue image, and back."""

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations.boot import SPAWN_TIMEOUT
from pileus.compute.operations.common import (
    Values,
    call,
    failed,
    gone_is_fine,
    guest,
    host_of,
    load,
    settle,
    simple,
)
from pileus.compute.operations.plugging import wait_for_ports
from pileus.compute.store import servers
from pileus.kernel import clock
from pileus.kernel.operations.model import Kind, Run, Step

EVENT = "compute_rebuild_instance"


def _destroy(run: Run) -> None:
    server = load(run)
    host = host_of(server)
    gone_is_fine(lambda: call(run, host, "destroy", guest=guest(run, server)))
    with run.database.transaction() as tx:
        servers.settle(tx, server.id, (states.REBUILDING,), task_state=states.REBUILD_SPAWNING)


def _spawn(run: Run) -> None:
    server = load(run)
    call(run, host_of(server), "spawn", guest=guest(run, server), image=server.image, timeout=SPAWN_TIMEOUT)


def _finish(run: Run) -> None:
    server = load(run)
    wait_for_ports(run, server)
    values: Values = {"vm_state": states.ACTIVE, "power_state": states.RUNNING, "launched_at": clock.now()}
    if run.input["stopped"]:
        call(run, host_of(server), "power_off", guest_id=server.id, patience=0)
        values |= {"vm_state": states.STOPPED, "power_state": states.SHUTDOWN}
    settle(run, EVENT, task_state=None, progress=0, fault=None, **values)


def _rescue(run: Run, server: Server) -> Values:
    image = run.input["image"]
    call(run, host_of(server), "rescue", guest=guest(run, server), image=image, timeout=SPAWN_TIMEOUT)
    return {"vm_state": states.RESCUED, "power_state": states.RUNNING, "launched_at": clock.now()}


def _unrescue(run: Run, server: Server) -> Values:
    call(run, host_of(server), "unrescue", guest=guest(run, server))
    return {"vm_state": states.ACTIVE, "power_state": states.RUNNING}


REBUILD = Kind(
    name="server.rebuild",
    steps=[Step("destroy", _destroy), Step("spawn", _spawn), Step("finish", _finish)],
    failed=failed(EVENT, vm_state=states.ERROR),
)
RESCUE = simple("rescue", "compute_rescue_instance", _rescue, vm_state=states.ERROR)
UNRESCUE = simple("unrescue", "compute_unrescue_instance", _unrescue, vm_state=states.ERROR)
