"""A server as the API shows it, at each microversion.

A list of a hundred is rendered here a hundred times: what is JSON in the row goes out as it is (``Raw``).
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from pileus.compute.links import Base, links
from pileus.compute.model import Host, Server
from pileus.compute.states import BUILDING
from pileus.kernel import clock
from pileus.kernel.http.microversions import Version

_PROGRESS = frozenset({"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"})
_FAULTY = frozenset({"ERROR", "DELETED"})
_NOTHING = Raw(b"{}")


class Shown(Struct, frozen=True, kw_only=True):
    """What one client sees of servers: worked out once a request.

    extended      the host and the hypervisor's names for things.
    extra_specs   of the flavor.
    host_status   of every host (``all``), only that one is unknown (``unknown``), or not at all (empty).
    details       the details of internal errors.
    hosts         by name, where a host's status is shown.
    """

    version: Version
    base: Base
    extended: bool
    extra_specs: bool
    host_status: str
    details: bool
    hosts: Mapping[str, Host] = {}


@lru_cache(maxsize=4096)
def host_id(host: str | None, project_id: str) -> str:
    """A host's name as a project sees it: the same for all its servers there, and of no use to others."""
    return hashlib.sha224((project_id + host).encode()).hexdigest() if host else ""


def host_status(host: Host | None, now: int) -> str:
    if host is None:
        return ""
    if host.disabled:
        return "MAINTENANCE"
    if host.forced_down:
        return "DOWN"
    return "UP" if host.is_up(now) else "UNKNOWN"


def basic(server: Server, base: Base) -> dict[str, Any]:
    return {"id": server.id, "name": server.name, "links": links(base, "servers", server.id)}


def detail(
    server: Server,
    shown: Shown,
    *,
    full: bool = True,
    groups: bool = False,
    key_name: bool | None = None,
    user_data: bool = True,
) -> dict[str, Any]:
    """The whole view.

    full      False: what answers to PUT and rebuild left out before 2.75.
    groups    whether the server group is shown (not in lists).
    key_name  where it is not as ``full`` says.
    """
    base, status = shown.base, server.status
    body: dict[str, Any] = {
        "id": server.id,
        "name": server.name,
        "status": status,
        "tenant_id": server.project_id,
        "user_id": server.user_id,
        "metadata": Raw(server.metadata_json.encode()),
        "hostId": host_id(server.host, server.project_id),
        "image": _image(server, shown),
        "flavor": _flavor(server, shown),
        "created": clock.iso(server.created_at),
        "updated": clock.iso(server.updated_at),
        "addresses": _addresses(server, full),
        "accessIPv4": server.access_ip_v4 or "",
        "accessIPv6": server.access_ip_v6 or "",
        "links": links(base, "servers", server.id),
        "OS-DCF:diskConfig": "AUTO" if server.auto_disk_config else "MANUAL",
    }
    if status in _PROGRESS:
        body["progress"] = server.progress
    if server.fault_json is not None and status in _FAULTY:
        body["fault"] = _fault(server.fault_json, shown.details)
    if full:
        _add_all(body, server, shown, user_data)
    if key_name if key_name is not None else full:
        body["key_name"] = server.key_name
    _add_by_version(body, server, shown, full, groups)
    return body


