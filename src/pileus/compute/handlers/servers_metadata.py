"""``/servers/ID/metadata`` and ``/servers/ID/tags``."""

from typing import Any
from urllib.parse import quote

from pileus.compute import quotas, states
from pileus.compute.handlers.servers import missing
from pileus.compute.links import base_of
from pileus.compute.model import Server
from pileus.compute.servers_acting import check
from pileus.compute.servers_checks import check_metadata_quota
from pileus.compute.service import Compute
from pileus.compute.states import Action
from pileus.compute.store import servers
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

MAX_TAGS = 50
MAX_TAG_LENGTH = 60


# -- metadata ----------------------------------------------------------------------------------------------------------


def list_metadata(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's metadata."""
    return {"metadata": server.metadata}


def add_metadata(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Add to a server's metadata."""
    return {"metadata": _store(request, server, states.UPDATE_METADATA, add=request.body.metadata)}


def replace_metadata(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Replace a server's metadata."""
    return {"metadata": _store(request, server, states.UPDATE_METADATA, all_of_it=request.body.metadata)}


def show_metadata(request: Request[Compute], server: Server, key: str) -> dict[str, Any]:
    """Show one item of a server's metadata."""
    metadata = server.metadata
    if key not in metadata:
        raise NotFound("Metadata item was not found")
    return {"meta": {key: metadata[key]}}


def set_metadata(request: Request[Compute], server: Server, key: str) -> dict[str, Any]:
    """Set one item of a server's metadata."""
    item = request.body.meta
    if key not in item:
        raise BadRequest("Request body and URI mismatch")
    _store(request, server, states.UPDATE_METADATA, add=item)
    return {"meta": item}


def delete_metadata(request: Request[Compute], server: Server, key: str) -> None:
    """Delete one item of a server's metadata."""
    if key not in server.metadata:
        raise NotFound("Metadata item was not found")
    _store(request, server, states.DELETE_METADATA, remove=key)


def _store(
    request: Request[Compute],
    server: Server,
    action: Action,
    *,
    add: dict[str, str] | None = None,
    all_of_it: dict[str, str] | None = None,
    remove: str | None = None,
) -> dict[str, str]:
    with request.service.database.transaction() as tx:
        now = _current(tx, server.id)
        check(request, now, action)
        metadata = {**(now.metadata if all_of_it is None else all_of_it), **(add or {})}
        if remove is not None:
            metadata.pop(remove, None)
        check_metadata_quota(quotas.limits(tx, now.project_id), metadata)
        servers.update(tx, server.id, metadata=metadata)
    return metadata


def _current(tx: Tx, server_id: str) -> Server:
    server = servers.get(tx, server_id)
    if server is None:
        raise missing(server_id)
    return server


# -- tags --------------------------------------------------------------------------------------------------------------


def list_tags(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's tags."""
    return {"tags": server.tags}


def check_tag(request: Request[Compute], server: Server, tag: str) -> None:
    """Tell whether a server has a tag."""
    if tag not in server.tags:
        raise _no_tag(server, tag)


def _no_tag(server: Server, tag: str) -> NotFound:
    return NotFound(f"Server {server.id} has no tag '{tag}'")


def add_tag(request: Request[Compute], server: Server, tag: str) -> Response:
    """Add a tag to a server."""
    check(request, server, states.UPDATE_TAG)
    if not tag or len(tag) > MAX_TAG_LENGTH or "," in tag or "/" in tag:
        wrong = f"'{tag}' is too long" if len(tag) > MAX_TAG_LENGTH else f"'{tag}' does not match '^[^,/]*$'"
        raise BadRequest(
            f"Tag '{tag}' is invalid. It must be a non empty string without characters '/' and ','. "
            f"Validation error message: {wrong}"
        )
    with request.service.database.transaction() as tx:
        tags = _current(tx, server.id).tags
        if len(tags) >= MAX_TAGS:
            raise BadRequest(f"The number of tags exceeded the per-server limit {MAX_TAGS}")
        if tag in tags:
            return Response(status=204)
        servers.set_tags(tx, server.id, sorted([*tags, tag]))
    location = f"{base_of(request).versioned}/servers/{server.id}/tags/{quote(tag)}"
    return Response(status=201, headers=[("Location", location)])


def replace_tags(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Replace a server's tags."""
    check(request, server, states.UPDATE_TAGS)
    tags = sorted(set(request.body.tags))
    with request.service.database.transaction() as tx:
        servers.set_tags(tx, server.id, tags)
    return {"tags": tags}


def delete_tag(request: Request[Compute], server: Server, tag: str) -> None:
    """Take a tag off a server."""
    check(request, server, states.DELETE_TAG)
    with request.service.database.transaction() as tx:
        tags = _current(tx, server.id).tags
        if tag not in tags:
            raise _no_tag(server, tag)
        servers.set_tags(tx, server.id, [one for one in tags if one != tag])


def delete_tags(request: Request[Compute], server: Server) -> None:
    """Take all tags off a server."""
    check(request, server, states.DELETE_TAGS)
    with request.service.database.transaction() as tx:
        servers.set_tags(tx, server.id, [])
