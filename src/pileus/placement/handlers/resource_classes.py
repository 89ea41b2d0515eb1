"""``/resource_classes``."""

import re
from typing import Any

from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Conflict
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement.bodies import CUSTOM
from pileus.placement.errors import UnknownClass
from pileus.placement.handlers.http import answer, bodiless_answer, link, location
from pileus.placement.service import Placement
from pileus.placement.store import classes, vocabulary


def list_classes(request: Request[Placement]) -> Response:
    """List resource classes."""
    with request.service.database.read() as tx:
        custom = vocabulary.custom_classes(tx)
    names = [*vocabulary.CLASSES, *(found.name for found in custom)]
    body = {"resource_classes": [_render(request, name) for name in names]}
    return answer(request, body, modified_at=clock.now())


def show(request: Request[Placement], name: str) -> Response:
    """Show resource class."""
    with request.service.database.read() as tx:
        found = vocabulary.find_class(tx, name)
    if found is None:
        raise UnknownClass(name)
    return answer(request, _render(request, name), modified_at=found.modified_at)


def create(request: Request[Placement]) -> Response:
    """Create resource class."""
    name = request.body.name
    with request.service.database.transaction() as tx:
        if not vocabulary.make_class(tx, name):
            raise Conflict(f"Conflicting resource class already exists: {name}")
    return bodiless_answer(201, [location(request, f"/resource_classes/{name}")])


def rename(request: Request[Placement], name: str) -> dict[str, Any]:
    """Update resource class."""
    new_name = request.body.name
    with request.service.database.transaction() as tx:
        if vocabulary.find_class(tx, name) is None:
            raise UnknownClass(name)
        if name in vocabulary.STANDARD_CLASSES:
            raise BadRequest(f"Cannot update standard resource class {name}")
        if vocabulary.find_class(tx, new_name) is not None:
            raise Conflict(f"Resource class already exists: {new_name}")
        classes.rename(tx, name, new_name)
    return _render(request, new_name)


def ensure(request: Request[Placement], name: str) -> Response:
    """Create resource class unless it is there."""
    if not re.match(CUSTOM, name) or len(name) > 255:
        raise BadRequest(f"JSON does not validate: '{name}' does not match '^CUSTOM_[A-Z0-9_]+$'")
    with request.service.database.transaction() as tx:
        new = vocabulary.make_class(tx, name)
    return bodiless_answer(201 if new else 204, [location(request, f"/resource_classes/{name}")])


def delete(request: Request[Placement], name: str) -> Response:
    """Delete resource class."""
    with request.service.database.transaction() as tx:
        if vocabulary.find_class(tx, name) is None:
            raise UnknownClass(name)
        if name in vocabulary.STANDARD_CLASSES:
            raise BadRequest(f"Error in delete resource class: Cannot delete standard resource class {name}.")
        if classes.in_use(tx, name):
            raise Conflict(
                f"Error in delete resource class: Cannot delete resource class {name}. Class is in use in inventory."
            )
        vocabulary.delete_class(tx, name)
    return bodiless_answer(204)


def _render(request: Request[Placement], name: str) -> dict[str, Any]:
    return {"name": name, "links": [{"rel": "self", "href": link(request, f"/resource_classes/{name}")}]}
