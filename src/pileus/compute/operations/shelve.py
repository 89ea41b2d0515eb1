"""Shelving: a server's disk becomes an image, and its host is given back, until it is unshelved."""

from typing import Any

from pileus.compute import states
from pileus.compute.guests import driver_image
from pileus.compute.model import Server
from pileus.compute.operations.boot import SPAWN_TIMEOUT
from pileus.compute.operations.common import call, failed, gone_is_fine, guest, host_of, load, service_of, settle
from pileus.compute.operations.moving import bind_to
from pileus.compute.operations.placement import claim
from pileus.compute.operations.plugging import wait_for_ports
from pileus.compute.operations.snapshot import drop_image, upload
from pileus.compute.store import servers
from pileus.kernel import clock
from pileus.kernel.errors import NotFound
from pileus.kernel.operations.model import Kind, Run, Step

EVENT = "compute_shelve_instance"
OFFLOAD_EVENT = "compute_shelve_offload_instance"
UNSHELVE_EVENT = "compute_unshelve_instance"


def _stop(run: Run) -> None:
    server = load(run)
    timeout = service_of(run).settings.shutdown_timeout
    call(run, host_of(server), "power_off", guest_id=server.id, patience=timeout)


def _start_again(run: Run) -> None:
    server = load(run)
    if server.vm_state == states.ACTIVE and server.host is not None:
        call(run, server.host, "power_on", guest=guest(run, server))


def _shelved(run: Run) -> None:
    offload = service_of(run).settings.shelved_offload_time == 0
    settle(
        run,
        EVENT,
        vm_state=states.SHELVED,
        task_state=states.SHELVING_OFFLOADING if offload else None,
        power_state=states.SHUTDOWN,
        shelved_image_id=run.input["image_id"],
    )


def _offload_if_at_once(run: Run) -> None:
    if service_of(run).settings.shelved_offload_time == 0:
        _offload(run)


def _offload(run: Run) -> None:
    server = load(run)
    if server.host is not None:
        host = server.host
        gone_is_fine(lambda: call(run, host, "destroy", guest=guest(run, server)))
        bind_to(run, server, "")
    service_of(run).placing.release(run.context, server.id)
    settle(
        run,
        OFFLOAD_EVENT,
        host=server.host,
        also=lambda tx: servers.update(tx, server.id, host=None, node=None),
        vm_state=states.SHELVED_OFFLOADED,
        task_state=None,
        power_state=states.NO_POWER,
    )


def _schedule(run: Run) -> dict[str, Any]:
    server = load(run)
    if server.vm_state == states.SHELVED:
        return {"host": server.host}
    claimed = claim(run, server, server.flavor, server.id, **run.input.get("wish", {}))
    with run.database.transaction() as tx:
        servers.settle(
            tx,
            server.id,
            (states.UNSHELVING,),
            host=claimed.host.host,
            node=claimed.host.hypervisor_hostname,
            availability_zone=claimed.zone,
            task_state=states.SPAWNING,
        )
    return {"host": claimed.host.host}


def _unschedule(run: Run) -> None:
    server = load(run)
    if server.vm_state == states.SHELVED_OFFLOADED:
        service_of(run).placing.release(run.context, server.id)
        with run.database.transaction() as tx:
            servers.update(tx, server.id, host=None, node=None)


def _spawn(run: Run) -> None:
    server = load(run)
    host = host_of(server)
    if server.vm_state == states.SHELVED:
        call(run, host, "power_on", guest=guest(run, server))
        return
    bind_to(run, server, host)
    image = _shelved_image(run, server)
    call(run, host, "spawn", guest={**guest(run, server), "image": image}, image=image, timeout=SPAWN_TIMEOUT)


def _shelved_image(run: Run, server: Server) -> dict[str, Any] | None:
    """The snapshot, described like the image that the server was made from."""
    if server.shelved_image_id is None:
        return server.image
    image = service_of(run).images.get(run.context, server.shelved_image_id)
    described = driver_image(image)
    described["properties"] = (server.image or {}).get("properties", {}) | described["properties"]
    return described


def _destroy(run: Run) -> None:
    server = load(run)
    if server.vm_state == states.SHELVED_OFFLOADED and server.host is not None:
        host = server.host
        gone_is_fine(lambda: call(run, host, "destroy", guest=guest(run, server)))
        bind_to(run, server, "")


def _unshelved(run: Run) -> None:
    server = load(run)
    wait_for_ports(run, server)
    settle(
        run,
        UNSHELVE_EVENT,
        vm_state=states.ACTIVE,
        task_state=None,
        power_state=states.RUNNING,
        launched_at=clock.now(),
        shelved_image_id=None,
    )
    if server.shelved_image_id is not None:
        try:
            service_of(run).images.delete(run.context, server.shelved_image_id)
        except NotFound:
            return


SHELVE = Kind(
    name="server.shelve",
    steps=[
        Step("stop", _stop, _start_again),
        Step("upload", upload, drop_image),
        Step("shelve", _shelved),
        Step("offload", _offload_if_at_once),
    ],
    deadline=3600.0,
    failed=failed(EVENT),
)
SHELVE_OFFLOAD = Kind(name="server.shelve-offload", steps=[Step("offload", _offload)], failed=failed(OFFLOAD_EVENT))
UNSHELVE = Kind(
    name="server.unshelve",
    steps=[Step("schedule", _schedule, _unschedule), Step("spawn", _spawn, _destroy), Step("finish", _unshelved)],
    deadline=1800.0,
    failed=failed(UNSHELVE_EVENT),
)