def _add_all(body: dict[str, Any], server: Server, shown: Shown, user_data: bool) -> None:
    body["OS-EXT-AZ:availability_zone"] = server.availability_zone or ""
    body["config_drive"] = "True" if server.config_drive else ""
    body["OS-SRV-USG:launched_at"] = _moment(server.launched_at)
    body["OS-SRV-USG:terminated_at"] = _moment(server.terminated_at)
    if server.security_groups_json != "[]":
        body["security_groups"] = [{"name": name} for name in server.security_groups]
    body["OS-EXT-STS:task_state"] = server.task_state
    body["OS-EXT-STS:vm_state"] = server.vm_state
    body["OS-EXT-STS:power_state"] = server.power_state
    body["os-extended-volumes:volumes_attached"] = _volumes(server, shown.version)
    if shown.extended:
        body["OS-EXT-SRV-ATTR:host"] = server.host
        body["OS-EXT-SRV-ATTR:instance_name"] = server.instance_name
        body["OS-EXT-SRV-ATTR:hypervisor_hostname"] = server.node
        if shown.version >= (2, 3):
            body["OS-EXT-SRV-ATTR:hostname"] = server.hostname
            body["OS-EXT-SRV-ATTR:kernel_id"] = server.kernel_id
            body["OS-EXT-SRV-ATTR:launch_index"] = server.launch_index
            body["OS-EXT-SRV-ATTR:ramdisk_id"] = server.ramdisk_id
            body["OS-EXT-SRV-ATTR:reservation_id"] = server.reservation_id
            body["OS-EXT-SRV-ATTR:root_device_name"] = server.root_device_name
            if user_data:
                body["OS-EXT-SRV-ATTR:user_data"] = server.user_data
    if shown.version >= (2, 16) and shown.host_status:
        status = host_status(shown.hosts.get(server.host or ""), clock.now())
        if shown.host_status == "all" or status == "UNKNOWN":
            body["host_status"] = status


def _add_by_version(body: dict[str, Any], server: Server, shown: Shown, full: bool, groups: bool) -> None:
    version = shown.version
    if version >= (2, 9):
        body["locked"] = server.locked_by is not None
    if version >= (2, 19):
        body["description"] = server.description
    if version >= (2, 26):
        body["tags"] = Raw(server.tags_json.encode())
    if version >= (2, 63):
        certificates = server.trusted_certs_json
        body["trusted_image_certificates"] = None if certificates is None else Raw(certificates.encode())
    if groups and version >= (2, 71):
        body["server_groups"] = [server.server_group_id] if server.server_group_id else []
    if version >= (2, 73):
        body["locked_reason"] = server.locked_reason
    if version >= (2, 90) and not (shown.extended and full):
        body["OS-EXT-SRV-ATTR:hostname"] = server.hostname
    if version >= (2, 96) and full:
        body["pinned_availability_zone"] = server.pinned_availability_zone
    if version >= (2, 100):
        body["scheduler_hints"] = Raw(server.scheduler_hints_json.encode())


def _moment(moment: int | None) -> str | None:
    return None if moment is None else clock.iso_naive(moment)


def _image(server: Server, shown: Shown) -> Any:
    if server.image_id is None:
        return ""
    href = f"{shown.base.plain}/images/{server.image_id}"
    image: dict[str, Any] = {"id": server.image_id, "links": [{"rel": "bookmark", "href": href}]}
    if shown.version >= (2, 98):
        image["properties"] = Raw(server.image_properties_json.encode())
    return image


def _flavor(server: Server, shown: Shown) -> Any:
    if shown.version < (2, 47):
        href = f"{shown.base.plain}/flavors/{server.flavor_id}"
        return {"id": server.flavor_id, "links": [{"rel": "bookmark", "href": href}]}
    if shown.extra_specs:
        return Raw(server.flavor_json.encode())
    flavor = msgspec.json.decode(server.flavor_json)
    del flavor["extra_specs"]
    return flavor


def _addresses(server: Server, full: bool) -> Any:
    if server.vm_state == BUILDING:
        return _NOTHING
    return Raw(server.addresses_json.encode()) if full else plain_addresses(server.addresses)


def plain_addresses(addresses: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Addresses without their kind and MAC address."""
    return {label: [{"version": ip["version"], "addr": ip["addr"]} for ip in ips] for label, ips in addresses.items()}


def _volumes(server: Server, version: Version) -> Any:
    if version >= (2, 3) or server.volumes_json == "[]":
        return Raw(server.volumes_json.encode())
    return [{"id": volume["id"]} for volume in msgspec.json.decode(server.volumes_json)]


def _fault(text: str, details: bool) -> dict[str, Any]:
    """Details of internal errors are the operators'."""
    fault = msgspec.json.decode(text)
    shown = {"code": fault["code"], "created": clock.iso(fault["created"]), "message": fault["message"]}
    if fault.get("details") and (details or fault["code"] != 500):
        shown["details"] = fault["details"]
    return shown
