"""Who may use what of others: the RBAC policies of objects."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.network.tables import rbac_policies as rbac

SHARED, EXTERNAL = "access_as_shared", "access_as_external"
EVERYBODY = "*"

_TARGETS: sa.BindParameter[Any] = sa.bindparam("targets", expanding=True)
_SHARED_OF = sa.select(rbac.c.object_id).where(
    rbac.c.object_id.in_(sa.bindparam("ids", expanding=True)),
    rbac.c.action == SHARED,
    rbac.c.target_project.in_(_TARGETS),
)
_WILDCARD = sa.select(rbac.c.id).where(
    rbac.c.object_id == sa.bindparam("object_id"),
    rbac.c.action == sa.bindparam("action"),
    rbac.c.target_project == EVERYBODY,
)
_TO = sa.select(rbac.c.target_project).where(
    rbac.c.object_id == sa.bindparam("object_id"), rbac.c.action == sa.bindparam("action")
)


def shared(tx: Tx, ids: Iterable[str], project_id: str) -> set[str]:
    """Those of these objects that are shared with a project, or with everybody."""
    wanted = list(ids)
    if not wanted:
        return set()
    found = tx.execute(_SHARED_OF, {"ids": wanted, "targets": [EVERYBODY, project_id]})
    return {row.object_id for row in found}


def visible(object_type: str, object_id: sa.ColumnElement[Any], *, actions: Iterable[str] = (SHARED,)) -> Any:
    """A condition: the object is shared with the project that is bound as ``me``."""
    return object_id.in_(
        sa.select(rbac.c.object_id).where(
            rbac.c.object_type == object_type,
            rbac.c.action.in_(list(actions)),
            sa.or_(rbac.c.target_project == EVERYBODY, rbac.c.target_project == sa.bindparam("me")),
        )
    )


def shared_with_everybody(object_type: str, object_id: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """A condition: the object is shared with every project."""
    return object_id.in_(
        sa.select(rbac.c.object_id).where(
            rbac.c.object_type == object_type, rbac.c.action == SHARED, rbac.c.target_project == EVERYBODY
        )
    )


def share(
    tx: Tx, object_type: str, object_id: str, project_id: str, *, action: str = SHARED, target: str = EVERYBODY
) -> str:
    """Raises IntegrityError when it is so already."""
    policy_id = ids.new_uuid()
    tx.execute(
        rbac.insert(),
        {
            "id": policy_id,
            "project_id": project_id,
            "object_type": object_type,
            "object_id": object_id,
            "action": action,
            "target_project": target,
        },
    )
    return policy_id


def with_everybody(tx: Tx, object_id: str, action: str = SHARED) -> bool:
    return tx.execute(_WILDCARD, {"object_id": object_id, "action": action}).first() is not None


def targets(tx: Tx, object_id: str, action: str = SHARED) -> set[str]:
    return set(tx.scalars(_TO, {"object_id": object_id, "action": action}))


def unshare(tx: Tx, object_id: str, action: str = SHARED) -> None:
    """No more with everybody; what is shared with single projects stays."""
    tx.execute(
        rbac.delete().where(rbac.c.object_id == object_id, rbac.c.action == action, rbac.c.target_project == EVERYBODY)
    )


_FORGET = rbac.delete().where(rbac.c.object_id == sa.bindparam("object_id"))


def forget(tx: Tx, object_id: str) -> None:
    """The object is gone."""
    tx.execute(_FORGET, {"object_id": object_id})
