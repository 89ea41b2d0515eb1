"""``/v2/metadefs/namespaces`` and ``/resource_types``."""

from typing import Any

import msgspec

from pileus.image import defining
from pileus.image.filters import parse_limit
from pileus.image.handlers.common import ImageRequest, read_json
from pileus.image.metadefs import (
    ASSOCIATION,
    OBJECT,
    PROPERTY,
    TAG,
    Namespace,
    Part,
    check_unprotected,
    is_visible,
    prefixed,
)
from pileus.image.schemas import metadefs as schemas
from pileus.image.schemas.language import validate
from pileus.image.store import metadefs
from pileus.image.views import page_links
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Forbidden, NotFound
from pileus.kernel.http.responses import Response
from pileus.kernel.paging import Page, Sort

HOME = "/v2/metadefs/namespaces"
_FIXED = ("self", "schema", "created_at", "updated_at")


def find_namespace(request: ImageRequest, namespace: str) -> Namespace:
    """Raises NotFound also for what is hidden from the caller."""
    with request.service.database.read() as tx:
        found = metadefs.find(tx, namespace)
    if found is None or not is_visible(request.context, found):
        raise NotFound(f"Metadata definition namespace={namespace} was not found.")
    return found


def body_of(request: ImageRequest, schema: Any, *, fixed: tuple[str, ...] = _FIXED) -> dict[str, Any]:
    """The body, held against a schema."""
    body = read_json(request)
    for name in fixed:
        if name in body:
            raise Forbidden(f"Attribute '{name}' is read-only.")
    validate(schema, body)
    if not isinstance(body, dict):
        raise BadRequest(f"Provided object does not match schema '{schema['name']}': it is not an object")
    return body


def page_of(request: ImageRequest, *, default_limit: int | None) -> Page:
    settings = request.service.settings
    direction = request.param("sort_dir") or "desc"
    if direction not in ("asc", "desc"):
        raise BadRequest(f"Invalid sort direction: {direction}")
    text = request.param("limit")
    limit = default_limit if text is None else min(parse_limit(text, 0), settings.page_max)
    sort = Sort(request.param("sort_key") or "created_at", direction == "desc")
    return Page(limit, request.param("marker"), (sort,))


# -- views -------------------------------------------------------------------------------------------------------


def show_namespace(namespace: Namespace) -> dict[str, Any]:
    shown = {
        name: getattr(namespace, name)
        for name in ("namespace", "display_name", "description", "visibility", "protected", "owner")
        if getattr(namespace, name) is not None
    }
    return shown | {
        "created_at": clock.iso(namespace.created_at),
        "updated_at": clock.iso(namespace.updated_at),
        "self": f"{HOME}/{namespace.namespace}",
        "schema": "/v2/schemas/metadefs/namespace",
    }


def show_timed(part: Part) -> dict[str, Any]:
    """A tag or an association."""
    times = {"created_at": clock.iso(part.created_at), "updated_at": clock.iso(part.updated_at)}
    return {**part.body, "name": part.name, **times}


def show_object(namespace: Namespace, part: Part) -> dict[str, Any]:
    return {
        "required": [],
        "properties": {},
        **show_timed(part),
        "self": f"{HOME}/{namespace.namespace}/objects/{part.name}",
        "schema": "/v2/schemas/metadefs/object",
    }


# -- namespaces --------------------------------------------------------------------------------------------------


def list_namespaces(request: ImageRequest) -> dict[str, Any]:
    """List namespaces."""
    context, service = request.context, request.service
    request.authorize("list_metadef_resource_types")
    visibility = request.param("visibility")
    if visibility and visibility not in ("public", "private"):
        raise BadRequest(f"Invalid visibility value: {visibility}")
    page = page_of(request, default_limit=service.settings.page_default)
    types = [name.strip() for name in (request.param("resource_types") or "").split(",") if name.strip()]
    with service.database.read() as tx:
        marker = None
        if page.marker is not None:
            marker = metadefs.find(tx, page.marker)
            if marker is None or not is_visible(context, marker):
                raise NotFound(f"Metadata definition namespace={page.marker} was not found.")
        found = metadefs.page(tx, context, page, marker, visibility, types)
        found = [one for one in found if service.policy.allows(context, "get_metadef_namespace", one)]
        associations = metadefs.parts_of(tx, [one.id for one in found], ASSOCIATION)
    shown = []
    for one in found:
        own = [show_timed(part) for part in associations if part.namespace_id == one.id]
        shown.append(show_namespace(one) | ({"resource_type_associations": own} if own else {}))
    more = found[-1].namespace if found and len(found) == page.limit else None
    return {
        "namespaces": shown,
        "schema": "/v2/schemas/metadefs/namespaces",
        **page_links(HOME, request.query, more),
    }


