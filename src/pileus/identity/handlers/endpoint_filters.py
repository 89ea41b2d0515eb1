"""``/v3/OS-EP-FILTER``: which endpoints are in the catalogue of which project."""

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import EndpointGroup, Project
from pileus.identity.resources import changed, found, given
from pileus.identity.service import Identity
from pileus.identity.store import catalog, projects
from pileus.identity.store import endpoint_filters as store
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

GROUPS = "OS-EP-FILTER/endpoint_groups"
FILTERS = ("service_id", "region_id", "interface")


def find_group(request: Request[Identity], endpoint_group_id: str) -> EndpointGroup:
    with request.service.database.read() as tx:
        return found(store.groups.get(tx, endpoint_group_id), "Endpoint Group", endpoint_group_id)


def _view(one: EndpointGroup) -> View:
    return {"id": one.id, "name": one.name, "description": one.description, "filters": one.filters}


def _check_filters(filters: dict[str, object]) -> None:
    for name in filters:
        if name not in FILTERS:
            raise BadRequest(f"Expecting to find one of {', '.join(FILTERS)} in endpoint_group, not {name}.")
    if filters.get("interface", "public") not in ("admin", "internal", "public"):
        raise BadRequest("Expecting to find valid interface type in endpoint_group.")


def list_groups(request: Request[Identity]) -> View:
    """List endpoint groups."""
    with request.service.database.read() as tx:
        listed = store.groups.find(tx, filters_of(request, "name"), page_of(request))
    return collection(request, "endpoint_groups", [_view(one) for one in listed.items], GROUPS, more=listed.more)


def create_group(request: Request[Identity]) -> Response:
    """Create an endpoint group."""
    body = request.body.endpoint_group
    _check_filters(body.filters)
    group = EndpointGroup(
        id=ids.new_hex(), name=body.name, description=given(body.description, None), filters=body.filters
    )
    with request.service.database.transaction() as tx:
        store.groups.insert(tx, group)
    return Response({"endpoint_group": linked(request, GROUPS, _view(group))}, status=201)


def show_group(request: Request[Identity], group: EndpointGroup) -> View:
    """Show an endpoint group."""
    return {"endpoint_group": linked(request, GROUPS, _view(group))}


def update_group(request: Request[Identity], group: EndpointGroup) -> View:
    """Change an endpoint group."""
    body = request.body.endpoint_group
    after = changed(group, body, "name", "description", "filters")
    _check_filters(after.filters)
    with request.service.database.transaction() as tx:
        store.groups.update(tx, after)
    return show_group(request, after)


def delete_group(request: Request[Identity], group: EndpointGroup) -> None:
    """Delete an endpoint group."""
    with request.service.database.transaction() as tx:
        store.delete_group(tx, group.id)


def _project(tx: Tx, project_id: str) -> Project:
    return found(projects.get(tx, project_id), "project", project_id)


def list_group_projects(request: Request[Identity], group: EndpointGroup) -> View:
    """List the projects that see an endpoint group."""
    with request.service.database.read() as tx:
        shown = _projects(tx, store.projects_of_group(tx, group.id))
    return collection(request, "projects", shown, "projects")


def _projects(tx: Tx, listed: list[Project]) -> list[View]:
    tags = projects.tags_of(tx, listed)
    return [views.project(one, tags.get(one.id, [])) for one in listed]


def list_group_endpoints(request: Request[Identity], group: EndpointGroup) -> View:
    """List the endpoints of an endpoint group."""
    with request.service.database.read() as tx:
        shown = [views.endpoint(one) for one in store.in_group(tx, group)]
    return collection(request, "endpoints", shown, "endpoints")


def show_group_in_project(request: Request[Identity], group: EndpointGroup, project_id: str) -> View:
    """Check that a project sees an endpoint group."""
    with request.service.database.read() as tx:
        _project(tx, project_id)
        if not store.has_group(tx, project_id, group.id):
            raise NotFound("Endpoint Group Project Association not found")
    return show_group(request, group)


def add_group_to_project(request: Request[Identity], group: EndpointGroup, project_id: str) -> None:
    """Let a project see an endpoint group."""
    with request.service.database.transaction() as tx:
        _project(tx, project_id)
        store.add_group(tx, project_id, group.id)


def remove_group_from_project(request: Request[Identity], group: EndpointGroup, project_id: str) -> None:
    """Let a project no longer see an endpoint group."""
    with request.service.database.transaction() as tx:
        _project(tx, project_id)
        if not store.remove_group(tx, project_id, group.id):
            raise NotFound("Endpoint Group Project Association not found")


def list_project_groups(request: Request[Identity], project_id: str) -> View:
    """List the endpoint groups that a project sees."""
    with request.service.database.read() as tx:
        _project(tx, project_id)
        shown = [_view(one) for one in store.groups_of(tx, project_id)]
    return collection(request, "endpoint_groups", shown, GROUPS)


def list_project_endpoints(request: Request[Identity], project_id: str) -> View:
    """List the endpoints that a project sees."""
    with request.service.database.read() as tx:
        _project(tx, project_id)
        shown = [views.endpoint(one) for one in store.visible(tx, project_id)]
    return collection(request, "endpoints", shown, "endpoints")


def list_endpoint_projects(request: Request[Identity], endpoint_id: str) -> View:
    """List the projects that see an endpoint."""
    with request.service.database.read() as tx:
        found(catalog.endpoint_entities.get(tx, endpoint_id), "endpoint", endpoint_id)
        shown = _projects(tx, store.projects_of_endpoint(tx, endpoint_id))
    return collection(request, "projects", shown, "projects")


def _check_pair(tx: Tx, project_id: str, endpoint_id: str) -> None:
    found(catalog.endpoint_entities.get(tx, endpoint_id), "endpoint", endpoint_id)
    _project(tx, project_id)


def check_endpoint(request: Request[Identity], project_id: str, endpoint_id: str) -> None:
    """Check that a project sees an endpoint."""
    with request.service.database.read() as tx:
        _check_pair(tx, project_id, endpoint_id)
        if not store.has_endpoint(tx, project_id, endpoint_id):
            raise NotFound(f"Endpoint {endpoint_id} not found in project {project_id}")


def add_endpoint(request: Request[Identity], project_id: str, endpoint_id: str) -> None:
    """Let a project see an endpoint."""
    with request.service.database.transaction() as tx:
        _check_pair(tx, project_id, endpoint_id)
        store.add_endpoint(tx, project_id, endpoint_id)


def remove_endpoint(request: Request[Identity], project_id: str, endpoint_id: str) -> None:
    """Let a project no longer see an endpoint."""
    with request.service.database.transaction() as tx:
        if not store.remove_endpoint(tx, project_id, endpoint_id):
            raise NotFound(f"Endpoint {endpoint_id} not found in project {project_id}")
