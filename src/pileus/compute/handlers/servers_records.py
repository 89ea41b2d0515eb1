"""What was done with servers: instance actions and migrations."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pileus.compute.links import base_of, links, next_links
from pileus.compute.model import Migration, Server
from pileus.compute.queries import checked, moment, natural, text
from pileus.compute.servers_view import host_id
from pileus.compute.service import Compute
from pileus.compute.store import migrations, server_actions
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.paging import Page

ACTIONS = "os_compute_api:os-instance-actions:"
MIGRATIONS = "os_compute_api:os-migrations:"
MAX_LIMIT = 1000

_times = {"limit": natural, "marker": text, "changes-since": moment}
actions_query = checked(
    {(2, 58): _times, (2, 66): {**_times, "changes-before": moment}},
    strict=(2, 58),
    single=frozenset(("limit", "marker", "changes-since", "changes-before")),
)
_filters = dict.fromkeys(("hidden", "host", "instance_uuid", "source_compute", "status", "migration_type"), text)
migrations_query = checked(
    {
        (2, 1): _filters,
        (2, 59): {**_filters, **_times},
        (2, 66): {**_filters, **_times, "changes-before": moment},
        (2, 80): {**_filters, **_times, "changes-before": moment, "user_id": text, "project_id": text},
    },
    strict=(2, 59),
    single=frozenset(("limit", "marker", "changes-since", "changes-before", "user_id", "project_id")),
)


def _between(request: Request[Compute]) -> tuple[int | None, int | None]:
    since, before = request.param("changes-since"), request.param("changes-before")
    bounds = (None if since is None else _parse(since), None if before is None else _parse(before))
    if bounds[0] is not None and bounds[1] is not None and bounds[1] < bounds[0]:
        raise BadRequest("The value of changes-since must be less than or equal to changes-before.")
    return bounds


def _parse(value: str) -> int:
    return clock.parse(value.replace(" ", "+"))


def list_actions(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List what was done with a server."""
    paged = request.microversion >= (2, 58)
    limit = min(request.int_param("limit", minimum=0) or MAX_LIMIT, MAX_LIMIT) if paged else None
    page = Page(limit, request.param("marker") if paged else None, server_actions.SORTS)
    since, before = _between(request) if paged else (None, None)
    with request.service.database.read() as tx:
        rows = server_actions.all_of(tx, server.id, page, since=since, before=before)
    if rows is None:
        raise BadRequest(f"Marker {page.marker} could not be found.")
    shown = rows if limit is None else rows[:limit]
    body: dict[str, Any] = {"instanceActions": [_action(request, row) for row in shown]}
    if paged and limit is not None and len(rows) > limit:
        asked = {name: request.param(name) for name in sorted(request.query)} | {"marker": shown[-1].request_id}
        path = f"{base_of(request).versioned}/servers/{server.id}/os-instance-actions"
        body["links"] = [{"rel": "next", "href": f"{path}?{urlencode(asked)}"}]
    return body


def show_action(request: Request[Compute], server: Server, request_id: str) -> dict[str, Any]:
    """Show what one request did with a server."""
    with request.service.database.read() as tx:
        row = server_actions.get(tx, server.id, request_id)
        events = server_actions.events_of(tx, server.id, request_id) if row is not None else []
    if row is None:
        raise NotFound(f"Action {request_id} not found")
    view = _action(request, row)
    version = request.microversion
    operator = request.allowed(ACTIONS + "events", server)
    if not operator and version < (2, 51):
        return {"instanceAction": view}
    details = version >= (2, 84) and request.allowed(ACTIONS + "events:details", server)
    view["events"] = [_event(server, event, version, operator, details) for event in events]
    return {"instanceAction": view}


def _action(request: Request[Compute], row: Any) -> dict[str, Any]:
    view = {
        "action": row.action,
        "instance_uuid": row.server_id,
        "request_id": row.request_id,
        "user_id": row.user_id,
        "project_id": row.project_id,
        "start_time": clock.iso_naive(row.start_time),
        "message": row.message,
    }
    if request.microversion >= (2, 58):
        view["updated_at"] = clock.iso_naive(row.updated_at)
    return view


def _event(server: Server, row: Any, version: tuple[int, int], operator: bool, details: bool) -> dict[str, Any]:
    view: dict[str, Any] = {
        "event": row.event,
        "start_time": clock.iso_naive(row.start_time),
        "finish_time": None if row.finish_time is None else clock.iso_naive(row.finish_time),
        "result": row.result,
    }
    if operator:
        view["traceback"] = row.traceback
        if version >= (2, 62):
            view["host"] = row.host
    if version >= (2, 62):
        view["hostId"] = host_id(row.host, server.project_id)
    if details:
        view["details"] = row.details
    return view


# -- migrations --------------------------------------------------------------------------------------------------------


def list_migrations(request: Request[Compute]) -> dict[str, Any]:
    """List moves of servers."""
    version = request.microversion
    project_id = request.param("project_id")
    if not project_id or project_id != request.context.project_id:
        request.authorize(MIGRATIONS + "index:all_projects")
    paged = version >= (2, 59)
    limit = min(request.int_param("limit", minimum=0) or MAX_LIMIT, MAX_LIMIT) if paged else None
    since, before = _between(request) if paged else (None, None)
    names = {
        "instance_uuid": "server_id",
        "status": "status",
        "migration_type": "migration_type",
        "source_compute": "source_host",
        "user_id": "user_id",
        "project_id": "project_id",
    }
    exact = {column: value for name, column in names.items() if (value := request.param(name)) is not None}
    with request.service.database.read() as tx:
        found = migrations.find(
            tx,
            exact,
            host=request.param("host"),
            since=since,
            before=before,
            limit=limit,
            marker=request.param("marker") if paged else None,
        )
    if found is None:
        raise BadRequest(f"Marker {request.param('marker')} could not be found.")
    with_hosts = request.allowed(MIGRATIONS + "index:host")
    body: dict[str, Any] = {"migrations": [_migration(request, one, with_hosts) for one in found]}
    if paged and (more := _next(request, found)):
        body["migrations_links"] = more
    return body


def _next(request: Request[Compute], found: Sequence[Migration]) -> list[dict[str, str]]:
    return next_links(request, "os-migrations", [one.id for one in found])


def _migration(request: Request[Compute], one: Migration, with_hosts: bool) -> dict[str, Any]:
    version = request.microversion
    view: dict[str, Any] = {
        "created_at": clock.iso_naive(one.created_at),
        "dest_compute": one.dest_host if with_hosts else None,
        "dest_host": one.dest_ip if with_hosts else None,
        "dest_node": one.dest_node if with_hosts else None,
        "id": one.number,
        "instance_uuid": one.server_id,
        "new_instance_type_id": one.new_flavor_number,
        "old_instance_type_id": one.old_flavor_number,
        "source_compute": one.source_host if with_hosts else None,
        "source_node": one.source_node if with_hosts else None,
        "status": one.status,
        "updated_at": clock.iso_naive(one.updated_at),
    }
    if version >= (2, 23):
        view["migration_type"] = one.migration_type
        if one.migration_type == "live-migration" and one.status in migrations.LIVE_UNFINISHED:
            view["links"] = links(base_of(request), f"servers/{one.server_id}/migrations", str(one.number))
    if version >= (2, 59):
        view["uuid"] = one.id
    if version >= (2, 80):
        view |= {"user_id": one.user_id, "project_id": one.project_id}
    return view
