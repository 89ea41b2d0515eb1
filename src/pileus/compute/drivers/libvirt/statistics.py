"""Figures of a running guest."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import libvirt

from pileus.compute.drivers.libvirt.domain import Devices
from pileus.kernel.errors import NotFound

KINDS = (
    libvirt.VIR_DOMAIN_STATS_VCPU
    | libvirt.VIR_DOMAIN_STATS_BALLOON
    | libvirt.VIR_DOMAIN_STATS_INTERFACE
    | libvirt.VIR_DOMAIN_STATS_BLOCK
)
NIC = {
    "rx_octets": "rx.bytes", "rx_packets": "rx.pkts", "rx_errors": "rx.errs", "rx_drop": "rx.drop",
    "tx_octets": "tx.bytes", "tx_packets": "tx.pkts", "tx_errors": "tx.errs", "tx_drop": "tx.drop",
}  # fmt: skip
DISK = {
    "read_bytes": "rd.bytes", "read_requests": "rd.reqs", "write_bytes": "wr.bytes", "write_requests": "wr.reqs",
}  # fmt: skip


def diagnostics(connection: libvirt.virConnect, domain: libvirt.virDomain, run: Path) -> Mapping[str, Any]:
    """``run``: libvirt's folder of pid files. Raises NotFound for a guest that does not run."""
    if not domain.isActive():
        raise NotFound("The guest is not running.")
    stats = connection.domainListGetStats([domain], KINDS)[0][1]
    macs = Devices(domain.XMLDesc()).macs()
    nics = [
        {"mac_address": macs.get(stats.get(f"net.{number}.name", ""), "")} | _figures(stats, f"net.{number}", NIC)
        for number in range(stats.get("net.count", 0))
    ]
    return {
        "uptime": _uptime(run / "qemu" / f"{domain.name()}.pid"),
        "cpus": [
            {"id": number, "time": stats.get(f"vcpu.{number}.time", 0)}
            for number in range(stats.get("vcpu.current", 0))
        ],
        "memory_mb": stats.get("balloon.maximum", 0) // 1024,
        "nics": nics,
        "disks": [_figures(stats, f"block.{number}", DISK) for number in range(stats.get("block.count", 0))],
    }


def _figures(stats: Mapping[str, Any], prefix: str, names: Mapping[str, str]) -> dict[str, int]:
    return {ours: int(stats.get(f"{prefix}.{theirs}", 0)) for ours, theirs in names.items()}


def _uptime(pid_file: Path) -> int:
    """Seconds since the guest's process was started."""
    try:
        # The name in parentheses may hold spaces; the start time is the 20th field after it.
        started = int(Path(f"/proc/{pid_file.read_text().strip()}/stat").read_text().rpartition(")")[2].split()[19])
    except (OSError, ValueError):
        return 0
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK"))
