"""The metadata service: what guests ask at 169.254.169.254, and the network agents pass on.

An agent says which server asks (X-Instance-ID, X-Tenant-ID) and proves that it may: by the service role of a call
within the cloud, or by signing the id with the shared secret.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import ClassVar

from pileus.compute.config import Settings
from pileus.compute.guest_metadata import EC2_VERSIONS, LATEST, TEXT, find
from pileus.compute.metadata_facts import facts_of
from pileus.compute.model import Server
from pileus.compute.store import servers
from pileus.compute.tables_resources import metadata
from pileus.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from pileus.kernel.http.faults import ImageFaults
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.http.routes import Route
from pileus.kernel.service import Runtime, Service

LONGEST_PASSWORD = 1020  # bytes, as the reference's four pieces of 255


class Metadata(Service):
    """what guests learn about themselves (Nova's metadata API). It is not in the catalogue."""

    type: ClassVar[str] = "metadata"
    mount: ClassVar[str] = "/metadata"
    faults = ImageFaults()
    unauthorized_faults = ImageFaults()
    metadata = metadata
    content_type: ClassVar[str] = TEXT
    strict_content_type: ClassVar[bool] = False

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings


def list_versions(request: Request[Metadata]) -> Response:
    """List the versions of the EC2 tree."""
    return Response("\n".join((*EC2_VERSIONS, LATEST)).encode(), content_type=TEXT)


def show(request: Request[Metadata], path: str) -> Response:
    """Show what stands at a path, to the server that asks."""
    server, service = _server(request), request.service
    with service.database.read() as tx:
        vifs, disks = servers.vifs(tx, server.id), servers.disks(tx, server.id)
    try:
        content, kind = find(facts_of(service.runtime.services, service.settings, server, vifs, disks), path)
    except KeyError:
        raise NotFound("The resource could not be found.") from None
    return Response(content, content_type=kind)


def set_password(request: Request[Metadata], path: str) -> Response:
    """Keep the password that a guest has set, encrypted with its user's key; only once."""
    server = _server(request)
    parts = path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "openstack" or parts[2] != "password":
        raise NotFound("The resource could not be found.")
    if server.password:
        raise Conflict("There was a conflict when trying to complete your request.")
    data = request.http.bounded_stream.read(LONGEST_PASSWORD + 1)
    if len(data) > LONGEST_PASSWORD:
        raise BadRequest("Request is too large.")
    try:
        password = data.decode()
    except UnicodeDecodeError:
        raise BadRequest("A password must be text.") from None
    with request.service.database.transaction() as tx:
        servers.update(tx, server.id, password=password)
    return Response(b"", content_type=TEXT)


def _server(request: Request[Metadata]) -> Server:
    """The server that asks. Raises BadRequest, Forbidden or NotFound."""
    server_id, project_id = request.header("X-Instance-ID"), request.header("X-Tenant-ID")
    if server_id is None:
        raise BadRequest("X-Instance-ID header is missing from request.")
    roles: Sequence[str] = request.context.service_roles or request.context.roles
    if "service" not in roles:
        _check_signature(request.service.settings.metadata_secret, server_id, request.header("X-Instance-ID-Signature"))
    if project_id is None:
        raise BadRequest("X-Tenant-ID header is missing from request.")
    with request.service.database.read() as tx:
        server = servers.get(tx, server_id)
    if server is None or server.project_id != project_id:
        raise NotFound("The resource could not be found.")
    return server


def _check_signature(secret: str, server_id: str, signature: str | None) -> None:
    if signature is None:
        raise BadRequest("X-Instance-ID-Signature header is missing from request.")
    expected = hmac.new(secret.encode(), server_id.encode(), hashlib.sha256).hexdigest()
    # Without a secret nobody could be told from anybody.
    if not secret or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise Forbidden("Invalid proxy request signature.")


ROUTES = [
    Route(method="GET", path="", handler=list_versions, public=True),
    Route(method="GET", path="/{path:path}", handler=show, public=True),
    Route(method="POST", path="/{path:path}", handler=set_password, public=True, rerun=False),
]
