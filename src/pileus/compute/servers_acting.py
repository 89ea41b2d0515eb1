"""Beginning an action on a server: whether it may be done now, and the rows and the operation that it takes."""

from collections.abc import Callable, Mapping
from typing import Any

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.states import Action
from pileus.compute.store import server_actions, servers
from pileus.kernel.database import SerializationFailure, Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.http.request import Request
from pileus.kernel.operations.model import Kind


def check(request: Request[Any], server: Server, action: Action) -> None:
    """Raises Conflict when the server's states, or its lock, do not allow an action."""
    if action.needs_unlocked and server.locked_by is not None and not request.context.is_admin:
        raise Conflict(f"Instance {server.id} is locked")
    if action.needs_host and server.host is None:
        raise Conflict(f"Instance {server.id} is not ready")
    if action.vm_states is not None and server.vm_state not in action.vm_states:
        raise wrong_state(server, action.name, "vm_state", server.vm_state)
    if action.task_states is not None and server.task_state not in action.task_states:
        raise wrong_state(server, action.name, "task_state", server.task_state)
    if action.needs_launched and server.launched_at is None:
        raise Conflict(f"Instance {server.id} is in an invalid state for '{action.name}'")


def wrong_state(server: Server, action: str, attribute: str, state: str | None) -> Conflict:
    return Conflict(f"Cannot '{action}' instance {server.id} while it is in {attribute} {state}")


def begin(
    request: Request[Any],
    server: Server,
    action: Action,
    kind: Kind,
    input: Mapping[str, Any] | None = None,
    *,
    also: Callable[[Tx], Mapping[str, Any] | None] | None = None,
    **values: Any,
) -> None:
    """Checks and begins an action: its task state, its record and its operation, in one transaction.

    ``also`` is run in the same transaction; what it returns is added to the operation's input.
    Raises Conflict.
    """
    check(request, server, action)
    with request.service.database.transaction() as tx:
        more = also(tx) if also is not None else None
        if not servers.begin(tx, server, action, **values):
            raise SerializationFailure(f"server {server.id} was changed meanwhile")
        server_actions.record(tx, request.context, [server.id], action.recorded_as)
        request.service.runtime.operations.ask(tx, kind, server.id, request.context, {**(input or {}), **(more or {})})


def is_being_deleted(server: Server) -> bool:
    return server.task_state in (states.DELETING, states.SOFT_DELETING)
