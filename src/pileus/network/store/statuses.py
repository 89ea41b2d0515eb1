"""What back ends report about ports."""

import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed
from pileus.network.tables import ports, trunks

_SEEN = (
    ports.update()
    .where(
        ports.c.id == sa.bindparam("at"),
        ports.c.status != sa.bindparam("now"),
        ports.c.status != "N/A",
    )
    .values(status=sa.bindparam("now"), revision=ports.c.revision + 1, updated_at=sa.bindparam("moment"))
)
_TRUNK_SEEN = trunks.update().where(trunks.c.port_id == sa.bindparam("at"))
_OWNER = sa.select(ports.c.device_id, ports.c.device_owner).where(ports.c.id == sa.bindparam("at"))


def port_seen(tx: Tx, port_id: str, up: bool) -> str | None:
    """A port carries traffic, or does so no more; a trunk is as its parent port.

    Returns the server whose port it is, when that is news.
    """
    status = "ACTIVE" if up else "DOWN"
    changed = tx.execute(_SEEN, {"at": port_id, "now": status, "moment": clock.now()})
    if not rows_changed(changed):
        return None
    tx.execute(_TRUNK_SEEN, {"at": port_id, "status": status})
    row = tx.execute(_OWNER, {"at": port_id}).first()
    return row.device_id if row is not None and row.device_owner.startswith("compute:") else None
