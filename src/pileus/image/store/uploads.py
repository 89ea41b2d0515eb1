"""Who is receiving data for which image now."""

import secrets

import sqlalchemy as sa

from pileus.image.tables import uploads
from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed
from pileus.kernel.operations.leases import owner_is_dead, process_owner

LIFETIME = 60 * clock.SECOND  # without a sign of life


def begin(tx: Tx, image_id: str) -> str:
    """Takes the image for this process; the token by which it is kept."""
    token = secrets.token_hex(8)
    tx.execute(uploads.delete().where(uploads.c.image_id == image_id))
    tx.execute(
        uploads.insert().values(
            image_id=image_id, token=token, process=process_owner(), expires_at=clock.now() + LIFETIME
        )
    )
    return token


def renew(tx: Tx) -> None:
    """A sign of life of this process, for all it receives."""
    tx.execute(uploads.update().where(uploads.c.process == process_owner()).values(expires_at=clock.now() + LIFETIME))


def holds(tx: Tx, image_id: str, token: str) -> bool:
    """Whether the image is still taken under this token: not given up, not deleted."""
    return tx.scalar(sa.select(uploads.c.token).where(uploads.c.image_id == image_id)) == token


def end(tx: Tx, image_id: str, token: str) -> bool:
    """Gives the image back; False when it is no longer taken under this token."""
    gone = tx.execute(uploads.delete().where(uploads.c.image_id == image_id, uploads.c.token == token))
    return rows_changed(gone) == 1


def is_abandoned(tx: Tx, image_id: str) -> bool:
    """Whether nobody alive receives data for the image."""
    row = tx.execute(sa.select(uploads).where(uploads.c.image_id == image_id)).first()
    return row is None or _is_stale(row.process, row.expires_at)


def abandoned(tx: Tx) -> list[tuple[str, str]]:
    """(image id, token) of the uploads whose process is gone."""
    return [
        (row.image_id, row.token) for row in tx.execute(sa.select(uploads)) if _is_stale(row.process, row.expires_at)
    ]


def _is_stale(process: str, expires_at: int) -> bool:
    return expires_at < clock.now() or owner_is_dead(process)
