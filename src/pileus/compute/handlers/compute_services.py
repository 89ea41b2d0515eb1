"""``/os-services``: the services of compute hosts, and those that an engine is."""

from typing import Any

from msgspec import UNSET

from pileus.compute.aggregates import INTERNAL_ZONE
from pileus.compute.model import Host
from pileus.compute.numbers import host_of_number, number
from pileus.compute.parameters import flag
from pileus.compute.service import Compute
from pileus.compute.store import aggregates, engines, host_usage, hosts, migrations
from pileus.compute.store.engines import EngineService
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.numerals import natural

COMPUTE = "nova-compute"


def list_services(request: Request[Compute]) -> dict[str, Any]:
    """List the services."""
    host, binary = request.param("host"), request.param("binary")
    with request.service.database.read() as tx:
        zones, found, others = aggregates.zones(tx), hosts.all_hosts(tx), engines.services(tx)
    services = [_shown_engine(request, one) for one in others] + [_shown(request, one, zones) for one in found]
    return {
        "services": [
            service
            for service in services
            if (not host or service["host"] == host) and (not binary or service["binary"] == binary)
        ]
    }


def update_old(request: Request[Compute], service_id: str) -> dict[str, Any]:
    """Enable, disable or force down a service, as until 2.52: the path names no service, but what to do."""
    body, action = request.body, service_id
    known = ("enable", "disable", "disable-log-reason") + (("force-down",) if request.microversion >= (2, 11) else ())
    if action not in known:
        raise NotFound("Unknown action")
    reason = None if body.disabled_reason is UNSET else body.disabled_reason
    shown: dict[str, Any] = {"host": body.host, "binary": body.binary}
    changes: dict[str, Any]
    if action == "force-down":
        if body.forced_down is UNSET:
            raise BadRequest("Missing forced_down field")
        changes = {"forced_down": flag(body.forced_down)}
        shown |= changes
    elif action == "enable":
        changes = {"disabled": False, "disabled_reason": None}
        shown["status"] = "enabled"
    else:
        if action == "disable-log-reason" and reason is None:
            raise BadRequest("Missing disabled reason field")
        reason = reason if action == "disable-log-reason" else None
        changes = {"disabled": True, "disabled_reason": reason}
        shown |= {"status": "disabled"} | ({"disabled_reason": reason} if reason else {})
    _check_binary(body.binary)
    with request.service.database.transaction() as tx:
        if not hosts.change(tx, body.host, **changes):
            raise NotFound(f"Could not find binary {body.binary} on host {body.host}.")
    return {"service": shown}


def update(request: Request[Compute], service_id: str) -> dict[str, Any]:
    """Enable, disable or force down a service."""
    body = request.body
    reason = None if body.disabled_reason is UNSET else body.disabled_reason
    changes: dict[str, Any] = {}
    if body.status == "enabled":
        if reason:
            raise BadRequest("Specifying 'disabled_reason' with status 'enabled' is invalid.")
        changes = {"disabled": False, "disabled_reason": None}
    elif body.status == "disabled":
        changes = {"disabled": True, "disabled_reason": reason}
    if body.forced_down is not UNSET:
        changes["forced_down"] = flag(body.forced_down)
    with request.service.database.transaction() as tx:
        host = _find(tx, request, service_id)
        if not any(getattr(host, name) != value for name, value in changes.items()):
            raise BadRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.")
        hosts.change(tx, host.host, **changes)
        changed = hosts.get(tx, host.host)
        zones = aggregates.zones(tx)
    assert changed is not None
    return {"service": _shown(request, changed, zones)}


def delete(request: Request[Compute], service_id: str) -> None:
    """Forget a host without servers."""
    service = request.service
    with service.database.read() as tx:
        host = _find(tx, request, service_id)
        _check_unused(tx, host)
    if "placement" in service.runtime.services:
        service.placing.forget(request.context.as_service(), host.id)
    with service.database.transaction() as tx:
        _check_unused(tx, host)
        aggregates.forget_host(tx, host.host)
        hosts.delete(tx, host.host)


def _check_unused(tx: Tx, host: Host) -> None:
    """Raises Conflict while servers are on a host, or move from or to it."""
    if host_usage.count(tx, [host.host]):
        raise Conflict(
            "Unable to delete compute service that is hosting instances. Migrate or delete the instances first."
        )
    if any(host.host in (move.source_host, move.dest_host) for move in migrations.all_unfinished(tx)):
        raise Conflict(
            "Unable to delete compute service that has in-progress migrations. Complete the migrations or delete the "
            "instances first."
        )


def _check_binary(binary: str) -> None:
    if binary != COMPUTE:
        raise BadRequest(f"Updating a {binary} service is not supported. Only nova-compute services can be updated.")


def _find(tx: Tx, request: Request[Compute], service_id: str) -> Host:
    """The host of a service's id. Raises BadRequest when it is no id, NotFound."""
    if request.microversion >= (2, 53):
        if not ids.is_uuid(service_id):
            raise BadRequest(f"Invalid uuid {service_id}")
        found = next((host for host in hosts.all_hosts(tx) if host.service_id == service_id), None)
        if found is None:
            _check_binary(next((one.binary for one in engines.services(tx) if one.id == service_id), COMPUTE))
            raise NotFound(f"Service {service_id} could not be found.")
        return found
    if natural(service_id) is None:
        raise BadRequest("Invalid input received: id must be an integer")
    found = host_of_number(hosts.all_hosts(tx), service_id, "service_id")
    if found is None:
        raise NotFound(f"Service {service_id} not found.")
    return found


def _shown_engine(request: Request[Compute], service: EngineService) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "binary": service.binary,
        "host": service.host,
        "id": service.id if request.microversion >= (2, 53) else number(service.id),
        "zone": INTERNAL_ZONE,
        "status": "enabled",
        "state": "up" if service.is_up(clock.now()) else "down",
        "updated_at": clock.iso_naive(service.seen_at),
        "disabled_reason": None,
    }
    return shown | ({"forced_down": False} if request.microversion >= (2, 11) else {})


def _shown(request: Request[Compute], host: Host, zones: dict[str, str]) -> dict[str, Any]:
    by_uuid = request.microversion >= (2, 53)
    shown: dict[str, Any] = {
        "binary": COMPUTE,
        "host": host.host,
        "id": host.service_id if by_uuid else number(host.service_id),
        "zone": zones.get(host.host, request.service.settings.default_availability_zone),
        "status": "disabled" if host.disabled else "enabled",
        "state": "up" if host.is_up(clock.now()) else "down",
        "updated_at": clock.iso_naive(host.seen_at),
        "disabled_reason": host.disabled_reason,
    }
    if request.microversion >= (2, 11):
        shown["forced_down"] = host.forced_down
    return shown
