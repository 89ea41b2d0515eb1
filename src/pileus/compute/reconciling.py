"""Every link between servers, their hosts and placement, looked at again and again: what is wrong is put right.

Servers and guests drift apart when hosts die, guests shut themselves down, or somebody works behind the cloud's back.
"""

import logging
from typing import TYPE_CHECKING, Any, Literal

from pileus.compute import states
from pileus.compute.model import Host, Server
from pileus.compute.networking import addresses_of
from pileus.compute.operations.common import fault
from pileus.compute.operations.delete import DELETE
from pileus.compute.operations.power import RECOVER, STOP
from pileus.compute.store import console_tokens, hosts, migrations, servers
from pileus.kernel import clock, ids
from pileus.kernel.context import Context, service_context
from pileus.kernel.errors import DomainError
from pileus.kernel.operations.model import Kind

if TYPE_CHECKING:
    from pileus.compute.service import Compute

log = logging.getLogger(__name__)
INTERVAL = 30.0
RECONCILE = "compute-reconcile"  # the piece of work, whose lease tells which engine is at it
STUCK_AFTER = 5 * clock.MINUTE

Remedy = Literal["", "sync", "stopped", "recover", "stop"]


def remedy(server: Server, guest_state: str | None, *, host_restarted: bool) -> Remedy:
    """What to do about a server whose guest is seen like this (None: there is none).

    A guest that is off although its server should run has shut itself down, unless its host was just started: then it
    is started again.
    """
    if server.task_state is not None:
        return ""
    if server.vm_state == states.ACTIVE:
        if guest_state is None or (host_restarted and guest_state in ("shutdown", "crashed")):
            return "recover"
        if guest_state == "shutdown":
            return "stopped"
    if server.vm_state == states.STOPPED and guest_state == "running":
        return "stop"
    if guest_state is not None and states.POWER_STATES[guest_state] != server.power_state:
        return "sync"
    return ""


