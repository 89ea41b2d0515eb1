"""``/v2/images/{id}/members``: the projects that an image is shared with."""

from typing import Any

from pileus.image import limits
from pileus.image.handlers.common import ImageRequest, read_json
from pileus.image.model import Image, Member, owns
from pileus.image.store import members
from pileus.image.views import show_member
from pileus.kernel.errors import BadRequest, Forbidden, NotFound, TooLarge

STATUSES = ("pending", "accepted", "rejected")


def _authorize(request: ImageRequest, image: Image, verb: str, *rules: str) -> None:
    """Raises Forbidden, in the reference's words, unless every rule allows it and the image can be shared."""
    try:
        if image.visibility != "shared":
            raise Forbidden("Only shared images have members.")
        for rule in ("get_image", *rules):
            request.authorize(rule, image)
    except Forbidden as error:
        reason = f": {error.message}" if verb == "list" else "."
        raise Forbidden(f"Not allowed to {verb} members for image {image.id}{reason}") from None


def _find(request: ImageRequest, image: Image, member_id: str) -> Member:
    """A member that the caller may know of: any for the owner, itself for a member."""
    context = request.context
    with request.service.database.read() as tx:
        member = members.find(tx, image.id, member_id)
    hidden = not context.is_admin and not owns(context, image) and member_id != context.project_id
    if member is None or hidden:
        raise NotFound(f"{member_id} not found in the member list of the image {image.id}.")
    return member


def list_members(request: ImageRequest, image: Image) -> dict[str, Any]:
    """List an image's members."""
    _authorize(request, image, "list", "get_members")
    context = request.context
    with request.service.database.read() as tx:
        found = members.of_image(tx, image.id)
    if not context.is_admin and not owns(context, image):
        found = [member for member in found if member.member_id == context.project_id]
    shown = [show_member(member) for member in found] if request.allowed("get_member", image) else []
    return {"members": shown, "schema": "/v2/schemas/members"}


def create(request: ImageRequest, image: Image) -> dict[str, Any]:
    """Share an image with a project."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise BadRequest('Expected a member in the form: {"member": "image_id"}')
    if "member" not in body:
        raise BadRequest("Member to be added not specified")
    member_id = body["member"]
    if not member_id:
        raise BadRequest("Member can't be empty")
    if not isinstance(member_id, str) or len(member_id) > 255:
        raise BadRequest("Member must be the id of a project")
    _authorize(request, image, "create", "add_member")
    service = request.service
    with service.database.transaction() as tx:
        try:
            limits.check_members(service.settings, len(members.of_image(tx, image.id)) + 1)
        except TooLarge as error:
            raise TooLarge(f"Image member limit exceeded for image {image.id}: {error.message}:") from None
        return show_member(members.insert(tx, image.id, member_id))


def show(request: ImageRequest, image: Image, member_id: str) -> dict[str, Any]:
    """Show a member."""
    try:
        _authorize(request, image, "show", "get_member")
    except Forbidden as error:
        raise NotFound(error.message) from None
    return show_member(_find(request, image, member_id))


def update(request: ImageRequest, image: Image, member_id: str) -> dict[str, Any]:
    """Accept or reject an image."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise BadRequest('Expected a status in the form: {"status": "status"}')
    if "status" not in body:
        raise BadRequest("Status not specified")
    _authorize(request, image, "update", "get_member")
    _find(request, image, member_id)
    _authorize(request, image, "update", "modify_member")
    if body["status"] not in STATUSES:
        raise BadRequest('Incorrect request: Status must be "pending", "accepted" or "rejected".')
    with request.service.database.transaction() as tx:
        members.set_status(tx, image.id, member_id, body["status"])
    return show_member(_find(request, image, member_id))


def delete(request: ImageRequest, image: Image, member_id: str) -> None:
    """Stop sharing an image with a project."""
    _authorize(request, image, "delete", "get_member")
    _find(request, image, member_id)
    _authorize(request, image, "delete", "delete_member")
    with request.service.database.transaction() as tx:
        members.delete(tx, image.id, member_id)
