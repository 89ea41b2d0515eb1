"""What moves of servers have in common: the record, the claim on the new host, the allocations of the old one.

While a server moves, what it has of the old host is held under the migration's id, what it has of the new one under
its own; confirming gives the former back, reverting the latter.
"""

from typing import Any

from pileus.compute.model import Host, Migration, Server, ServerFlavor
from pileus.compute.operations.common import service_of
from pileus.compute.operations.placement import claim
from pileus.compute.operations.plugging import bind
from pileus.compute.store import hosts, migrations, servers
from pileus.kernel.errors import GiveUp
from pileus.kernel.operations.model import Run


def migration_of(run: Run) -> Migration:
    """The move that this operation is about."""
    with run.database.read() as tx:
        found = migrations.get(tx, run.input["migration_id"])
    if found is None:
        raise GiveUp("Instance has not been resized.", code=400)
    return found


def claim_target(run: Run, server: Server, flavor: ServerFlavor, **wanted: Any) -> Host:
    """Puts the old host's resources aside and claims those of a new one."""
    migration = migration_of(run)
    hold_source(run, server, migration)
    wanted |= run.input.get("wish", {})
    claimed = claim(run, server, flavor, server.id, **wanted)
    with run.database.transaction() as tx:
        migrations.update(
            tx,
            migration.id,
            status="migrating" if migration.migration_type != "live-migration" else "preparing",
            dest_host=claimed.host.host,
            dest_node=claimed.host.hypervisor_hostname,
            dest_ip=claimed.host.host_ip,
        )
    return claimed.host


def hold_source(run: Run, server: Server, migration: Migration) -> None:
    """The server's allocations become the migration's, unless they are already."""
    placing = service_of(run).placing
    held, _ = placing.allocations(run.context, migration.id)
    if not held:
        placing.move(run.context, server.id, migration.id, server.project_id, server.user_id, "MIGRATION")


def give_up_target(run: Run, server: Server) -> None:
    """Back to what the server has of its old host."""
    migration, placing = migration_of(run), service_of(run).placing
    held, _ = placing.allocations(run.context, migration.id)
    if not held:
        return
    placing.release(run.context, server.id)
    placing.move(run.context, migration.id, server.id, server.project_id, server.user_id)


def give_up_source(run: Run) -> None:
    service_of(run).placing.release(run.context, run.input["migration_id"])


def bind_to(run: Run, server: Server, host: str) -> None:
    """Binds the server's ports to a host."""
    values = bind(run, server, host)
    if values:
        with run.database.transaction() as tx:
            servers.update(tx, server.id, **values)


def target_of(run: Run) -> Host:
    """The host that the server moves to."""
    migration = migration_of(run)
    with run.database.read() as tx:
        found = hosts.get(tx, migration.dest_host or "")
    if found is None:
        raise GiveUp(f"Compute host {migration.dest_host} could not be found.")
    return found
