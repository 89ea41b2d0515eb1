"""``/os-availability-zone``."""

from typing import Any

from pileus.compute.aggregates import INTERNAL_ZONE
from pileus.compute.service import Compute
from pileus.compute.store import aggregates, engines, hosts
from pileus.kernel import clock
from pileus.kernel.http.request import Request


def list_zones(request: Request[Compute]) -> dict[str, Any]:
    """List availability zones."""
    available, others, _ = _zones(request)
    shown = [_zone(name, True, None) for name in sorted(available)]
    return {"availabilityZoneInfo": shown + [_zone(name, False, None) for name in sorted(others)]}


def list_detailed(request: Request[Compute]) -> dict[str, Any]:
    """List availability zones with their hosts and services."""
    _, others, details = _zones(request)
    with request.service.database.read() as tx:
        engine_services = engines.services(tx)
    for service in engine_services:
        told = {
            "available": service.is_up(clock.now()),
            "active": True,
            "updated_at": clock.iso_naive(service.seen_at),
        }
        details.setdefault(INTERNAL_ZONE, {}).setdefault(service.host, {})[service.binary] = told
    shown = [_zone(name, True, details[name]) for name in sorted(details)]
    return {"availabilityZoneInfo": shown + [_zone(name, False, None) for name in sorted(others)]}


def _zone(name: str, available: bool, hosts_of_zone: Any) -> dict[str, Any]:
    return {"zoneName": name, "zoneState": {"available": available}, "hosts": hosts_of_zone}


def _zones(request: Request[Compute]) -> tuple[set[str], set[str], dict[str, dict[str, Any]]]:
    """The zones with an enabled host, those without, and of the former the hosts with their services."""
    default, now = request.service.settings.default_availability_zone, clock.now()
    with request.service.database.read() as tx:
        by_host, all_hosts = aggregates.zones(tx), hosts.all_hosts(tx)
    details: dict[str, dict[str, Any]] = {}
    seen = set()
    for host in all_hosts:
        zone = by_host.get(host.host, default)
        seen.add(zone)
        if not host.disabled:
            service = {"available": host.is_up(now), "active": True, "updated_at": clock.iso_naive(host.seen_at)}
            details.setdefault(zone, {})[host.host] = {"nova-compute": service}
    return set(details), seen - set(details), details
