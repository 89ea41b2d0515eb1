"""The engine that does compute's work: what the API knows as the scheduler and the conductor."""

import uuid

import msgspec
import sqlalchemy as sa

from pileus.compute.reconciling import INTERVAL, RECONCILE
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.operations.periodic import lease_seconds
from pileus.kernel.operations.tables import leases

BINARIES = ("nova-conductor", "nova-scheduler")
_LEASE = sa.select(leases.c.owner, leases.c.expires).where(leases.c.name == f"periodic:{RECONCILE}")
_LIFETIME = int(lease_seconds(INTERVAL) * clock.SECOND)


class EngineService(msgspec.Struct, frozen=True):
    """A service that an engine is. ``seen_at``: when the engine last renewed its lease."""

    binary: str
    host: str
    id: str
    seen_at: int

    def is_up(self, now: int) -> bool:
        return now - self.seen_at < _LIFETIME


def services(tx: Tx) -> list[EngineService]:
    """Those of the engine that holds the lease of compute's periodic work, or held it last."""
    row = tx.execute(_LEASE).first()
    if row is None:
        return []
    host = row.owner.partition(":")[0]
    return [
        EngineService(binary, host, str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{binary}.{host}")), row.expires - _LIFETIME)
        for binary in BINARIES
    ]
