"""Links of resources, and limit and marker of lists, as compute has them."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pileus.compute.paths import prefix
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request

MAX_LIMIT = 1000
Links = list[dict[str, str]]


class Base(NamedTuple):
    """What the links of an answer begin with, as its client reached us: with the version, and without."""

    versioned: str
    plain: str


def base_of(request: Request[Any]) -> Base:
    version, project = prefix(request.http.env)
    base = request.base_url
    return Base(base + version + project, base + project)


def links(base: Base, collection: str, id: str) -> Links:
    """``self`` and ``bookmark``."""
    return [
        {"rel": "self", "href": f"{base.versioned}/{collection}/{id}"},
        {"rel": "bookmark", "href": f"{base.plain}/{collection}/{id}"},
    ]


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
    return [{"rel": "next", "href": f"{base_of(request).versioned}/{collection}?{urlencode(params)}"}]


def no_marker(marker: str) -> BadRequest:
    return BadRequest(f"Marker {marker} could not be found.")
