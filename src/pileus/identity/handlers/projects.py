"""``/v3/projects`` and ``/v3/domains``, with the tags of projects."""

from typing import Any

from pileus.identity import hierarchy, views
from pileus.identity.handlers.collections import (
    View,
    collection,
    filters_of,
    flag,
    linked,
    page_of,
)
from pileus.identity.model import Project
from pileus.identity.resources import found, may_update
from pileus.identity.service import Identity
from pileus.identity.store import limits, projects
from pileus.identity.store.entities import Filter
from pileus.identity.targets import New
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

TAG_FILTERS = ("tags", "tags-any", "not-tags", "not-tags-any")
MAX_TAGS = 80


def find_project(request: Request[Identity], project_id: str) -> Project:
    with request.service.database.read() as tx:
        return found(projects.get(tx, project_id), "project", project_id)


def find_domain(request: Request[Identity], domain_id: str) -> Project:
    with request.service.database.read() as tx:
        return found(projects.get_domain(tx, domain_id), "domain", domain_id)


def new_project(request: Request[Identity]) -> New:
    return New("project", request.body.project)


def list_projects(request: Request[Identity]) -> View:
    """List projects."""
    filters = filters_of(request, "domain_id", "enabled", "name", "parent_id", "is_domain")
    if "is_domain" not in request.query:
        filters.append(Filter("is_domain", "0"))
    if request.context.domain_id is not None:
        filters.append(Filter("domain_id", request.context.domain_id))
    tags = {kind: text.split(",") for kind in TAG_FILTERS if (text := request.param(kind))}
    with request.service.database.read() as tx:
        listed = projects.find(tx, filters, tags, page_of(request))
        tags_of = projects.tags_of(tx, listed.items)
    shown = [views.project(one, tags_of.get(one.id, [])) for one in listed.items]
    return collection(request, "projects", shown, "projects", more=listed.more)


def create_project(request: Request[Identity], new: New) -> Response:
    """Create a project."""
    depth = request.service.settings.max_project_depth
    with request.service.database.transaction() as tx:
        project = hierarchy.create_project(tx, new.body, request.context, depth)
        view = views.project(project, projects.tags(tx, project.id))
    return Response({"project": linked(request, "projects", view)}, status=201)


def show_project(request: Request[Identity], project: Project) -> View:
    """Show a project."""
    with request.service.database.read() as tx:
        view = linked(request, "projects", views.project(project, projects.tags(tx, project.id)))
    expand(request, project, view)
    return {"project": view}


def expand(request: Request[Identity], project: Project, view: View) -> None:
    """Adds the parents and the subtree to a project that is shown, as the query asks."""
    for one, other in (("parents_as_list", "parents_as_ids"), ("subtree_as_list", "subtree_as_ids")):
        if flag(request, one) and flag(request, other):
            raise BadRequest(f"Cannot use {one} and {other} query params at the same time.")
    above: list[Project] = []
    below: list[Project] = []
    with request.service.database.read() as tx:
        if flag(request, "parents_as_list") or flag(request, "parents_as_ids"):
            above = projects.ancestors(tx, project)
        if flag(request, "subtree_as_list") or flag(request, "subtree_as_ids"):
            below = projects.subtree(tx, project.id)
    if flag(request, "parents_as_list"):
        view["parents"] = _members(request, above)
    elif flag(request, "parents_as_ids"):
        ids: dict[str, Any] | None = None
        for parent in reversed(above):
            ids = {parent.id: ids}
        view["parents"] = ids
    if flag(request, "subtree_as_list"):
        view["subtree"] = _members(request, below)
    elif flag(request, "subtree_as_ids"):
        view["subtree"] = _tree(project.id, below)


def _members(request: Request[Identity], shown: list[Project]) -> list[View]:
    """Those of the projects that the caller holds a role on."""
    identity, user_id = request.service, request.context.user_id or ""
    with identity.database.read() as tx:
        mine = {one.id for one in identity.access.projects_of(tx, user_id)}
        shown = [one for one in shown if one.id in mine]
        tags = projects.tags_of(tx, shown)
        own: dict[str, list[View]] = {one.id: [] for one in shown}
        for limit in limits.of_projects(tx, list(own)) if flag(request, "include_limits") else ():
            own[limit.project_id or ""].append(views.limit(limit))
    members = []
    for one in shown:
        view = linked(request, "projects", views.project(one, tags.get(one.id, [])))
        if flag(request, "include_limits"):
            view["limits"] = own[one.id]
        members.append({"project": view})
    return members


