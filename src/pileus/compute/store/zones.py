"""Which availability zone each host is in."""

import msgspec
import sqlalchemy as sa

from pileus.compute.tables_resources import aggregate_hosts, aggregates
from pileus.kernel.database import Tx

_ZONES = (
    sa.select(aggregate_hosts.c.host, aggregates.c.metadata_json)
    .join(aggregates, aggregates.c.number == aggregate_hosts.c.aggregate_number)
    .order_by(aggregates.c.number)
)


def of_hosts(tx: Tx) -> dict[str, str]:
    """Host -> zone, of the hosts that an aggregate puts into one."""
    zones: dict[str, str] = {}
    for row in tx.execute(_ZONES):
        zone = msgspec.json.decode(row.metadata_json).get("availability_zone")
        if zone:
            zones.setdefault(row.host, zone)
    return zones
