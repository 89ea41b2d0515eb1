"""Where an image's data is: locations in patches, and ``/v2/images/{id}/locations``."""

from pileus.image import limits
from pileus.image.handlers.common import ImageRequest
from pileus.image.model import ACTIVE, QUEUED, Image, Location, change, moved
from pileus.image.patching import Change
from pileus.kernel.errors import BadRequest, Conflict, Forbidden


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
    else:
        at = _position(step.path[1], len(changed.locations), adding=True)
        locations = (*changed.locations[:at], *places, *changed.locations[at:])
    if len({(place.store, place.name) for place in locations}) != len(locations):
        raise BadRequest("A location must not be there twice.")
    limits.check_locations(settings, len(locations))
    filled = change(changed, locations=locations, **_hashes(changed, raw))
    if changed.size is None:
        place = locations[0]
        filled = change(filled, size=request.service.stores[place.store].size(place.name))
    return moved(filled, ACTIVE) if changed.status == QUEUED else filled


def _without(image: Image, position: str) -> Image:
    if len(image.locations) == 1:
        raise Forbidden("Cannot remove last location in the image.")
    at = _position(position, len(image.locations), adding=False)
    return change(image, locations=(*image.locations[:at], *image.locations[at + 1 :]))


def _position(text: str, count: int, *, adding: bool) -> int:
    at = int(text) if text.isdigit() else (count if adding else count - 1) if text == "-" else -1
    if at < 0 or (not adding and at >= count):
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
