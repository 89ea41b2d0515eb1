"""``/servers``: listing, showing, making, changing and deleting."""

from typing import Any

from msgspec import UNSET

from pileus.compute import servers_query, servers_view, states
from pileus.compute.links import base_of, links, next_links
from pileus.compute.model import Host, Server
from pileus.compute.operations.delete import DELETE, SOFT_DELETE
from pileus.compute.parameters import check_description, check_name
from pileus.compute.servers_acting import begin, is_being_deleted
from pileus.compute.servers_bodies import ServerChanges
from pileus.compute.servers_checks import access_ips, check_hostname, given
from pileus.compute.servers_create import Creation
from pileus.compute.servers_view import Shown
from pileus.compute.service import Compute
from pileus.compute.store import hosts, servers, servers_list
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.paging import Listed

PREFIX = "os_compute_api:servers:"
EXTENDED = "os_compute_api:os-extended-server-attributes"


def find_server(request: Request[Compute], server_id: str) -> Server:
    """A server of the caller's project; administrators see all. Raises NotFound."""
    return _find_server(request, server_id, deleted=False)


def find_server_ever(request: Request[Compute], server_id: str) -> Server:
    """A server, since 2.21 also one that was deleted. Raises NotFound."""
    return _find_server(request, server_id, deleted=request.microversion >= (2, 21))


def _find_server(request: Request[Compute], server_id: str, *, deleted: bool) -> Server:
    with request.service.database.read() as tx:
        server = servers.get(tx, server_id, deleted=deleted)
    context = request.context
    if server is None or (server.project_id != context.project_id and not context.is_admin):
        raise missing(server_id)
    return server


def missing(server_id: str) -> NotFound:
    return NotFound(f"Instance {server_id} could not be found.")


def list_brief(request: Request[Compute]) -> dict[str, Any]:
    """List servers."""
    found = _find(request, details=False)
    base = base_of(request)
    body: dict[str, Any] = {"servers": [servers_view.basic(server, base) for server in found.items]}
    return _with_links(request, body, "servers", found)


def list_detailed(request: Request[Compute]) -> dict[str, Any]:
    """List servers with details."""
    found = _find(request, details=True)
    shown = shown_to(request, None)
    body: dict[str, Any] = {"servers": [servers_view.detail(server, shown) for server in found.items]}
    return _with_links(request, body, "servers/detail", found)


def _find(request: Request[Compute], *, details: bool) -> Listed[Server]:
    query = servers_query.parse(request, details=details)
    with request.service.database.read() as tx:
        found = servers_list.find(tx, query)
    if found is None:
        raise BadRequest(f"marker [{query.page.marker}] not found")
    return found


def _with_links(
    request: Request[Compute], body: dict[str, Any], collection: str, found: Listed[Server]
) -> dict[str, Any]:
    further = next_links(request, collection, [server.id for server in found.items])
    if further:
        body["servers_links"] = further
    return body


def shown_to(request: Request[Compute], server: Server | None) -> Shown:
    """What the caller sees of a server, or of a list of them."""
    version = request.microversion
    host_status = ""
    if version >= (2, 16):
        if request.allowed(PREFIX + "show:host_status", server):
            host_status = "all"
        elif request.allowed(PREFIX + "show:host_status:unknown-only", server):
            host_status = "unknown"
    known: dict[str, Host] = {}
    if host_status:
        with request.service.database.read() as tx:
            known = {host.host: host for host in hosts.all_hosts(tx)}
    return Shown(
        version=version,
        base=base_of(request),
        extended=request.allowed(EXTENDED, server),
        extra_specs=version >= (2, 47) and request.allowed(PREFIX + "show:flavor-extra-specs", server),
        host_status=host_status,
        details=request.context.is_admin,
        hosts=known,
    )


def show(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Show a server."""
    return {"server": servers_view.detail(server, shown_to(request, server), groups=True)}


def create(request: Request[Compute]) -> Response:
    """Create servers."""
    made = Creation(request).make()
    wanted = request.body.server
    if given(wanted.return_reservation_id) in (True, "True", "true", "1", "on", "yes"):
        return Response({"reservation_id": made.reservation_id}, status=202)
    base, server_id = base_of(request), made.server_ids[0]
    groups = given(wanted.security_groups)
    own = links(base, "servers", server_id)
    body = {
        "id": server_id,
        "links": own,
        "OS-DCF:diskConfig": "AUTO" if made.auto_disk_config else "MANUAL",
        "security_groups": [{"name": "default"}] if groups is None else groups,
        "adminPass": made.password,
    }
    return Response({"server": body}, status=202, headers=[("Location", own[0]["href"])])


def update(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Change a server's name, description, host name or access addresses."""
    changes: ServerChanges = request.body.server
    values = _changed(request, changes)
    if changes.pinned_availability_zone is not UNSET:
        values |= _pinned(server, changes.pinned_availability_zone)
    with request.service.database.transaction() as tx:
        if not servers.update(tx, server.id, **values):
            raise NotFound("Instance could not be found")
        changed = servers.get(tx, server.id)
    assert changed is not None
    return {"server": changed_view(request, changed)}


def changed_view(request: Request[Compute], server: Server, **more: Any) -> dict[str, Any]:
    """What PUT and rebuild answer: all of it since 2.75."""
    full = request.microversion >= (2, 75)
    return servers_view.detail(server, shown_to(request, server), full=full, groups=True, **more)


def _changed(request: Request[Compute], changes: ServerChanges) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": changes.name,
        "description": changes.description,
        "hostname": changes.hostname,
        **access_ips(changes.access_ip_v4, changes.access_ip_v6),
    }
    values = {name: value for name, value in values.items() if value is not UNSET}
    if "name" in values:
        values["name"] = check_name(values["name"]).strip()
    if "description" in values:
        check_description(values["description"])
    if "hostname" in values:
        check_hostname(values["hostname"], request.microversion)
    disk_config = given(changes.disk_config)
    if disk_config is not None:
        values["auto_disk_config"] = disk_config == "AUTO"
    return values


def _pinned(server: Server, zone: Any) -> dict[str, Any]:
    """A server is only ever pinned to the zone it is in. Raises Conflict."""
    if zone is None:
        return {"pinned_availability_zone": None}
    if server.pinned_availability_zone is not None:
        if zone != server.pinned_availability_zone:
            raise Conflict(
                "Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to "
                "null."
            )
    elif zone != server.availability_zone:
        raise Conflict(
            f"Server can only be pinned to its current availability zone '{server.availability_zone}', but '{zone}' "
            "was requested."
        )
    return {"pinned_availability_zone": zone}


def delete(request: Request[Compute], server: Server) -> None:
    """Delete a server."""
    reclaimed = request.service.settings.reclaim_interval and server.launched_at is not None
    if reclaimed and server.vm_state != states.SOFT_DELETED:
        if not is_being_deleted(server):
            begin(request, server, states.SOFT_DELETE, SOFT_DELETE)
        return
    delete_now(request, server, states.DELETE)


def force_delete(request: Request[Compute], server: Server) -> None:
    """Delete a server at once, also where deleted servers can be restored."""
    delete_now(request, server, states.FORCE_DELETE)


def delete_now(request: Request[Compute], server: Server, action: states.Action) -> None:
    if server.task_state != states.DELETING:
        begin(request, server, action, DELETE, progress=0)
