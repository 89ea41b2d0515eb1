"""Volumes of servers: what is attached, and attaching where the cloud has a volume service."""

from typing import Any

from pileus.compute import states
from pileus.compute.links import limit_of
from pileus.compute.model import Server, ServerDisk
from pileus.compute.queries import checked, natural
from pileus.compute.servers_acting import check
from pileus.compute.service import Compute
from pileus.compute.store import servers
from pileus.kernel.errors import NotFound, NotSupported
from pileus.kernel.http.request import Request

volumes_query = checked({(2, 1): {"limit": natural, "offset": natural}})


def list_attachments(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List the volumes of a server."""
    offset = request.int_param("offset", minimum=0) or 0
    found = _attached(request, server)[offset : offset + limit_of(request)]
    return {"volumeAttachments": [_view(request, server, disk) for disk in found]}


def show_attachment(request: Request[Compute], server: Server, volume_id: str) -> dict[str, Any]:
    """Show a volume of a server."""
    return {"volumeAttachment": _view(request, server, _find(request, server, volume_id))}


def attach(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Attach a volume to a server."""
    check(request, server, states.ATTACH_VOLUME)
    raise _no_volumes(request, request.body.attachment.volume_id)


def change(request: Request[Compute], server: Server, volume_id: str) -> None:
    """Swap a volume of a server, or change whether it is deleted with the server."""
    _find(request, server, volume_id)
    raise _no_volumes(request, volume_id)


def detach(request: Request[Compute], server: Server, volume_id: str) -> None:
    """Detach a volume from a server."""
    check(request, server, states.DETACH_VOLUME)
    _find(request, server, volume_id)
    raise _no_volumes(request, volume_id)


def _no_volumes(request: Request[Compute], volume_id: str) -> Exception:
    if "volume" in request.service.runtime.services:
        return NotSupported("This cloud cannot attach volumes to servers.")
    return NotFound(f"Volume {volume_id} could not be found: this cloud has no volume service.")


def _attached(request: Request[Compute], server: Server) -> list[ServerDisk]:
    with request.service.database.read() as tx:
        return [disk for disk in servers.disks(tx, server.id) if disk.volume_id is not None]


def _find(request: Request[Compute], server: Server, volume_id: str) -> ServerDisk:
    for disk in _attached(request, server):
        if disk.volume_id == volume_id:
            return disk
    raise NotFound(f"Instance {server.id} is not attached to volume {volume_id}")


def _view(request: Request[Compute], server: Server, disk: ServerDisk) -> dict[str, Any]:
    version = request.microversion
    view: dict[str, Any] = {"serverId": server.id, "volumeId": disk.volume_id, "device": disk.device_name}
    if version >= (2, 89):
        view |= {"attachment_id": disk.attachment_id, "bdm_uuid": disk.id}
    else:
        view["id"] = disk.volume_id
    if version >= (2, 70):
        view["tag"] = disk.tag
    if version >= (2, 79):
        view["delete_on_termination"] = disk.delete_on_termination
    return view


# -- shares: no service of ours has any -----------------------------------------------------------------


def list_shares(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List the shares of a server."""
    return {"shares": []}


def attach_share(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Attach a share to a server."""
    raise NotFound(f"Share {request.body.share.share_id} could not be found: this cloud has no share service.")


def find_share(request: Request[Compute], server: Server, share_id: str) -> dict[str, Any]:
    """Show or detach a share of a server."""
    raise NotFound(f"Share {share_id} is not attached to server {server.id}")
