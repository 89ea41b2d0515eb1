"""Projects and domains, and their tags."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from pileus.identity.model import ROOT, Project
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.store.rows import build, build_all
from pileus.identity.tables import project_tags, projects
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page

_BY_NAME = sa.select(projects).where(
    projects.c.domain_id == sa.bindparam("domain_id"), projects.c.name == sa.bindparam("name")
)
_CHILDREN = sa.select(projects).where(projects.c.parent_id.in_(sa.bindparam("parents", expanding=True)))
_ALL_TAGS = sa.select(project_tags.c.project_id, project_tags.c.name).order_by(project_tags.c.name)
_TAGS_OF = _ALL_TAGS.where(project_tags.c.project_id.in_(sa.bindparam("ids", expanding=True)))
_TAGS = sa.select(project_tags.c.name).where(project_tags.c.project_id == sa.bindparam("id"))


def _taken(project: Project) -> Conflict:
    if project.is_domain:
        return Conflict(
            "Conflict occurred attempting to store domain - Duplicate entry found with name "
            f"{project.name}: it is not permitted to have two domains with the same name."
        )
    return Conflict(
        "Conflict occurred attempting to store project - it is not permitted to have two projects with either the "
        f"same name or same id in the same domain: name is {project.name}, project id {project.id}."
    )


entities = Entities(projects, Project, _taken, no_domain=ROOT)
get, insert, update = entities.get, entities.insert, entities.update


def get_domain(tx: Tx, domain_id: str) -> Project | None:
    found = get(tx, domain_id)
    return found if found is not None and found.is_domain else None


def get_by_name(tx: Tx, name: str, domain_id: str) -> Project | None:
    return build(Project, tx.execute(_BY_NAME, {"domain_id": domain_id, "name": name}).first())


def get_domain_by_name(tx: Tx, name: str) -> Project | None:
    return get_by_name(tx, name, ROOT)


def delete(tx: Tx, project_id: str) -> None:
    entities.delete(tx, project_id)
    tx.execute(project_tags.delete().where(project_tags.c.project_id == project_id))


def children(tx: Tx, project_id: str) -> list[Project]:
    return build_all(Project, tx.execute(_CHILDREN, {"parents": [project_id]}))


def subtree(tx: Tx, project_id: str) -> list[Project]:
    """All below a project, parents before children; one query a level."""
    found: list[Project] = []
    parents = [project_id]
    while parents:
        level = build_all(Project, tx.execute(_CHILDREN, {"parents": parents}))
        found.extend(level)
        parents = [project.id for project in level]
    return found


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


def of_domain(tx: Tx, domain_id: str) -> list[Project]:
    return entities.all(tx, projects.c.domain_id == domain_id)


def of_domains(tx: Tx, domain_ids: Iterable[str]) -> list[Project]:
    return entities.all(tx, projects.c.domain_id.in_(list(domain_ids)))


def find(tx: Tx, filters: Sequence[Filter], tag_filters: Mapping[str, Sequence[str]], page: Page) -> Listed[Project]:
    """Projects (or domains) by their columns and tags."""
    return entities.find(tx, filters, page, [tagged(kind, names) for kind, names in tag_filters.items()])


def find_domains(tx: Tx, filters: Sequence[Filter], page: Page, domain_id: str | None) -> Listed[Project]:
    where = [projects.c.is_domain == sa.true()]
    if domain_id is not None:
        where.append(projects.c.id == domain_id)
    return entities.find(tx, filters, page, where)


def tagged(kind: str, names: Sequence[str]) -> sa.ColumnElement[bool]:
    """``tags``: has all of them; ``tags-any``: any; ``not-tags``: not all; ``not-tags-any``: none."""
    having = sa.select(project_tags.c.project_id).where(project_tags.c.name.in_(names))
    if kind in ("tags", "not-tags"):
        having = having.group_by(project_tags.c.project_id).having(sa.func.count() == len(set(names)))
    among = projects.c.id.in_(having)
    return sa.not_(among) if kind.startswith("not-") else among


def tags(tx: Tx, project_id: str) -> list[str]:
    return sorted(tx.scalars(_TAGS, {"id": project_id}))


def tags_of(tx: Tx, shown: Sequence[Project]) -> dict[str, list[str]]:
    """Project id -> its tags, for those that have any."""
    few = len(shown) <= 500
    rows = tx.execute(_TAGS_OF, {"ids": [one.id for one in shown]}) if few else tx.execute(_ALL_TAGS)
    found: dict[str, list[str]] = {}
    for project_id, name in rows:
        found.setdefault(project_id, []).append(name)
    return found


def set_tags(tx: Tx, project_id: str, names: Iterable[str]) -> None:
    tx.execute(project_tags.delete().where(project_tags.c.project_id == project_id))
    rows = [{"project_id": project_id, "name": name} for name in dict.fromkeys(names)]
    if rows:
        tx.execute(project_tags.insert(), rows)
