"""``/v3/regions``, ``/v3/services`` and ``/v3/endpoints``."""

import re

from msgspec import UNSET, structs

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import CatalogService, Endpoint, Region
from pileus.identity.resources import changed, extra_of, found, given, same_id
from pileus.identity.service import Identity
from pileus.identity.store import catalog as store
from pileus.identity.store.entities import Filter
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

KNOWN_PLACEHOLDERS = {"tenant_id", "project_id", "user_id", "public_bind_host", "admin_bind_host", "compute_host"}
_PLACEHOLDER = re.compile(r"[$%]\(([^)]*)\)(.?)")


def find_region(request: Request[Identity], region_id: str) -> Region:
    with request.service.database.read() as tx:
        return found(store.region_entities.get(tx, region_id), "region", region_id)


def find_service(request: Request[Identity], service_id: str) -> CatalogService:
    with request.service.database.read() as tx:
        return found(store.service_entities.get(tx, service_id), "service", service_id)


def find_endpoint(request: Request[Identity], endpoint_id: str) -> Endpoint:
    with request.service.database.read() as tx:
        return found(store.endpoint_entities.get(tx, endpoint_id), "endpoint", endpoint_id)


def list_regions(request: Request[Identity]) -> View:
    """List regions."""
    with request.service.database.read() as tx:
        listed = store.region_entities.find(tx, filters_of(request, "parent_region_id"), page_of(request))
    shown = [views.region(one) for one in listed.items]
    return collection(request, "regions", shown, "regions", more=listed.more)


def _check_parent(tx: Tx, region: Region) -> None:
    """Raises NotFound when the parent is not there, BadRequest when it is below the region."""
    parent_id, seen = region.parent_region_id, {region.id}
    while parent_id is not None:
        if parent_id in seen:
            raise BadRequest(
                f"The specified parent region {region.parent_region_id} would create a circular region hierarchy."
            )
        seen.add(parent_id)
        parent_id = found(store.region_entities.get(tx, parent_id), "region", parent_id).parent_region_id


def create_region(request: Request[Identity], region_id: str | None = None) -> Response:
    """Create a region."""
    body = request.body.region
    if region_id is not None and given(body.id, None) not in (None, "", region_id):
        raise BadRequest("Conflicting region IDs specified: the URL's and the body's differ.")
    region = Region(
        id=region_id or given(body.id, None) or ids.new_hex(),
        parent_region_id=given(body.parent_region_id, None) or None,
        description=given(body.description, "") or "",
        extra=extra_of(body),
    )
    with request.service.database.transaction() as tx:
        _check_parent(tx, region)
        store.region_entities.insert(tx, region)
    return Response({"region": linked(request, "regions", views.region(region))}, status=201)


def show_region(request: Request[Identity], region: Region) -> View:
    """Show a region."""
    return {"region": linked(request, "regions", views.region(region))}


def update_region(request: Request[Identity], region: Region) -> View:
    """Change a region."""
    body = request.body.region
    same_id(body, region.id)
    after = structs.replace(
        region,
        parent_region_id=given(body.parent_region_id, region.parent_region_id),
        description=given(body.description, region.description) or "",
        extra=extra_of(body, region.extra),
    )
    with request.service.database.transaction() as tx:
        _check_parent(tx, after)
        store.region_entities.update(tx, after)
    return {"region": linked(request, "regions", views.region(after))}


def delete_region(request: Request[Identity], region: Region) -> None:
    """Delete a region with those below it."""
    with request.service.database.transaction() as tx:
        region_ids = [region.id]
        for region_id in region_ids:
            region_ids.extend(below.id for below in store.child_regions(tx, region_id))
        if store.has_endpoints_in(tx, region_ids):
            raise Forbidden(
                f"Unable to delete region {region.id} because it or its child regions have associated endpoints."
            )
        store.delete_regions(tx, region_ids)


def list_services(request: Request[Identity]) -> View:
    """List services."""
    filters = filters_of(request, "type")
    names = filters_of(request, "name")
    with request.service.database.read() as tx:
        listed = store.service_entities.find(tx, filters, page_of(request))
    shown = [views.service(one) for one in listed.items if _named(one, names)]
    return collection(request, "services", shown, "services", more=listed.more)


def _named(service: CatalogService, names: list[Filter]) -> bool:
    return all(service.extra.get("name") == one.value for one in names)


