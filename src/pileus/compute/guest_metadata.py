"""What a guest learns about itself: the trees of the metadata service, and the files of a config drive.

Two trees: EC2's (text, a line an entry) and OpenStack's (JSON documents), each in dated versions of which a guest
asks for the one that it was written for.
"""

import base64
import os
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from pileus.compute.model import Server, ServerDisk, ServerVif

EC2_VERSIONS = (
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
)
GRIZZLY, HAVANA, LIBERTY = "2013-04-04", "2013-10-17", "2015-10-15"
NEWTON_1, NEWTON_2, VICTORIA = "2016-06-30", "2016-10-06", "2020-10-14"
OPENSTACK_VERSIONS = (
    "2012-08-10",
    GRIZZLY,
    HAVANA,
    LIBERTY,
    NEWTON_1,
    NEWTON_2,
    "2017-02-22",
    "2018-08-27",
    VICTORIA,
    "2025-04-04",
)
LATEST = "latest"
# The versions of the EC2 tree that a config drive has; guests old enough for the others know no config drive.
EC2_ON_DRIVE = ("2009-04-04", LATEST)
TEXT, JSON = "text/plain", "application/json"
SEED_BYTES = 512
Item = tuple[bytes, str]
"""Content and its type."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that both trees are made from. ``network``: asked only when network_data.json is."""

    server: Server
    vifs: Sequence[ServerVif]
    disks: Sequence[ServerDisk]
    hostname: str
    vendor_data: Any
    network: Callable[[], dict[str, Any] | None]

    @property
    def user_data(self) -> bytes | None:
        given = self.server.user_data
        return base64.b64decode(given) if given is not None else None

    @property
    def zone(self) -> str | None:
        return self.server.availability_zone


def find(facts: Facts, path: str) -> Item:
    """What stands at a path of the metadata service. Raises KeyError when nothing does."""
    tokens = posixpath.normpath("/" + path).strip("/").split("/")
    if tokens[0] == "openstack":
        return _find_openstack(facts, tokens[1:])
    if tokens[0] == "ec2":
        tokens = tokens[1:]
    if not tokens or tokens == [""]:
        return "\n".join((*EC2_VERSIONS, LATEST)).encode(), TEXT
    return _find_ec2(facts, tokens)


def config_drive_files(facts: Facts) -> dict[str, str]:
    """Path -> content of a config drive; binary content stands in base 64 after ``base64:``."""
    files: dict[str, str] = {}
    user_data = facts.user_data
    for version in EC2_ON_DRIVE:
        tree = _ec2_tree(facts, version)["meta-data"]
        tree.get("public-keys", {}).get("0", {}).pop("_name", None)
        files[f"ec2/{version}/meta-data.json"] = _json(tree).decode()
        if user_data is not None:
            files[f"ec2/{version}/user-data"] = _text(user_data)
    network = facts.network()
    known = msgspec.structs.replace(facts, network=lambda: network)
    for version in (*OPENSTACK_VERSIONS, LATEST):
        for name in _documents(known, version):
            if name != "password":
                content, _ = _find_openstack(known, [version, name])
                files[f"openstack/{version}/{name}"] = _text(content)
    return files


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(content).decode()


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


# -- EC2's tree --------------------------------------------------------------------------------------------------------


def _find_ec2(facts: Facts, tokens: Sequence[str]) -> Item:
    node: Any = _ec2_tree(facts, tokens[0])
    for token in tokens[1:]:
        if not isinstance(node, Mapping):
            raise KeyError(token)
        node = node[token]
    return _ec2_text(node), TEXT


def _ec2_text(node: Any) -> bytes:
    if isinstance(node, Mapping):
        return "\n".join(_ec2_name(name, node[name]) for name in sorted(node) if name != "_name").encode()
    if isinstance(node, list):
        return "\n".join(node).encode()
    return node if isinstance(node, bytes) else str(node).encode()


def _ec2_name(name: str, node: Any) -> str:
    if not isinstance(node, Mapping):
        return name
    return str(node.get("_name") or name + "/")


def _ec2_tree(facts: Facts, version: str) -> dict[str, Any]:
    if version == LATEST:
        version = EC2_VERSIONS[-1]
    if version not in EC2_VERSIONS:
        raise KeyError(version)
    tree: dict[str, Any] = {"meta-data": _ec2_metadata(facts, version)}
    if facts.user_data is not None:
        tree["user-data"] = facts.user_data
    return tree


def _ec2_metadata(facts: Facts, version: str) -> dict[str, Any]:
    server = facts.server
    data: dict[str, Any] = {
        "ami-id": "ami-" + (server.image_id or "0" * 8)[:8],
        "ami-launch-index": server.launch_index,
        "ami-manifest-path": "FIXME",
        "instance-id": f"i-{server.number:08x}",
        "hostname": facts.hostname,
        "local-ipv4": _address(server, "fixed"),
        "reservation-id": server.reservation_id,
        "security-groups": server.security_groups,
    }
    if server.key_name:
        data["public-keys"] = {"0": {"_name": f"0={server.key_name}", "openssh-key": server.key_data}}
    if version >= "2007-01-19":
        data["local-hostname"] = data["public-hostname"] = facts.hostname
        data["public-ipv4"] = _address(server, "floating")
    if version >= "2007-08-29":
        data["instance-type"] = server.flavor.original_name
    if version >= "2007-12-15":
        data["block-device-mapping"] = _mappings(server, facts.disks)
        data |= {name: id for name, id in (("kernel-id", server.kernel_id), ("ramdisk-id", server.ramdisk_id)) if id}
    if version >= "2008-02-01":
        data["placement"] = {"availability-zone": facts.zone}
    if version >= "2008-09-01":
        data["instance-action"] = "none"
    return data


