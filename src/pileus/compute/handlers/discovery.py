"""Version documents."""

from typing import Any

from pileus.compute.service import Compute
from pileus.kernel.http.microversions import text
from pileus.kernel.http.request import Request


def _versions() -> dict[str, dict[str, str]]:
    spoken = Compute.microversions
    return {
        "v2.0": {"status": "DEPRECATED", "version": "", "min_version": "", "updated": "2025-07-04T12:00:00Z"},
        "v2.1": {
            "status": "CURRENT",
            "version": text(spoken.maximum),
            "min_version": text(spoken.minimum),
            "updated": "2013-07-23T11:33:21Z",
        },
    }


VERSIONS = _versions()
PATHS = {"v2.0": "/v2/", "v2.1": "/v2.1/"}


def _document(request: Request[Compute], id: str) -> dict[str, Any]:
    return {"id": id, **VERSIONS[id], "links": [{"rel": "self", "href": request.base_url + PATHS[id]}]}


def show_versions(request: Request[Compute]) -> dict[str, Any]:
    """List the API versions."""
    return {"versions": [_document(request, id) for id in VERSIONS]}


def _show(request: Request[Compute], id: str) -> dict[str, Any]:
    document = _document(request, id)
    document["links"].append({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
    kind = f"application/vnd.openstack.compute+json;version={id.removeprefix('v').removesuffix('.0')}"
    document["media-types"] = [{"base": "application/json", "type": kind}]
    return {"version": document}


def show_v20(request: Request[Compute]) -> dict[str, Any]:
    """Show the document of version 2.0."""
    return _show(request, "v2.0")


def show_v21(request: Request[Compute]) -> dict[str, Any]:
    """Show the document of version 2.1."""
    return _show(request, "v2.1")