def _tree(root: str, below: list[Project]) -> dict[str, Any] | None:
    nodes: dict[str, dict[str, Any]] = {root: {}}
    for one in below:
        nodes[one.id] = {}
        nodes[one.parent_id or root][one.id] = nodes[one.id]

    def shown(node: dict[str, Any]) -> dict[str, Any] | None:
        return {id: shown(inner) for id, inner in node.items()} or None

    return shown(nodes[root])


def update_project(request: Request[Identity], project: Project) -> View:
    """Change a project."""
    with request.service.database.transaction() as tx:
        after = hierarchy.update(tx, project, request.body.project)
        view = views.project(after, projects.tags(tx, after.id))
    return {"project": linked(request, "projects", view)}


def delete_project(request: Request[Identity], project: Project) -> None:
    """Delete a project."""
    with request.service.database.transaction() as tx:
        hierarchy.delete_project(tx, project)


def list_domains(request: Request[Identity]) -> View:
    """List domains."""
    filters = filters_of(request, "name", "enabled")
    domain_id = request.context.domain_id
    target = {"target": {} if domain_id is None else {"domain": {"id": domain_id}}}
    request.authorize("identity:list_domains", target)
    with request.service.database.read() as tx:
        listed = projects.find_domains(tx, filters, page_of(request), domain_id)
        tags = projects.tags_of(tx, listed.items)
    shown = [views.domain(one, tags.get(one.id, [])) for one in listed.items]
    return collection(request, "domains", shown, "domains", more=listed.more)


def create_domain(request: Request[Identity]) -> Response:
    """Create a domain."""
    with request.service.database.transaction() as tx:
        domain = hierarchy.create_domain(tx, request.body.domain)
        view = views.domain(domain, projects.tags(tx, domain.id))
    return Response({"domain": linked(request, "domains", view)}, status=201)


def show_domain(request: Request[Identity], domain: Project) -> View:
    """Show a domain."""
    with request.service.database.read() as tx:
        return {"domain": linked(request, "domains", views.domain(domain, projects.tags(tx, domain.id)))}


def update_domain(request: Request[Identity], domain: Project) -> View:
    """Change a domain."""
    with request.service.database.transaction() as tx:
        after = hierarchy.update(tx, domain, request.body.domain)
        view = views.domain(after, projects.tags(tx, after.id))
    return {"domain": linked(request, "domains", view)}


def delete_domain(request: Request[Identity], domain: Project) -> None:
    """Delete a domain with everything in it."""
    with request.service.database.transaction() as tx:
        hierarchy.delete_domain(tx, domain)


def _tags_answer(request: Request[Identity], tags: list[str]) -> View:
    return {"links": {"self": request.own_url}, "tags": tags}


def list_tags(request: Request[Identity], project: Project) -> View:
    """List the tags of a project."""
    with request.service.database.read() as tx:
        return _tags_answer(request, projects.tags(tx, project.id))


def _set_tags(request: Request[Identity], project: Project, tags: list[str]) -> list[str]:
    if len(tags) > MAX_TAGS or len(set(tags)) != len(tags):
        raise BadRequest(f"A project has at most {MAX_TAGS} tags, each once.")
    if project.options.get("immutable"):
        may_update("project", project.id, project.options, request.body)
    with request.service.database.transaction() as tx:
        projects.set_tags(tx, project.id, tags)
        return projects.tags(tx, project.id)


def replace_tags(request: Request[Identity], project: Project) -> View:
    """Set all tags of a project."""
    return _tags_answer(request, _set_tags(request, project, request.body.tags))


def delete_tags(request: Request[Identity], project: Project) -> None:
    """Delete all tags of a project."""
    _set_tags(request, project, [])


def check_tag(request: Request[Identity], project: Project, value: str) -> None:
    """Check that a project has a tag."""
    with request.service.database.read() as tx:
        if value not in projects.tags(tx, project.id):
            raise NotFound(f"Could not find project tag: {value}.")


def add_tag(request: Request[Identity], project: Project, value: str) -> Response:
    """Add a tag to a project."""
    if not 0 < len(value) <= 255 or "," in value or "/" in value:
        raise BadRequest(f"Invalid input for field 'tag': '{value}'")
    with request.service.database.read() as tx:
        tags = projects.tags(tx, project.id)
    if value not in tags:
        _set_tags(request, project, [*tags, value])
    return Response(status=201, headers=[("Location", request.url(f"/v3/projects/{project.id}/tags/{value}"))])


def delete_tag(request: Request[Identity], project: Project, value: str) -> None:
    """Delete a tag of a project."""
    check_tag(request, project, value)
    with request.service.database.read() as tx:
        tags = projects.tags(tx, project.id)
    _set_tags(request, project, [tag for tag in tags if tag != value])