class Reconciler:
    """Looks at all hosts, allocations and servers once (``run``)."""

    def __init__(self, compute: "Compute") -> None:
        self._compute = compute
        self._looked_at: set[str] = set()

    def run(self) -> None:
        context = service_context(ids.new_request_id())
        now = clock.now()
        with self._compute.database.read() as tx:
            known = hosts.all_hosts(tx)
        for host in known:
            try:
                if host.is_up(now):
                    self.look_at_guests(context, host)
                self.look_at_allocations(context, host)
            except DomainError as error:
                log.warning("host %s could not be reconciled: %s", host.host, error.message)
        try:
            self.look_at_addresses(context)
        except DomainError as error:
            log.warning("the addresses of servers could not be reconciled: %s", error.message)
        self.free_stuck()
        self.reclaim()
        self.forget()

    # -- guests ----------------------------------------------------------------------------------------------------

    def look_at_guests(self, context: Context, host: Host) -> None:
        rpc = self._compute.runtime.rpc
        counted = rpc.call(context, host.host, "compute.states")
        seen: dict[str, str] = counted["guests"]
        with self._compute.database.read() as tx:
            there = servers.on_host(tx, host.host)
            moving = {
                one.server_id for one in migrations.all_unfinished(tx) if host.host in (one.source_host, one.dest_host)
            }
        restarted = host.host in self._compute.agents and host.host not in self._looked_at
        self._looked_at.add(host.host)
        for server in there:
            if server.id not in moving:
                self._treat(context, server, seen.get(server.id), restarted)
        wanted = {server.id for server in there} | moving
        strangers = set(seen) - wanted
        if strangers:
            log.warning("host %s has guests of no server: %s", host.host, ", ".join(sorted(strangers)))
            rpc.call(context, host.host, "compute.clean", wanted=sorted(wanted), at=counted["at"])

    def _treat(self, context: Context, server: Server, state: str | None, restarted: bool) -> None:
        what = remedy(server, state, host_restarted=restarted)
        if not what:
            return
        if what == "recover":
            self._ask(context, server, RECOVER)
            return
        if what == "stop":
            self._ask(context, server, STOP)
            return
        assert state is not None
        values: dict[str, object] = {"power_state": states.POWER_STATES[state]}
        if what == "stopped":
            values["vm_state"] = states.STOPPED
        with self._compute.database.transaction() as tx:
            servers.update_idle(tx, server, **values)

    def _ask(self, context: Context, server: Server, kind: Kind) -> None:
        with self._compute.database.transaction() as tx:
            if not self._compute.runtime.operations.unfinished(tx, [server.id]):
                log.info("server %s: %s", server.id, kind.name)
                self._compute.runtime.operations.ask(tx, kind, server.id, context)

    # -- allocations -----------------------------------------------------------------------------------------------

    def look_at_allocations(self, context: Context, host: Host) -> None:
        """Gives back what servers and moves that are no more still have of a host."""
        if "placement" not in self._compute.runtime.services:
            return
        placing = self._compute.placing
        consumers = placing.consumers(context, host.id)
        with self._compute.database.read() as tx:
            living = servers.existing(tx, consumers) | {one.id for one in migrations.all_unfinished(tx)}
            living |= set(migrations.newer_than(tx, clock.now() - STUCK_AFTER))
        for consumer in set(consumers) - living:
            log.warning("allocations of %s on host %s belong to no server: they are given back", consumer, host.host)
            placing.release(context, consumer)

    # -- ports -----------------------------------------------------------------------------------------------------

    def look_at_addresses(self, context: Context) -> None:
        """Servers show the addresses that their ports have, whoever changed them."""
        networking = self._compute.networking
        if not networking.present:
            return
        names = networking.network_names(context)
        ports = {port["id"]: port for port in networking.server_ports(context)}
        floating_ips = networking.floating_ips_in_use(context)
        with self._compute.database.read() as tx:
            by_server = servers.ports_by_server(tx)
        for server_id, port_ids in by_server.items():
            there = [ports[port_id] for port_id in port_ids if port_id in ports]
            if len(there) == len(port_ids):
                self._show_addresses(server_id, addresses_of(there, names, floating_ips))

    def _show_addresses(self, server_id: str, addresses: dict[str, Any]) -> None:
        with self._compute.database.read() as tx:
            server = servers.get(tx, server_id)
        if server is None or server.task_state is not None or server.addresses == addresses:
            return
        with self._compute.database.transaction() as tx:
            servers.update_idle(tx, server, addresses=addresses)

    # -- servers -----------------------------------------------------------------------------------------------------

    def free_stuck(self) -> None:
        """Nothing is being done with a server whose task has no operation: the task is taken off."""
        with self._compute.database.read() as tx:
            waiting = servers.busy_since(tx, clock.now() - STUCK_AFTER)
            busy = {one.resource_id for one in self._compute.runtime.operations.unfinished(tx, [s.id for s in waiting])}
        for server in waiting:
            if server.id in busy:
                continue
            log.warning("server %s: nothing does its task %s", server.id, server.task_state)
            values: dict[str, object] = {"task_state": None}
            if server.vm_state == states.BUILDING:
                values |= {"vm_state": states.ERROR, "fault": fault("The server was never made.", 500)}
            with self._compute.database.transaction() as tx:
                servers.settle(tx, server.id, (server.task_state or "",), **values)

    def reclaim(self) -> None:
        """Deletes for good what was soft-deleted long enough ago."""
        interval = self._compute.settings.reclaim_interval
        if not interval:
            return
        context = service_context(ids.new_request_id())
        with self._compute.database.read() as tx:
            old = servers.soft_deleted_before(tx, clock.now() - interval * clock.SECOND)
        for server in old:
            with self._compute.database.transaction() as tx:
                if servers.update_idle(tx, server, task_state=states.DELETING):
                    self._compute.runtime.operations.ask(tx, DELETE, server.id, context)

    def forget(self) -> None:
        with self._compute.database.transaction() as tx:
            servers.forget_deleted(tx, clock.now() - self._compute.settings.keep_deleted_days * clock.DAY)
            console_tokens.forget_expired(tx)
