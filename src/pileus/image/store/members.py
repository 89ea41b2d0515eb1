"""Members: the projects that images are shared with."""

import sqlalchemy as sa

from pileus.image.model import Member
from pileus.image.store.rows import MEMBER_COLUMNS, member_of
from pileus.image.tables import members
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Conflict

_ONE = sa.select(*MEMBER_COLUMNS).where(
    members.c.image_id == sa.bindparam("image_id"), members.c.member_id == sa.bindparam("member_id")
)
_ALL = sa.select(*MEMBER_COLUMNS).where(members.c.image_id == sa.bindparam("image_id")).order_by(members.c.created_at)


def find(tx: Tx, image_id: str, member_id: str) -> Member | None:
    row = tx.execute(_ONE, {"image_id": image_id, "member_id": member_id}).first()
    return None if row is None else member_of(row)


def of_image(tx: Tx, image_id: str) -> list[Member]:
    return [member_of(row) for row in tx.execute(_ALL, {"image_id": image_id})]


def insert(tx: Tx, image_id: str, member_id: str) -> Member:
    """Raises Conflict when the project is a member already."""
    now = clock.now()
    member = Member(image_id, member_id, "pending", now, now)
    try:
        with tx.begin_nested():
            tx.execute(members.insert().values({name: getattr(member, name) for name in Member.__struct_fields__}))
    except sa.exc.IntegrityError:
        raise Conflict(f"Member {member_id} is duplicated for image {image_id}") from None
    return member


def set_status(tx: Tx, image_id: str, member_id: str, status: str) -> None:
    tx.execute(
        members.update()
        .where(members.c.image_id == image_id, members.c.member_id == member_id)
        .values(status=status, updated_at=clock.now())
    )


def delete(tx: Tx, image_id: str, member_id: str) -> None:
    tx.execute(members.delete().where(members.c.image_id == image_id, members.c.member_id == member_id))
