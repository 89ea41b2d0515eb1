"""Roles, and which roles imply which."""

from collections.abc import Sequence

import sqlalchemy as sa

from pileus.identity.model import GLOBAL, Role
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.store.generation import advance
from pileus.identity.tables import implied_roles, roles
from pileus.kernel.database import Tx, rows_changed
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page


def _taken(role: Role) -> Conflict:
    return Conflict(f"Conflict occurred attempting to store role - Duplicate entry found with name {role.name}.")


entities = Entities(roles, Role, _taken, no_domain=GLOBAL)
get, insert, update = entities.get, entities.insert, entities.update


def find(tx: Tx, filters: Sequence[Filter], page: Page, domain_id: str | None) -> Listed[Role]:
    """The roles of a domain, or those for every domain."""
    return entities.find(tx, filters, page, [roles.c.domain_id == (domain_id or GLOBAL)])


def of_domain(tx: Tx, domain_id: str) -> list[Role]:
    return entities.all(tx, roles.c.domain_id == domain_id)


def delete(tx: Tx, role_id: str) -> None:
    entities.delete(tx, role_id)
    where = sa.or_(implied_roles.c.prior_role_id == role_id, implied_roles.c.implied_role_id == role_id)
    tx.execute(implied_roles.delete().where(where))


def imply(tx: Tx, prior_role_id: str, implied_role_id: str) -> None:
    """Raises Conflict when it is implied already."""
    try:
        with tx.begin_nested():
            tx.execute(implied_roles.insert().values(prior_role_id=prior_role_id, implied_role_id=implied_role_id))
    except sa.exc.IntegrityError:
        raise Conflict("Conflict occurred attempting to store implied_role - Duplicate entry.") from None
    advance(tx)


def no_longer_imply(tx: Tx, prior_role_id: str, implied_role_id: str) -> bool:
    """Whether it was implied."""
    where = (implied_roles.c.prior_role_id == prior_role_id, implied_roles.c.implied_role_id == implied_role_id)
    gone = rows_changed(tx.execute(implied_roles.delete().where(*where))) > 0
    if gone:
        advance(tx)
    return gone


def first_named(tx: Tx, name: str) -> Role | None:
    """A role for every domain, by name."""
    return entities.first(tx, roles.c.name == name, roles.c.domain_id == GLOBAL)
