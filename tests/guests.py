"""Network namespaces that stand for guests: plugged as guests are, with a real DHCP client."""

import subprocess
from contextlib import suppress
from pathlib import Path

from pileus.host import ovs
from pileus.host.command import run, succeeds
from pileus.host.layout import Layout
from pileus.kernel.errors import Unavailable

LEASE = """#!/bin/sh
case $1 in
bound|renew)
  ip addr replace $ip/$mask dev $interface
  [ -n "$mtu" ] && ip link set dev $interface mtu $mtu
  if [ -n "$staticroutes" ]; then
    set -- $staticroutes
    while [ $# -gt 1 ]; do ip route replace $1 via $2 dev $interface onlink; shift 2; done
  elif [ -n "$router" ]; then ip route replace default via $router dev $interface; fi
  set > "$LEASE_FILE" ;;
esac
"""


class Guest:
    """One namespace with one interface ``eth0``, on a port of this cloud."""

    def __init__(self, layout: Layout, port_id: str, mac: str, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self.port_id, self.mac = port_id, mac
        self.namespace = f"{layout.namespace}-{port_id[:6]}"
        self.device = f"vif{port_id[:8]}"

    def start(self) -> None:
        run("ip", "netns", "add", self.namespace)
        run("ip", "-n", self._layout.namespace, "link", "add", self.device, "type", "veth",
            "peer", "name", "eth0", "netns", self.namespace)  # fmt: skip
        self.run("ethtool", "-K", "eth0", "tx", "off")
        self.run("ip", "-batch", "-", given=f"link set lo up\nlink set eth0 address {self.mac} up\n")
        run("ip", "-n", self._layout.namespace, "link", "set", self.device, "up")
        ovs.attach(self._layout, self.device, self.port_id, self.mac, 1442)

    def stop(self) -> None:
        with suppress(Unavailable):
            ovs.detach(self._layout, self.device)
        succeeds("ip", "netns", "delete", self.namespace)

    def run(self, *argv: str, given: str | None = None) -> str:
        return run("ip", "netns", "exec", self.namespace, *argv, given=given)

    def can(self, *argv: str) -> bool:
        return succeeds("ip", "netns", "exec", self.namespace, *argv, timeout=15)

    def popen(self, *argv: str) -> "subprocess.Popen[str]":
        command = ["ip", "netns", "exec", self.namespace, *argv]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def pings(self, address: str) -> bool:
        return self.can("ping", "-c", "2", "-i", "0.3", "-W", "1", address)

    def lease(self) -> dict[str, str]:
        """What a DHCP client is told; the interface is configured by it. Fails without a lease within some seconds."""
        script, told = self._folder / "lease.sh", self._folder / f"lease-{self.port_id}"
        script.write_text(LEASE)
        script.chmod(0o755)
        self.run(
            "env", f"LEASE_FILE={told}", "busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-t", "8", "-T", "1",
            "-s", str(script), "-O", "staticroutes", "-O", "mtu",
        )  # fmt: skip
        pairs = (line.partition("=") for line in told.read_text().splitlines())
        return {name: value.strip("'") for name, _, value in pairs}
