"""``GET /v3/role_assignments``: who holds which role on what."""

from typing import Any

from msgspec import Struct

from pileus.identity.access import Effective, Wanted
from pileus.identity.handlers.collections import View, collection, flag, refuse_both
from pileus.identity.model import ON_SYSTEM, Group, Project, Role, Target, User
from pileus.identity.resources import found
from pileus.identity.service import Identity
from pileus.identity.store import groups, projects, roles, users
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request

INHERITED = "scope.OS-INHERIT:inherited_to"


class Names(Struct, frozen=True):
    """Everything that the assignments of a list speak of, by id."""

    users: dict[str, User]
    groups: dict[str, Group]
    projects: dict[str, Project]
    roles: dict[str, Role]


def list_role_assignments(request: Request[Identity]) -> View:
    """List role assignments."""
    wanted = _wanted(request)
    with request.service.database.read() as tx:
        _authorize(request, tx, wanted)
        access = request.service.access
        held = access.effective(tx, wanted) if flag(request, "effective") else access.direct(tx, wanted)
        held = _of_scope(request, tx, held)
        names = _names(tx, held) if flag(request, "include_names") else None
    return collection(request, "role_assignments", [_shown(request, one, names) for one in held])


def _authorize(request: Request[Identity], tx: Tx, wanted: Wanted) -> None:
    domain_id = request.context.domain_id
    if flag(request, "include_subtree"):
        target: dict[str, Any] = {}
        if wanted.target is not None and wanted.target.kind == "project":
            project = found(projects.get(tx, wanted.target.id), "project", wanted.target.id)
            target = {"project": project, "domain_id": project.domain_id or project.id}
        request.authorize("identity:list_role_assignments_for_tree", {"target": target})
        if wanted.target is None or wanted.target.kind != "project":
            raise BadRequest("scope.project.id must be specified if include_subtree is also specified")
    else:
        target = {} if domain_id is None else {"domain_id": domain_id}
        request.authorize("identity:list_role_assignments", {"target": target})


def _of_scope(request: Request[Identity], tx: Tx, held: list[Effective]) -> list[Effective]:
    """Those of the domain that the caller is scoped to, if it is scoped to one."""
    domain_id = request.context.domain_id
    if domain_id is None:
        return held
    ids = sorted({one.held.target_id for one in held if one.held.target_kind == "project"})
    known = projects.entities.many(tx, ids)
    own = {domain_id} | {id for id, project in known.items() if project.domain_id == domain_id}
    return [one for one in held if one.held.target_id in own]


def _wanted(request: Request[Identity]) -> Wanted:
    """Raises BadRequest for filters that exclude each other."""
    refuse_both(request, "scope.domain.id", "scope.project.id", "Specify a domain or project, not both")
    refuse_both(request, "scope.domain.id", "scope.system", "Specify system or domain, not both")
    refuse_both(request, "scope.project.id", "scope.system", "Specify system or project, not both")
    refuse_both(request, "user.id", "group.id", "Specify a user or group, not both")
    target = None
    if request.param("scope.project.id"):
        target = Target("project", request.param("scope.project.id") or "")
    elif request.param("scope.domain.id"):
        target = Target("domain", request.param("scope.domain.id") or "")
    elif request.param("scope.system"):
        target = ON_SYSTEM
    inherited = request.param(INHERITED) == "projects" if INHERITED in request.query else None
    if flag(request, "effective"):
        if request.param("group.id"):
            raise BadRequest("Combining effective and group filter will always result in an empty list.")
        if inherited and request.param("scope.domain.id"):
            raise BadRequest("Combining effective, domain and inherited filters will always result in an empty list.")
    return Wanted(
        user_id=request.param("user.id") or None,
        group_id=request.param("group.id") or None,
        role_id=request.param("role.id") or None,
        target=target,
        subtree=flag(request, "include_subtree"),
        inherited=inherited,
    )


def _names(tx: Tx, held: list[Effective]) -> Names:
    actors = {kind: {one.held.actor_id for one in held if one.held.actor_kind == kind} for kind in ("user", "group")}
    known_users = users.entities.many(tx, sorted(actors["user"]))
    known_groups = groups.entities.many(tx, sorted(actors["group"]))
    known_roles = roles.entities.many(tx, sorted({one.held.role_id for one in held}))
    targets = {one.held.target_id for one in held if one.held.target_kind != "system"}
    known = projects.entities.many(tx, sorted(targets))
    domains = {project.domain_id for project in known.values()}
    domains |= {one.domain_id for one in known_users.values()} | {one.domain_id for one in known_groups.values()}
    domains |= {one.domain_id for one in known_roles.values()}
    missing = sorted(id for id in domains if id is not None and id not in known)
    known.update(projects.entities.many(tx, missing))
    return Names(known_users, known_groups, known, known_roles)


def _shown(request: Request[Identity], one: Effective, names: Names | None) -> View:
    held = one.held
    inherited = held.inherited or one.above is not None
    role_id = one.prior_role_id or held.role_id
    view: View = {"links": {}, "role": _role(held.role_id, names), "scope": _scope(one, names)}
    if inherited:
        view["scope"]["OS-INHERIT:inherited_to"] = "projects"
    if held.actor_kind == "user":
        view["user"] = _named(held.actor_id, names.users if names else None, names)
    else:
        view["group"] = _named(held.actor_id, names.groups if names else None, names)
    target = one.above or Target(held.target_kind, held.target_id)
    path = "/system" if target.kind == "system" else f"/{target.kind}s/{target.id}"
    if one.group_id is not None:
        view["links"]["membership"] = request.url(f"/v3/groups/{one.group_id}/users/{held.actor_id}")
        path += f"/groups/{one.group_id}"
    else:
        path += f"/{held.actor_kind}s/{held.actor_id}"
    path += f"/roles/{role_id}"
    if inherited:
        path = f"/OS-INHERIT{path}/inherited_to_projects"
    view["links"]["assignment"] = request.url("/v3" + path)
    if one.prior_role_id is not None:
        prior = f"/v3/prior_role/{one.prior_role_id}/implies/{held.role_id}"
        view["links"]["prior_role"] = request.url(prior)
    return view


def _scope(one: Effective, names: Names | None) -> View:
    held = one.held
    if held.target_kind == "system":
        return {"system": {"all": True}}
    shown: View = {"id": held.target_id}
    project = names.projects.get(held.target_id) if names is not None else None
    if project is not None:
        shown["name"] = project.name
        if held.target_kind == "project":
            shown["domain"] = _domain(project.domain_id, names)
    return {held.target_kind: shown}


def _named(id: str, known: dict[str, User] | dict[str, Group] | None, names: Names | None) -> View:
    thing = known.get(id) if known is not None else None
    if thing is None:
        return {"id": id} if names is None else {"id": id, "name": "", "domain": {"id": "", "name": ""}}
    return {"id": id, "name": thing.name, "domain": _domain(thing.domain_id, names)}


def _role(id: str, names: Names | None) -> View:
    role = names.roles.get(id) if names is not None else None
    if role is None:
        return {"id": id}
    shown: View = {"id": id, "name": role.name}
    if role.domain_id is not None:
        shown["domain"] = _domain(role.domain_id, names)
    return shown


def _domain(id: str | None, names: Names | None) -> View:
    domain = names.projects.get(id) if names is not None and id is not None else None
    return {"id": id, "name": domain.name if domain is not None else ""}
