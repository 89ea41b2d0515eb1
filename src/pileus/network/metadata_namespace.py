"""The namespace in which this host answers to 169.254.169.254: one veth a network, one listening socket a veth.

Networks may overlap, so a socket is bound to its network's device: by the socket a request came through the proxy knows
the network, by the sender's address the port.
"""

import ctypes
import json
import os
import socket
import threading
from pathlib import Path

from msgspec import Struct

from pileus.host import ovs
from pileus.host.command import run, succeeds
from pileus.host.layout import Layout
from pileus.kernel.errors import Unavailable

ADDRESS = "169.254.169.254"
PORT = 80
BACKLOG = 128
CLONE_NEWNET = 0x40000000
OUTER, INNER = "md", "mi"
# One address may be on several devices here: each answers ARP for its own only, and no path is "reversed".
SETTINGS = {
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/conf/all/arp_ignore": 1,
    "ipv4/conf/all/arp_announce": 2,
    "ipv6/conf/all/disable_ipv6": 1,
    "ipv6/conf/default/disable_ipv6": 1,
}

_libc = ctypes.CDLL(None, use_errno=True)


class Endpoint(Struct, frozen=True):
    """A network's distributed port: where its guests find the metadata service."""

    network_id: str
    port_id: str
    mac: str
    cidrs: tuple[str, ...]

    @property
    def inner(self) -> str:
        return f"{INNER}{self.network_id[:11]}"

    @property
    def outer(self) -> str:
        return f"{OUTER}{self.network_id[:11]}"


def prepare(layout: Layout) -> None:
    """Makes the namespace, if it is not there."""
    name = layout.metadata_namespace
    if not Path("/run/netns", name).exists():
        run("ip", "netns", "add", name)
    lines = "\n".join(f"echo {value} > /proc/sys/net/{path}" for path, value in SETTINGS.items())
    run("ip", "netns", "exec", name, "sh", "-ec", lines)
    run("ip", "-n", name, "-batch", "-", given=f"address replace {ADDRESS}/32 dev lo\nlink set dev lo up\n")


def devices(layout: Layout) -> set[str]:
    """The inner devices that are there, also from before this process."""
    shown = run("ip", "-json", "-n", layout.metadata_namespace, "link", "show")
    return {link["ifname"] for link in json.loads(shown) if link["ifname"].startswith(INNER)}


def plug(layout: Layout, endpoint: Endpoint) -> None:
    """Makes a network's way in, or completes it."""
    inside = ["ip", "-n", layout.metadata_namespace]
    if not succeeds(*inside, "link", "show", "dev", endpoint.inner):
        run(
            "ip", "-n", layout.namespace, "link", "add", endpoint.outer, "type", "veth",
            "peer", "name", endpoint.inner, "netns", layout.metadata_namespace,
        )  # fmt: skip
    # Open vSwitch reads the veth in user space: checksums must be whole (see host/ovn/external.py).
    run("ip", "netns", "exec", layout.metadata_namespace, "ethtool", "-K", endpoint.inner, "tx", "off")
    commands = [
        f"address flush dev {endpoint.inner}",
        f"link set dev {endpoint.inner} address {endpoint.mac} up",
        *(f"address add {cidr} dev {endpoint.inner}" for cidr in endpoint.cidrs if ":" not in cidr),
    ]
    run(*inside, "-batch", "-", given="\n".join(commands) + "\n")
    run("ip", "-n", layout.namespace, "link", "set", "dev", endpoint.outer, "up")
    ovs.attach(layout, endpoint.outer, endpoint.port_id, endpoint.mac)


def unplug(layout: Layout, inner: str) -> None:
    ovs.unplug(layout, OUTER + inner.removeprefix(INNER))


def listen(layout: Layout, endpoint: Endpoint) -> socket.socket:
    """A listening socket on a network's device. Raises Unavailable."""
    return listening_socket(layout.metadata_namespace, endpoint.inner, (ADDRESS, PORT))


def listening_socket(namespace: str, device: str, address: tuple[str, int]) -> socket.socket:
    """A socket stays in the namespace it was made in; its thread, which went there, ends."""
    made: list[socket.socket | OSError] = []

    def make() -> None:
        try:
            _enter(namespace)
            server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
            server.bind(address)
            server.listen(BACKLOG)
            server.setblocking(False)
            made.append(server)
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=make, name=f"namespace {namespace}")
    thread.start()
    thread.join()
    outcome = made[0]
    if isinstance(outcome, OSError):
        raise Unavailable(f"cannot listen on {device} in namespace {namespace}: {outcome}")
    return outcome


def _enter(namespace: str) -> None:
    handle = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if _libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(handle)
