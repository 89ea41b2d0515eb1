"""What the operations on servers have in common."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.compute import states
from pileus.compute.guests import guest_of
from pileus.compute.model import Server
from pileus.compute.store import server_actions, servers
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Cancelled, GiveUp, NotFound
from pileus.kernel.operations.model import Kind, Run, Step

if TYPE_CHECKING:
    from pileus.compute.service import Compute

Values = dict[str, Any]


def service_of(run: Run) -> "Compute":
    service: Compute = run.service
    return service


def load(run: Run) -> Server:
    """The server as it is now. Raises Cancelled when it is gone: its delete has cleaned up."""
    with run.database.read() as tx:
        server = servers.get(tx, run.resource_id)
    if server is None:
        raise Cancelled
    return server


def host_of(server: Server) -> str:
    """Raises GiveUp when the server is on no host."""
    if server.host is None:
        raise GiveUp(f"Instance {server.id} is not ready", code=409)
    return server.host


def call(run: Run, host: str, method: str, *, timeout: float = 60.0, **arguments: Any) -> Any:
    """Calls an agent. Raises what the method raises, and Unavailable."""
    return service_of(run).runtime.rpc.call(run.context, host, f"compute.{method}", timeout=timeout, **arguments)


def guest(run: Run, server: Server) -> dict[str, Any]:
    """The server's guest, as agents take it."""
    with run.database.read() as tx:
        vifs, disks = servers.vifs(tx, server.id), servers.disks(tx, server.id)
    drive = service_of(run).config_drive(server, vifs, disks) if server.config_drive else None
    built: dict[str, Any] = msgspec.to_builtins(guest_of(server, vifs, disks, drive))
    return built


def settle(
    run: Run,
    event: str,
    *,
    error: str | None = None,
    details: str | None = None,
    host: str | None = None,
    also: Callable[[Tx], Any] | None = None,
    ends: str | None = None,
    **values: Any,
) -> None:
    """Writes how an action ended: the server's new state and the event, in one transaction.

    A delete that was accepted meanwhile keeps its task state, unless it is the one that this action ends.
    """
    with run.database.transaction() as tx:
        server = servers.get(tx, run.resource_id)
        if server is None:
            return
        if server.task_state in (states.DELETING, states.SOFT_DELETING) and server.task_state != ends:
            values.pop("task_state", None)
        if values:
            servers.update(tx, run.resource_id, **values)
        if also is not None:
            also(tx)
        server_actions.finish(
            tx,
            run.resource_id,
            run.context.request_id,
            event,
            run.operation.created_at,
            host=host or server.host,
            error=error,
            details=details,
        )


def fault(reason: str, code: int, details: str = "") -> Values:
    return {"code": code, "created": clock.now(), "message": reason[:255], "details": details or reason}


def failed(event: str, **values: Any) -> Callable[[Run, str, int], None]:
    """What to write when an action gave up: the fault, no task any more, and ``values``."""

    def report(run: Run, reason: str, code: int) -> None:
        details = str(run.operation.input.get("fault_details", ""))
        settle(
            run,
            event,
            error=reason,
            details=reason,
            task_state=None,
            fault=fault(reason, code, details),
            **values,
        )

    return report


def simple(
    name: str,
    event: str,
    do: Callable[[Run, Server], Mapping[str, Any]],
    *,
    deadline: float = 600.0,
    ends: str | None = None,
    **when_failed: Any,
) -> Kind:
    """An action of one step: ``do`` acts and tells the server's new state."""

    def act(run: Run) -> None:
        settle(run, event, ends=ends, **{"task_state": None, **do(run, load(run))})

    return Kind(name=f"server.{name}", steps=[Step(name, act)], deadline=deadline, failed=failed(event, **when_failed))


def gone_is_fine(act: Callable[[], Any]) -> None:
    """For taking away: what is not there needs not be taken away."""
    try:
        act()
    except NotFound:
        return
