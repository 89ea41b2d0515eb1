"""Version documents and extensions."""

from typing import Any

from pileus.kernel.http.request import Request
from pileus.network.errors import fault
from pileus.network.extensions import EXTENSIONS, Extension
from pileus.network.service import Network

# Below /v2.0/: the collections that clients discover.
COLLECTIONS = ("networks", "subnets", "ports", "subnetpools", "routers", "floatingips", "security-groups", "extensions")


def show_versions(request: Request[Network]) -> dict[str, Any]:
    """List the API versions."""
    link = {"rel": "self", "href": request.url("/v2.0/")}
    return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}


def show_version(request: Request[Network]) -> dict[str, Any]:
    """List what version 2.0 has."""
    return {
        "resources": [
            {"links": [{"rel": "self", "href": request.url(f"/v2.0/{name}")}], "name": name[:-1], "collection": name}
            for name in COLLECTIONS
        ]
    }


def _shown(extension: Extension) -> dict[str, Any]:
    return {
        "alias": extension.alias,
        "name": extension.name,
        "description": extension.description,
        "updated": extension.updated,
        "links": [],
    }


def list_extensions(request: Request[Network]) -> dict[str, Any]:
    """List extensions."""
    return {"extensions": [_shown(extension) for extension in EXTENSIONS.values()]}


def show_extension(request: Request[Network], alias: str) -> dict[str, Any]:
    """Show an extension."""
    extension = EXTENSIONS.get(alias)
    if extension is None:
        raise fault("ExtensionNotFound", alias=alias)
    return {"extension": _shown(extension)}
