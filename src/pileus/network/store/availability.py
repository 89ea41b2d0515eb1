"""How many addresses are used, counted over whole networks."""

from collections import defaultdict

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.network.store.records import Row
from pileus.network.tables import fixed_ips, networks, subnets


def read(tx: Tx, network_id: str | None) -> tuple[list[Row], dict[str, list[Row]], dict[str, int]]:
    """Networks, their subnets by network, and used addresses by subnet; of one network or of all."""
    of_networks = sa.select(networks)
    of_subnets = sa.select(subnets)
    used = sa.select(fixed_ips.c.subnet_id, sa.func.count().label("n")).group_by(fixed_ips.c.subnet_id)
    if network_id is not None:
        of_networks = of_networks.where(networks.c.id == network_id)
        of_subnets = of_subnets.where(subnets.c.network_id == network_id)
        used = used.where(fixed_ips.c.network_id == network_id)
    by_network: dict[str, list[Row]] = defaultdict(list)
    for subnet in tx.execute(of_subnets):
        by_network[subnet.network_id].append(subnet._asdict())
    counts = {row.subnet_id: row.n for row in tx.execute(used)}
    return [row._asdict() for row in tx.execute(of_networks)], by_network, counts
