"""``/os-hypervisors`` and ``/os-hosts``: compute hosts, as two generations of the API see them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from msgspec import UNSET

from pileus.compute.aggregates import INTERNAL_ZONE
from pileus.compute.links import limit_of, next_links
from pileus.compute.model import Host
from pileus.compute.numbers import host_of_number, number
from pileus.compute.parameters import strict_flag
from pileus.compute.service import Compute
from pileus.compute.store import aggregates, engines, host_usage, hosts
from pileus.compute.store.host_usage import Used
from pileus.kernel import clock, ids
from pileus.kernel.errors import BadRequest, DomainError, NotFound, NotSupported
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request

BY_UUID: Version = (2, 53)
WITHOUT_RESOURCES: Version = (2, 88)
ASKING = 16  # hosts that are asked for their uptime at once
COUNTED = (
    "vcpus",
    "memory_mb",
    "local_gb",
    "vcpus_used",
    "memory_mb_used",
    "local_gb_used",
    "free_ram_mb",
    "free_disk_gb",
    "current_workload",
    "running_vms",
    "disk_available_least",
)


def list_hypervisors(request: Request[Compute]) -> dict[str, Any]:
    """List hypervisors."""
    return _list(request, detail=False)


def list_detailed(request: Request[Compute]) -> dict[str, Any]:
    """List hypervisors with details."""
    return _list(request, detail=True)


def show(request: Request[Compute], hypervisor_id: str) -> dict[str, Any]:
    """Show a hypervisor."""
    host = _find(request, hypervisor_id)
    with_servers = request.microversion >= BY_UUID and _flag(request, "with_servers")
    return {"hypervisor": _shown(request, [host], detail=True, with_servers=with_servers)[0]}


def uptime(request: Request[Compute], hypervisor_id: str) -> dict[str, Any]:
    """Show how long a hypervisor has been up."""
    host = _find(request, hypervisor_id)
    if not host.is_up(clock.now()):
        raise BadRequest(f"Compute service of {host.host} is unavailable at this time.")
    told = _uptime(request, host)
    if told is None:
        raise NotSupported("The requested functionality is not supported.")
    return {"hypervisor": _brief(host, request.microversion) | {"uptime": told}}


def search(request: Request[Compute], hypervisor_id: str) -> dict[str, Any]:
    """Find hypervisors by a part of their name."""
    found = _matching(request, hypervisor_id)
    return {"hypervisors": [_brief(host, request.microversion) for host in found]}


def list_servers(request: Request[Compute], hypervisor_id: str) -> dict[str, Any]:
    """Find hypervisors by a part of their name, with their servers."""
    found = _matching(request, hypervisor_id)
    return {"hypervisors": _shown(request, found, detail=False, with_servers=True)}


def statistics(request: Request[Compute]) -> dict[str, Any]:
    """Show what all hypervisors have and how much of it is used."""
    with request.service.database.read() as tx:
        found, used = hosts.all_hosts(tx), host_usage.by_host(tx)
    enabled = [host for host in found if not host.disabled]
    each = [_resources(request, host, used.get(host.host, Used())) for host in enabled]
    sums = {name: sum(one[name] for one in each) for name in COUNTED}
    return {"hypervisor_statistics": {"count": len(each), **sums}}


# -- hosts -------------------------------------------------------------------------------------------------------------


def list_hosts(request: Request[Compute]) -> dict[str, Any]:
    """List hosts, as until 2.42."""
    default, zone = request.service.settings.default_availability_zone, request.param("zone")
    with request.service.database.read() as tx:
        zones, found, others = aggregates.zones(tx), hosts.all_hosts(tx), engines.services(tx)
    shown = [
        {"host_name": one.host, "service": one.binary.removeprefix("nova-"), "zone": INTERNAL_ZONE} for one in others
    ]
    shown += [
        {"host_name": host.host, "service": "compute", "zone": zones.get(host.host, default)}
        for host in found
        if not host.disabled
    ]
    return {"hosts": [host for host in shown if not zone or host["zone"] == zone]}


def show_host(request: Request[Compute], name: str) -> dict[str, Any]:
    """Show what a host has and what projects use of it."""
    with request.service.database.read() as tx:
        host = hosts.get(tx, name)
        by_project = host_usage.by_project(tx, name)
    if host is None:
        raise NotFound(f"Compute host {name} could not be found.")
    total = Used()
    for used in by_project.values():
        total.servers, total.vcpus = total.servers + used.servers, total.vcpus + used.vcpus
        total.memory_mb, total.disk_gb = total.memory_mb + used.memory_mb, total.disk_gb + used.disk_gb
    now = _resources(request, host, total)
    lines = [
        _line(name, "(total)", host.vcpus, host.memory_mb, host.disk_gb),
        _line(name, "(used_now)", now["vcpus_used"], now["memory_mb_used"], now["local_gb_used"]),
        _line(name, "(used_max)", total.vcpus, total.memory_mb, total.disk_gb),
    ]
    lines += [_line(name, id, used.vcpus, used.memory_mb, used.disk_gb) for id, used in sorted(by_project.items())]
    return {"host": lines}


def update_host(request: Request[Compute], name: str) -> dict[str, Any]:
    """Enable or disable a host."""
    body = request.body
    if body.status is UNSET and body.maintenance_mode is UNSET:
        raise BadRequest("Invalid input for field/attribute host. Value: {}. {} is not valid under any schema")
    with request.service.database.read() as tx:
        if hosts.get(tx, name) is None:
            raise NotFound(f"Compute host {name} could not be found.")
    if body.maintenance_mode is not UNSET:
        raise NotSupported("The requested functionality is not supported.")
    enabled = body.status.lower() == "enable"
    with request.service.database.transaction() as tx:
        if not hosts.change(tx, name, disabled=not enabled, disabled_reason=None):
            raise NotFound(f"Compute host {name} could not be found.")
    return {"host": name, "status": "enabled" if enabled else "disabled"}


def power_host(request: Request[Compute], name: str) -> None:
    """Power actions on hosts, which no hypervisor here does."""
    with request.service.database.read() as tx:
        if hosts.get(tx, name) is None:
            raise NotFound(f"Compute host {name} could not be found.")
    raise NotSupported("The requested functionality is not supported.")


def _line(host: str, project: str, cpu: int, memory_mb: int, disk_gb: int) -> dict[str, Any]:
    return {"resource": {"host": host, "project": project, "cpu": cpu, "memory_mb": memory_mb, "disk_gb": disk_gb}}


# -- inside ------------------------------------------------------------------------------------------------------------


def _flag(request: Request[Compute], name: str) -> bool:
    text = request.param(name)
    return text is not None and strict_flag(text)


def _list(request: Request[Compute], *, detail: bool) -> dict[str, Any]:
    pattern, with_servers = None, False
    if request.microversion >= BY_UUID:
        pattern, with_servers = request.param("hypervisor_hostname_pattern"), _flag(request, "with_servers")
    if pattern is not None:
        if "limit" in request.query or "marker" in request.query:
            raise BadRequest(
                "Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported."
            )
        found = _matching(request, pattern)
        return {"hypervisors": _shown(request, found, detail=detail, with_servers=with_servers)}
    paged = request.microversion >= (2, 33)
    found = _page(request) if paged else _all(request)
    body: dict[str, Any] = {"hypervisors": _shown(request, found, detail=detail, with_servers=with_servers)}
    collection = "os-hypervisors/detail" if detail else "os-hypervisors"
    further = next_links(request, collection, [str(_id(host, request.microversion)) for host in found]) if paged else []
    if further:
        body["hypervisors_links"] = further
    return body


def _all(request: Request[Compute]) -> list[Host]:
    with request.service.database.read() as tx:
        return sorted(hosts.all_hosts(tx), key=lambda host: (host.created_at, host.id))


def _page(request: Request[Compute]) -> list[Host]:
    found, limit, marker = _all(request), limit_of(request), request.param("marker")
    if marker is not None:
        at = next((i for i, host in enumerate(found) if str(_id(host, request.microversion)) == marker), None)
        if at is None:
            raise BadRequest(f"marker [{marker}] not found")
        found = found[at + 1 :]
    return found[:limit]


def _matching(request: Request[Compute], pattern: str) -> list[Host]:
    found = [host for host in _all(request) if pattern in host.hypervisor_hostname]
    if not found:
        raise NotFound(f"No hypervisor matching '{pattern}' could be found.")
    return found


def _find(request: Request[Compute], hypervisor_id: str) -> Host:
    found: Host | None
    if request.microversion >= BY_UUID:
        if not ids.is_uuid(hypervisor_id):
            raise BadRequest(f"Invalid uuid {hypervisor_id}")
        found = next((host for host in _all(request) if host.id == hypervisor_id), None)
    else:
        found = host_of_number(_all(request), hypervisor_id, "id")
    if found is None:
        raise NotFound(f"Hypervisor with ID '{hypervisor_id}' could not be found.")
    return found


def _id(host: Host, version: Version) -> str | int:
    return host.id if version >= BY_UUID else number(host.id)


def _brief(host: Host, version: Version) -> dict[str, Any]:
    return {
        "id": _id(host, version),
        "hypervisor_hostname": host.hypervisor_hostname,
        "state": "up" if host.is_up(clock.now()) else "down",
        "status": "disabled" if host.disabled else "enabled",
    }


def _shown(
    request: Request[Compute], found: Sequence[Host], *, detail: bool, with_servers: bool
) -> list[dict[str, Any]]:
    version = request.microversion
    shown = [_brief(host, version) for host in found]
    with request.service.database.read() as tx:
        names = host_usage.names(tx) if with_servers else {}
        used = host_usage.by_host(tx) if detail and version < WITHOUT_RESOURCES else {}
    told = _uptimes(request, found) if detail and version >= WITHOUT_RESOURCES else {}
    for host, one in zip(found, shown, strict=True):
        if detail:
            one |= _details(host, version)
            if version >= WITHOUT_RESOURCES:
                one["uptime"] = told.get(host.host)
            else:
                one |= _resources(request, host, used.get(host.host, Used()))
                info = host.cpu_info
                one["cpu_info"] = info if version >= (2, 28) else msgspec.json.encode(info).decode()
        if with_servers and (host.host in names or version >= (2, 75)):
            one["servers"] = names.get(host.host, [])
    return shown


def _details(host: Host, version: Version) -> dict[str, Any]:
    return {
        "hypervisor_type": host.hypervisor_type,
        "hypervisor_version": host.hypervisor_version,
        "host_ip": host.host_ip,
        "service": {
            "id": host.service_id if version >= BY_UUID else number(host.service_id),
            "host": host.host,
            "disabled_reason": host.disabled_reason,
        },
    }


def _resources(request: Request[Compute], host: Host, used: Used) -> dict[str, int]:
    reserved = min(request.service.settings.reserved_memory_mb, host.memory_mb // 4)
    return {
        "vcpus": host.vcpus,
        "memory_mb": host.memory_mb,
        "local_gb": host.disk_gb,
        "vcpus_used": used.vcpus,
        "memory_mb_used": used.memory_mb + reserved,
        "local_gb_used": used.disk_gb,
        "free_ram_mb": host.memory_mb - used.memory_mb - reserved,
        "free_disk_gb": host.disk_gb - used.disk_gb,
        "current_workload": used.busy,
        "running_vms": used.servers,
        "disk_available_least": host.disk_free_gb,
    }


def _uptimes(request: Request[Compute], found: Sequence[Host]) -> dict[str, str | None]:
    """Uptime by host, of those that are up; several hosts are asked at once."""
    now = clock.now()
    alive = [host for host in found if host.is_up(now)]
    if not alive:
        return {}
    with ThreadPoolExecutor(min(ASKING, len(alive))) as pool:
        told = pool.map(lambda host: _uptime(request, host), alive)
        return {host.host: text for host, text in zip(alive, told, strict=True)}


def _uptime(request: Request[Compute], host: Host) -> str | None:
    """What ``uptime`` says on a host; None when it does not answer."""
    try:
        return str(request.service.runtime.rpc.call(request.context, host.host, "compute.uptime", timeout=5.0))
    except DomainError:
        return None
