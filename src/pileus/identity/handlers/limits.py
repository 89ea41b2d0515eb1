"""``/v3/registered_limits`` and ``/v3/limits``."""

from msgspec import structs

from pileus.identity import views
from pileus.identity.extension_bodies import NewLimit, NewRegisteredLimit
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import Limit, RegisteredLimit
from pileus.identity.resources import changed, given
from pileus.identity.service import Identity
from pileus.identity.store import catalog, projects
from pileus.identity.store import limits as store
from pileus.identity.store.entities import Filter
from pileus.identity.targets import LimitOf
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response


def _missing(attribute: str, target: str) -> BadRequest:
    return BadRequest(
        f"Expecting to find {attribute} in {target}. The server could not comply with the request since it is either "
        "malformed or otherwise incorrect. The client is assumed to be in error."
    )


def _registered_view(one: RegisteredLimit) -> View:
    return {
        "id": one.id,
        "service_id": one.service_id,
        "region_id": one.region_id or None,
        "resource_name": one.resource_name,
        "default_limit": one.default_limit,
        "description": one.description,
    }


def _check_place(tx: Tx, service_id: str, region_id: str | None, target: str) -> None:
    """Raises BadRequest when the service or the region is not there."""
    if catalog.service_entities.get(tx, service_id) is None:
        raise _missing("service_id", target)
    if region_id and catalog.region_entities.get(tx, region_id) is None:
        raise _missing("region_id", target)


def find_registered(request: Request[Identity], registered_limit_id: str) -> RegisteredLimit:
    with request.service.database.read() as tx:
        one = store.registered.get(tx, registered_limit_id)
    if one is None:
        raise NotFound(f"Could not find registered limit for {registered_limit_id}.")
    return one


def find_limit(request: Request[Identity], limit_id: str) -> LimitOf:
    with request.service.database.read() as tx:
        one = store.own.get(tx, limit_id)
        if one is None:
            raise NotFound(f"Could not find limit for {limit_id}.")
        return LimitOf(one, projects.get(tx, one.project_id or one.domain_id or ""))


def _filters(request: Request[Identity], *names: str) -> list[Filter]:
    filters = filters_of(request, *names)
    return [Filter(one.name, one.value or "") if one.name == "region_id" else one for one in filters]


def list_registered(request: Request[Identity]) -> View:
    """List registered limits."""
    with request.service.database.read() as tx:
        filters = _filters(request, "service_id", "region_id", "resource_name")
        listed = store.registered.find(tx, filters, page_of(request))
    shown = [_registered_view(one) for one in listed.items]
    return collection(request, "registered_limits", shown, "registered_limits", more=listed.more)


def create_registered(request: Request[Identity]) -> Response:
    """Register limits."""
    made = []
    with request.service.database.transaction() as tx:
        body: NewRegisteredLimit
        for body in request.body.registered_limits:
            region_id = given(body.region_id, None)
            _check_place(tx, body.service_id, region_id, "registered_limit")
            one = RegisteredLimit(
                id=ids.new_hex(),
                service_id=body.service_id,
                region_id=region_id or "",
                resource_name=body.resource_name,
                default_limit=body.default_limit,
                description=given(body.description, None),
            )
            store.registered.insert(tx, one)
            made.append(linked(request, "registered_limits", _registered_view(one)))
    return Response({"registered_limits": made}, status=201)


def show_registered(request: Request[Identity], one: RegisteredLimit) -> View:
    """Show a registered limit."""
    return {"registered_limit": linked(request, "registered_limits", _registered_view(one))}


def update_registered(request: Request[Identity], one: RegisteredLimit) -> View:
    """Change a registered limit."""
    body = request.body.registered_limit
    after = changed(one, body, "service_id", "resource_name", "default_limit", "description")
    after = structs.replace(after, region_id=given(body.region_id, one.region_id) or "")
    with request.service.database.transaction() as tx:
        place = (after.service_id, after.region_id, after.resource_name)
        if place != (one.service_id, one.region_id, one.resource_name):
            _check_place(tx, after.service_id, after.region_id, "registered_limit")
            _check_unused(tx, one)
        store.registered.update(tx, after)
    return show_registered(request, after)


