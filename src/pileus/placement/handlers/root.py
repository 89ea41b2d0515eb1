"""The version document."""

from pileus.kernel.http.microversions import text
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement.handlers.http import answer
from pileus.placement.service import MICROVERSIONS, Placement


def show_versions(request: Request[Placement]) -> Response:
    """List the API versions."""
    minimum = text(MICROVERSIONS.minimum)
    version = {
        "id": f"v{minimum}",
        "max_version": text(MICROVERSIONS.maximum),
        "min_version": minimum,
        "status": "CURRENT",
        # Relative, and so right wherever the client found this document.
        "links": [{"rel": "self", "href": ""}],
    }
    return answer(request, {"versions": [version]})
