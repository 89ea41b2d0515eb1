"""Finding a host for a server and claiming its resources there."""

import logging
from collections.abc import Mapping
from typing import Any

from pileus.compute import scheduling
from pileus.compute.model import Host, Server, ServerFlavor
from pileus.compute.operations.common import service_of
from pileus.compute.placing import Candidate, resources_of, traits_of
from pileus.compute.scheduling import Wish
from pileus.compute.store import aggregates, servers
from pileus.compute.store import hosts as host_store
from pileus.kernel.database import Tx
from pileus.kernel.errors import GiveUp, RetryLater
from pileus.kernel.operations.model import Run

log = logging.getLogger(__name__)


def wish_of(tx: Tx, server: Server, **wanted: Any) -> Wish:
    """What a server wants of its host; ``wanted`` has the last word."""
    hints = server.scheduler_hints
    same = scheduling.hint_ids(hints, "same_host")
    different = scheduling.hint_ids(hints, "different_host")
    where = servers.hosts_of(tx, [*same, *different]) if same or different else {}
    values: dict[str, Any] = {
        "zone": server.pinned_availability_zone,
        "architecture": (server.image or {}).get("properties", {}).get("hw_architecture"),
        "same": frozenset(host for one in same if (host := where.get(one))) if same else None,
        "different": frozenset(host for one in different if (host := where.get(one))),
    }
    if server.server_group_id is not None:
        group = servers.group_policy(tx, server.server_group_id)
        if group is not None:
            values["group_policy"] = group[0]
            values["group_limit"] = int(group[1].get("max_server_per_host", 1))
            values["group_hosts"] = servers.group_hosts(tx, server.server_group_id, server.id)
    return Wish(**(values | wanted))


class Claimed:
    """Where a server's resources were claimed."""

    def __init__(self, host: Host, zone: str) -> None:
        self.host, self.zone = host, zone


def claim(run: Run, server: Server, flavor: ServerFlavor, consumer_id: str, **wanted: Any) -> Claimed:
    """Chooses a host and allocates a flavor's resources there for a consumer; again: what it has already.

    Raises GiveUp, with a word on every host, when none is fit, RetryLater when others were faster.
    """
    service = service_of(run)
    with run.database.read() as tx:
        hosts, zone_of = host_store.all_hosts(tx), aggregates.zones(tx)
        wish = wish_of(tx, server, **wanted)
    default_zone = service.settings.default_availability_zone
    verdicts = scheduling.judge(wish, hosts, zone_of, default_zone)
    reasons = {verdict.host.host: verdict.reason for verdict in verdicts if verdict.reason is not None}
    fit = {verdict.host.id: verdict.host for verdict in verdicts if verdict.reason is None}
    resources = resources_of(flavor, volume_root=server.image_id is None)
    candidates = _candidates(run, fit, resources, traits_of(flavor, (server.image or {}).get("properties", {})))
    choice = scheduling.order(wish, [(fit[one.provider_id], one.free_memory_mb) for one in candidates.values()])
    for host in choice[:5]:
        allocations = candidates[host.id].allocations
        if service.placing.claim(run.context, consumer_id, server.project_id, server.user_id, allocations):
            return Claimed(host, zone_of.get(host.host, default_zone))
        mine = _claimed_before(run, consumer_id, hosts)
        if mine is not None:
            return Claimed(mine, zone_of.get(mine.host, default_zone))
    if choice:
        raise RetryLater("others claimed the resources of every host that was fit", after=0.1)
    mine = _claimed_before(run, consumer_id, hosts)
    if mine is not None:
        return Claimed(mine, zone_of.get(mine.host, default_zone))
    raise _no_valid_host(run, reasons, fit, resources)


def _candidates(
    run: Run, fit: Mapping[str, Host], resources: Mapping[str, int], traits: list[str]
) -> dict[str, Candidate]:
    if not fit:
        return {}
    only = next(iter(fit)) if len(fit) == 1 else None
    found = service_of(run).placing.candidates(run.context, resources, traits, only)
    return {one.provider_id: one for one in found if one.provider_id in fit}


def _claimed_before(run: Run, consumer_id: str, hosts: list[Host]) -> Host | None:
    """Where this very claim was made by an engine that died before it could say so."""
    allocations, _ = service_of(run).placing.allocations(run.context, consumer_id)
    return next((host for host in hosts if host.id in allocations), None)


def _no_valid_host(run: Run, reasons: dict[str, str], fit: Mapping[str, Host], resources: Mapping[str, int]) -> GiveUp:
    placing = service_of(run).placing
    for host in list(fit.values())[:20]:
        reasons[host.host] = scheduling.lacking(resources, placing.usage(run.context, host.id))
    message, details = scheduling.no_valid_host(reasons)
    log.warning("server %s: %s %s", run.resource_id, message, details)
    run.operation.input["fault_details"] = details
    return GiveUp(message, code=500, details=details)
