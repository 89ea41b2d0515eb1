"""Making a server: a host and its resources, ports, the guest; and everything taken back when one of them fails."""

import logging
from typing import Any

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations.common import call, fault, gone_is_fine, guest, host_of, load, service_of, settle
from pileus.compute.operations.placement import claim
from pileus.compute.operations.plugging import give_back, plug, wait_for_ports
from pileus.compute.store import servers
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import GiveUp, NotSupported, RetryLater
from pileus.kernel.operations.model import Kind, Run, Step

log = logging.getLogger(__name__)
MAX_HOSTS = 3  # that a server is tried on
EVENT = "compute__do_build_and_run_instance"
SPAWN_TIMEOUT = 300.0


def _schedule(run: Run) -> dict[str, Any]:
    server = load(run)
    claimed = claim(run, server, server.flavor, server.id, **run.input.get("wish", {}))
    task = states.NETWORKING if run.input["networks"] else states.SPAWNING
    host = claimed.host
    with run.database.transaction() as tx:
        if _breaks_group(tx, server, host.host):
            crowded = True
        else:
            crowded = False
            servers.settle(
                tx,
                server.id,
                (states.SCHEDULING,),
                host=host.host,
                node=host.hypervisor_hostname,
                launched_on=host.host,
                availability_zone=claimed.zone,
                task_state=task,
            )
    if crowded:
        service_of(run).placing.release(run.context, server.id)
        raise RetryLater("another member of the server group was placed at the same time", after=0.05)
    return {"host": host.host, "zone": claimed.zone}


def _breaks_group(tx: Tx, server: Server, host: str) -> bool:
    """Two members of a group may be scheduled at the same time: the later one to write its host notices."""
    if server.server_group_id is None:
        return False
    policy = servers.group_policy(tx, server.server_group_id)
    if policy is None:
        return False
    name, rules = policy
    members = servers.group_hosts(tx, server.server_group_id, server.id)
    if name == "affinity":
        return bool(members) and host not in members
    return name == "anti-affinity" and members.get(host, 0) >= int(rules.get("max_server_per_host", 1))


def _unschedule(run: Run) -> None:
    service_of(run).placing.release(run.context, run.resource_id)
    zone = load(run).pinned_availability_zone
    with run.database.transaction() as tx:
        servers.update(tx, run.resource_id, host=None, node=None, availability_zone=zone)


def _plug(run: Run) -> None:
    wants = run.input["networks"]
    if not wants:
        return
    where = run.results["schedule"]
    values = plug(run, load(run), where["host"], where["zone"], wants, run.input["security_groups"])
    with run.database.transaction() as tx:
        servers.settle(tx, run.resource_id, (states.NETWORKING,), task_state=states.SPAWNING, **values)


def _unplug(run: Run) -> None:
    if run.input["networks"]:
        give_back(run, run.resource_id)


def _spawn(run: Run) -> None:
    server = load(run)
    host = host_of(server)
    try:
        call(run, host, "spawn", guest=guest(run, server), image=server.image, timeout=SPAWN_TIMEOUT)
    except (GiveUp, NotSupported):
        run.input["failed_on"] = host
        raise


def _destroy(run: Run) -> None:
    server = load(run)
    if server.host is not None:
        host = server.host
        gone_is_fine(lambda: call(run, host, "destroy", guest=guest(run, server)))


def _activate(run: Run) -> None:
    server = load(run)
    if run.input["networks"]:
        wait_for_ports(run, server)
    settle(
        run,
        EVENT,
        vm_state=states.ACTIVE,
        task_state=None,
        power_state=states.RUNNING,
        launched_at=clock.now(),
        progress=100 if run.input.get("progress") else 0,
    )


def _failed(run: Run, reason: str, code: int) -> None:
    """Tries other hosts when it was the host that could not do it, and tells the user when there is none left."""
    failed_on, wish = run.input.get("failed_on"), run.input.get("wish", {})
    avoid = [*wish.get("avoid", ()), failed_on]
    if failed_on is not None and not wish.get("host") and len(avoid) < MAX_HOSTS:
        _try_elsewhere(run, reason, {**wish, "avoid": avoid})
        return
    _report(run, reason, code)


def _try_elsewhere(run: Run, reason: str, wish: dict[str, Any]) -> None:
    log.warning("server %s could not be made on host %s: %s", run.resource_id, wish["avoid"][-1], reason)
    asked = {name: run.input[name] for name in ("networks", "security_groups")}
    why = run.input.get("first_reason") or reason
    with run.database.transaction() as tx:
        if servers.settle(tx, run.resource_id, (states.SPAWNING,), task_state=states.SCHEDULING):
            queue = service_of(run).runtime.operations
            queue.ask(tx, BOOT, run.resource_id, run.context, {**asked, "wish": wish, "first_reason": why})


def _report(run: Run, reason: str, code: int) -> None:
    if "first_reason" in run.input:
        reason = f"Exceeded maximum number of retries. {run.input['first_reason']}"
    details = str(run.input.get("fault_details", ""))
    settle(
        run,
        EVENT,
        error=reason,
        details=reason,
        also=lambda tx: servers.put_vifs(tx, run.resource_id, ()),
        vm_state=states.ERROR,
        task_state=None,
        addresses={},
        fault=fault(reason, code, details),
    )


BOOT = Kind(
    name="server.boot",
    steps=[
        Step("schedule", _schedule, _unschedule),
        Step("plug", _plug, _unplug),
        Step("spawn", _spawn, _destroy),
        Step("activate", _activate),
    ],
    deadline=900.0,
    failed=_failed,
)
