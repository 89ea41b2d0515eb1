"""Who holds which role on what."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from pileus.identity.model import GLOBAL, Assignment, Role, RoleName, Target
from pileus.identity.store import roles as roles_store
from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, build_all
from pileus.identity.tables import assignments, implied_roles, roles
from pileus.kernel.database import Tx, rows_changed

_ROLE_BY_NAME = sa.select(roles).where(
    roles.c.domain_id == sa.bindparam("domain_id"), roles.c.name == sa.bindparam("name")
)
_DIRECT = sa.select(assignments.c.role_id).where(
    assignments.c.actor_id.in_(sa.bindparam("actors", expanding=True)),
    assignments.c.target_kind == sa.bindparam("kind"),
    assignments.c.target_id == sa.bindparam("target"),
    assignments.c.inherited == sa.false(),
)
_INHERITED = sa.select(assignments.c.role_id).where(
    assignments.c.actor_id.in_(sa.bindparam("actors", expanding=True)),
    assignments.c.target_id.in_(sa.bindparam("targets", expanding=True)),
    assignments.c.inherited == sa.true(),
)
_IMPLIED = sa.select(implied_roles.c.prior_role_id, implied_roles.c.implied_role_id)
_GLOBAL_NAMES = sa.select(roles.c.id, roles.c.name).where(
    roles.c.id.in_(sa.bindparam("ids", expanding=True)), roles.c.domain_id == GLOBAL
)


get_role = roles_store.get


def get_role_by_name(tx: Tx, name: str, domain_id: str | None = None) -> Role | None:
    return build(Role, tx.execute(_ROLE_BY_NAME, {"domain_id": domain_id or GLOBAL, "name": name}).first())


insert_role = roles_store.insert
imply = roles_store.imply


def list_roles(tx: Tx) -> list[Role]:
    return build_all(Role, tx.execute(sa.select(roles)))


def grant(tx: Tx, actor_kind: str, actor_id: str, target: Target, role_id: str, *, inherited: bool = False) -> None:
    """Does nothing when the role is held already."""
    values = {
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "target_kind": target.kind,
        "target_id": target.id,
        "role_id": role_id,
        "inherited": inherited,
    }
    try:
        with tx.begin_nested():
            tx.execute(assignments.insert().values(values))
    except sa.exc.IntegrityError:
        return
    advance(tx)


def effective(tx: Tx, actors: Sequence[str], target: Target, ancestors: Iterable[str] = ()) -> list[RoleName]:
    """The roles that any of these actors (a user and its groups) holds on a target, implied ones included.

    ``ancestors``: what the target may inherit from (parent projects and the domain). Domain roles count for what they
    imply, but are no roles of a token themselves.
    """
    return named(tx, effective_ids(tx, actors, target, ancestors))


def effective_ids(tx: Tx, actors: Sequence[str], target: Target, ancestors: Iterable[str] = ()) -> set[str]:
    """The ids of the same roles, those of domains among them."""
    found = set(tx.scalars(_DIRECT, {"actors": list(actors), "kind": target.kind, "target": target.id}))
    above = list(ancestors)
    if above:
        found.update(tx.scalars(_INHERITED, {"actors": list(actors), "targets": above}))
    return closure(found, implications(tx)) if found else set()


def named(tx: Tx, role_ids: Iterable[str]) -> list[RoleName]:
    """Roles as tokens carry them, without those of domains."""
    wanted = sorted(role_ids)
    return [RoleName(row.id, row.name) for row in tx.execute(_GLOBAL_NAMES, {"ids": wanted})] if wanted else []


def implications(tx: Tx) -> dict[str, set[str]]:
    """Every role that implies others -> those."""
    found: dict[str, set[str]] = {}
    for prior, implied in tx.execute(_IMPLIED):
        found.setdefault(prior, set()).add(implied)
    return found


def closure(role_ids: Iterable[str], implied: dict[str, set[str]]) -> set[str]:
    """The roles and all they imply, over any number of steps."""
    reached: set[str] = set()
    todo = list(role_ids)
    while todo:
        role_id = todo.pop()
        if role_id not in reached:
            reached.add(role_id)
            todo.extend(implied.get(role_id, ()))
    return reached


def held(
    tx: Tx, actor_kind: str, actor_id: str, target: Target, *, inherited: bool, role_id: str | None = None
) -> list[str]:
    """The ids of the roles that exactly this actor was given on exactly this target."""
    query = sa.select(assignments.c.role_id).where(*_these(actor_kind, actor_id, target, inherited, role_id))
    return list(tx.scalars(query))


def revoke(tx: Tx, actor_kind: str, actor_id: str, target: Target, role_id: str, *, inherited: bool = False) -> bool:
    """Whether the role was held."""
    where = _these(actor_kind, actor_id, target, inherited, role_id)
    gone = rows_changed(tx.execute(assignments.delete().where(*where))) > 0
    if gone:
        advance(tx)
    return gone


def _these(
    actor_kind: str, actor_id: str, target: Target, inherited: bool, role_id: str | None
) -> list[sa.ColumnElement[bool]]:
    where = [
        assignments.c.actor_kind == actor_kind,
        assignments.c.actor_id == actor_id,
        assignments.c.target_kind == target.kind,
        assignments.c.target_id == target.id,
        assignments.c.inherited == sa.literal(inherited, sa.Boolean),
    ]
    return where if role_id is None else [*where, assignments.c.role_id == role_id]


def find(
    tx: Tx,
    *,
    actors: Sequence[str] | None = None,
    targets: Sequence[Target] | None = None,
    role_id: str | None = None,
    inherited: bool | None = None,
) -> list[Assignment]:
    """Assignments as they were made, in a stable order; ``targets`` without ``actors`` is served by an index."""
    where: list[sa.ColumnElement[bool]] = []
    if actors is not None:
        where.append(assignments.c.actor_id.in_(actors))
    if targets is not None:
        where.append(
            sa.tuple_(assignments.c.target_kind, assignments.c.target_id).in_([(t.kind, t.id) for t in targets])
        )
    if role_id is not None:
        where.append(assignments.c.role_id == role_id)
    if inherited is not None:
        where.append(assignments.c.inherited == sa.literal(inherited, sa.Boolean))
    query = sa.select(assignments).where(*where).order_by(*assignments.primary_key.columns)
    return [Assignment(*row) for row in tx.execute(query)]


def forget_actor(tx: Tx, kind: str, actor_id: str) -> None:
    tx.execute(assignments.delete().where(assignments.c.actor_kind == kind, assignments.c.actor_id == actor_id))
    advance(tx)


def forget_target(tx: Tx, target: Target) -> None:
    where = (assignments.c.target_kind == target.kind, assignments.c.target_id == target.id)
    tx.execute(assignments.delete().where(*where))
    advance(tx)


def forget_role(tx: Tx, role_id: str) -> None:
    tx.execute(assignments.delete().where(assignments.c.role_id == role_id))
    advance(tx)
