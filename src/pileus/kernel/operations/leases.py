"""Leases: who does what only one may do, for as long as it is alive to renew."""

import os
import socket
from pathlib import Path

import sqlalchemy as sa

from pileus.kernel import clock
from pileus.kernel.database import Database, rows_changed
from pileus.kernel.operations.tables import leases


def process_owner() -> str:
    """The name under which this process holds leases; tells whether it is still the same process."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def owner_is_dead(owner: str) -> bool:
    """Whether a lease's owner was a process of this host that is no more. False when that cannot be known."""
    host, _, process = owner.partition(":")
    pid, _, started = process.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot together with the boot's id; empty when it is not there."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else f"{fields[19]}-{boot}"


class Lease:
    """A named lease that one owner at a time may hold."""

    def __init__(self, database: Database, name: str, owner: str, seconds: float) -> None:
        self.database, self.name, self.owner = database, name, owner
        self.microseconds = int(seconds * clock.SECOND)

    def hold(self) -> bool:
        """Takes or renews the lease; True when this owner has it now."""
        now = clock.now()
        with self.database.read() as tx:
            row = tx.execute(sa.select(leases).where(leases.c.name == self.name)).first()
        if row is not None and row.owner != self.owner and row.expires > now and not owner_is_dead(row.owner):
            return False
        until = now + self.microseconds
        with self.database.transaction() as tx:
            if row is None:
                try:
                    with tx.begin_nested():
                        tx.execute(leases.insert().values(name=self.name, owner=self.owner, expires=until))
                except sa.exc.IntegrityError:
                    return False
                return True
            changed = tx.execute(
                leases.update()
                .where(leases.c.name == self.name, leases.c.owner == row.owner, leases.c.expires == row.expires)
                .values(owner=self.owner, expires=until)
            )
            return rows_changed(changed) == 1

    def release(self) -> None:
        with self.database.transaction() as tx:
            tx.execute(leases.delete().where(leases.c.name == self.name, leases.c.owner == self.owner))
