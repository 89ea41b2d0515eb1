"""Which endpoints a project sees: single ones and groups of them."""

from typing import Any

import sqlalchemy as sa

from pileus.identity.model import Endpoint, EndpointGroup, Project
from pileus.identity.store.catalog import endpoint_entities
from pileus.identity.store.entities import Entities
from pileus.identity.store.generation import advance
from pileus.identity.store.projects import entities as project_entities
from pileus.identity.tables import endpoint_groups, endpoints, project_endpoint_groups, project_endpoints, projects
from pileus.kernel.database import Tx, rows_changed

groups = Entities(endpoint_groups, EndpointGroup)
COLUMNS = {"service_id", "region_id", "interface", "enabled"}


def in_group(tx: Tx, group: EndpointGroup) -> list[Endpoint]:
    """The endpoints that a group's filters match."""
    where = [endpoints.c[name] == value for name, value in group.filters.items() if name in COLUMNS]
    return endpoint_entities.all(tx, *where)


def add_endpoint(tx: Tx, project_id: str, endpoint_id: str) -> None:
    _add(tx, project_endpoints, project_id=project_id, endpoint_id=endpoint_id)


def has_endpoint(tx: Tx, project_id: str, endpoint_id: str) -> bool:
    return _has(tx, project_endpoints, project_id=project_id, endpoint_id=endpoint_id)


def remove_endpoint(tx: Tx, project_id: str, endpoint_id: str) -> bool:
    return _remove(tx, project_endpoints, project_id=project_id, endpoint_id=endpoint_id)


def add_group(tx: Tx, project_id: str, group_id: str) -> None:
    _add(tx, project_endpoint_groups, project_id=project_id, endpoint_group_id=group_id)


def has_group(tx: Tx, project_id: str, group_id: str) -> bool:
    return _has(tx, project_endpoint_groups, project_id=project_id, endpoint_group_id=group_id)


def remove_group(tx: Tx, project_id: str, group_id: str) -> bool:
    return _remove(tx, project_endpoint_groups, project_id=project_id, endpoint_group_id=group_id)


def delete_group(tx: Tx, group_id: str) -> None:
    tx.execute(project_endpoint_groups.delete().where(project_endpoint_groups.c.endpoint_group_id == group_id))
    groups.delete(tx, group_id)


def groups_of(tx: Tx, project_id: str) -> list[EndpointGroup]:
    own = sa.select(project_endpoint_groups.c.endpoint_group_id).where(
        project_endpoint_groups.c.project_id == project_id
    )
    return groups.all(tx, endpoint_groups.c.id.in_(own))


def visible(tx: Tx, project_id: str) -> list[Endpoint]:
    """The endpoints that a project was given, one by one or by groups."""
    own = sa.select(project_endpoints.c.endpoint_id).where(project_endpoints.c.project_id == project_id)
    found = {one.id: one for one in endpoint_entities.all(tx, endpoints.c.id.in_(own))}
    for group in groups_of(tx, project_id):
        found.update((one.id, one) for one in in_group(tx, group))
    return [found[id] for id in sorted(found)]


def projects_of_endpoint(tx: Tx, endpoint_id: str) -> list[Project]:
    own = sa.select(project_endpoints.c.project_id).where(project_endpoints.c.endpoint_id == endpoint_id)
    return project_entities.all(tx, projects.c.id.in_(own))


def projects_of_group(tx: Tx, group_id: str) -> list[Project]:
    own = sa.select(project_endpoint_groups.c.project_id).where(project_endpoint_groups.c.endpoint_group_id == group_id)
    return project_entities.all(tx, projects.c.id.in_(own))


def forget_endpoint(tx: Tx, endpoint_id: str) -> None:
    tx.execute(project_endpoints.delete().where(project_endpoints.c.endpoint_id == endpoint_id))


def forget_project(tx: Tx, project_id: str) -> None:
    tx.execute(project_endpoints.delete().where(project_endpoints.c.project_id == project_id))
    tx.execute(project_endpoint_groups.delete().where(project_endpoint_groups.c.project_id == project_id))


def _where(table: sa.Table, values: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in values.items()]


def _add(tx: Tx, table: sa.Table, **values: Any) -> None:
    try:
        with tx.begin_nested():
            tx.execute(table.insert().values(values))
    except sa.exc.IntegrityError:
        return
    advance(tx)


def _has(tx: Tx, table: sa.Table, **values: str) -> bool:
    return tx.execute(sa.select(table).where(*_where(table, values))).first() is not None


def _remove(tx: Tx, table: sa.Table, **values: str) -> bool:
    gone = rows_changed(tx.execute(table.delete().where(*_where(table, values)))) > 0
    if gone:
        advance(tx)
    return gone
