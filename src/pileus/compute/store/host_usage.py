"""What servers use of hosts."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.compute.tables import servers
from pileus.kernel.database import Tx

_THERE = sa.and_(servers.c.deleted_at.is_(None), servers.c.host.is_not(None))
_USED = (
    sa.select(
        servers.c.host,
        servers.c.project_id,
        sa.func.count().label("servers"),
        sa.func.sum(sa.case((servers.c.task_state.is_not(None), 1), else_=0)).label("busy"),
        sa.func.sum(servers.c.vcpus).label("vcpus"),
        sa.func.sum(servers.c.memory_mb).label("memory_mb"),
        sa.func.sum(servers.c.root_gb + servers.c.ephemeral_gb).label("disk_gb"),
    )
    .where(_THERE)
    .group_by(servers.c.host, servers.c.project_id)
)
_NAMES = sa.select(servers.c.host, servers.c.id, servers.c.name).where(_THERE).order_by(servers.c.number)


class Used(msgspec.Struct):
    """Of one host: how many servers, how many with which something is being done, and what they were given."""

    servers: int = 0
    busy: int = 0
    vcpus: int = 0
    memory_mb: int = 0
    disk_gb: int = 0

    def add(self, row: Any) -> None:
        self.servers += int(row.servers)
        self.busy += int(row.busy)
        self.vcpus += int(row.vcpus)
        self.memory_mb += int(row.memory_mb)
        self.disk_gb += int(row.disk_gb)


def by_host(tx: Tx) -> dict[str, Used]:
    found: dict[str, Used] = {}
    for row in tx.execute(_USED):
        found.setdefault(row.host, Used()).add(row)
    return found


def by_project(tx: Tx, host: str) -> dict[str, Used]:
    """What each project uses of a host."""
    found: dict[str, Used] = {}
    for row in tx.execute(_USED.where(servers.c.host == host)):
        found.setdefault(row.project_id, Used()).add(row)
    return found


def count(tx: Tx, hosts: Iterable[str]) -> int:
    """How many servers are on these hosts."""
    query = sa.select(sa.func.count()).select_from(servers).where(_THERE, servers.c.host.in_(list(hosts)))
    return int(tx.execute(query).scalar_one())


def names(tx: Tx) -> dict[str, list[dict[str, str]]]:
    """Host -> ``{"name", "uuid"}`` of its servers."""
    found: dict[str, list[dict[str, str]]] = {}
    for host, id, name in tx.execute(_NAMES):
        found.setdefault(host, []).append({"name": name, "uuid": id})
    return found