def create(request: ImageRequest) -> Response:
    """Create a namespace, with all it holds."""
    body = body_of(request, schemas.NAMESPACE)
    needed = {
        "resource_type_associations": "add_metadef_resource_type_association",
        "objects": "add_metadef_object",
        "properties": "add_metadef_property",
        "tags": "add_metadef_tag",
    }
    for name, rule in needed.items():
        if body.get(name):
            request.authorize(rule)
    with request.service.database.transaction() as tx:
        namespace = defining.write(tx, body, request.context.project_id)
    shown = show_namespace(namespace) | {name: body[name] for name in needed if body.get(name)}
    return Response(shown, status=201, headers=[("Location", f"{HOME}/{namespace.namespace}")])


def show(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Show a namespace and all it holds."""
    for rule in ("list_metadef_resource_types", "get_metadef_objects", "get_metadef_properties", "get_metadef_tags"):
        request.authorize(rule, namespace)
    with request.service.database.read() as tx:
        parts = metadefs.parts_of(tx, [namespace.id], ASSOCIATION, OBJECT, PROPERTY, TAG)
    by_kind = {kind: [part for part in parts if part.kind == kind] for kind in (ASSOCIATION, OBJECT, PROPERTY, TAG)}
    objects = [show_object(namespace, part) for part in by_kind[OBJECT]]
    properties: dict[str, Any] = {part.name: part.body for part in by_kind[PROPERTY]}
    prefix = _prefix(by_kind[ASSOCIATION], request.param("resource_type"))
    if prefix:
        properties = prefixed(prefix, properties)
        for shown in objects:
            shown["properties"] = prefixed(prefix, shown["properties"])
            shown["required"] = [prefix + name for name in shown["required"]]
    held = {
        "objects": objects,
        "resource_type_associations": [show_timed(part) for part in by_kind[ASSOCIATION]],
        "properties": properties,
        "tags": [{"name": part.name} for part in by_kind[TAG]],
    }
    return show_namespace(namespace) | {name: what for name, what in held.items() if what}


def _prefix(associations: list[Part], resource_type: str | None) -> str:
    """What property names begin with on a resource type."""
    found = (part.body.get("prefix") for part in associations if part.name == resource_type)
    return next(found, None) or ""


def update(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Replace a namespace's own attributes."""
    body = body_of(request, schemas.NAMESPACE)
    fields = defining.own_fields(body, request.context.project_id)
    changed = msgspec.structs.replace(namespace, updated_at=clock.now(), **fields)
    with request.service.database.transaction() as tx:
        metadefs.update(tx, changed)
    return show_namespace(changed)


def delete(request: ImageRequest, namespace: Namespace) -> None:
    """Delete a namespace and all it holds."""
    check_unprotected(namespace, f"namespace {namespace.namespace}")
    with request.service.database.transaction() as tx:
        metadefs.delete(tx, namespace.id)


# -- resource types ----------------------------------------------------------------------------------------------


def list_resource_types(request: ImageRequest) -> dict[str, Any]:
    """List all resource types that any namespace is for."""
    with request.service.database.read() as tx:
        known = metadefs.known_resource_types(tx)
    return {
        "resource_types": [
            {"name": name, "created_at": clock.iso(created), "updated_at": clock.iso(updated)}
            for name, created, updated in known
        ]
    }


def list_associations(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """List the resource types that a namespace is for."""
    with request.service.database.read() as tx:
        found = metadefs.parts_of(tx, [namespace.id], ASSOCIATION)
    allowed = request.allowed("get_metadef_resource_type", namespace)
    return {"resource_type_associations": [show_timed(part) for part in found] if allowed else []}


def associate(request: ImageRequest, namespace: Namespace) -> dict[str, Any]:
    """Say that a namespace is for a resource type."""
    body = body_of(request, schemas.ASSOCIATION, fixed=("created_at", "updated_at"))
    with request.service.database.transaction() as tx:
        return show_timed(metadefs.add_part(tx, namespace, ASSOCIATION, body["name"], body))


def dissociate(request: ImageRequest, namespace: Namespace, name: str) -> None:
    """Say that a namespace is no longer for a resource type."""
    with request.service.database.transaction() as tx:
        try:
            part = metadefs.part(tx, namespace, ASSOCIATION, name)
        except NotFound:
            raise NotFound(f"Failed to find resource type {name} to delete") from None
        check_unprotected(namespace, f"resource-type-association {name}")
        metadefs.delete_part(tx, part)
