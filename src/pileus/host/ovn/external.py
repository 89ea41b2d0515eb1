"""The data plane's namespace, and the external network: a veth pair from the host to the bridge ``br-ex`` in it.

The host's end has the external network's gateway address, so the host and guests' floating IPs reach each other, and
nothing of the host's own configuration is touched. Only ``[network] external_nat`` does: forwarding and masquerading.
"""

import ipaddress
import json
from pathlib import Path

from pileus.host.command import run, succeeds
from pileus.host.layout import Layout
from pileus.kernel.config import ConfigError
from pileus.kernel.errors import Unavailable
from pileus.network.config import Settings

UPLINK = "uplink"
RANGE = ipaddress.ip_network("172.24.0.0/16")


def namespace_exists(name: str) -> bool:
    return Path("/run/netns", name).exists()


def external_interface(layout: Layout, settings: Settings) -> ipaddress.IPv4Interface:
    """The host's address in the external network, with its prefix: the first of ``[network] external_cidr``.

    Without that option it is a /24 of 172.24.0.0/16 that the host did not use when it was first asked for; the choice
    is kept in STATE/ovn/external-cidr. Raises ConfigError for an option that is no network.
    """
    if settings.external_cidr:
        try:
            network = ipaddress.IPv4Network(settings.external_cidr)
        except ValueError as error:
            raise ConfigError(f"[network] external_cidr = {settings.external_cidr!r}: {error}") from error
    else:
        network = _chosen(layout)
    return ipaddress.IPv4Interface((network.network_address + 1, network.prefixlen))


def _chosen(layout: Layout) -> ipaddress.IPv4Network:
    kept = layout.state_dir / "ovn" / "external-cidr"
    if kept.exists() and kept.read_text().strip():
        return ipaddress.IPv4Network(kept.read_text().strip())
    network = choose(layout.tag, _used())
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(f"{network}\n")
    return network


def choose(tag: str, used: list[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """The /24 that belongs to a tag, or the next one that overlaps nothing in use. Raises Unavailable without any."""
    first = int(tag, 16)
    candidates = list(RANGE.subnets(new_prefix=24))
    for number in range(len(candidates)):
        candidate = candidates[(first + number) % len(candidates)]
        if isinstance(candidate, ipaddress.IPv4Network) and not any(candidate.overlaps(other) for other in used):
            return candidate
    raise Unavailable(f"every network of {RANGE} is in use on this host: set [network] external_cidr")


def _used() -> list[ipaddress.IPv4Network]:
    """What the host has routes to, default routes left out."""
    try:
        routes = json.loads(run("ip", "-json", "-4", "route", "show", "table", "all"))
    except Unavailable:
        return []
    networks = (
        ipaddress.ip_network(r["dst"], strict=False) for r in routes if r["dst"] not in ("default", "0.0.0.0/0")
    )
    return [network for network in networks if isinstance(network, ipaddress.IPv4Network)]


def prepare(layout: Layout, settings: Settings) -> None:
    """Makes the namespace and the veth pair, or completes them."""
    if not namespace_exists(layout.namespace):
        run("ip", "netns", "add", layout.namespace)
    inside = ["ip", "-n", layout.namespace]
    if not succeeds(*inside, "link", "show", "dev", UPLINK):
        succeeds("ip", "link", "delete", "dev", layout.host_device)
        run("ip", "link", "add", layout.host_device, "type", "veth", "peer", "name", UPLINK, "netns", layout.namespace)
    run(*inside, "-batch", "-", given=f"link set dev lo up\nlink set dev {UPLINK} up\n")
    # Open vSwitch reads the veth in user space, where nobody fills in checksums that the kernel left to a network card.
    run("ethtool", "-K", layout.host_device, "tx", "off")
    address = external_interface(layout, settings)
    run("ip", "-batch", "-", given=f"address replace {address} dev {layout.host_device}\n"
        f"link set dev {layout.host_device} up\n")  # fmt: skip
    _no_ipv6(layout)
    _masquerade(layout, address.network if settings.external_nat else None)


def _no_ipv6(layout: Layout) -> None:
    """No address of the host's own making inside the namespace, on whatever device comes."""
    command = "for each in all default; do echo 1 > /proc/sys/net/ipv6/conf/$each/disable_ipv6; done"
    run("ip", "netns", "exec", layout.namespace, "sh", "-ec", command)


def _masquerade(layout: Layout, network: ipaddress.IPv4Network | None) -> None:
    """Lets guests reach beyond this host with the host's address; None: does so no longer."""
    rules = _rules(layout)
    for table, chain, rule in rules:
        command = ["iptables", "-w", "-t", table]
        there = succeeds(*command, "-C", chain, *rule)
        if network is not None and not there:
            run(*command, "-I", chain, *rule)
        if network is None and there:
            run(*command, "-D", chain, *rule)
    if network is not None:
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")


def _rules(layout: Layout) -> list[tuple[str, str, list[str]]]:
    device = layout.host_device
    mark = str(int(layout.tag, 16))
    # Inbound packets are marked, because the output chain no longer knows where they came from.
    return [
        ("mangle", "PREROUTING", ["-i", device, "-j", "MARK", "--set-mark", mark]),
        ("nat", "POSTROUTING", ["!", "-o", device, "-m", "mark", "--mark", mark, "-j", "MASQUERADE"]),
        ("filter", "FORWARD", ["-i", device, "-j", "ACCEPT"]),
        ("filter", "FORWARD", ["-o", device, "-j", "ACCEPT"]),
    ]


def clean(layout: Layout) -> None:
    """Takes all of it away. With the namespace go its devices, and with one end of a veth pair the other."""
    succeeds("ip", "link", "delete", "dev", layout.host_device)
    for namespace in (layout.metadata_namespace, layout.namespace):
        if namespace_exists(namespace):
            run("ip", "netns", "delete", namespace)
    _masquerade(layout, None)
