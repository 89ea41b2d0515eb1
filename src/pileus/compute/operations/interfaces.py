"""Interfaces of servers that are there: plugged in, taken out, looked at again."""

from pileus.compute import states
from pileus.compute.model import Server, ServerVif
from pileus.compute.operations.common import call, failed, gone_is_fine, load, service_of, settle
from pileus.compute.operations.plugging import refresh
from pileus.compute.store import servers
from pileus.kernel.operations.model import Kind, Run, Step

ATTACH_EVENT = "compute_attach_interface"
DETACH_EVENT = "compute_detach_interface"


def _find(run: Run, server: Server) -> ServerVif | None:
    with run.database.read() as tx:
        vifs = servers.vifs(tx, server.id)
    return next((vif for vif in vifs if vif.port_id == run.input["port_id"]), None)


def _attach(run: Run) -> None:
    server = load(run)
    vif = _find(run, server)
    if vif is None or server.host is None:
        return
    call(run, server.host, "attach_interface", guest_id=server.id, vif=vif.vif)
    settle(run, ATTACH_EVENT)


def _take_back(run: Run) -> None:
    """Nothing of it stays: the port that was made, the row, and what the server shows."""
    server = load(run)
    vif = _find(run, server)
    if vif is None:
        return
    host = server.host
    if host is not None and server.vm_state != states.BUILDING:
        gone_is_fine(lambda: call(run, host, "detach_interface", guest_id=server.id, vif=vif.vif))
    networking, context = service_of(run).networking, run.context.as_service()
    if vif.ours:
        networking.delete_port(context, vif.port_id)
    else:
        networking.unbind_port(context, vif.port_id)
    values = refresh(run)
    with run.database.transaction() as tx:
        servers.put_vifs(tx, server.id, [one for one in servers.vifs(tx, server.id) if one.port_id != vif.port_id])
        servers.update(tx, server.id, **values)


def _detach(run: Run) -> None:
    _take_back(run)
    settle(run, DETACH_EVENT)


def _refresh(run: Run) -> None:
    values = refresh(run)
    with run.database.transaction() as tx:
        servers.update(tx, run.resource_id, **values)


ATTACH_INTERFACE = Kind(
    name="server.attach-interface",
    steps=[Step("attach", _attach, _take_back)],
    failed=failed(ATTACH_EVENT),
)
DETACH_INTERFACE = Kind(name="server.detach-interface", steps=[Step("detach", _detach)], failed=failed(DETACH_EVENT))

REFRESH = Kind(name="server.refresh", steps=[Step("refresh", _refresh)])
