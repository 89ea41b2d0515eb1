"""Roles given to users and groups on projects, domains and the system; inherited ones under ``OS-INHERIT``."""

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection
from pileus.identity.handlers.roles import get_role
from pileus.identity.model import ON_SYSTEM, Group, Project, Target, User
from pileus.identity.resources import found
from pileus.identity.service import Identity
from pileus.identity.store import application_credentials, assignments, groups, projects, roles, users
from pileus.identity.targets import Grant
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden, NotFound
from pileus.kernel.http.request import Request


def _actor(tx: Tx, kind: str, actor_id: str) -> User | Group | None:
    return users.get(tx, actor_id) if kind == "user" else groups.get(tx, actor_id)


def _target(tx: Tx, kind: str, target_id: str) -> Project:
    if kind == "domain":
        return found(projects.get_domain(tx, target_id), "domain", target_id)
    return found(projects.get(tx, target_id), "project", target_id)


def _grant(
    request: Request[Identity], target: Target, actor_kind: str, actor_id: str, role_id: str | None = None
) -> Grant:
    inherited = request.http.path.endswith("/inherited_to_projects")
    removing = request.http.method == "DELETE"
    with request.service.database.read() as tx:
        role = get_role(tx, role_id) if role_id is not None else None
        actor = _actor(tx, actor_kind, actor_id)
        if not removing:
            found(actor, actor_kind, actor_id)
        project = None if target.kind == "system" else _target(tx, target.kind, target.id)
    return Grant(actor_kind, actor_id, actor, target, project, role, inherited)


def user_on_project(request: Request[Identity], project_id: str, user_id: str, role_id: str) -> Grant:
    return _grant(request, Target("project", project_id), "user", user_id, role_id)


def group_on_project(request: Request[Identity], project_id: str, group_id: str, role_id: str) -> Grant:
    return _grant(request, Target("project", project_id), "group", group_id, role_id)


def user_on_domain(request: Request[Identity], domain_id: str, user_id: str, role_id: str) -> Grant:
    return _grant(request, Target("domain", domain_id), "user", user_id, role_id)


def group_on_domain(request: Request[Identity], domain_id: str, group_id: str, role_id: str) -> Grant:
    return _grant(request, Target("domain", domain_id), "group", group_id, role_id)


def user_on_system(request: Request[Identity], user_id: str, role_id: str) -> Grant:
    return _grant(request, ON_SYSTEM, "user", user_id, role_id)


def group_on_system(request: Request[Identity], group_id: str, role_id: str) -> Grant:
    return _grant(request, ON_SYSTEM, "group", group_id, role_id)


def roles_of_user_on_project(request: Request[Identity], project_id: str, user_id: str) -> Grant:
    return _grant(request, Target("project", project_id), "user", user_id)


def roles_of_group_on_project(request: Request[Identity], project_id: str, group_id: str) -> Grant:
    return _grant(request, Target("project", project_id), "group", group_id)


def roles_of_user_on_domain(request: Request[Identity], domain_id: str, user_id: str) -> Grant:
    return _grant(request, Target("domain", domain_id), "user", user_id)


def roles_of_group_on_domain(request: Request[Identity], domain_id: str, group_id: str) -> Grant:
    return _grant(request, Target("domain", domain_id), "group", group_id)


def roles_of_user_on_system(request: Request[Identity], user_id: str) -> Grant:
    return _grant(request, ON_SYSTEM, "user", user_id)


def roles_of_group_on_system(request: Request[Identity], group_id: str) -> Grant:
    return _grant(request, ON_SYSTEM, "group", group_id)


def list_grants(request: Request[Identity], grant: Grant) -> View:
    """List the roles that were given."""
    with request.service.database.read() as tx:
        held = assignments.held(tx, grant.actor_kind, grant.actor_id, grant.target, inherited=grant.inherited)
        known = roles.entities.many(tx, held)
    shown = [views.role(known[id]) for id in sorted(held) if id in known]
    return collection(request, "roles", shown, "roles")


def _role_id(grant: Grant) -> str:
    return grant.role.id if grant.role is not None else ""


def create_grant(request: Request[Identity], grant: Grant) -> None:
    """Give a role."""
    role, project = grant.role, grant.project
    if role is not None and role.domain_id is not None:
        if project is None:
            raise BadRequest(
                f"Role {role.id} is a domain-specific role. Unable to use a domain-specific role in a system "
                "assignment."
            )
        if grant.target.kind == "project" and role.domain_id != project.domain_id:
            raise Forbidden(f"Project {project.id} must be in the same domain as the role {role.id} being assigned.")
    with request.service.database.transaction() as tx:
        assignments.grant(
            tx, grant.actor_kind, grant.actor_id, grant.target, _role_id(grant), inherited=grant.inherited
        )


def _missing(grant: Grant) -> NotFound:
    return NotFound(
        f"Could not find role assignment with role: {_role_id(grant)}, user or group: {grant.actor_id}, project, "
        f"domain, or system: {grant.target.id}."
    )


def check_grant(request: Request[Identity], grant: Grant) -> None:
    """Check that a role was given."""
    with request.service.database.read() as tx:
        if not assignments.held(
            tx, grant.actor_kind, grant.actor_id, grant.target, inherited=grant.inherited, role_id=_role_id(grant)
        ):
            raise _missing(grant)


def revoke_grant(request: Request[Identity], grant: Grant) -> None:
    """Take a role away."""
    with request.service.database.transaction() as tx:
        if not assignments.revoke(
            tx, grant.actor_kind, grant.actor_id, grant.target, _role_id(grant), inherited=grant.inherited
        ):
            raise _missing(grant)
        if grant.actor_kind == "user" and grant.target.kind == "project":
            application_credentials.forget_project(tx, grant.target.id, grant.actor_id)
