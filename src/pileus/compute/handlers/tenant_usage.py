"""``/os-simple-tenant-usage``: how long projects used how much."""

from datetime import UTC, datetime
from typing import Any

from pileus.compute.links import limit_of, next_links
from pileus.compute.model import Server
from pileus.compute.service import Compute
from pileus.compute.store import tenant_usage as store
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request

FORMS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")
COLLECTION = "os-simple-tenant-usage"


def list_usages(request: Request[Compute]) -> dict[str, Any]:
    """List what each project used."""
    detailed = request.param("detailed", "0") == "1"
    usages, servers = _usages(request, None, detailed)
    body: dict[str, Any] = {"tenant_usages": usages}
    further = _further(request, COLLECTION, servers)
    if further:
        body["tenant_usages_links"] = further
    return body


def show_usage(request: Request[Compute], project_id: str) -> dict[str, Any]:
    """Show what a project used."""
    request.authorize("os_compute_api:os-simple-tenant-usage:show", {"project_id": project_id})
    usages, servers = _usages(request, project_id, True)
    body: dict[str, Any] = {"tenant_usage": usages[0] if usages else {}}
    further = _further(request, f"{COLLECTION}/{project_id}", servers)
    if further:
        body["tenant_usage_links"] = further
    return body


def _further(request: Request[Compute], collection: str, servers: list[Server]) -> list[dict[str, str]]:
    if request.microversion < (2, 40):
        return []
    return next_links(request, collection, [server.id for server in servers])


def _moment(text: str | None) -> int:
    """Raises BadRequest."""
    if not text:
        return clock.now()
    for form in FORMS:
        try:
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return int(moment.timestamp()) * clock.SECOND + moment.microsecond
    raise BadRequest("Invalid datetime string: Datetime is in invalid format")


def _usages(
    request: Request[Compute], project_id: str | None, detailed: bool
) -> tuple[list[dict[str, Any]], list[Server]]:
    begin, end = _moment(request.param("start")), _moment(request.param("end"))
    if begin >= end:
        raise BadRequest("Invalid start time. The start time cannot occur after the end time.")
    now = clock.now()
    end = min(end, now)
    paged = request.microversion >= (2, 40)
    limit, marker = (limit_of(request), request.param("marker")) if paged else (1000, None)
    with request.service.database.read() as tx:
        servers = store.active(tx, begin, end, project_id, limit, marker)
    if servers is None:
        raise BadRequest(f"Marker {marker} could not be found.")
    summaries: dict[str, dict[str, Any]] = {}
    for server in servers:
        usage = _usage(server, begin, end, now)
        summary = summaries.get(server.project_id)
        if summary is None:
            summary = summaries[server.project_id] = _empty(server.project_id, begin, end, detailed)
        hours = usage["hours"]
        summary["total_local_gb_usage"] += usage["local_gb"] * hours
        summary["total_vcpus_usage"] += usage["vcpus"] * hours
        summary["total_memory_mb_usage"] += usage["memory_mb"] * hours
        summary["total_hours"] += hours
        if detailed:
            summary["server_usages"].append(usage)
    return list(summaries.values()), servers


def _empty(project_id: str, begin: int, end: int, detailed: bool) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "tenant_id": project_id,
        "total_local_gb_usage": 0.0,
        "total_vcpus_usage": 0.0,
        "total_memory_mb_usage": 0.0,
        "total_hours": 0.0,
        "start": clock.iso_naive(begin),
        "stop": clock.iso_naive(end),
    }
    return summary | ({"server_usages": []} if detailed else {})


def _usage(server: Server, begin: int, end: int, now: int) -> dict[str, Any]:
    launched = server.launched_at if server.launched_at is not None else server.created_at
    ended = server.terminated_at
    used = max(0, min(end, ended if ended is not None else end) - max(launched, begin))
    return {
        "hours": used / clock.HOUR,
        "flavor": server.flavor.original_name,
        "instance_id": server.id,
        "name": server.name,
        "tenant_id": server.project_id,
        "memory_mb": server.memory_mb,
        "local_gb": server.root_gb + server.ephemeral_gb,
        "vcpus": server.vcpus,
        "started_at": clock.iso_naive(launched),
        "ended_at": None if ended is None else clock.iso_naive(ended),
        "state": server.vm_state if ended is None else "terminated",
        "uptime": ((now if ended is None else ended) - launched) // clock.SECOND,
    }
