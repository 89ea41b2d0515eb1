"""``/v2/images``: create, list, show, change and delete images."""

from typing import Any

from pileus.image import filters, limits, patching
from pileus.image.authorization import ABSENT
from pileus.image.creation import new_image
from pileus.image.handlers.common import ImageRequest, read_json, visible
from pileus.image.handlers.locations import patch_locations
from pileus.image.model import Image, check_deletable
from pileus.image.operations.deletion import DELETE_DATA, REMOVE_DATA, what_to_delete
from pileus.image.store import images, listing, tasks
from pileus.image.views import page_links
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Forbidden, MethodNotAllowed, NotFound, UnsupportedMediaType
from pileus.kernel.http.responses import Response


def create(request: ImageRequest) -> Response:
    """Create an image."""
    service, context = request.service, request.context
    image = new_image(read_json(request), service.schema, service.settings, context)
    target = {"project_id": image.owner, "owner": image.owner, "visibility": image.visibility}
    try:
        request.authorize("add_image", target)
    except Forbidden:
        if image.owner != context.project_id:
            raise Forbidden(f"You are not permitted to create images owned by '{image.owner}'") from None
        raise
    authorize_visibility(request, image.visibility, target)
    service.limits.check(context, {"image_count_total": 1})
    with service.database.transaction() as tx:
        images.insert(tx, image)
    headers = [("Location", f"/v2/images/{image.id}")]
    if service.settings.import_methods:
        headers.append(("OpenStack-image-import-methods", ",".join(service.settings.import_methods)))
    headers.append(("OpenStack-image-store-ids", ",".join(service.stores.names)))
    return Response(shown(request, image), status=201, headers=headers)


def authorize_visibility(request: ImageRequest, visibility: str, target: Any) -> None:
    rule = {"public": "publicize_image", "community": "communitize_image"}.get(visibility)
    if rule is not None:
        request.authorize(rule, target)


def list_images(request: ImageRequest) -> dict[str, Any]:
    """List images."""
    refuse_slash(request)
    service, settings, context = request.service, request.service.settings, request.context
    query = filters.parse(request.query, settings.page_default, settings.page_max)
    with service.database.read() as tx:
        marker = None
        if query.marker is not None:
            try:
                marker = visible(tx, context, query.marker)
            except NotFound as error:
                raise BadRequest(error.message) from None
        found = listing.find(tx, query, context, marker)
    allows = service.policy.decider(context)
    seen = [image for image in found if allows("get_image", image)]
    may_be_more = bool(seen) and len(found) == query.limit
    links = page_links("/v2/images", request.query, seen[-1].id if may_be_more else None)
    return {"images": [shown(request, image) for image in seen], "schema": "/v2/schemas/images", **links}


def refuse_slash(request: ImageRequest) -> None:
    """``/v2/images/`` is the image without an id, which there never is. Raises NotFound."""
    if request.http.env["PATH_INFO"].endswith("/"):
        raise NotFound(ABSENT)


def delete_all(request: ImageRequest) -> None:
    """Nobody deletes all images at once."""
    refuse_slash(request)
    raise MethodNotAllowed("The method is not allowed for this resource.", headers={"Allow": "GET, POST"})


def show(request: ImageRequest, image: Image) -> dict[str, Any]:
    """Show an image."""
    return shown(request, image)


def shown(request: ImageRequest, image: Image) -> dict[str, Any]:
    settings = request.service.settings
    if not settings.show_locations and not settings.show_direct_url:
        return request.service.view.show(image)
    return request.service.view.show(image, with_locations=request.allowed("get_image_location", image))


def update(request: ImageRequest, image: Image) -> dict[str, Any]:
    """Change an image by a JSON patch."""
    service = request.service
    content_type = (request.http.content_type or "").partition(";")[0].strip()
    known = (patching.OLD_TYPE, patching.NEW_TYPE)
    if content_type not in known:
        allowed = ", ".join(known)
        raise UnsupportedMediaType(
            f"Image PATCH expects Content-Type one of: {allowed}", headers={"Accept-Patch": allowed}
        )
    steps = patching.parse(read_json(request), content_type, service.schema)
    changed = image
    for step in steps:
        changed = _step(request, image, changed, step)
    if steps:
        limits.check_tags(service.settings, changed.tags)
        if changed.properties.keys() - image.properties.keys():
            limits.check_properties(service.settings, changed.properties)
        with service.database.transaction() as tx:
            changed = images.save(tx, image, changed)
            gone = [place for place in image.locations if place not in changed.locations]
            if gone:
                service.runtime.operations.ask(tx, REMOVE_DATA, image.id, request.context, what_to_delete(gone))
    return shown(request, changed)


def _step(request: ImageRequest, image: Image, changed: Image, step: patching.Change) -> Image:
    """The image after one step, when the caller may take it."""
    if step.name == "locations":
        return patch_locations(request, image, changed, step)
    if step.name == "owner" and not request.context.is_admin:
        raise Forbidden("Owner can't be updated by non admin.")
    if step.name == "visibility" and step.op != "remove":
        authorize_visibility(request, step.value, image)
    request.authorize("modify_image", image)
    return patching.applied(changed, step)


def delete(request: ImageRequest, image: Image) -> None:
    """Delete an image; its data is removed by an operation."""
    check_deletable(image)
    with request.service.database.transaction() as tx:
        images.delete(tx, image)
        lifetime = request.service.settings.task_lifetime * clock.HOUR
        tasks.fail_of_image(tx, image.id, "The image was deleted.", lifetime)
        what = what_to_delete(image.locations, image.staged)
        request.service.runtime.operations.ask(tx, DELETE_DATA, image.id, request.context, what)
