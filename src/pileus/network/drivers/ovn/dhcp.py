"""Which DHCP options a port has: its subnet's, or a copy with its own changes."""

import json
from collections.abc import Iterable
from typing import Any

from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.view import View

DISABLED = "dhcp_disabled"
TEXTS = frozenset(
    {
        "domain_name",
        "domain_search_list",
        "bootfile_name",
        "bootfile_name_alt",
        "path_prefix",
        "wpad",
        "tftp_server",
    }
)
# Options whose name in OVN is their usual one, with underscores.
PLAIN_4 = (
    "netmask", "router", "dns-server", "log-server", "lpr-server", "domain-name", "swap-server", "policy-filter",
    "router-solicitation", "nis-server", "ntp-server", "server-id", "tftp-server", "classless-static-route",
    "ms-classless-static-route", "ip-forward-enable", "router-discovery", "ethernet-encap", "default-ttl", "tcp-ttl",
    "mtu", "lease-time", "T1", "T2", "bootfile-name", "bootfile-name-alt", "wpad", "path-prefix", "tftp-server-address",
)  # fmt: skip
NAMES: dict[int, dict[str, str]] = {
    4: {
        **{name: name.replace("-", "_") for name in PLAIN_4},
        "arp-timeout": "arp_cache_timeout",
        "tcp-keepalive": "tcp_keepalive_interval",
        "domain-search": "domain_search_list",
        "server-ip-address": "next_server",
        "1": "netmask",
        "3": "router",
        "6": "dns_server",
        "7": "log_server",
        "9": "lpr_server",
        "15": "domain_name",
        "16": "swap_server",
        "19": "ip_forward_enable",
        "21": "policy_filter",
        "23": "default_ttl",
        "26": "mtu",
        "31": "router_discovery",
        "32": "router_solicitation",
        "35": "arp_cache_timeout",
        "36": "ethernet_encap",
        "37": "tcp_ttl",
        "38": "tcp_keepalive_interval",
        "41": "nis_server",
        "42": "ntp_server",
        "51": "lease_time",
        "54": "server_id",
        "58": "T1",
        "59": "T2",
        "66": "tftp_server",
        "67": "bootfile_name",
        "119": "domain_search_list",
        "121": "classless_static_route",
        "150": "tftp_server_address",
        "210": "path_prefix",
        "249": "ms_classless_static_route",
        "252": "wpad",
        "255": "next_server",
    },
    6: {
        "bootfile-name": "bootfile_name",
        "server-id": "server_id",
        "dns-server": "dns_server",
        "domain-search": "domain_search",
        "ia-addr": "ia_addr",
        "2": "server_id",
        "5": "ia_addr",
        "23": "dns_server",
        "24": "domain_search",
        "59": "bootfile_name",
    },
}


def remembered(extra: Iterable[tuple[str, str, int]]) -> str:
    """A port's own options as they are kept at the port."""
    return json.dumps([list(option) for option in extra])


def link(view: View, port: Any) -> None:
    """Gives a port the options of its first subnet of each version that has any, with its own changes."""
    extra = json.loads(port.external_ids.get(n.EXTRA_DHCP_OPTIONS, "[]"))
    subnets = port.external_ids.get(n.SUBNET_IDS, "").split()
    used = set()
    for version, column in ((4, "dhcpv4_options"), (6, "dhcpv6_options")):
        wanted = None if port.type else _options_of(view, port.name, subnets, extra, version)
        view.set(port, **{column: [] if wanted is None else [wanted]})
        used.add(None if wanted is None else wanted.uuid)
    for row in own_rows(view, port):
        if row.uuid not in used:
            view.delete(row)


def own_rows(view: View, port: Any) -> list[Any]:
    """The copies that belong to a port."""
    subnets = getattr(port, "external_ids", {}).get(n.SUBNET_IDS, "").split()
    found = (view.find("DHCP_Options", n.dhcp_key(subnet_id, port.name)) for subnet_id in subnets)
    return [row for row in found if row is not None]


def _subnet(row: Any) -> str:
    return str(row.external_ids[n.DHCP_SUBNET])


def _options_of(view: View, port_id: str, subnets: list[str], extra: list[list[Any]], version: int) -> Any:
    rows = [row for subnet_id in subnets if (row := view.find("DHCP_Options", n.dhcp_key(subnet_id))) is not None]
    rows = [row for row in rows if (":" in row.cidr) == (version == 6)]
    # An address that must be leased goes before those the client makes for itself.
    rows.sort(key=lambda row: row.options.get("dhcpv6_stateless") == "true")
    mine = [(name, value) for name, value, of in extra if of == version]
    if not rows or any(name == DISABLED and value.lower() == "true" for name, value in mine):
        return None
    changes = _translated(mine, version)
    return _own_copy(view, rows[0], port_id, changes) if changes else rows[0]


def _translated(options: list[tuple[str, str]], version: int) -> dict[str, str]:
    """Options that OVN does not know are left out."""
    found = {}
    for name, value in options:
        known = NAMES[version].get(name)
        if known is not None:
            found[known] = f'"{value.strip(chr(34))}"' if known in TEXTS else _in_braces(known, value)
    return found


def _in_braces(name: str, value: str) -> str:
    many = name in ("dns_server", "ntp_server", "classless_static_route") and not value.startswith("{")
    return f"{{{value}}}" if many else value


def _own_copy(view: View, subnet: Any, port_id: str, changes: dict[str, str]) -> Any:
    key = n.dhcp_key(_subnet(subnet), port_id)
    row = view.find("DHCP_Options", key) or view.insert("DHCP_Options", key)
    options = {**subnet.options, **changes}
    routes = "classless_static_route"
    if routes in changes and routes in subnet.options:
        options[routes] = f"{{{subnet.options[routes][1:-1]}, {changes[routes][1:-1]}}}"
    identity = {**subnet.external_ids, n.DHCP_PORT: port_id}
    view.set(row, cidr=subnet.cidr, options=options, external_ids=identity)
    return row