def _address(server: Server, kind: str) -> str:
    """The first IPv4 address of a kind, or an empty text."""
    for addresses in server.addresses.values():
        for address in addresses:
            if address["version"] == 4 and address.get("OS-EXT-IPS:type") == kind:
                return str(address["addr"])
    return ""


def _mappings(server: Server, disks: Sequence[ServerDisk]) -> dict[str, Any]:
    root = server.root_device_name or "/dev/vda"
    found: dict[str, Any] = {"ami": root.removeprefix("/dev/"), "root": root}
    volumes = sorted(disk.device_name or "" for disk in disks if disk.destination_type == "volume")
    found |= {f"ebs{number}": name for number, name in enumerate(volumes)}
    blanks = [disk for disk in disks if disk.destination_type != "volume" and disk.source_type == "blank"]
    ephemeral = [disk.device_name for disk in blanks if disk.guest_format != "swap"]
    found |= {f"ephemeral{number}": name for number, name in enumerate(ephemeral)}
    swap = [disk.device_name for disk in blanks if disk.guest_format == "swap"]
    return found | ({"swap": swap[-1]} if swap else {})


# -- OpenStack's tree --------------------------------------------------------------------------------------------------


def _documents(facts: Facts, version: str) -> list[str]:
    """The documents that a version has."""
    if version == LATEST:
        version = OPENSTACK_VERSIONS[-1]
    if version not in OPENSTACK_VERSIONS:
        raise KeyError(version)
    names = ["meta_data.json"]
    if facts.server.user_data is not None:
        names.append("user_data")
    later = (
        (GRIZZLY, "password"),
        (HAVANA, "vendor_data.json"),
        (LIBERTY, "network_data.json"),
        (NEWTON_2, "vendor_data2.json"),
    )
    return names + [name for first, name in later if version >= first]


def _find_openstack(facts: Facts, tokens: Sequence[str]) -> Item:
    if not tokens:
        return "\n".join((*OPENSTACK_VERSIONS, LATEST)).encode(), TEXT
    version, name = tokens[0], "/".join(tokens[1:])
    documents = _documents(facts, version)
    if not name or name == "version":
        return "\n".join(documents).encode(), TEXT
    if name not in documents:
        raise KeyError(name)
    if name == "user_data":
        return facts.user_data or b"", TEXT
    if name == "password":
        return (facts.server.password or "").encode(), TEXT
    if name == "network_data.json":
        return _json(facts.network() or {}), TEXT
    if name == "vendor_data.json":
        return _json(facts.vendor_data), JSON
    if name == "vendor_data2.json":
        return _json({"static": facts.vendor_data}), JSON
    return _json(_metadata(facts, OPENSTACK_VERSIONS[-1] if version == LATEST else version)), JSON


def _metadata(facts: Facts, version: str) -> dict[str, Any]:
    server = facts.server
    data: dict[str, Any] = {
        "uuid": server.id,
        "hostname": facts.hostname,
        "name": server.name,
        "launch_index": server.launch_index,
        "availability_zone": facts.zone,
    }
    if server.metadata:
        data["meta"] = server.metadata
    if server.key_name and server.key_data:
        kind = "x509" if server.key_data.startswith("-----BEGIN CERTIFICATE") else "ssh"
        data["public_keys"] = {server.key_name: server.key_data}
        data["keys"] = [{"name": server.key_name, "type": kind, "data": server.key_data}]
    if version >= GRIZZLY:
        data["random_seed"] = base64.b64encode(os.urandom(SEED_BYTES)).decode()
    if version >= LIBERTY:
        data["project_id"] = server.project_id
    if version >= NEWTON_1:
        data["devices"] = _devices(facts, version)
    if version >= VICTORIA:
        data["dedicated_cpus"] = []
    return data


def _devices(facts: Facts, version: str) -> list[dict[str, Any]]:
    """The devices that a user tagged; where the hypervisor put them is not known here."""
    place = {"bus": "none", "address": "none"}
    trusted = {"vf_trusted": False} if version >= "2018-08-27" else {}
    nics = [
        {"type": "nic", "mac": vif.mac, "tags": [vif.tag], **trusted, **place}
        for vif in facts.vifs
        if vif.tag is not None
    ]
    disks = [
        {"type": "disk", "serial": disk.volume_id, "path": disk.device_name, "tags": [disk.tag], **place}
        for disk in facts.disks
        if disk.tag is not None
    ]
    return [*nics, *({name: value for name, value in disk.items() if value is not None} for disk in disks)]
