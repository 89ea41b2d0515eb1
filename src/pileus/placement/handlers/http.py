"""What all of placement's handlers do with HTTP: kinds of content, links, and what caches are told."""

import re
from collections.abc import Callable, Collection, Sequence
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, NotAcceptable, NotFound, UnsupportedMediaType
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.numerals import natural
from pileus.placement.model import Provider
from pileus.placement.service import Placement
from pileus.placement.store import providers

JSON = "application/json"
CACHE_HEADERS_SINCE: Version = (1, 15)
_JSON_RANGES = {JSON, "application/*", "*/*"}
_ZERO_QUALITY = re.compile(r"q\s*=\s*0(\.0*)?$")


def takes_json(request: Request[Placement]) -> None:
    """The check of a line that reads a body. Raises BadRequest, UnsupportedMediaType."""
    _check_length(request)
    given = (request.header("Content-Type") or "").partition(";")[0].strip()
    if given.lower() != JSON:
        raise UnsupportedMediaType(f"The media type {given or 'None'} is not supported, use {JSON}")


def gives_json(request: Request[Placement]) -> None:
    """The check of a line that answers with a body. Raises BadRequest, NotAcceptable."""
    _check_length(request)
    accept = request.header("Accept")
    if accept and not any(_takes_json(part) for part in accept.split(",")):
        raise NotAcceptable(f"Only {JSON} is provided")


def bodiless(request: Request[Placement]) -> None:
    """The check of any other line."""
    _check_length(request)


def _takes_json(media_range: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in media_range.split(";"))
    return kind in _JSON_RANGES and not any(_ZERO_QUALITY.match(parameter) for parameter in parameters)


def _check_length(request: Request[Placement]) -> None:
    length = natural(request.http.env.get("CONTENT_LENGTH") or "0")
    if length is None:
        raise BadRequest("content-length header must be an integer")
    if length and not request.header("Content-Type"):
        raise BadRequest("content-type header required when content-length > 0")


def find_provider(request: Request[Placement], uuid: str) -> Provider:
    """Raises NotFound."""
    with request.service.database.read() as tx:
        found = providers.get(tx, uuid)
    if found is None:
        raise NotFound(f"No resource provider with uuid {uuid} found")
    return found


def link(request: Request[Placement], path: str) -> str:
    """A path of this service as bodies show it: without scheme and host."""
    return urlsplit(request.base_url).path + path


def location(request: Request[Placement], path: str) -> tuple[str, str]:
    return "Location", request.url(path)


def answer(
    request: Request[Placement],
    body: Any,
    *,
    modified_at: int | None = None,
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (),
    since: Version = CACHE_HEADERS_SINCE,
) -> Response:
    """A Response that, from 1.15 on, tells caches when it was last modified (None: now) and to ask again."""
    sent = list(headers)
    if request.microversion >= since:
        moment = clock.now() if modified_at is None else modified_at
        sent += [("Last-Modified", formatdate(moment // clock.SECOND, usegmt=True)), ("Cache-Control", "no-cache")]
    return Response(body, status=status, headers=sent, content_type="" if body is None else None)


def bodiless_answer(status: int, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """A Response without a body, and so without a type of content."""
    return Response(status=status, headers=headers, content_type="")


def known_parameters(request: Request[Placement], known: Collection[str] | Callable[[str], bool]) -> None:
    """Raises BadRequest when the query has a parameter that is not known."""
    is_known = known if callable(known) else known.__contains__
    for name in request.query:
        if not is_known(name):
            raise bad_query(f"Additional properties are not allowed ('{name}' was unexpected)")


def bad_query(reason: str) -> BadRequest:
    return BadRequest(f"Invalid query string parameters: {reason}")
