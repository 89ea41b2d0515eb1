"""Unified limits: registered defaults, and what projects and domains may have instead."""

from collections.abc import Sequence

import sqlalchemy as sa

from pileus.identity.model import Limit, RegisteredLimit
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.tables import limits, registered_limits
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page


def _registered_taken(_: RegisteredLimit) -> Conflict:
    return Conflict("Conflict occurred attempting to store registered_limit - Duplicate entry.")


registered = Entities(registered_limits, RegisteredLimit, _registered_taken, counts=False)
own = Entities(limits, Limit, counts=False)


def registered_for(tx: Tx, service_id: str, region_id: str, resource_name: str) -> RegisteredLimit | None:
    return registered.first(
        tx,
        registered_limits.c.service_id == service_id,
        registered_limits.c.region_id == region_id,
        registered_limits.c.resource_name == resource_name,
    )


def in_use(tx: Tx, registered_limit_id: str) -> bool:
    return own.first(tx, limits.c.registered_limit_id == registered_limit_id) is not None


def insert(tx: Tx, limit: Limit) -> None:
    """Raises Conflict when the project or domain has one for this already."""
    holder = limits.c.project_id if limit.project_id is not None else limits.c.domain_id
    same = own.first(
        tx,
        holder == (limit.project_id or limit.domain_id),
        limits.c.registered_limit_id == limit.registered_limit_id,
    )
    if same is not None:
        raise Conflict("Conflict occurred attempting to store limit - Duplicate entry.")
    own.insert(tx, limit)


def find(
    tx: Tx,
    filters: Sequence[Filter],
    page: Page,
    *,
    project_id: str | None = None,
    holders: Sequence[str] | None = None,
) -> Listed[Limit]:
    """``holders``: only limits of these projects and domains."""
    where: list[sa.ColumnElement[bool]] = []
    if project_id is not None:
        where.append(limits.c.project_id == project_id)
    if holders is not None:
        where.append(sa.or_(limits.c.project_id.in_(holders), limits.c.domain_id.in_(holders)))
    return own.find(tx, filters, page, where)


def of_projects(tx: Tx, project_ids: Sequence[str]) -> list[Limit]:
    return own.all(tx, limits.c.project_id.in_(project_ids))


def forget_project(tx: Tx, project_id: str) -> None:
    own.delete_where(tx, sa.or_(limits.c.project_id == project_id, limits.c.domain_id == project_id))
