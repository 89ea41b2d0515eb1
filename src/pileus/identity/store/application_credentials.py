"""Application credentials and their access rules."""

import sqlalchemy as sa

from pileus.identity.model import ApplicationCredential
from pileus.identity.store.generation import advance
from pileus.identity.store.rows import build, encode
from pileus.identity.tables import access_rules, application_credentials
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

_BY_ID = sa.select(application_credentials).where(application_credentials.c.id == sa.bindparam("id"))


def get(tx: Tx, credential_id: str) -> ApplicationCredential | None:
    return build(ApplicationCredential, tx.execute(_BY_ID, {"id": credential_id}).first())


def get_by_name(tx: Tx, user_id: str, name: str) -> ApplicationCredential | None:
    query = sa.select(application_credentials).where(
        application_credentials.c.user_id == user_id, application_credentials.c.name == name
    )
    return build(ApplicationCredential, tx.execute(query).first())


def insert(tx: Tx, credential: ApplicationCredential) -> None:
    """Raises Conflict when the user has one of this name."""
    values = encode({name: getattr(credential, name) for name in credential.__struct_fields__})
    try:
        with tx.begin_nested():
            tx.execute(application_credentials.insert().values(values))
    except sa.exc.IntegrityError:
        raise Conflict(
            "Conflict occurred attempting to store application_credential - Duplicate entry found with name "
            f"{credential.name}."
        ) from None
    advance(tx)


def rules(tx: Tx, rule_ids: list[str]) -> list[dict[str, str]]:
    """Access rules as tokens and credentials show them."""
    found = tx.execute(sa.select(access_rules).where(access_rules.c.id.in_(rule_ids)))
    return [{"id": r.id, "service": r.service, "path": r.path, "method": r.method} for r in found]