def _check_unused(tx: Tx, one: RegisteredLimit) -> None:
    if store.in_use(tx, one.id):
        raise Forbidden(
            f"Unable to update or delete registered limit {one.id} because there are project limits associated with it."
        )


def delete_registered(request: Request[Identity], one: RegisteredLimit) -> None:
    """Delete a registered limit."""
    with request.service.database.transaction() as tx:
        _check_unused(tx, one)
        store.registered.delete(tx, one.id)


def list_limits(request: Request[Identity]) -> View:
    """List limits."""
    context = request.context
    filters = _filters(request, "service_id", "region_id", "resource_name", "project_id", "domain_id")
    sees_all = context.system_scope is not None or "admin" in context.roles or "service" in context.roles
    with request.service.database.read() as tx:
        if sees_all:
            listed = store.find(tx, filters, page_of(request))
        elif context.domain_id is not None:
            holders = [context.domain_id, *(one.id for one in projects.of_domain(tx, context.domain_id))]
            listed = store.find(tx, filters, page_of(request), holders=holders)
        else:
            listed = store.find(tx, filters, page_of(request), project_id=context.project_id or "")
    return collection(request, "limits", [views.limit(one) for one in listed.items], "limits", more=listed.more)


def create_limits(request: Request[Identity]) -> Response:
    """Create limits."""
    made = []
    with request.service.database.transaction() as tx:
        for body in request.body.limits:
            one = _new_limit(tx, body)
            store.insert(tx, one)
            made.append(linked(request, "limits", views.limit(one)))
    return Response({"limits": made}, status=201)


def _new_limit(tx: Tx, body: NewLimit) -> Limit:
    """Raises BadRequest when what it names is not there, Forbidden when no limit is registered for it."""
    project_id, domain_id = given(body.project_id, None), given(body.domain_id, None)
    region_id = given(body.region_id, None)
    if (project_id is None) == (domain_id is None):
        raise _missing("project_id or domain_id", "limit")
    _check_place(tx, body.service_id, region_id, "limit")
    if project_id is not None and projects.get(tx, project_id) is None:
        raise _missing("project_id", "limit")
    if domain_id is not None and projects.get_domain(tx, domain_id) is None:
        raise _missing("domain_id", "limit")
    registered = store.registered_for(tx, body.service_id, region_id or "", body.resource_name)
    if registered is None:
        raise Forbidden("Unable to create a limit that has no corresponding registered limit.")
    return Limit(
        id=ids.new_hex(),
        registered_limit_id=registered.id,
        project_id=project_id,
        domain_id=domain_id,
        service_id=body.service_id,
        region_id=region_id or "",
        resource_name=body.resource_name,
        resource_limit=body.resource_limit,
        description=given(body.description, None),
    )


def show_limit(request: Request[Identity], one: LimitOf) -> View:
    """Show a limit."""
    return {"limit": linked(request, "limits", views.limit(one.limit))}


def update_limit(request: Request[Identity], one: LimitOf) -> View:
    """Change a limit."""
    after = changed(one.limit, request.body.limit, "resource_limit", "description")
    with request.service.database.transaction() as tx:
        store.own.update(tx, after)
    return {"limit": linked(request, "limits", views.limit(after))}


def delete_limit(request: Request[Identity], one: LimitOf) -> None:
    """Delete a limit."""
    with request.service.database.transaction() as tx:
        store.own.delete(tx, one.limit.id)


def show_model(request: Request[Identity]) -> View:
    """Show how limits are enforced."""
    model = {
        "name": "flat",
        "description": "Each project or domain has its own limit; what is above it in the hierarchy does not count.",
    }
    return {"model": model}
