"""OAuth 1.0a: consumers, request tokens and access tokens."""

import sqlalchemy as sa

from pileus.identity.model import AccessToken, Consumer, RequestToken
from pileus.identity.store.entities import Entities
from pileus.identity.tables import access_tokens as access_table
from pileus.identity.tables import consumers as consumer_table
from pileus.identity.tables import request_tokens as request_table
from pileus.kernel.database import Tx

consumers = Entities(consumer_table, Consumer, counts=False)
request_tokens = Entities(request_table, RequestToken, counts=False)
access_tokens = Entities(access_table, AccessToken)


def delete_consumer(tx: Tx, consumer_id: str) -> None:
    """The consumer with all its tokens."""
    request_tokens.delete_where(tx, request_table.c.consumer_id == consumer_id)
    access_tokens.delete_where(tx, access_table.c.consumer_id == consumer_id)
    consumers.delete(tx, consumer_id)


def access_tokens_of(tx: Tx, user_id: str) -> list[AccessToken]:
    return access_tokens.all(tx, access_table.c.authorizing_user_id == user_id)


def forget_user(tx: Tx, user_id: str) -> None:
    access_tokens.delete_where(tx, access_table.c.authorizing_user_id == user_id)
    request_tokens.delete_where(tx, request_table.c.authorizing_user_id == user_id)


def forget_project(tx: Tx, project_id: str) -> None:
    access_tokens.delete_where(tx, access_table.c.project_id == project_id)
    request_tokens.delete_where(tx, request_table.c.project_id == project_id)


def forget_expired(tx: Tx, before: int) -> None:
    for table, entities in ((request_table, request_tokens), (access_table, access_tokens)):
        old = sa.and_(table.c.expires_at.is_not(None), table.c.expires_at < before)
        entities.delete_where(tx, old)
