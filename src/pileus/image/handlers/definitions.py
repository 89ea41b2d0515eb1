"""Objects, properties and tags of a namespace."""

from typing import Any

from pileus.image.handlers.common import ImageRequest
from pileus.image.handlers.namespaces import body_of, page_of, show_object, show_timed
from pileus.image.metadefs import ASSOCIATION, OBJECT, PROPERTY, TAG, Namespace, Part, check_unprotected
from pileus.image.schemas import metadefs as schemas
from pileus.image.schemas.language import Schema, validate
from pileus.image.store import metadefs
from pileus.kernel.errors import Conflict, NotFound

_TIMES = ("created_at", "updated_at")


def _find(request: ImageRequest, namespace: Namespace, kind: str, name: str) -> Part:
    with request.service.database.read() as tx:
        return metadefs.part(tx, namespace, kind, name)


def _add(request: ImageRequest, namespace: Namespace, kind: str, body: dict[str, Any]) -> Part:
    with request.service.database.transaction() as tx:
        return metadefs.add_part(tx, namespace, kind, body["name"], body)


def _replace(request: ImageRequest, namespace: Namespace, kind: str, name: str, body: dict[str, Any]) -> Part:
    with request.service.database.transaction() as tx:
        old = metadefs.part(tx, namespace, kind, name)
        return metadefs.replace_part(tx, namespace, old, body["name"], body)


def _delete(request: ImageRequest, namespace: Namespace, kind: str, name: str) -> None:
    with request.service.database.transaction() as tx:
        part = metadefs.part(tx, namespace, kind, name)
        check_unprotected(namespace, f"{kind} {name}")
        metadefs.delete_part(tx, part)


def _delete_all(request: ImageRequest, namespace: Namespace, kind: str) -> None:
    check_unprotected(namespace, f"namespace {namespace.namespace}")
    with request.service.database.transaction() as tx:
        metadefs.delete_parts(tx, namespace, kind)


# -- objects -----------------------------------------------------------------------------------------------------


def _object_body(request: ImageRequest) -> dict[str, Any]:
    body = body_of(request, schemas.OBJECT)
    for part in body.get("properties", {}).values():
        validate(schemas.UNNAMED_PROPERTY, part)
    return body


def list_objects(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """List a namespace's objects."""
    page = page_of(request, default_limit=None)
    with request.service.database.read() as tx:
        found = metadefs.part_page(tx, namespace, OBJECT, page)
    allowed = request.allowed("get_metadef_object", namespace)
    shown = [show_object(namespace, part) for part in found] if allowed else []
    return {"objects": shown, "schema": "v2/schemas/metadefs/objects"}


def create_object(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Add an object."""
    return show_object(namespace, _add(request, namespace, OBJECT, _object_body(request)))


def show_one_object(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Show an object."""
    return show_object(namespace, _find(request, namespace, OBJECT, name))


def update_object(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Replace an object."""
    return show_object(namespace, _replace(request, namespace, OBJECT, name, _object_body(request)))


def delete_object(request: ImageRequest, namespace: Namespace, name: str) -> None:
    """Remove an object."""
    _delete(request, namespace, OBJECT, name)


def delete_objects(request: ImageRequest, namespace: Namespace) -> None:
    """Remove all objects."""
    _delete_all(request, namespace, OBJECT)


# -- properties --------------------------------------------------------------------------------------------------


def list_properties(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """List a namespace's properties."""
    with request.service.database.read() as tx:
        found = metadefs.parts_of(tx, [namespace.id], PROPERTY)
    return {"properties": {part.name: part.body for part in found}}


def _show_property(part: Part) -> dict[str, Any]:
    return {**part.body, "name": part.name}


def create_property(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Add a property."""
    body = body_of(request, schemas.PROPERTY, fixed=_TIMES)
    return _show_property(_add(request, namespace, PROPERTY, body))


def show_property(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Show a property, by the name it has on a resource type when one is named."""
    resource_type = request.param("resource_type")
    if resource_type:
        request.authorize("get_metadef_resource_type", namespace)
        prefix = _find(request, namespace, ASSOCIATION, resource_type).body.get("prefix")
        if not prefix or not name.startswith(prefix):
            raise NotFound(
                f"Property {name} does not start with the expected resource type association prefix of '{prefix}'."
            )
        name = name.removeprefix(prefix)
    return _show_property(_find(request, namespace, PROPERTY, name))


def update_property(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Replace a property."""
    body = body_of(request, schemas.PROPERTY, fixed=_TIMES)
    return _show_property(_replace(request, namespace, PROPERTY, name, body))


def delete_property(request: ImageRequest, namespace: Namespace, name: str) -> None:
    """Remove a property."""
    _delete(request, namespace, PROPERTY, name)


def delete_properties(request: ImageRequest, namespace: Namespace) -> None:
    """Remove all properties."""
    _delete_all(request, namespace, PROPERTY)


# -- tags --------------------------------------------------------------------------------------------------------


def list_tags(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """List a namespace's tags."""
    page = page_of(request, default_limit=None)
    with request.service.database.read() as tx:
        found = metadefs.part_page(tx, namespace, TAG, page)
    return {"tags": [{"name": part.name} for part in found]}


def create_tag(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Add a tag."""
    validate(schemas.TAG, {"name": name})
    return show_timed(_add(request, namespace, TAG, {"name": name}))


def create_tags(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Set a namespace's tags, or add to them."""
    names = [tag["name"] for tag in body_of(request, schemas.NEW_TAGS, fixed=_TIMES).get("tags", ())]
    if len(set(names)) != len(names):
        raise Conflict("A tag must not be there twice.")
    appends = (request.header("X-OpenStack-Append") or "").lower() in ("1", "t", "true", "on", "y", "yes")
    with request.service.database.transaction() as tx:
        if not appends:
            metadefs.delete_parts(tx, namespace, TAG)
        for name in names:
            metadefs.add_part(tx, namespace, TAG, name, {"name": name})
    return {"tags": [{"name": name} for name in names]}


def show_tag(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Show a tag."""
    return show_timed(_find(request, namespace, TAG, name))


def update_tag(request: ImageRequest, namespace: Namespace, name: str) -> dict[str, Any]:
    """Rename a tag."""
    body = body_of(request, schemas.TAG, fixed=_TIMES)
    return show_timed(_replace(request, namespace, TAG, name, body))


def delete_tag(request: ImageRequest, namespace: Namespace, name: str) -> None:
    """Remove a tag."""
    _delete(request, namespace, TAG, name)


def delete_tags(request: ImageRequest, namespace: Namespace) -> None:
    """Remove all tags."""
    request.authorize("delete_metadef_tags", namespace)
    _delete_all(request, namespace, TAG)


def schema_of(request: ImageRequest, name: str) -> Schema:
    """Show a schema of metadata definitions."""
    if name not in schemas.SHOWN:
        raise NotFound("The resource could not be found.")
    return schemas.SHOWN[name]
