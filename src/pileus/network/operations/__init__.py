"""Slow work of network as durable steps: the writer, the only one who tells the driver anything."""

from pileus.kernel.operations.model import Kind, Result, Run, Step
from pileus.network import states
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
KINDS: tuple[Kind, ...] = (WRITER,)
