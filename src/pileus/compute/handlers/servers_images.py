"""Actions that make images of servers, and servers of images: snapshot, backup, rebuild, rescue, shelve."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from pileus.compute import quotas, states
from pileus.compute.guests import driver_image
from pileus.compute.handlers.servers import changed_view
from pileus.compute.images import NOT_INHERITED, shown_properties
from pileus.compute.model import Server
from pileus.compute.operations.rebuild import REBUILD, RESCUE, UNRESCUE
from pileus.compute.operations.shelve import SHELVE, SHELVE_OFFLOAD, UNSHELVE
from pileus.compute.operations.snapshot import BACKUP, SNAPSHOT
from pileus.compute.parameters import check_description, check_name
from pileus.compute.servers_acting import begin, check
from pileus.compute.servers_bodies import Rebuilt, UnshelvePlace
from pileus.compute.servers_checks import (
    access_ips,
    check_base64,
    check_hostname,
    check_image,
    check_metadata_quota,
    generated_password,
    given,
)
from pileus.compute.service import Compute
from pileus.compute.store import aggregates, hosts, keypairs, servers
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

TRUSTED = "os_compute_api:servers:rebuild:trusted_certs"


def create_image(request: Request[Compute], server: Server) -> Response:
    """Make an image of a server."""
    wanted = request.body.create_image
    check(request, server, states.CREATE_IMAGE)
    metadata = given(wanted.metadata) or {}
    _check_image_metadata(request, metadata)
    image = _new_image(request, server, check_name(wanted.name).strip(), {"image_type": "snapshot", **metadata})
    begin(request, server, states.CREATE_IMAGE, SNAPSHOT, {"image_id": image["id"]})
    return _image_answer(request, image["id"])


def create_backup(request: Request[Compute], server: Server) -> Response:
    """Make a backup image of a server, and delete the oldest ones."""
    wanted = request.body.create_backup
    rotation = int(wanted.rotation)
    check(request, server, states.CREATE_BACKUP)
    metadata = given(wanted.metadata) or {}
    _check_image_metadata(request, metadata)
    properties = {"image_type": "backup", "backup_type": wanted.backup_type, **metadata}
    image = _new_image(request, server, check_name(wanted.name).strip(), properties)
    asked = {"image_id": image["id"], "backup_type": wanted.backup_type, "rotation": rotation}
    begin(request, server, states.CREATE_BACKUP, BACKUP, asked)
    if rotation == 0 and request.microversion < (2, 45):
        return Response(status=202)
    return _image_answer(request, image["id"])


def _image_answer(request: Request[Compute], image_id: str) -> Response:
    if request.microversion >= (2, 45):
        return Response({"image_id": image_id}, status=202)
    root = request.base_url.removesuffix(request.service.mount)
    return Response(status=202, headers=[("Location", f"{root}/image/v2/images/{image_id}")])


def _check_image_metadata(request: Request[Compute], metadata: Mapping[str, str]) -> None:
    """Until 2.38 an image's metadata counted against compute's quota."""
    if request.microversion < (2, 39) and metadata:
        with request.service.database.read() as tx:
            check_metadata_quota(quotas.limits(tx, request.context.project_id or ""), metadata)


def _new_image(
    request: Request[Compute], server: Server, name: str, properties: Mapping[str, str]
) -> Mapping[str, Any]:
    """An image to be filled, with what the server's own image says of how to run it."""
    inherited: dict[str, Any] = {}
    disk_format = "qcow2"
    if server.image_id is not None:
        try:
            base = request.service.images.get(request.context, server.image_id)
        except NotFound:
            base = {}
        inherited = {key: value for key, value in base.items() if key not in NOT_INHERITED and value is not None}
        disk_format = base.get("disk_format") or disk_format
    values = {
        **inherited,
        "name": name,
        "disk_format": disk_format,
        "container_format": "bare",
        "min_disk": server.root_gb,
        "min_ram": int(inherited.get("min_ram") or 0),
        "visibility": "private",
        "instance_uuid": server.id,
        "user_id": server.user_id,
        "base_image_ref": server.image_id or "",
        "image_location": "snapshot",
        **properties,
    }
    return request.service.images.create(request.context, values)


def rebuild(request: Request[Compute], server: Server) -> Response:
    """Make a server anew from an image."""
    wanted: Rebuilt = request.body.rebuild
    version = request.microversion
    check(request, server, states.REBUILD)
    password = given(wanted.admin_pass) or generated_password()
    values = _rebuilt_values(request, server, wanted)
    with request.service.database.read() as tx:
        check_metadata_quota(quotas.limits(tx, server.project_id), values.get("metadata", {}))
    stopped = server.vm_state == states.STOPPED

    def look_up_key(tx: Tx) -> None:
        name = given(wanted.key_name)
        pair = keypairs.find(tx, request.context.user_id or "", name) if name else None
        if name and pair is None:
            raise BadRequest("Invalid key_name provided.")
        if wanted.key_name is not UNSET:
            servers.update(tx, server.id, key_name=name, key_data=pair.public_key if pair else None)

    begin(request, server, states.REBUILD, REBUILD, {"stopped": stopped}, also=look_up_key, **values)
    with request.service.database.read() as tx:
        now = servers.get(tx, server.id)
    assert now is not None
    key_name = True if version >= (2, 54) else None
    view = changed_view(request, now, key_name=key_name, user_data=False)
    view["adminPass"] = password
    if version >= (2, 57):
        view["user_data"] = now.user_data
    return Response({"server": view}, status=202, headers=[("Location", view["links"][0]["href"])])