def create_service(request: Request[Identity]) -> Response:
    """Create a service."""
    body = request.body.service
    extra = extra_of(body)
    if body.name is not UNSET:
        extra["name"] = body.name
    service = CatalogService(id=ids.new_hex(), type=body.type, enabled=given(body.enabled, True), extra=extra)
    with request.service.database.transaction() as tx:
        store.service_entities.insert(tx, service)
    return Response({"service": linked(request, "services", views.service(service))}, status=201)


def show_service(request: Request[Identity], service: CatalogService) -> View:
    """Show a service."""
    return {"service": linked(request, "services", views.service(service))}


def update_service(request: Request[Identity], service: CatalogService) -> View:
    """Change a service."""
    body = request.body.service
    same_id(body, service.id)
    extra = extra_of(body, service.extra)
    if body.name is not UNSET:
        extra["name"] = body.name
    after = structs.replace(changed(service, body, "type", "enabled"), extra=extra)
    with request.service.database.transaction() as tx:
        store.service_entities.update(tx, after)
    return {"service": linked(request, "services", views.service(after))}


def delete_service(request: Request[Identity], service: CatalogService) -> None:
    """Delete a service with its endpoints."""
    with request.service.database.transaction() as tx:
        store.delete_service(tx, service.id)


def list_endpoints(request: Request[Identity]) -> View:
    """List endpoints."""
    filters = filters_of(request, "interface", "service_id", "region_id")
    with request.service.database.read() as tx:
        listed = store.endpoint_entities.find(tx, filters, page_of(request))
    shown = [views.endpoint(one) for one in listed.items]
    return collection(request, "endpoints", shown, "endpoints", more=listed.more)


def _check_url(url: str) -> None:
    """Raises BadRequest for a URL with parts that the catalogue could never fill in."""
    for name, kind in _PLACEHOLDER.findall(url):
        if name not in KNOWN_PLACEHOLDERS or kind != "s":
            raise BadRequest(f"Cannot create an endpoint with an invalid URL: {url}.")


def _settle(tx: Tx, endpoint: Endpoint, legacy_region: str | None) -> None:
    """Raises BadRequest when the service or region is not there; a region by its old name is made."""
    if store.service_entities.get(tx, endpoint.service_id) is None:
        raise BadRequest(f"Could not find service: {endpoint.service_id}.")
    if endpoint.region_id is None or store.region_entities.get(tx, endpoint.region_id) is not None:
        return
    if legacy_region != endpoint.region_id:
        raise BadRequest(f"Could not find region: {endpoint.region_id}.")
    store.insert_region(tx, endpoint.region_id)


def create_endpoint(request: Request[Identity]) -> Response:
    """Create an endpoint."""
    body = request.body.endpoint
    _check_url(body.url)
    legacy = given(body.region, None)
    endpoint = Endpoint(
        id=ids.new_hex(),
        service_id=body.service_id,
        interface=body.interface,
        region_id=given(body.region_id, None) or legacy,
        url=body.url,
        enabled=given(body.enabled, True),
        extra=extra_of(body),
    )
    with request.service.database.transaction() as tx:
        _settle(tx, endpoint, legacy)
        store.endpoint_entities.insert(tx, endpoint)
    return Response({"endpoint": linked(request, "endpoints", views.endpoint(endpoint))}, status=201)


def show_endpoint(request: Request[Identity], endpoint: Endpoint) -> View:
    """Show an endpoint."""
    return {"endpoint": linked(request, "endpoints", views.endpoint(endpoint))}


def update_endpoint(request: Request[Identity], endpoint: Endpoint) -> View:
    """Change an endpoint."""
    body = request.body.endpoint
    same_id(body, endpoint.id)
    if body.url is not UNSET:
        _check_url(body.url)
    legacy = given(body.region, None)
    region_id = endpoint.region_id if body.region is UNSET else legacy
    after = structs.replace(
        changed(endpoint, body, "interface", "service_id", "url", "enabled"),
        region_id=given(body.region_id, region_id),
        extra=extra_of(body, endpoint.extra),
    )
    with request.service.database.transaction() as tx:
        _settle(tx, after, legacy)
        store.endpoint_entities.update(tx, after)
    return {"endpoint": linked(request, "endpoints", views.endpoint(after))}


def delete_endpoint(request: Request[Identity], endpoint: Endpoint) -> None:
    """Delete an endpoint."""
    with request.service.database.transaction() as tx:
        store.endpoint_entities.delete(tx, endpoint.id)
