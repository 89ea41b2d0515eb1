"""Application credentials and their access rules."""

from collections.abc import Sequence

import sqlalchemy as sa

from pileus.identity.model import AccessRule, ApplicationCredential
from pileus.identity.store.entities import Entities, Filter
from pileus.identity.store.rows import build
from pileus.identity.tables import access_rules, application_credentials
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict
from pileus.kernel.paging import Listed, Page


def _taken(credential: ApplicationCredential) -> Conflict:
    return Conflict(
        "Conflict occurred attempting to store application_credential - Duplicate entry found with name "
        f"{credential.name}."
    )


entities = Entities(application_credentials, ApplicationCredential, _taken)
access_rule_entities = Entities(access_rules, AccessRule)
get, insert, delete = entities.get, entities.insert, entities.delete


def get_by_name(tx: Tx, user_id: str, name: str) -> ApplicationCredential | None:
    query = sa.select(application_credentials).where(
        application_credentials.c.user_id == user_id, application_credentials.c.name == name
    )
    return build(ApplicationCredential, tx.execute(query).first())


def rules(tx: Tx, rule_ids: list[str]) -> list[dict[str, str]]:
    """Access rules as tokens and credentials show them."""
    found = tx.execute(sa.select(access_rules).where(access_rules.c.id.in_(rule_ids)))
    return [{"id": r.id, "service": r.service, "path": r.path, "method": r.method} for r in found]


def of_user(tx: Tx, user_id: str, filters: Sequence[Filter], page: Page) -> Listed[ApplicationCredential]:
    return entities.find(tx, filters, page, [application_credentials.c.user_id == user_id])


def rules_of_user(tx: Tx, user_id: str, filters: Sequence[Filter], page: Page) -> Listed[AccessRule]:
    return access_rule_entities.find(tx, filters, page, [access_rules.c.user_id == user_id])


def same_rule(tx: Tx, user_id: str, service: str, path: str, method: str) -> AccessRule | None:
    """The user's access rule that says the same, if there is one."""
    return access_rule_entities.first(
        tx,
        access_rules.c.user_id == user_id,
        access_rules.c.service == service,
        access_rules.c.path == path,
        access_rules.c.method == method,
    )


def forget_user(tx: Tx, user_id: str) -> None:
    entities.delete_where(tx, application_credentials.c.user_id == user_id)
    access_rule_entities.delete_where(tx, access_rules.c.user_id == user_id)


def forget_project(tx: Tx, project_id: str, user_id: str | None = None) -> None:
    """Those for a project, of one user or of all."""
    where = [application_credentials.c.project_id == project_id]
    if user_id is not None:
        where.append(application_credentials.c.user_id == user_id)
    entities.delete_where(tx, *where)


def rule_in_use(tx: Tx, rule: AccessRule) -> bool:
    """Whether any application credential of the rule's user has it."""
    query = sa.select(application_credentials.c.access_rules).where(application_credentials.c.user_id == rule.user_id)
    return any(text is not None and rule.id in text for text in tx.scalars(query))
