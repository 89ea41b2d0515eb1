"""The versions of the API."""

from typing import Any

from pileus.image.authorization import ABSENT
from pileus.image.handlers.common import ImageRequest
from pileus.kernel.errors import NotFound
from pileus.kernel.http.responses import Response

CACHING = ("2.18", "2.17", "2.16", "2.15", "2.14")
PLAIN = ("2.17", "2.15")
STORES = ("2.13", "2.12", "2.11", "2.10", "2.9", "2.8")
OLD = ("2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0")


def spoken(caching: bool) -> list[str]:
    """Version numbers, the newest first."""
    return [*(CACHING if caching else PLAIN), *STORES, *OLD]


def _document(request: ImageRequest) -> dict[str, Any]:
    numbers = spoken(request.service.settings.cache)
    links = [{"rel": "self", "href": request.base_url + "/v2/"}]
    return {
        "versions": [
            {"id": f"v{number}", "status": "CURRENT" if at == 0 else "SUPPORTED", "links": links}
            for at, number in enumerate(numbers)
        ]
    }


def choices(request: ImageRequest) -> Response:
    """List the API versions."""
    return Response(_document(request), status=300)


def versions(request: ImageRequest) -> dict[str, Any]:
    """List the API versions."""
    return _document(request)


def version(request: ImageRequest, number: str) -> Response:
    """What is no version that is spoken here gets the list of those that are."""
    if number == "v2" or number.removeprefix("v") in spoken(request.service.settings.cache):
        raise NotFound(ABSENT)
    return choices(request)
