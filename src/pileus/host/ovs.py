"""Plugging guests' tap devices into the integration bridge, in the cloud's network namespace.

Every call may be made twice. They raise Unavailable when Open vSwitch does not answer.
"""

import csv
import io
import json
from pathlib import Path

from msgspec import Struct

from pileus.host.command import run, succeeds
from pileus.host.layout import INTEGRATION_BRIDGE, Layout

TIMEOUT = "--timeout=10"
ENTERED = Path("/proc/sys/net/ipv6/conf")


class Plugged(Struct, frozen=True):
    """A device on the integration bridge that belongs to a port."""

    device: str
    port_id: str
    mac: str


def device_name(port_id: str) -> str:
    """The name of a port's tap device, as the field has it."""
    return f"tap{port_id[:11]}"


def vsctl(layout: Layout, *arguments: str) -> str:
    """ovs-vsctl on this cloud's Open vSwitch; waits until the switch has done what it was told."""
    return run("ovs-vsctl", TIMEOUT, f"--db={layout.ovs}", *arguments)


def plug(layout: Layout, device: str, port_id: str, mac: str, mtu: int) -> None:
    """A persistent tap device named ``device`` that carries the port; a guest may be started on it at once.

    The host speaks no IPv6 on it, so that nothing of the host leaks into the guest's network.
    """
    make_tap(layout, device, mtu)
    attach(layout, device, port_id, mac, mtu)


def make_tap(layout: Layout, device: str, mtu: int) -> None:
    """The tap device alone, for whoever prepares a guest's start before its port may be bound here."""
    if not succeeds("ip", "-n", layout.namespace, "link", "show", "dev", device):
        run("ip", "-n", layout.namespace, "tuntap", "add", "dev", device, "mode", "tap")
    run(
        "ip", "netns", "exec", layout.namespace,
        "sh", "-ec", f"echo 1 > {ENTERED}/{device}/disable_ipv6; exec ip link set dev {device} mtu {mtu} up",
    )  # fmt: skip


def attach(layout: Layout, device: str, port_id: str, mac: str, mtu: int | None = None) -> None:
    """Puts a device that exists in the namespace on the integration bridge as the port's. None: its MTU stays."""
    vsctl(
        layout,
        "--may-exist", "add-port", INTEGRATION_BRIDGE, device,
        "--", "set", "Interface", device,
        f"external_ids:iface-id={port_id}",
        f'external_ids:attached-mac="{mac}"',
        "external_ids:iface-status=active",
        *(() if mtu is None else (f"mtu_request={mtu}",)),
    )  # fmt: skip


def detach(layout: Layout, device: str) -> None:
    """Takes a device off the integration bridge; it stays in the namespace."""
    vsctl(layout, "--if-exists", "del-port", INTEGRATION_BRIDGE, device)


def unplug(layout: Layout, device: str) -> None:
    """Takes a device off the integration bridge and deletes it."""
    detach(layout, device)
    if succeeds("ip", "-n", layout.namespace, "link", "show", "dev", device):
        run("ip", "-n", layout.namespace, "link", "delete", "dev", device)


def list_plugged(layout: Layout) -> list[Plugged]:
    """Every device of a port on the integration bridge."""
    rows = vsctl(
        layout, "--format=csv", "--data=json", "--no-headings", "--columns=name,external_ids", "list", "Interface"
    )
    found = []
    for name, external_ids in csv.reader(io.StringIO(rows)):
        known = dict(json.loads(external_ids)[1])
        if known.get("iface-id"):
            found.append(Plugged(json.loads(name), known["iface-id"], known.get("attached-mac", "")))
    return found
