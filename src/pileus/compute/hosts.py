"""Compute hosts: what their agents report goes into the table of hosts and into placement."""

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from pileus.compute.drivers.base import HostResources
from pileus.compute.model import Host
from pileus.compute.store import hosts
from pileus.kernel import clock, ids
from pileus.kernel.context import Context, service_context
from pileus.kernel.errors import DomainError

if TYPE_CHECKING:
    from pileus.compute.service import Compute

log = logging.getLogger(__name__)
HEARTBEAT = 10.0
PLACEMENT_AGAIN = 300 * clock.SECOND  # how often placement is held against what a host has, also without a change


class HostReports:
    """Keeps the rows and the resource providers of hosts as their agents say."""

    def __init__(self, compute: "Compute") -> None:
        self._compute = compute
        self._told: dict[str, tuple[HostResources, int]] = {}
        self._lock = threading.Lock()

    def beat(self, host: str) -> None:
        """Asks a host's agent for its resources, and writes what is new. Raises what the call to the agent raises."""
        compute, context = self._compute, service_context(ids.new_request_id())
        report = compute.runtime.rpc.call(context, host, "compute.report")
        resources = msgspec.convert(report, HostResources)
        with self._lock:
            row = self._write(host, resources)
            self._tell_placement(context, row, resources)

    def _write(self, host: str, resources: HostResources) -> Host:
        now = clock.now()
        with self._compute.database.transaction() as tx:
            known = hosts.get(tx, host)
            if known is None:
                row = _new_host(host, resources, now)
                hosts.insert(tx, row)
                return row
            row = msgspec.structs.replace(known, **_described(resources), seen_at=now)
            changed = msgspec.structs.replace(row, seen_at=known.seen_at) != known
            if changed:
                hosts.replace(tx, msgspec.structs.replace(row, updated_at=now))
            else:
                hosts.seen(tx, host)
            return row

    def _tell_placement(self, context: Context, row: Host, resources: HostResources) -> None:
        told = self._told.get(row.host)
        lasting = msgspec.structs.replace(resources, memory_free_mb=0, disk_free_gb=0)
        if told is not None and told[0] == lasting and clock.now() - told[1] < PLACEMENT_AGAIN:
            return
        if "placement" not in self._compute.runtime.services:
            return
        try:
            self._compute.placing.provide(
                context,
                row.id,
                row.hypervisor_hostname,
                inventories(self._compute.settings, resources),
                list(resources.traits),
            )
        except DomainError as error:
            log.warning("placement does not know what host %s has: %s", row.host, error.message)
            return
        self._told[row.host] = (lasting, clock.now())


def _described(resources: HostResources) -> dict[str, Any]:
    return {
        "hypervisor_hostname": resources.hostname,
        "hypervisor_type": resources.hypervisor_type,
        "hypervisor_version": resources.hypervisor_version,
        "host_ip": resources.host_ip,
        "vcpus": resources.vcpus,
        "memory_mb": resources.memory_mb,
        "disk_gb": resources.disk_gb,
        "memory_free_mb": resources.memory_free_mb,
        "disk_free_gb": resources.disk_free_gb,
        "cpu_info": dict(resources.cpu_info),
        "traits": list(resources.traits),
        "supported": list(resources.supported),
    }


def _new_host(host: str, resources: HostResources, now: int) -> Host:
    return Host(
        host=host,
        id=ids.new_uuid(),
        service_id=ids.new_uuid(),
        disabled=False,
        disabled_reason=None,
        forced_down=False,
        created_at=now,
        updated_at=now,
        seen_at=now,
        **_described(resources),
    )


def inventories(settings: Any, resources: HostResources) -> dict[str, Mapping[str, Any]]:
    """What placement may sell of a host."""
    reserved_memory = min(settings.reserved_memory_mb, resources.memory_mb // 4)
    return {
        "VCPU": _inventory(resources.vcpus, 0, settings.cpu_allocation_ratio),
        "MEMORY_MB": _inventory(resources.memory_mb, reserved_memory, settings.memory_allocation_ratio),
        "DISK_GB": _inventory(resources.disk_gb, 0, settings.disk_allocation_ratio),
    }


def _inventory(total: int, reserved: int, ratio: float) -> dict[str, Any]:
    return {
        "total": max(1, total),
        "reserved": reserved,
        "min_unit": 1,
        "max_unit": max(1, total),
        "step_size": 1,
        "allocation_ratio": ratio,
    }
