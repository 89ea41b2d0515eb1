"""``/os-aggregates``."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from pileus.compute.aggregates import ZONE_KEY, Aggregate, shown
from pileus.compute.operations.image_cache import CACHE_IMAGES
from pileus.compute.parameters import check_name
from pileus.compute.service import Compute
from pileus.compute.store import aggregates, host_usage, hosts
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request


def _get(tx: Tx, number: str) -> Aggregate:
    """Raises BadRequest when it is no number, NotFound when there is no such aggregate."""
    try:
        int(number)
    except ValueError:
        raise BadRequest("Invalid input received: id must be an integer") from None
    return aggregates.get(tx, number)


def _shown(request: Request[Compute], tx: Tx, number: int) -> dict[str, Any]:
    return {"aggregate": shown(aggregates.get(tx, str(number)), request.microversion)}


def list_aggregates(request: Request[Compute]) -> dict[str, Any]:
    """List host aggregates."""
    with request.service.database.read() as tx:
        found = aggregates.all_aggregates(tx)
    return {"aggregates": [shown(aggregate, request.microversion) for aggregate in found]}


def create(request: Request[Compute]) -> dict[str, Any]:
    """Create a host aggregate."""
    given = request.body.aggregate
    name, zone = check_name(given.name), _zone_name(given.availability_zone)
    with request.service.database.transaction() as tx:
        aggregate = aggregates.insert(tx, name, {ZONE_KEY: zone} if zone else {})
    return {"aggregate": shown(aggregate, request.microversion, with_hosts=False)}


def show(request: Request[Compute], number: str) -> dict[str, Any]:
    """Show a host aggregate."""
    with request.service.database.read() as tx:
        return {"aggregate": shown(_get(tx, number), request.microversion)}


def update(request: Request[Compute], number: str) -> dict[str, Any]:
    """Change the name or the availability zone of an aggregate."""
    given = request.body.aggregate
    if given.name is UNSET and given.availability_zone is UNSET:
        raise BadRequest("Invalid input for field/attribute aggregate. Value: {}. {} is not valid under any schema")
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        name = aggregate.name if given.name is UNSET else check_name(given.name.strip() or given.name)
        metadata = dict(aggregate.metadata)
        if given.availability_zone is not UNSET:
            zone = _zone_name(given.availability_zone)
            _check_zone(tx, aggregate, zone, f"Cannot update aggregate {aggregate.number}. Reason: ")
            metadata[ZONE_KEY] = zone or ""
        aggregates.change(tx, aggregate, name, metadata)
        return _shown(request, tx, aggregate.number)


def delete(request: Request[Compute], number: str) -> None:
    """Delete an aggregate without hosts."""
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        if aggregate.hosts:
            raise BadRequest(
                f"Cannot remove host from aggregate {aggregate.number}. Reason: Host aggregate is not empty."
            )
        aggregates.delete(tx, aggregate)


def set_metadata(request: Request[Compute], number: str) -> dict[str, Any]:
    """Set metadata of an aggregate; null removes a key."""
    given = request.body.set_metadata.metadata
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        if ZONE_KEY in given:
            reason = f"Cannot update metadata of aggregate {aggregate.number}. Reason: "
            _check_zone(tx, aggregate, given[ZONE_KEY], reason)
        merged = aggregate.metadata | given
        kept = {key: value for key, value in merged.items() if value is not None}
        aggregates.change(tx, aggregate, aggregate.name, kept)
        return _shown(request, tx, aggregate.number)


def add_host(request: Request[Compute], number: str) -> dict[str, Any]:
    """Add a host to an aggregate."""
    host = request.body.add_host.host
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        if hosts.get(tx, host) is None:
            raise NotFound(f"Compute host {host} could not be found.")
        if aggregate.zone:
            reason = f"Cannot add host to aggregate {aggregate.number}. Reason: "
            others = _zones_of(tx, [host], aggregate) - {aggregate.zone}
            if others:
                raise Conflict(f"{reason}One or more hosts already in availability zone(s) {sorted(others)}.")
            if not _zones_of(tx, [host], aggregate):
                _check_no_servers(tx, host, None, aggregate.zone, reason, "added to")
        aggregates.add_host(tx, aggregate, host)
        return _shown(request, tx, aggregate.number)


def remove_host(request: Request[Compute], number: str) -> dict[str, Any]:
    """Take a host out of an aggregate."""
    host = request.body.remove_host.host
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        if host in aggregate.hosts and aggregate.zone and not _zones_of(tx, [host], aggregate):
            reason = f"Cannot remove host from aggregate {aggregate.number}. Reason: "
            _check_no_servers(tx, host, aggregate.zone, None, reason, "removed from")
        if host not in aggregate.hosts:
            raise NotFound(f"Cannot remove host {host} in aggregate {number}")
        aggregates.remove_host(tx, aggregate, host)
        return _shown(request, tx, aggregate.number)


def cache_images(request: Request[Compute], number: str) -> None:
    """Have images brought to the hosts of an aggregate beforehand."""
    image_ids = [image.id for image in request.body.cache]
    if len(set(image_ids)) != len(image_ids):
        raise BadRequest("Duplicate images in request")
    with request.service.database.transaction() as tx:
        aggregate = _get(tx, number)
        work = {"hosts": list(aggregate.hosts), "images": image_ids}
        request.service.runtime.operations.ask(tx, CACHE_IMAGES, aggregate.id, request.context, work)


def _zone_name(zone: Any) -> str | None:
    return None if zone is None or zone is UNSET else check_name(zone, ":")


def _zones_of(tx: Tx, names: Iterable[str], besides: Aggregate) -> set[str]:
    """The zones that other aggregates give hosts."""
    wanted = set(names)
    return {
        other.zone
        for other in aggregates.all_aggregates(tx)
        if other.zone and other.number != besides.number and wanted & set(other.hosts)
    }


def _check_zone(tx: Tx, aggregate: Aggregate, zone: str | None, reason: str) -> None:
    """Raises BadRequest unless the aggregate's hosts may be in a zone."""
    if not zone:
        raise BadRequest(f"{reason}Aggregate {aggregate.name} does not support empty named availability zone.")
    others = sorted(_zones_of(tx, aggregate.hosts, aggregate) - {zone})
    if others:
        raise BadRequest(f"{reason}One or more hosts already in availability zone(s) {others}.")
    if aggregate.zone != zone and host_usage.count(tx, aggregate.hosts):
        raise BadRequest(f"{reason}One or more hosts contain instances in this zone.")


def _check_no_servers(tx: Tx, host: str, old: str | None, new: str | None, reason: str, what: str) -> None:
    """Raises Conflict when a host has servers, whose zone would change."""
    there = host_usage.count(tx, [host])
    if there:
        raise Conflict(
            f"{reason}The host cannot be {what} the aggregate as the availability zone of the host would change from "
            f"'{old}' to '{new}' but the host already has {there} instance(s). Changing the AZ of an existing "
            "instance is not supported by this action. Move the instances away from this host then try again. If you "
            "need to move the instances between AZs then you can use shelve_offload and unshelve to achieve this."
        )
