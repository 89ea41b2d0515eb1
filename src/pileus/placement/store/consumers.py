"""Consumers of resources."""

from collections.abc import Collection

import sqlalchemy as sa
from msgspec.structs import asdict

from pileus.kernel.database import SerializationFailure, Tx, rows_changed
from pileus.placement.model import Consumer
from pileus.placement.tables import consumers

COLUMNS = [consumers.c[name] for name in Consumer.__struct_fields__]
_BY_UUIDS = sa.select(*COLUMNS).where(consumers.c.uuid.in_(sa.bindparam("uuids", expanding=True)))
_INSERT = consumers.insert()
_UPDATE = (
    consumers.update()
    .where(consumers.c.uuid == sa.bindparam("of"), consumers.c.generation == sa.bindparam("known"))
    .values(
        project_id=sa.bindparam("new_project_id"),
        user_id=sa.bindparam("new_user_id"),
        consumer_type=sa.bindparam("new_consumer_type"),
        generation=sa.bindparam("next"),
        updated_at=sa.bindparam("now"),
    )
)
_DELETE = consumers.delete().where(consumers.c.uuid == sa.bindparam("of"))


def get_many(tx: Tx, uuids: Collection[str]) -> dict[str, Consumer]:
    return {row.uuid: Consumer(*row) for row in tx.execute(_BY_UUIDS, {"uuids": list(uuids)})} if uuids else {}


def insert(tx: Tx, consumer: Consumer) -> None:
    """Raises SerializationFailure when somebody made it meanwhile."""
    try:
        tx.execute(_INSERT, asdict(consumer))
    except sa.exc.IntegrityError as error:
        raise SerializationFailure(str(error.orig)) from error


def update(tx: Tx, consumer: Consumer) -> None:
    """Writes a consumer over the generation before its own. Raises SerializationFailure when that is not there."""
    changed = tx.execute(
        _UPDATE,
        {
            "of": consumer.uuid,
            "known": consumer.generation - 1,
            "next": consumer.generation,
            "new_project_id": consumer.project_id,
            "new_user_id": consumer.user_id,
            "new_consumer_type": consumer.consumer_type,
            "now": consumer.updated_at,
        },
    )
    if rows_changed(changed) != 1:
        raise SerializationFailure(f"consumer {consumer.uuid} changed meanwhile")


def delete(tx: Tx, uuid: str) -> None:
    tx.execute(_DELETE, {"of": uuid})
