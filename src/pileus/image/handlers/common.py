"""What several handlers share: finding the image of a path, reading JSON bodies as Glance does."""

from typing import Any

from pileus.image.model import Image, change, owns, visible_without_membership
from pileus.image.service import Image as ImageService
from pileus.image.store import images, members
from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, NotFound, TooLarge
from pileus.kernel.http.bodies import BadBody, decode_json
from pileus.kernel.http.request import Request

ImageRequest = Request[ImageService]


def visible(tx: Tx, context: Context, image_id: str) -> Image:
    """An image that the caller may know of. Raises NotFound."""
    image = images.get(tx, image_id)
    if visible_without_membership(context, image):
        return image
    project = context.project_id
    if image.visibility == "shared" and project is not None and members.find(tx, image_id, project) is not None:
        return change(image, member_id=project)
    raise NotFound(f"No image found with ID {image_id}")


def find_image(request: ImageRequest, image_id: str) -> Image:
    """The image of a path. Raises NotFound also for what is hidden from the caller."""
    with request.service.database.read() as tx:
        return visible(tx, request.context, image_id)


def find_shared_image(request: ImageRequest, image_id: str) -> Image:
    """The image of a path, and whether it is shared with the caller's project."""
    context = request.context
    with request.service.database.read() as tx:
        image = visible(tx, context, image_id)
        if image.member_id is None and context.project_id is not None and not owns(context, image):
            member = members.find(tx, image_id, context.project_id)
            if member is not None:
                image = change(image, member_id=context.project_id)
    return image


def read_json(request: ImageRequest) -> Any:
    """The body: an object or a list. Raises BadRequest when there is none, or it is no such JSON."""
    if request.data is None:
        limit = request.route.max_body
        request.data = request.http.bounded_stream.read(limit + 1)
        if len(request.data) > limit:
            raise TooLarge("Request is too large.")
    if not request.data:
        raise BadRequest("Body expected in request.")
    try:
        body = decode_json(request.data)
    except BadBody:
        raise BadRequest("Malformed JSON in request body.") from None
    if not isinstance(body, dict | list):
        raise BadRequest("Unexpected body type. Expected list/dict.")
    return body
