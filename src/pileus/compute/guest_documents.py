"""What a guest reads about itself: OpenStack's and EC2's documents, on its config drive or by metadata service."""

import base64
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pileus.compute.model import Server, ServerVif

VERSIONS: tuple[str, ...] = (
    "2012-08-10",
    "2013-04-04",
    "2013-10-17",
    "2015-10-15",
    "2016-06-30",
    "2016-10-06",
    "2017-02-22",
)
VERSIONS += ("2018-08-27", "2020-10-14", "latest")
SEED_BYTES = 512


def meta_data(server: Server) -> dict[str, Any]:
    """``meta_data.json``."""
    document: dict[str, Any] = {
        "uuid": server.id,
        "name": server.name,
        "hostname": server.hostname,
        "availability_zone": server.availability_zone,
        "launch_index": server.launch_index,
        "project_id": server.project_id,
        "meta": server.metadata,
        "random_seed": base64.b64encode(secrets.token_bytes(SEED_BYTES)).decode(),
        "devices": [],
        "dedicated_cpus": [],
    }
    if server.key_name and server.key_data:
        kind = "x509" if "BEGIN CERTIFICATE" in server.key_data else "ssh"
        document["public_keys"] = {server.key_name: server.key_data}
        document["keys"] = [{"name": server.key_name, "type": kind, "data": server.key_data}]
    return document


def network_data(server: Server, vifs: Sequence[ServerVif]) -> dict[str, Any]:
    """``network_data.json``: every interface gets its addresses by DHCP or router advertisement."""
    links: list[dict[str, Any]] = []
    networks: list[dict[str, Any]] = []
    by_mac: dict[str, set[int]] = {}
    for ips in server.addresses.values():
        for ip in ips:
            by_mac.setdefault(ip["OS-EXT-IPS-MAC:mac_addr"], set()).add(ip["version"])
    for vif in vifs:
        link = f"tap{vif.port_id[:11]}"
        links.append(
            {
                "id": link,
                "vif_id": vif.port_id,
                "type": "ovs",
                "mtu": vif.vif.get("mtu"),
                "ethernet_mac_address": vif.mac,
            }
        )
        for version in sorted(by_mac.get(vif.mac, ())):
            kind = "ipv4_dhcp" if version == 4 else "ipv6_slaac"
            networks.append({"id": f"network{len(networks)}", "type": kind, "link": link, "network_id": vif.network_id})
    return {"links": links, "networks": networks, "services": []}


def user_data(server: Server) -> bytes | None:
    if server.user_data is None:
        return None
    return base64.b64decode(re.sub(r"\s", "", server.user_data))


def config_drive(server: Server, vifs: Sequence[ServerVif]) -> Mapping[str, str]:
    """The files of a config drive: path -> content, ``base64:`` before what may not be text."""
    given = user_data(server)
    files = {
        "meta_data.json": _json(meta_data(server)),
        "network_data.json": _json(network_data(server, vifs)),
        "vendor_data.json": "{}",
        "vendor_data2.json": "{}",
    }
    if given is not None:
        files["user_data"] = "base64:" + base64.b64encode(given).decode()
    drive = {f"openstack/{version}/{name}": content for version in VERSIONS for name, content in files.items()}
    drive["ec2/latest/meta-data.json"] = _json(_ec2(server))
    if given is not None:
        drive["ec2/latest/user-data"] = files["user_data"]
    return drive


def _ec2(server: Server) -> dict[str, Any]:
    fixed = [ip for ips in server.addresses.values() for ip in ips if ip["version"] == 4]
    local = next((ip["addr"] for ip in fixed if ip["OS-EXT-IPS:type"] == "fixed"), "")
    public = next((ip["addr"] for ip in fixed if ip["OS-EXT-IPS:type"] == "floating"), "")
    document: dict[str, Any] = {
        "ami-launch-index": server.launch_index,
        "hostname": server.hostname,
        "instance-id": f"i-{server.number:08x}",
        "instance-type": server.flavor.original_name,
        "local-hostname": server.hostname,
        "local-ipv4": local,
        "public-ipv4": public,
        "public-hostname": server.hostname,
        "reservation-id": server.reservation_id,
        "placement": {"availability-zone": server.availability_zone},
    }
    if server.key_name and server.key_data:
        document["public-keys"] = {"0": {"_name": f"0={server.key_name}", "openssh-key": server.key_data}}
    return document


def _json(document: Any) -> str:
    return msgspec.json.encode(document).decode()
