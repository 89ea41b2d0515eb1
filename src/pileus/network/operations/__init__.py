"""Slow work of network as durable steps: the writer, the only one who tells the driver anything."""

from pileus.kernel.operations.model import Kind, Result, Run, Step
from pileus.network import notifying, states
from pileus.network.calls import Call
from pileus.network.service import Network
from pileus.network.store import journal

BATCH = 500
DAY = 86_400.0


def write(run: Run) -> Result:
    """Tells the driver everything the journal holds, batch by batch; what was told is forgotten."""
    service: Network = run.service
    told = 0
    while True:
        with run.database.read() as tx:
            sequences, changed = journal.read(tx, BATCH)
            if not sequences:
                return {"told": told}
            changes = states.changes(Call(service, tx, run.context), changed)
        service.driver.apply(changes)
        with run.database.transaction() as tx:
            journal.forget(tx, sequences)
        told += len(changes)


# A back end that does not answer is asked again for a day; then the journal's periodic look asks anew.
WRITER = Kind(name="network.write", steps=(Step("tell the driver", write),), deadline=DAY)


def tell_compute(run: Run) -> None:
    """Tells compute what became of servers' ports, as it would be told by Neutron."""
    services = run.service.runtime.services
    if "compute" in services:
        services["compute"].request(
            run.context.as_service(), "POST", notifying.PATH, {"events": run.input["events"]}
        ).expect(200, 207, 404)


NOTIFIER = Kind(name="network.notify", steps=(Step("tell compute", tell_compute),))
KINDS: tuple[Kind, ...] = (WRITER, NOTIFIER)
