"""Projects and domains: where they may stand, how they change, and what goes with them when they go."""

from msgspec import UNSET, structs

from pileus.identity.model import Project, Target
from pileus.identity.removal import forget_project, remove_group, remove_role, remove_user
from pileus.identity.resource_bodies import DomainChange, NewDomain, NewProject, ProjectChange
from pileus.identity.resources import (
    changed,
    domain_for,
    extra_of,
    given,
    may_delete,
    may_update,
    options_of,
    same_domain,
    same_id,
    truth,
)
from pileus.identity.store import assignments, groups, projects, roles, tokens, users
from pileus.kernel import ids
from pileus.kernel.context import Context
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Conflict, Forbidden

FEDERATED = "federated"  # a domain's name that the reference keeps for itself


def create_project(tx: Tx, body: NewProject, context: Context, depth: int) -> Project:
    """Raises BadRequest when it cannot stand where it is asked for, Forbidden below ``depth``, Conflict."""
    is_domain = truth(body.is_domain, False)
    domain_id = None if is_domain else domain_for(context, body.domain_id)
    project = Project(
        id=ids.new_hex(),
        name=body.name.strip(),
        domain_id=domain_id,
        parent_id=given(body.parent_id, None) or domain_id,
        is_domain=is_domain,
        enabled=truth(body.enabled, True),
        description=given(body.description, ""),
        options=options_of(body.options, {}),
        extra=extra_of(body),
    )
    if is_domain:
        if project.parent_id:
            raise BadRequest("only root projects are allowed to act as domains.")
        _refuse_federated(project)
    else:
        _stands(tx, project, depth)
    projects.insert(tx, project)
    if body.tags is not UNSET:
        _set_tags(tx, project, body.tags)
    return project


def _stands(tx: Tx, project: Project, depth: int) -> None:
    """Raises BadRequest or Forbidden when a project cannot be where it says."""
    domain = projects.get_domain(tx, project.domain_id or "")
    if domain is None:
        raise BadRequest(f"Could not find domain: {project.domain_id}.")
    parent = projects.get(tx, project.parent_id or "")
    if parent is None:
        raise BadRequest(f"Could not find project: {project.parent_id}.")
    if (parent.id if parent.is_domain else parent.domain_id) != domain.id:
        raise BadRequest(
            f"Cannot create project: its parent {parent.id} is not of the domain {domain.id} that it is to be in."
        )
    above = [parent, *projects.ancestors(tx, parent)]
    for one in above:
        if not one.enabled:
            raise BadRequest(f"cannot create a project in a branch containing a disabled project: {one.id}")
    if len(above) > depth:
        raise Forbidden(f"Max hierarchy depth reached for {parent.id} branch.")


def create_domain(tx: Tx, body: NewDomain) -> Project:
    """Raises Conflict when the name or the id is taken, BadRequest for an id that is no UUID."""
    domain_id = given(body.explicit_domain_id, "") or ids.new_hex()
    if not ids.is_uuid(domain_id) or "-" in domain_id:
        raise BadRequest("Domain ID does not conform to required UUID format.")
    domain = Project(
        id=domain_id,
        name=body.name.strip(),
        domain_id=None,
        parent_id=None,
        is_domain=True,
        enabled=truth(body.enabled, True),
        description=given(body.description, ""),
        options=options_of(body.options, {}),
        extra=extra_of(body),
    )
    _refuse_federated(domain)
    if projects.get(tx, domain_id) is not None:
        raise Conflict(f"Conflict occurred attempting to store domain - Duplicate entry found with ID {domain_id}.")
    projects.insert(tx, domain)
    if body.tags is not UNSET:
        _set_tags(tx, domain, body.tags)
    return domain


def _refuse_federated(domain: Project) -> None:
    if domain.name.lower() == FEDERATED:
        raise BadRequest(f"Domain cannot be named {domain.name}")


def update(tx: Tx, before: Project, body: ProjectChange | DomainChange) -> Project:
    """A project or domain after a change. Raises BadRequest, Forbidden or Conflict."""
    same_id(body, before.id)
    may_update("domain" if before.is_domain else "project", before.id, before.options, body)
    if isinstance(body, ProjectChange):
        same_domain(body, before.domain_id)
        if body.parent_id is not UNSET and body.parent_id != before.parent_id:
            raise Forbidden("Update of `parent_id` is not allowed.")
        if body.is_domain is not UNSET and truth(body.is_domain, False) != before.is_domain:
            raise BadRequest("Update of `is_domain` is not allowed.")
    enabled = truth(body.enabled, before.enabled)
    _may_turn(tx, before, enabled)
    after = structs.replace(
        changed(before, body, "description"),
        name=given(body.name, before.name).strip(),
        enabled=enabled,
        options=options_of(body.options, before.options),
        extra=extra_of(body, before.extra),
    )
    if before.is_domain:
        _refuse_federated(after)
    projects.update(tx, after)
    if body.tags is not UNSET:
        _set_tags(tx, after, body.tags)
    if before.enabled and not after.enabled:
        if before.is_domain:
            tokens.revoke(tx, domain_id=before.id)
        else:
            tokens.revoke(tx, project_id=before.id)
    return after


def _may_turn(tx: Tx, before: Project, enabled: bool) -> None:
    """Raises Forbidden: what is on needs all above it on, what is off needs all below it off (but for a domain)."""
    if enabled and not before.enabled and not all(above.enabled for above in projects.ancestors(tx, before)):
        raise Forbidden(f"Cannot enable project {before.id} since it has disabled parents")
    if (
        before.enabled
        and not enabled
        and not before.is_domain
        and any(below.enabled for below in projects.subtree(tx, before.id))
    ):
        raise Forbidden(f"Cannot disable project {before.id} since its subtree contains enabled projects.")


def _set_tags(tx: Tx, project: Project, tags: list[str]) -> None:
    if len(set(tags)) != len(tags):
        raise BadRequest(f"{tags} has non-unique elements")
    projects.set_tags(tx, project.id, tags)


def delete_project(tx: Tx, project: Project) -> None:
    """Raises Forbidden for one that is immutable or has children, BadRequest for an enabled domain."""
    if project.is_domain:
        delete_domain(tx, project)
        return
    may_delete("project", project.id, project.options)
    if projects.children(tx, project.id):
        raise Forbidden(
            f"Cannot delete the project {project.id} since it is not a leaf in the hierarchy. Use the cascade option "
            "if you want to delete a whole subtree."
        )
    forget_project(tx, project.id)
    projects.delete(tx, project.id)


def delete_domain(tx: Tx, domain: Project) -> None:
    """The domain with everything in it. Raises Forbidden while it is enabled or immutable."""
    may_delete("domain", domain.id, domain.options)
    if domain.enabled:
        raise Forbidden("Cannot delete a domain that is enabled, please disable it first.")
    for user in users.of_domain(tx, domain.id):
        remove_user(tx, user.id)
    for group in groups.of_domain(tx, domain.id):
        remove_group(tx, group.id)
    for role in roles.of_domain(tx, domain.id):
        remove_role(tx, role.id)
    for project in projects.of_domain(tx, domain.id):
        forget_project(tx, project.id)
        projects.delete(tx, project.id)
    forget_project(tx, domain.id)
    assignments.forget_target(tx, Target("domain", domain.id))
    projects.delete(tx, domain.id)
