"""Consoles of servers: a URL with a token that opens one for a while (console_proxy.py), and what a token opens."""

from typing import Any

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.service import Compute
from pileus.compute.store import console_tokens
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request

NOVNC, SERIAL = "novnc", "serial"
_PROTOCOL_OF = {NOVNC: "vnc", "xvpvnc": "vnc", "spice-html5": "spice", SERIAL: "serial"}
_TYPE_OF = {"vnc": NOVNC, "serial": SERIAL}  # of the protocols that there are here
_BUSY = (states.DELETING, states.MIGRATING)
MALFORMED = "The server could not comply with the request since it is either malformed or otherwise incorrect."


def old_console(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Open a console of a server, as until 2.5."""
    type = request.body.console.type
    return {"console": {"type": type, "url": _open(request, server, _PROTOCOL_OF[type], type)}}


def remote_console(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Open a console of a server."""
    wanted = request.body.console
    url = _open(request, server, wanted.protocol, wanted.type)
    return {"remote_console": {"protocol": wanted.protocol, "type": wanted.type, "url": url}}


def _open(request: Request[Compute], server: Server, protocol: str, type: str) -> str:
    if protocol == "rdp":
        raise BadRequest("Unavailable console type rdp.")
    if server.host is None:
        raise _not_ready(server)
    if server.task_state in _BUSY:
        message = f"Cannot 'get_{protocol}_console' instance {server.id} while it is in task_state {server.task_state}"
        raise Conflict(message) if protocol == "vnc" and request.microversion < (2, 6) else BadRequest(message)
    if protocol not in _TYPE_OF:
        raise BadRequest(f"Unavailable console type {type}.")
    if type != _TYPE_OF[protocol]:
        raise BadRequest(f"Invalid console type {type}")
    address = _address(request, server, server.host, protocol)
    lifetime = request.service.settings.console_token_lifetime
    with request.service.database.transaction() as tx:
        token = console_tokens.insert(tx, server.id, server.host, type, address, lifetime)
    root = request.base_url.removesuffix(request.service.mount)
    if type == SERIAL:
        return f"ws{root.removeprefix('http')}/console/?token={token}"
    return f"{root}/console/vnc_lite.html?path=%3Ftoken%3D{token}"


def _address(request: Request[Compute], server: Server, host: str, protocol: str) -> dict[str, Any]:
    rpc = request.service.runtime.rpc
    try:
        address: dict[str, Any] = rpc.call(
            request.context, host, "compute.console_address", guest_id=server.id, kind=protocol
        )
    except NotFound:
        if server.vm_state == states.BUILDING:
            raise _not_ready(server) from None
        raise NotFound(f"Instance {server.id} could not be found.") from None
    return address


def _not_ready(server: Server) -> Conflict:
    return Conflict(f"Instance {server.id} is not ready")


def show_token(request: Request[Compute], token: str) -> dict[str, Any]:
    """Tell a console proxy what a token opens."""
    if request.microversion < (2, 31):
        raise BadRequest(MALFORMED)
    request.authorize("os_compute_api:os-console-auth-tokens")
    with request.service.database.read() as tx:
        found = console_tokens.valid(tx, token)
    if found is None:
        raise NotFound("Token not found")
    # A console on a socket of its host's file system has no port.
    host, port = found.address.get("host", found.host), found.address.get("port", 0)
    return {
        "console": {"instance_uuid": found.server_id, "host": host, "port": port, "internal_access_path": None},
    }
