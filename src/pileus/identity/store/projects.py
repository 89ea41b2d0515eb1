"""Projects and domains."""

from typing import Any

import sqlalchemy as sa

from pileus.identity.model import ROOT, Project
from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, build_all, encode
from pileus.identity.tables import projects
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

_BY_ID = sa.select(projects).where(projects.c.id == sa.bindparam("id"))
_BY_NAME = sa.select(projects).where(
    projects.c.domain_id == sa.bindparam("domain_id"), projects.c.name == sa.bindparam("name")
)


def get(tx: Tx, project_id: str) -> Project | None:
    return build(Project, tx.execute(_BY_ID, {"id": project_id}).first())


def get_domain(tx: Tx, domain_id: str) -> Project | None:
    found = get(tx, domain_id)
    return found if found is not None and found.is_domain else None


def get_by_name(tx: Tx, name: str, domain_id: str) -> Project | None:
    return build(Project, tx.execute(_BY_NAME, {"domain_id": domain_id, "name": name}).first())


def get_domain_by_name(tx: Tx, name: str) -> Project | None:
    return get_by_name(tx, name, ROOT)


def insert(tx: Tx, project: Project) -> None:
    """Raises Conflict when the name is taken."""
    values = _values(project)
    try:
        with tx.begin_nested():
            tx.execute(projects.insert().values(values))
    except sa.exc.IntegrityError:
        raise _taken(project) from None
    advance(tx)


def update(tx: Tx, project: Project) -> None:
    """Raises Conflict when the name is taken."""
    try:
        with tx.begin_nested():
            tx.execute(projects.update().where(projects.c.id == project.id).values(_values(project)))
    except sa.exc.IntegrityError:
        raise _taken(project) from None
    advance(tx)


def delete(tx: Tx, project_id: str) -> None:
    tx.execute(projects.delete().where(projects.c.id == project_id))
    advance(tx)


def children(tx: Tx, project_id: str) -> list[Project]:
    return build_all(Project, tx.execute(sa.select(projects).where(projects.c.parent_id == project_id)))


def ancestors(tx: Tx, project: Project) -> list[Project]:
    """The parents of a project, nearest first, up to and with its domain."""
    found: list[Project] = []
    parent_id = project.parent_id
    while parent_id is not None:
        parent = get(tx, parent_id)
        if parent is None:
            break
        found.append(parent)
        parent_id = parent.parent_id
    return found


def _values(project: Project) -> dict[str, Any]:
    values = encode({name: getattr(project, name) for name in project.__struct_fields__})
    values["domain_id"] = project.domain_id or ROOT
    return values


def _taken(project: Project) -> Conflict:
    if project.is_domain:
        return Conflict(
            f"Conflict occurred attempting to store domain - Duplicate entry found with name {project.name}."
        )
    return Conflict(
        "Conflict occurred attempting to store project - Duplicate entry found with name "
        f"{project.name} at domain ID {project.domain_id}."
    )
