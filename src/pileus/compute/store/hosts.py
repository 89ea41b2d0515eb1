"""Compute hosts."""

from typing import Any

import sqlalchemy as sa

from pileus.compute.model import Host
from pileus.compute.store.rows import build, build_all, values_of
from pileus.compute.tables import hosts
from pileus.kernel import clock
from pileus.kernel.database import Tx, rows_changed

_ALL = sa.select(hosts).order_by(hosts.c.host)
_BY_NAME = sa.select(hosts).where(hosts.c.host == sa.bindparam("name"))
_SEEN = hosts.update().where(hosts.c.host == sa.bindparam("name")).values(seen_at=sa.bindparam("now"))


def all_hosts(tx: Tx) -> list[Host]:
    return build_all(Host, tx.execute(_ALL))


def get(tx: Tx, host: str) -> Host | None:
    return build(Host, tx.execute(_BY_NAME, {"name": host}).first())


def insert(tx: Tx, host: Host) -> None:
    tx.execute(hosts.insert().values(values_of(host, hosts)))


def replace(tx: Tx, host: Host) -> None:
    tx.execute(hosts.update().where(hosts.c.host == host.host).values(values_of(host, hosts)))


def seen(tx: Tx, host: str) -> bool:
    """A heartbeat. False when the host is not known (any more)."""
    return rows_changed(tx.execute(_SEEN, {"name": host, "now": clock.now()})) == 1


def change(tx: Tx, host: str, **values: Any) -> bool:
    """Sets ``disabled``, ``disabled_reason`` or ``forced_down``. False when there is no such host."""
    changed = tx.execute(hosts.update().where(hosts.c.host == host).values(updated_at=clock.now(), **values))
    return rows_changed(changed) == 1


def delete(tx: Tx, host: str) -> None:
    tx.execute(hosts.delete().where(hosts.c.host == host))
