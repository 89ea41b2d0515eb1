"""``/v2/images/{id}/import`` and ``/tasks``, and data in one store more or less."""

from typing import Any

from pileus.image import importing
from pileus.image.handlers.common import ImageRequest, read_json
from pileus.image.model import (
    ACTIVE,
    FAILED_IMPORT,
    IMPORT_TASK,
    IMPORTING,
    IMPORTING_TO,
    Image,
    Task,
    change,
    moved,
    with_stores,
)
from pileus.image.operations.deletion import REMOVE_DATA, what_to_delete
from pileus.image.operations.importing import IMPORT
from pileus.image.quotas import check_usage
from pileus.image.store import images, tasks
from pileus.image.views import show_task_of_image
from pileus.kernel import clock, ids
from pileus.kernel.errors import Conflict, Forbidden, NotFound


def import_image(request: ImageRequest, image: Image) -> None:
    """Import an image's data."""
    service, context = request.service, request.context
    header = request.header("X-Image-Meta-Store")
    asked = importing.parse(read_json(request), header, service.settings, service.stores)
    service.limits.check(context, {"image_size_total": 0})
    importing.check_image(image, asked)
    request.authorize("copy_image" if asked.method == importing.COPY else "modify_image", image)
    check_free(image)
    stores = importing.targets(image, asked)
    if not stores:
        # Nothing is left to copy: whoever waits for the copies sees that they are all there.
        properties = with_stores(with_stores(image.properties, IMPORTING_TO), FAILED_IMPORT)
        with service.database.transaction() as tx:
            images.save(tx, image, change(image, properties=properties))
        return
    importing.check_uri(asked, service.settings)
    limits = service.limits.of(context)
    size = (image.size or 0) >> 20
    with service.database.transaction() as tx:
        if asked.method == importing.DIRECT:
            check_usage(tx, context, limits, {"image_size_total": size})
        else:
            check_usage(tx, context, limits, {"image_stage_total": size, "image_count_uploading": 0})
        raw = {"image_id": image.id, "import_req": asked.raw, "backend": list(stores)}
        task = new_task(request, "api_image_import", raw, image.id)
        tasks.insert(tx, task)
        images.save(tx, image, _begun(image, asked, stores, task.id))
        what = {
            "task_id": task.id,
            "method": asked.method,
            "uri": asked.uri,
            "stores": list(stores),
            "all_must_succeed": asked.all_must_succeed,
        }
        service.runtime.operations.ask(tx, IMPORT, image.id, context, what)


def check_free(image: Image) -> None:
    """Raises Conflict while another task has the image."""
    if IMPORT_TASK in image.properties:
        raise Conflict("Image has active task")


def new_task(request: ImageRequest, kind: str, input: dict[str, Any], image_id: str | None) -> Task:
    context, now = request.context, clock.now()
    return Task(
        id=ids.new_uuid(),
        type=kind,
        owner=context.project_id,
        image_id=image_id,
        user_id=context.user_id,
        request_id=context.request_id,
        input=input,
        created_at=now,
        updated_at=now,
    )


def _begun(image: Image, asked: importing.ImportRequest, stores: tuple[str, ...], task_id: str) -> Image:
    properties = with_stores(image.properties, IMPORTING_TO, add=stores)
    properties = with_stores(properties, FAILED_IMPORT, remove=stores)
    begun = change(image, properties={**properties, IMPORT_TASK: task_id})
    return begun if asked.method == importing.COPY else moved(begun, IMPORTING, locations=())


def list_tasks(request: ImageRequest, image: Image) -> dict[str, Any]:
    """List the tasks of an image."""
    with request.service.database.read() as tx:
        return {"tasks": [show_task_of_image(task) for task in tasks.of_image(tx, image.id)]}


def delete_from_store(request: ImageRequest, image: Image, store_id: str) -> None:
    """Remove an image's data from one of its stores."""
    service = request.service
    if store_id not in service.stores:
        raise Conflict(f"The selected store {store_id} is not available on this node.")
    request.authorize("get_image_location", image)
    request.authorize("delete_image_location", image)
    if image.status != ACTIVE:
        raise Conflict("It's not allowed to remove image data from store if image status is not 'active'")
    if len(image.locations) == 1:
        raise Forbidden(
            "Cannot delete image data from the only store containing it. Consider deleting the image instead."
        )
    gone = [place for place in image.locations if place.store == store_id]
    if not gone:
        raise NotFound(f"Image {image.id} is not stored in store {store_id}.")
    with service.database.transaction() as tx:
        kept = tuple(place for place in image.locations if place not in gone)
        images.save(tx, image, change(image, locations=kept))
        service.runtime.operations.ask(tx, REMOVE_DATA, image.id, request.context, what_to_delete(gone))
