"""Deleting a server, whatever was half done with it."""

import logging

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations.common import (
    call,
    failed,
    gone_is_fine,
    guest,
    host_of,
    load,
    service_of,
    settle,
    simple,
)
from pileus.compute.operations.plugging import give_back
from pileus.compute.store import hosts, migrations, servers
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Unavailable
from pileus.kernel.operations.model import Kind, Run, Step

log = logging.getLogger(__name__)
EVENT = "compute_terminate_instance"


def _destroy(run: Run) -> None:
    """Where the guest is, and where an unfinished move may have left something of it."""
    server = load(run)
    with run.database.read() as tx:
        places = {server.host, *migrations.hosts_of_unfinished(tx, server.id)} - {None}
    described = guest(run, server)
    for host in places:
        assert host is not None
        try:
            gone_is_fine(lambda host=host: call(run, host, "destroy", guest=described))  # type: ignore[misc]
        except Unavailable:
            if _is_up(run, host):
                raise
            log.warning("server %s is deleted while its host %s is down: the host cleans up later", server.id, host)


def _is_up(run: Run, host: str) -> bool:
    with run.database.read() as tx:
        found = hosts.get(tx, host)
    return found is not None and found.is_up(clock.now())


def _release(run: Run) -> None:
    service, server = service_of(run), load(run)
    give_back(run, server.id)
    with run.database.read() as tx:
        moves = migrations.unfinished_ids(tx, server.id)
    for consumer in (server.id, *moves):
        service.placing.release(run.context, consumer)
    now = clock.now()
    settle(
        run,
        EVENT,
        also=lambda tx: _forget(tx, server.id),
        vm_state=states.DELETED,
        power_state=states.NO_POWER,
        terminated_at=now,
        deleted_at=now,
        locked_by=None,
    )


def _forget(tx: Tx, server_id: str) -> None:
    servers.put_vifs(tx, server_id, ())
    servers.put_disks(tx, server_id, ())
    servers.clear_task(tx, server_id)
    migrations.end_all(tx, server_id)


def _soft_delete(run: Run, server: Server) -> dict[str, object]:
    if server.host is not None:
        call(run, server.host, "power_off", guest_id=server.id, patience=0)
    return {"vm_state": states.SOFT_DELETED, "power_state": states.SHUTDOWN, "terminated_at": clock.now()}


def _restore(run: Run, server: Server) -> dict[str, object]:
    call(run, host_of(server), "power_on", guest=guest(run, server))
    return {"vm_state": states.ACTIVE, "power_state": states.RUNNING, "terminated_at": None}


DELETE = Kind(
    name="server.delete",
    steps=[Step("destroy", _destroy), Step("release", _release)],
    deadline=86_400.0,
    cancels=True,
    failed=failed(EVENT, vm_state=states.ERROR, ends=states.DELETING),
)
SOFT_DELETE = simple("soft-delete", "compute_soft_delete_instance", _soft_delete, ends=states.SOFT_DELETING)
RESTORE = simple("restore", "compute_restore_instance", _restore)
