"""``/v2/images/{id}/actions`` and ``/tags``."""

from pileus.image import limits
from pileus.image.handlers.common import ImageRequest
from pileus.image.model import ACTIVE, DEACTIVATED, Image, change, toggled
from pileus.image.schemas.language import validate
from pileus.image.store import images
from pileus.kernel.errors import Forbidden, NotFound, TooLarge


def deactivate(request: ImageRequest, image: Image) -> None:
    """Deactivate an image: its data cannot be downloaded."""
    _toggle(request, image, DEACTIVATED)


def reactivate(request: ImageRequest, image: Image) -> None:
    """Reactivate an image."""
    _toggle(request, image, ACTIVE)


def _toggle(request: ImageRequest, image: Image, wanted: str) -> None:
    changed = toggled(image, wanted)
    if changed is not None:
        with request.service.database.transaction() as tx:
            images.save(tx, image, changed)


def add_tag(request: ImageRequest, image: Image, tag: str) -> None:
    """Add a tag."""
    validate(request.service.schema, {"tags": [tag]})
    _authorize(request, image, "update")
    if tag in image.tags:
        return
    try:
        limits.check_tags(request.service.settings, (*image.tags, tag))
    except TooLarge as error:
        raise TooLarge(f"Image tag limit exceeded for image {image.id}: {error.message}:") from None
    with request.service.database.transaction() as tx:
        images.save(tx, image, change(image, tags=(*image.tags, tag)))


def delete_tag(request: ImageRequest, image: Image, tag: str) -> None:
    """Remove a tag."""
    _authorize(request, image, "delete")
    if tag not in image.tags:
        raise NotFound("The resource could not be found.")
    with request.service.database.transaction() as tx:
        images.save(tx, image, change(image, tags=tuple(kept for kept in image.tags if kept != tag)))


def _authorize(request: ImageRequest, image: Image, verb: str) -> None:
    try:
        request.authorize("modify_image", image)
    except Forbidden:
        raise Forbidden(f"Not allowed to {verb} tags for image {image.id}.") from None
