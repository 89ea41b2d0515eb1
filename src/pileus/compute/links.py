"""Links of resources, and limit and marker of lists, as compute has them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request

MAX_LIMIT = 1000
Links = list[dict[str, str]]


def links(base: str, collection: str, id: str) -> Links:
    """``self`` and ``bookmark``; ``base`` is the request's base_url."""
    path = f"{collection}/{id}"
    return [{"rel": "self", "href": f"{base}/v2.1/{path}"}, {"rel": "bookmark", "href": f"{base}/{path}"}]


def limit_of(request: Request[Any]) -> int:
    """How many things a list may show. Raises BadRequest."""
    limit = request.int_param("limit", minimum=0)
    return MAX_LIMIT if limit is None else min(limit, MAX_LIMIT)


def next_links(request: Request[Any], collection: str, ids: Sequence[str]) -> Links:
    """The link to the page after one of these ids; none unless the page is full, as the reference has it."""
    limit = limit_of(request)
    if not limit or len(ids) != limit:
        return []
    params = {name: request.param(name) for name in sorted(request.query)}
    params["marker"] = ids[-1]
    return [{"rel": "next", "href": f"{request.base_url}/v2.1/{collection}?{urlencode(params)}"}]


def no_marker(marker: str) -> BadRequest:
    return BadRequest(f"Marker {marker} could not be found.")
