"""Where an image's data is: locations in patches, and ``/v2/images/{id}/locations``."""

import hashlib
from collections.abc import Iterable

from pileus.image import limits
from pileus.image.handlers.common import ImageRequest, read_json
from pileus.image.handlers.imports import check_free, new_task
from pileus.image.model import ACTIVE, IMPORT_TASK, IMPORTING, QUEUED, Image, Location, change, moved
from pileus.image.operations.locating import ADD_LOCATION
from pileus.image.patching import Change
from pileus.image.schemas.images import ADD_LOCATION as ADD_LOCATION_SCHEMA
from pileus.image.schemas.language import validate
from pileus.image.store import images, tasks
from pileus.kernel.errors import BadRequest, Conflict, Forbidden
from pileus.kernel.numerals import natural


def patch_locations(request: ImageRequest, image: Image, changed: Image, step: Change) -> Image:
    """The image with its locations changed by one step of a patch."""
    if step.op == "replace" and not step.value:
        raise Forbidden("Cannot set locations to empty list.")
    request.authorize("delete_image_location" if step.op == "remove" else "set_image_location", image)
    settings = request.service.settings
    if not settings.show_locations:
        verb = "update" if step.op == "replace" else step.op
        raise Forbidden(f"It's not allowed to {verb} locations if locations are invisible.")
    if changed.status not in ((ACTIVE,) if step.op == "remove" else (ACTIVE, QUEUED)):
        raise Conflict(f"It's not allowed to {step.op} locations if image status is {changed.status}.")
    if step.op == "remove":
        return _without(changed, step.path[1])
    raw = step.value if step.op == "replace" else [step.value]
    places = [_place(request, part) for part in raw]
    if step.op == "replace":
        locations = tuple(places)
        if changed.locations and _addresses(locations) != _addresses(changed.locations):
            raise BadRequest("Only the metadata of locations can be replaced once an image has any.")
    else:
        at = _position(step.path[1], len(changed.locations), adding=True)
        locations = (*changed.locations[:at], *places, *changed.locations[at:])
    if len(_addresses(locations)) != len(locations):
        raise BadRequest("A location must not be there twice.")
    limits.check_locations(settings, len(locations))
    filled = change(changed, locations=locations, **_hashes(changed, raw))
    if changed.size is None:
        place = locations[0]
        filled = change(filled, size=request.service.stores[place.store].size(place.name))
    return moved(filled, ACTIVE) if changed.status == QUEUED else filled


def _addresses(locations: Iterable[Location]) -> set[tuple[str, str]]:
    return {(place.store, place.name) for place in locations}


def _without(image: Image, position: str) -> Image:
    if len(image.locations) == 1:
        raise Forbidden("Cannot remove last location in the image.")
    at = _position(position, len(image.locations), adding=False)
    return change(image, locations=(*image.locations[:at], *image.locations[at + 1 :]))


def _position(text: str, count: int, *, adding: bool) -> int:
    last = count if adding else count - 1
    at = last if text == "-" else natural(text)
    if at is None or at < 0 or (not adding and at >= count):
        raise BadRequest(f"Invalid position for {'adding' if adding else 'removing'} a location.")
    return at


def _place(request: ImageRequest, raw: dict[str, object]) -> Location:
    found = request.service.stores.of_url(str(raw["url"]))
    if found is None:
        raise BadRequest("Invalid location")
    metadata = raw.get("metadata")
    return Location(*found, metadata=metadata if isinstance(metadata, dict) else {})


def _hashes(image: Image, raw: list[dict[str, dict[str, str]]]) -> dict[str, str]:
    """The hashes that whoever sets the locations vouches for."""
    given: dict[str, str] = {}
    for part in raw:
        for name, value in part.get("validation_data", {}).items():
            if given.setdefault(name, value) != value:
                raise Conflict(f"Conflicting values for {name}")
    new = {}
    for name, value in given.items():
        current = getattr(image, name)
        if current == value:
            continue
        if current:
            raise Conflict(f"{name} is already set with a different value")
        new[name] = value
    if new and image.status != QUEUED:
        raise Conflict(f"New value(s) for {', '.join(new)} may only be provided when image status is 'queued'")
    return new


def list_locations(request: ImageRequest, image: Image) -> list[dict[str, object]]:
    """List where an image's data is."""
    return request.service.view.locations(image)


def add_location(request: ImageRequest, image: Image) -> None:
    """Make data that is somewhere already the image's."""
    service, context = request.service, request.context
    body = read_json(request)
    validate(ADD_LOCATION_SCHEMA, body)
    if image.status != QUEUED:
        raise Conflict(f"It's not allowed to add locations if image status is {image.status}.")
    request.authorize("add_image_location", image)
    url = body["url"]
    found = service.stores.of_url(url)
    is_service = "service" in (*context.roles, *context.service_roles)
    if not is_service and (found is None or service.stores[found[0]].kind != "http"):
        raise Forbidden("http store must be enabled to use location API by normal user.")
    given = body.get("validation_data") or {}
    check_hash(given)
    check_free(image)
    if found is None:
        raise BadRequest("Invalid location")
    with service.database.transaction() as tx:
        raw = {"image_id": image.id, "loc_url": url, "validation_data": given}
        task = new_task(request, "location_import", raw, image.id)
        tasks.insert(tx, task)
        locked = change(image, properties={**image.properties, IMPORT_TASK: task.id})
        images.save(tx, image, moved(locked, IMPORTING))
        what = {"task_id": task.id, "store": found[0], "name": found[1], "validation_data": given}
        service.runtime.operations.ask(tx, ADD_LOCATION, image.id, context, what)


def check_hash(given: dict[str, str]) -> None:
    """Raises BadRequest when what is given cannot be a hash of its algorithm."""
    if "os_hash_value" not in given:
        return
    try:
        size = len(bytes.fromhex(given["os_hash_value"]))
    except ValueError:
        raise BadRequest(f"os_hash_value ({given['os_hash_value']}) is not a valid hexadecimal value") from None
    want = hashlib.new(given["os_hash_algo"], usedforsecurity=False).digest_size
    if size != want:
        raise BadRequest(
            f"os_hash_value: ({given['os_hash_value']}) is not the correct size for "
            f"({given['os_hash_algo']}) (should be ({want}) bytes)"
        )
