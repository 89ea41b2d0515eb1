"""``/v2/images/{id}/file`` and ``/stage``: an image's bytes in and out."""

import re
from collections.abc import Callable

from pileus.image.handlers.cache import ask as ask_for_copy
from pileus.image.handlers.common import ImageRequest, find_image
from pileus.image.model import DEACTIVATED, QUEUED, Image
from pileus.image.quotas import check_usage
from pileus.image.transfer import Readable, pieces_of
from pileus.kernel.database import Tx
from pileus.kernel.errors import (
    BadRequest,
    Forbidden,
    Gone,
    NotFound,
    RangeNotSatisfiable,
    UnsupportedMediaType,
)
from pileus.kernel.http.responses import Response
from pileus.kernel.numerals import natural

OCTETS = "application/octet-stream"
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})\s*", re.IGNORECASE)
_CONTENT_RANGE = re.compile(r"\s*bytes\s+([0-9]{1,19})-([0-9]{1,19})/([0-9]+|\*)\s*", re.IGNORECASE)


def octets_only(request: ImageRequest) -> None:
    """Raises UnsupportedMediaType for a body that does not say it is bytes."""
    content_type = request.http.content_type
    if content_type is None or content_type.partition(";")[0].strip().lower() != OCTETS:
        raise UnsupportedMediaType(f"Invalid content type {content_type}")


def staging_only(request: ImageRequest) -> None:
    if "glance-direct" not in request.service.settings.import_methods:
        raise NotFound("'glance-direct' method is not available at this site.")
    octets_only(request)


def _expected_size(request: ImageRequest) -> int | None:
    text = request.header("X-OpenStack-Image-Size")
    if text is None:
        return request.http.content_length or None
    size = natural(text.strip())
    if size is None:
        raise BadRequest("Invalid or missing image size in request headers.")
    return size


def _body(request: ImageRequest) -> Readable:
    """The body as it comes: its length may be unknown."""
    body: Readable = request.http.env["wsgi.input"]
    return body


def upload(request: ImageRequest, image: Image) -> None:
    """Upload an image's data."""
    service = request.service
    name = request.header("X-Image-Meta-Store") or service.stores.default
    if name not in service.stores:
        raise BadRequest(f"Unknown scheme '{name}' found in URI")
    store = service.stores[name]
    if store.read_only:
        raise Gone("Error in store configuration. Adding images to store is disabled.")
    expected = _expected_size(request)
    asked = {"image_size_total": (expected or 0) >> 20, "image_count_uploading": 1}
    service.receiver.upload(
        image, pieces_of(_body(request)), store=store, expected=expected, check=_quota_check(request, asked)
    )


def stage(request: ImageRequest, image: Image) -> None:
    """Upload data for a later import."""
    expected = _expected_size(request)
    asked = {"image_stage_total": (expected or 0) >> 20, "image_count_uploading": 1}
    check = _quota_check(request, asked)
    request.service.receiver.stage(image, pieces_of(_body(request)), expected=expected, check=check)


def _quota_check(request: ImageRequest, asked: dict[str, int]) -> Callable[[Tx], None]:
    """What refuses, inside the transaction that begins the upload, more than the project may have."""
    context = request.context
    limits = request.service.limits.of(context)
    return lambda tx: check_usage(tx, context, limits, asked)


def find_downloadable(request: ImageRequest, image_id: str) -> Image:
    """The image of a path; ``find_image`` under the reference's first refusal."""
    image = find_image(request, image_id)
    if image.status == DEACTIVATED and not request.context.is_admin:
        raise Forbidden("The requested image has been deactivated. Image data download is forbidden.")
    return image


def download(request: ImageRequest, image: Image) -> Response:
    """Download an image's data."""
    service = request.service
    preferred = [name.strip() for name in (request.param("prefer") or "").split(",") if name.strip()]
    if preferred:
        request.authorize("download_from_store", image)
        for name in preferred:
            if name not in service.stores:
                raise BadRequest(f"Store '{name}' is not configured.")
    if not image.locations or image.status == QUEUED:
        return Response(status=204)
    size = image.size or 0
    chosen = _chosen(request, size)
    offset, length = chosen or (0, size)
    headers = [("Content-MD5", image.checksum)] if image.checksum else []
    if chosen is not None:
        headers.append(("Content-Range", f"bytes {offset}-{offset + length - 1}/{size}"))
    body = service.reader.read(image, offset, length, preferred)
    if body is None:
        return Response(status=204)
    if service.settings.cache and service.reader.is_remote(image):
        ask_for_copy(request, image)
    return Response(status=206 if chosen else 200, stream=body, length=length, headers=headers, content_type=OCTETS)


def _chosen(request: ImageRequest, size: int) -> tuple[int, int] | None:
    """(offset, length) of the part asked for; None: all of it."""
    text = request.header("Range")
    if text is not None:
        return _ranged(text, size)
    text = request.header("Content-Range")  # An old client's way to ask for a part.
    if text is None:
        return None
    match = _CONTENT_RANGE.fullmatch(text)
    if match is None:
        raise RangeNotSatisfiable("Invalid Content-Range header.")
    first, last = int(match[1]), int(match[2])
    if match[3] == "*" and last + 1 > size:
        raise RangeNotSatisfiable(
            "Invalid stop position in Content-Range header. "
            f"The stop position MUST be in the inclusive range [0, {size - 1}]."
        )
    if first >= size:
        raise _beyond("Content-Range", size)
    return first, last + 1 - first


def _ranged(text: str, size: int) -> tuple[int, int]:
    if "," in text:
        raise BadRequest(
            "Requests with multiple ranges are not supported in Glance. "
            "You may make multiple single-range requests instead."
        )
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise RangeNotSatisfiable("Invalid Range header.")
    if not match[1]:
        length = min(int(match[2]), size)
        return size - length, length
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if match[2] and int(match[2]) < first:
        raise RangeNotSatisfiable("Invalid Range header.")
    if first >= size:
        raise _beyond("Range", size)
    return first, last + 1 - first


def _beyond(header: str, size: int) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(
        f"Invalid start position in {header} header. Start position MUST be in the inclusive range [0, {size - 1}]."
    )
