"""The external network of a cloud on one host: the range of addresses that the host reaches its guests by."""

import ipaddress

from msgspec import Struct

from pileus.host.layout import Layout

FIRST_OCTETS = "172.24"  # as DevStack's; each cloud of a host has a /24 of its own in it


class External(Struct, frozen=True):
    """``gateway`` is the host's own address in the range, with ``prefix`` bits of network."""

    cidr: str
    gateway: str
    prefix: int


def external_range(layout: Layout, configured: str = "") -> External:
    """The configured range, or one chosen by the cloud's tag, so that clouds side by side do not collide."""
    cidr = configured or f"{FIRST_OCTETS}.{int(layout.tag, 16) % 250 + 2}.0/24"
    network = ipaddress.ip_network(cidr)
    return External(str(network), str(network[1]), network.prefixlen)
