"""The link between the database and the networks' back end: found broken, explained, repaired."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from pileus.kernel import ids
from pileus.kernel.context import current, service_context
from pileus.network.drivers.base import ResourceKind
from pileus.network.store import journal
from pileus.network.store.journal import Changed
from pileus.network.tables import floatingips, networks, ports, routers, security_groups, subnets

if TYPE_CHECKING:
    from pileus.network.service import Network

log = logging.getLogger(__name__)

_WANTED: dict[ResourceKind, sa.Select[tuple[str, int]]] = {
    "network": sa.select(networks.c.id, networks.c.revision),
    "subnet": sa.select(subnets.c.id, subnets.c.revision),
    "security_group": sa.select(security_groups.c.id, security_groups.c.revision),
    "port": sa.select(ports.c.id, ports.c.revision).where(ports.c.device_owner != "network:floatingip"),
    "router": sa.select(routers.c.id, routers.c.revision),
    "floating_ip": sa.select(floatingips.c.id, floatingips.c.revision).where(floatingips.c.port_id.is_not(None)),
}


def look_at_journal(service: "Network") -> None:
    """Wakes the writer when something was left in the journal (see Queue.ask_once)."""
    with service.database.read() as tx:
        if not journal.waiting(tx):
            return
    with service.database.transaction() as tx:
        service.wake_writer(tx, current.get() or service_context(ids.new_request_id()))


def reconcile(service: "Network") -> int:
    """Tells the driver again what it lacks or has of an older revision, and takes away what should not be there.

    Returns how many differences were found. What the journal still holds is under way and no difference.
    """
    with service.database.read() as tx:
        if journal.waiting(tx):
            return 0
    known = service.driver.known()
    found: list[Changed] = []
    with service.database.read() as tx:
        for kind, statement in _WANTED.items():
            wanted = {row.id: row.revision for row in tx.execute(statement)}
            there = known.get(kind, {})
            found += _differences(kind, wanted, there)
    if not found:
        return 0
    with service.database.transaction() as tx:
        journal.write(tx, found)
        service.wake_writer(tx, current.get() or service_context(ids.new_request_id()))
    return len(found)


def _differences(kind: ResourceKind, wanted: dict[str, int], there: Mapping[str, int]) -> list[Changed]:
    found: list[Changed] = []
    for id, revision in wanted.items():
        if id not in there:
            log.warning("%s %s is missing in the networks' back end: telling it again", kind, id)
        elif there[id] < revision and kind != "port":
            log.warning("%s %s is out of date in the networks' back end: telling it again", kind, id)
        else:
            continue
        found.append((kind, id))
    for id in there:
        if id not in wanted:
            log.warning("%s %s is in the networks' back end but not in the cloud: removing it", kind, id)
            found.append((kind, id))
    return found
