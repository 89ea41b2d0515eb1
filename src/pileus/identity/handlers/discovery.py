"""Version documents."""

from typing import Any

from pileus.identity.service import Identity
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response


def version(request: Request[Identity]) -> dict[str, Any]:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": request.url("/v3/")}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }


def show_versions(request: Request[Identity]) -> Response:
    """List the API versions."""
    return Response({"versions": {"values": [version(request)]}}, status=300)


def show_version(request: Request[Identity]) -> dict[str, Any]:
    """Show the version 3 document."""
    return {"version": version(request)}
