"""Actions that change whether and how a server runs, its lock and its state."""

from typing import Any

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations import delete as delete_operations
from pileus.compute.operations import power
from pileus.compute.servers_acting import begin
from pileus.compute.service import Compute
from pileus.compute.store import server_actions, servers
from pileus.kernel.errors import Gone
from pileus.kernel.http.request import Request

UNLOCK_OVERRIDE = "os_compute_api:os-lock-server:unlock:unlock_override"


def start(request: Request[Compute], server: Server) -> None:
    """Start a server."""
    begin(request, server, states.START, power.START)


def stop(request: Request[Compute], server: Server) -> None:
    """Stop a server."""
    begin(request, server, states.STOP, power.STOP, progress=0)


def reboot(request: Request[Compute], server: Server) -> None:
    """Reboot a server."""
    hard = request.body.reboot.type.upper() == "HARD"
    action = states.HARD_REBOOT if hard else states.SOFT_REBOOT
    begin(request, server, action, power.REBOOT, {"hard": hard})


def pause(request: Request[Compute], server: Server) -> None:
    """Pause a server."""
    begin(request, server, states.PAUSE, power.PAUSE)


def unpause(request: Request[Compute], server: Server) -> None:
    """Unpause a server."""
    begin(request, server, states.UNPAUSE, power.UNPAUSE)


def suspend(request: Request[Compute], server: Server) -> None:
    """Suspend a server."""
    begin(request, server, states.SUSPEND, power.SUSPEND)


def resume(request: Request[Compute], server: Server) -> None:
    """Resume a suspended server."""
    begin(request, server, states.RESUME, power.RESUME)


def crash_dump(request: Request[Compute], server: Server) -> None:
    """Trigger a crash dump in a server."""
    begin(request, server, states.CRASH_DUMP, power.CRASH_DUMP)


def change_password(request: Request[Compute], server: Server) -> None:
    """Change a server's administrative password."""
    password = request.body.change.admin_pass
    begin(request, server, states.CHANGE_PASSWORD, power.SET_PASSWORD, {"password": password})


def restore(request: Request[Compute], server: Server) -> None:
    """Restore a soft-deleted server."""
    begin(request, server, states.RESTORE, delete_operations.RESTORE)


def lock(request: Request[Compute], server: Server) -> None:
    """Lock a server."""
    wanted = getattr(request.body, "lock", None)
    reason = wanted.locked_reason if wanted is not None and isinstance(wanted.locked_reason, str) else None
    owner = "owner" if request.context.project_id == server.project_id else "admin"
    _record(request, server, "lock", locked_by=server.locked_by or owner, locked_reason=reason)


def unlock(request: Request[Compute], server: Server) -> None:
    """Unlock a server. What an administrator locked takes a right of its own."""
    owner = "owner" if request.context.project_id == server.project_id else "admin"
    if server.locked_by is not None and server.locked_by != owner:
        request.authorize(UNLOCK_OVERRIDE, server)
    _record(request, server, "unlock", locked_by=None, locked_reason=None)


def reset_state(request: Request[Compute], server: Server) -> None:
    """Reset a server's state."""
    state = states.ACTIVE if request.body.reset.state == "active" else states.ERROR
    _record(request, server, "resetState", vm_state=state, task_state=None)


def inject_network_info(request: Request[Compute], server: Server) -> None:
    """Nothing is injected here: guests read the metadata service or their config drive."""


def removed(request: Request[Compute], server_id: str) -> None:
    """What the reference has removed."""
    raise Gone("This resource is no longer available. No forwarding address is given.")


def _record(request: Request[Compute], server: Server, action: str, **values: Any) -> None:
    """Changes a server at once, and records it as an action that has ended."""
    with request.service.database.transaction() as tx:
        servers.update(tx, server.id, **values)
        server_actions.record(tx, request.context, [server.id], action)