def _rebuilt_values(request: Request[Compute], server: Server, wanted: Rebuilt) -> dict[str, Any]:
    check_base64(wanted.user_data, "user_data")
    if not isinstance(wanted.name, type(UNSET)):
        check_name(wanted.name)
    if not isinstance(wanted.description, type(UNSET)):
        check_description(wanted.description)
    if not isinstance(wanted.hostname, type(UNSET)):
        check_hostname(wanted.hostname, request.microversion)
    if wanted.trusted_image_certificates is not UNSET:
        request.authorize(TRUSTED, server)
    try:
        image = request.service.images.get(request.context, wanted.image_ref)
    except NotFound:
        raise BadRequest("Cannot find image for rebuild") from None
    check_image(image, server.memory_mb, server.root_gb)
    values = {
        "name": wanted.name.strip() if isinstance(wanted.name, str) else UNSET,
        "description": wanted.description,
        "hostname": wanted.hostname,
        "metadata": wanted.metadata,
        **access_ips(wanted.access_ip_v4, wanted.access_ip_v6),
        "user_data": wanted.user_data,
        "trusted_certs": wanted.trusted_image_certificates,
        "image_id": image["id"],
        "image": driver_image(image),
        "image_properties": shown_properties(image),
        "progress": 0,
    }
    if wanted.disk_config is not UNSET:
        values["auto_disk_config"] = wanted.disk_config == "AUTO"
    return {name: value for name, value in values.items() if value is not UNSET}


def rescue(request: Request[Compute], server: Server) -> dict[str, str]:
    """Start a server from a rescue image."""
    wanted = request.body.rescue
    check(request, server, states.RESCUE)
    password = (given(wanted.admin_pass) if wanted is not None else None) or generated_password()
    image_id = (given(wanted.rescue_image_ref) if wanted is not None else None) or server.image_id
    if image_id is None:
        raise BadRequest(f"Instance {server.id} cannot be rescued: it has no image to be rescued with.")
    try:
        image = request.service.images.get(request.context, image_id)
    except NotFound:
        raise BadRequest(f"Image {image_id} could not be found.") from None
    if image["status"] != "active":
        raise BadRequest(f"Image {image_id} is not active.")
    begin(request, server, states.RESCUE, RESCUE, {"image": driver_image(image)})
    return {"adminPass": password}


def unrescue(request: Request[Compute], server: Server) -> None:
    """Start a server from its own disk again."""
    begin(request, server, states.UNRESCUE, UNRESCUE)


def shelve(request: Request[Compute], server: Server) -> None:
    """Shelve a server."""
    check(request, server, states.SHELVE)
    image = _new_image(request, server, f"{server.name}-shelved", {"image_type": "snapshot"})
    begin(request, server, states.SHELVE, SHELVE, {"image_id": image["id"]})


def shelve_offload(request: Request[Compute], server: Server) -> None:
    """Take a shelved server off its host."""
    begin(request, server, states.SHELVE_OFFLOAD, SHELVE_OFFLOAD)


def unshelve(request: Request[Compute], server: Server) -> None:
    """Bring a shelved server back."""
    begin(request, server, states.UNSHELVE, UNSHELVE)


def unshelve_to_zone(request: Request[Compute], server: Server) -> None:
    """Bring a shelved server back, in an availability zone if one is given."""
    wanted = request.body.unshelve
    if wanted is None:
        unshelve(request, server)
        return
    check(request, server, states.UNSHELVE)
    _unshelve_at(request, server, wanted.availability_zone, None, pin=True)


def unshelve_to_host(request: Request[Compute], server: Server) -> None:
    """Bring a shelved server back, to a zone or host; a null zone unpins it."""
    wanted: UnshelvePlace | None = request.body.unshelve
    if wanted is None:
        unshelve(request, server)
        return
    zone, host = wanted.availability_zone, given(wanted.host)
    if zone is UNSET and host is None:
        raise BadRequest("Invalid input for field/attribute unshelve. Value: {}. {} does not have enough properties")
    check(request, server, states.UNSHELVE)
    if host is not None:
        request.authorize("os_compute_api:os-shelve:unshelve_to_host", server)
    _unshelve_at(request, server, given(zone), host, pin=zone is not UNSET)


def _unshelve_at(request: Request[Compute], server: Server, zone: str | None, host: str | None, *, pin: bool) -> None:
    if server.vm_state != states.SHELVED_OFFLOADED:
        what = "availability_zone" if host is None else "host"
        raise Conflict(
            f'Specifying an {what} when unshelving server {server.id} with status "{server.vm_state.upper()}" is '
            'not supported, state must be "SHELVED_OFFLOADED".'
        )
    with request.service.database.read() as tx:
        zones = aggregates.zones(tx)
        known = {one.host for one in hosts.all_hosts(tx)}
    default = request.service.settings.default_availability_zone
    if zone is not None and zone != default and zone not in zones.values():
        raise BadRequest("The requested availability zone is not available")
    if host is not None and host not in known:
        raise BadRequest(f"Compute host {host} could not be found.")
    wanted_zone = zone if pin else server.pinned_availability_zone
    if host is not None and wanted_zone is not None and zones.get(host, default) != wanted_zone:
        raise Conflict(f'Host "{host}" is not in the availability zone "{wanted_zone}".')
    wish = {name: value for name, value in {"host": host, "zone": wanted_zone}.items() if value is not None}
    values: dict[str, Any] = {"pinned_availability_zone": zone} if pin else {}
    begin(request, server, states.UNSHELVE, UNSHELVE, {"wish": wish}, **values)
