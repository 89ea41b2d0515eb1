"""Arithmetic of IP and MAC addresses. Addresses are text everywhere; this is where they are computed with."""

import random
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Pool = tuple[int, int]

MAC_PREFIX = "fa:16:3e"


def new_mac() -> str:
    """A random MAC address of the prefix that clouds use."""
    number = random.getrandbits(24)
    return f"{MAC_PREFIX}:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def network_of(cidr: str) -> Network:
    return ip_network(cidr, strict=False)


def number(address: str) -> int:
    return int(ip_address(address))


def text(address: int, version: int) -> str:
    return str(ip_address(address)) if version == 4 else str(IPv6Address(address))


def version_of(address_or_cidr: str) -> int:
    return 6 if ":" in address_or_cidr else 4


def prefix_length(cidr: str) -> int:
    return int(cidr.rpartition("/")[2])


def contains(cidr: str, address: str) -> bool:
    network = network_of(cidr)
    found = ip_address(address)
    return found.version == network.version and found in network


def usable(cidr: str, address: str) -> bool:
    """Whether an address of a subnet can be a host's: neither the network's own nor the broadcast address."""
    network = network_of(cidr)
    found = ip_address(address)
    if found.version != network.version or found not in network:
        return False
    if network.version == 4:
        return network.prefixlen >= 31 or found not in (network.network_address, network.broadcast_address)
    # RFC 4291: the lowest address is the routers' anycast address.
    return network.prefixlen >= 127 or found != network.network_address


def overlap(first: str, second: str) -> bool:
    one, two = network_of(first), network_of(second)
    return one.version == two.version and one.overlaps(two)


def first_host(cidr: str) -> str:
    """The address that a gateway gets when none is asked for."""
    network = network_of(cidr)
    if network.version == 4 and network.prefixlen >= 31:
        return str(network.network_address)
    return str(network.network_address + 1)


def default_pools(cidr: str, gateway: str | None) -> list[dict[str, str]]:
    """Every usable address of a subnet but its gateway, as allocation pools."""
    network = network_of(cidr)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4 and network.prefixlen < 31:
        first, last = first + 1, last - 1
    elif network.version == 6 and network.prefixlen < 127:
        first += 1
    spans = [(first, last)]
    if gateway is not None and first <= number(gateway) <= last:
        at = number(gateway)
        spans = [span for span in ((first, at - 1), (at + 1, last)) if span[0] <= span[1]]
    return [{"start": text(low, network.version), "end": text(high, network.version)} for low, high in spans]


def pool_spans(pools: Iterable[dict[str, str]]) -> list[Pool]:
    return sorted((number(pool["start"]), number(pool["end"])) for pool in pools)


def size(spans: Iterable[Pool]) -> int:
    return sum(high - low + 1 for low, high in spans)


def in_spans(spans: Iterable[Pool], address: int) -> bool:
    return any(low <= address <= high for low, high in spans)


def candidates(spans: Sequence[Pool], count: int) -> list[int]:
    """Up to ``count`` different addresses of pools, picked at random."""
    total = size(spans)
    picked = random.sample(range(min(total, 1 << 62)), min(count, total))
    return [_at(spans, index) for index in picked]


def _at(spans: Sequence[Pool], index: int) -> int:
    for low, high in spans:
        if index <= high - low:
            return low + index
        index -= high - low + 1
    raise IndexError(index)


def each(spans: Iterable[Pool]) -> Iterator[int]:
    for low, high in spans:
        yield from range(low, high + 1)


def eui64(cidr: str, mac: str) -> str:
    """The address that a host with this MAC gives itself in an IPv6 subnet (RFC 4291, modified EUI-64)."""
    octets = bytes.fromhex(mac.replace(":", ""))
    interface = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return str(IPv6Address(int(network_of(cidr).network_address) + int.from_bytes(interface)))
