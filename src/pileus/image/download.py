"""Fetching data from the web in a user's name, without being led into the operator's own network.

Each address is checked after the name is resolved, and the connection is made to the address that was checked, so
that a name which resolves differently a moment later gains nothing. Every redirect is checked the same way.
"""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3

from pileus.image.config import Settings
from pileus.kernel.errors import GiveUp, RetryLater

REDIRECTS = 5
TIMEOUT = urllib3.Timeout(connect=10, read=60)
CHUNK = 1 << 20
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def passes(settings: Settings, url: Any) -> bool:
    """Whether data may be fetched from an address, as far as the address alone tells."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError:
        return False
    if parts.scheme not in settings.download_schemes or not host:
        return False
    if (settings.download_hosts and host not in settings.download_hosts) or host in settings.download_refused_hosts:
        return False
    if port and settings.download_ports and port not in settings.download_ports:
        return False
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return True
    return settings.download_private or is_public(literal)


def is_public(address: Address) -> bool:
    """Whether an address is on the Internet, also when it is written inside another one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def fetch(settings: Settings, url: str) -> Iterator[bytes]:
    """The data at an address. Raises GiveUp when it may not be fetched, or is not there; RetryLater for trouble."""
    for _ in range(REDIRECTS):
        if not passes(settings, url):
            raise GiveUp(f"URI for web-download does not pass filtering: {url}", code=400)
        response = _open(settings, url)
        if response.status in (301, 302, 303, 307, 308) and response.headers.get("Location"):
            url = urljoin(url, response.headers["Location"])
            response.close()
            continue
        if response.status >= 500:
            response.close()
            raise RetryLater(f"{url} answered {response.status}")
        if response.status != 200:
            response.close()
            raise GiveUp(f"{url} answered {response.status}", code=400)
        return _pieces(response, url)
    raise GiveUp(f"too many redirects, the last to {url}", code=400)


def _open(settings: Settings, url: str) -> urllib3.BaseHTTPResponse:
    parts = urlsplit(url)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    address = _resolved(settings, host, port)
    pool: urllib3.HTTPConnectionPool
    if is_tls:
        pool = urllib3.HTTPSConnectionPool(
            address, port, timeout=TIMEOUT, retries=False, server_hostname=host, assert_hostname=host
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=TIMEOUT, retries=False)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity", "User-Agent": "pileus"}
    try:
        return pool.urlopen("GET", path, headers=headers, redirect=False, preload_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise RetryLater(f"{url} does not answer: {error}") from error


def _resolved(settings: Settings, host: str, port: int) -> str:
    """An address of the host; all of its addresses must be ones that may be gone to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise RetryLater(f"{host} cannot be resolved: {error}") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.download_private:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise GiveUp(f"{host} is not on the Internet", code=400)
    return addresses[0]


def _pieces(response: urllib3.BaseHTTPResponse, url: str) -> Iterator[bytes]:
    try:
        yield from response.stream(CHUNK)
    except urllib3.exceptions.HTTPError as error:
        raise RetryLater(f"{url} stopped in the middle: {error}") from error
    finally:
        response.close()
