"""Actions that move servers or change their size, and the record of such moves."""

from typing import Any

import msgspec
from msgspec import UNSET

from pileus.compute import quotas, states
from pileus.compute.flavors import Flavor
from pileus.compute.model import Migration, Server
from pileus.compute.operations.migrate import EVACUATE, LIVE_MIGRATE
from pileus.compute.operations.resize import CONFIRM_RESIZE, RESIZE, REVERT_RESIZE
from pileus.compute.parameters import flag
from pileus.compute.servers_acting import begin, check
from pileus.compute.servers_checks import generated_password, given
from pileus.compute.servers_create import flavor_values
from pileus.compute.service import Compute
from pileus.compute.store import flavors, hosts, migrations, usage
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.numerals import natural

MIGRATE_RULE = "os_compute_api:os-migrate-server:"
SIZES = ("flavor_id", "flavor_number", "vcpus", "memory_mb", "root_gb", "ephemeral_gb")


def resize(request: Request[Compute], server: Server) -> None:
    """Resize a server."""
    wanted = request.body.resize
    check(request, server, states.RESIZE)
    flavor_id = str(wanted.flavor_ref).rstrip("/").rpartition("/")[2]
    with request.service.database.read() as tx:
        try:
            flavor = flavors.get(tx, request.context, flavor_id)
        except NotFound as error:
            raise BadRequest(error.message) from None
    _check_flavor(server, flavor)
    values: dict[str, Any] = {}
    if wanted.disk_config is not UNSET:
        values["auto_disk_config"] = wanted.disk_config == "AUTO"
    _move(request, server, states.RESIZE, flavor_values(flavor), "resize", flavor, **values)


def _check_flavor(server: Server, flavor: Flavor) -> None:
    if flavor.disabled:
        raise BadRequest(f"Flavor {flavor.id} could not be found.")
    if flavor.number == server.flavor_number:
        raise BadRequest("When resizing, instances must change flavor!")
    if flavor.root_gb == 0 and server.image_id is not None and server.root_gb != 0:
        raise BadRequest("Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.")


def migrate(request: Request[Compute], server: Server) -> None:
    """Move a server to another host, cold."""
    wanted = getattr(request.body, "migrate", None)
    host = given(wanted.host) if wanted is not None else None
    request.authorize(MIGRATE_RULE + ("migrate:host" if host else "migrate"), server)
    check(request, server, states.MIGRATE)
    if host is not None:
        _check_target(request, host)
        if host == server.host:
            raise BadRequest("Cannot migrate to the host where the server exists.")
    _move(request, server, states.MIGRATE, _sizes(server), "migration", None, host=host)


def _check_target(request: Request[Compute], host: str) -> None:
    with request.service.database.read() as tx:
        if hosts.get(tx, host) is None:
            raise BadRequest(f"Compute host {host} could not be found.")


def _sizes(server: Server) -> dict[str, Any]:
    """What a server is now of that which a resize changes."""
    sizes = {name: getattr(server, name) for name in SIZES}
    return {**sizes, "flavor": msgspec.to_builtins(server.flavor)}


def _move(
    request: Request[Compute],
    server: Server,
    action: states.Action,
    sizes: dict[str, Any],
    kind: str,
    flavor: Flavor | None,
    host: str | None = None,
    **values: Any,
) -> None:
    settings = request.service.settings
    asked = {
        "flavor": sizes,
        "same_host": kind == "resize" and settings.resize_on_same_host,
        "wish": {"host": host} if host else {},
    }

    def note(tx: Tx) -> dict[str, Any]:
        if flavor is not None:
            _check_quota(tx, server, flavor)
        return {"migration_id": _insert(tx, server, kind, "pre-migrating", flavor)}

    begin(request, server, action, RESIZE, asked, also=note, progress=0, **values)


def _check_quota(tx: Tx, server: Server, flavor: Flavor) -> None:
    more = {"cores": flavor.vcpus - server.vcpus, "ram": flavor.memory_mb - server.memory_mb}
    asked = {name: amount for name, amount in more.items() if amount > 0}
    quotas.check_servers(quotas.limits(tx, server.project_id), usage.servers_used(tx, server.project_id), asked)


def _insert(tx: Tx, server: Server, kind: str, status: str, flavor: Flavor | None = None) -> str:
    return migrations.insert(
        tx,
        server_id=server.id,
        project_id=server.project_id,
        user_id=server.user_id,
        migration_type=kind,
        status=status,
        source_host=server.host,
        source_node=server.node,
        dest_host=None,
        dest_node=None,
        dest_ip=None,
        old_flavor_number=server.flavor_number,
        new_flavor_number=server.flavor_number if flavor is None else flavor.number,
        flavor=_sizes(server),
        vm_state=server.vm_state,
    )


def confirm_resize(request: Request[Compute], server: Server) -> None:
    """Confirm a resize or migration."""
    check(request, server, states.CONFIRM_RESIZE)
    _end(request, server, states.CONFIRM_RESIZE, CONFIRM_RESIZE, "confirming")


def revert_resize(request: Request[Compute], server: Server) -> None:
    """Revert a resize or migration."""
    check(request, server, states.REVERT_RESIZE)
    _end(request, server, states.REVERT_RESIZE, REVERT_RESIZE, "reverting")


def _end(request: Request[Compute], server: Server, action: states.Action, kind: Any, status: str) -> None:
    def note(tx: Tx) -> dict[str, Any]:
        migration = migrations.with_status(tx, server.id, "finished")
        if migration is None:
            raise BadRequest("Instance has not been resized.")
        migrations.update(tx, migration.id, status=status)
        return {"migration_id": migration.id}

    begin(request, server, action, kind, also=note)


def migrate_live(request: Request[Compute], server: Server) -> None:
    """Move a running server to another host."""
    wanted = request.body.migrate_live
    host = wanted.host
    request.authorize(MIGRATE_RULE + ("migrate_live:host" if host else "migrate_live"), server)
    forced = getattr(wanted, "force", UNSET)
    if forced is not UNSET and flag(forced) and not host:
        raise BadRequest("Can't force to a non-provided destination")
    check(request, server, states.LIVE_MIGRATE)
    if host:
        _check_target(request, host)
        if host == server.host:
            raise BadRequest(f"Unable to migrate instance ({server.id}) to current host ({host}).")

    def note(tx: Tx) -> dict[str, Any]:
        return {"migration_id": _insert(tx, server, "live-migration", "queued")}

    asked = {"wish": {"host": host} if host else {}}
    begin(request, server, states.LIVE_MIGRATE, LIVE_MIGRATE, asked, also=note)


def evacuate(request: Request[Compute], server: Server) -> dict[str, str] | None:
    """Make a server anew on another host, because its own is down."""
    wanted, version = request.body.evacuate, request.microversion
    host = given(wanted.host)
    forced = getattr(wanted, "force", UNSET)
    if forced is not UNSET and flag(forced) and not host:
        raise BadRequest("Can't force to a non-provided destination")
    shared = flag(wanted.on_shared_storage) if version < (2, 14) else False
    if shared and given(wanted.admin_pass) is not None:
        raise BadRequest("admin password can't be changed on existing disk")
    with request.service.database.read() as tx:
        known = {one.host: one for one in hosts.all_hosts(tx)}
    if host is not None and host not in known:
        raise NotFound(f"Compute host {host} not found.")
    if host is not None and host == server.host:
        raise BadRequest("The target host can't be the same one.")
    check(request, server, states.EVACUATE)
    source = known.get(server.host or "")
    if source is not None and source.is_up(clock.now()):
        raise BadRequest(f"Compute service of {server.host} is still in use.")

    def note(tx: Tx) -> dict[str, Any]:
        return {"migration_id": _insert(tx, server, "evacuation", "accepted")}

    stopped = version >= (2, 95) or server.vm_state == states.STOPPED
    asked = {"wish": {"host": host} if host else {}, "stopped": stopped}
    begin(request, server, states.EVACUATE, EVACUATE, asked, also=note)
    if version >= (2, 14):
        return None
    return {"adminPass": given(wanted.admin_pass) or generated_password()}


# -- live migrations under way -----------------------------------------------------------------------------------------


def list_live(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's live migrations that are under way."""
    with request.service.database.read() as tx:
        found = [one for one in migrations.unfinished(tx, server.id) if _is_live(one)]
    hosts_shown = request.allowed("os_compute_api:servers:migrations:index:host", server)
    return {"migrations": [_live_view(request, one, hosts_shown) for one in found]}


def show_live(request: Request[Compute], server: Server, migration_id: str) -> dict[str, Any]:
    """Show a live migration that is under way."""
    return {"migration": _live_view(request, _find_live(request, server, migration_id), True)}


def abort_live(request: Request[Compute], server: Server, migration_id: str) -> None:
    """Abort a live migration."""
    check(request, server, states.LIVE_MIGRATION_ABORT)
    migration = _find_live(request, server, migration_id)
    if migration.status != "running" and request.microversion < (2, 65):
        raise BadRequest(
            f"Migration {migration_id} state of instance {server.id} is {migration.status}. Cannot "
            "abort live migration while the migration is in this state."
        )
    service, context = request.service, request.context
    service.runtime.rpc.call(context, migration.source_host, "compute.abort_live_migration", guest_id=server.id)


def force_complete(request: Request[Compute], server: Server, migration_id: str) -> None:
    """Make a live migration end soon, by pausing the guest."""
    check(request, server, states.LIVE_MIGRATION_FORCE_COMPLETE)
    migration = _find_live(request, server, migration_id)
    if migration.status != "running":
        raise BadRequest(
            f"Migration {migration_id} state of instance {server.id} is {migration.status}. Cannot "
            "force_complete while the migration is in this state."
        )
    service, context = request.service, request.context
    service.runtime.rpc.call(context, migration.source_host, "compute.pause", guest_id=server.id)


def _is_live(migration: Migration) -> bool:
    return migration.migration_type == "live-migration" and migration.status in migrations.LIVE_UNFINISHED


def _find_live(request: Request[Compute], server: Server, number: str) -> Migration:
    asked = natural(number)
    with request.service.database.read() as tx:
        found = None if asked is None else migrations.by_number(tx, server.id, asked)
    if found is None:
        raise NotFound(f"In-progress live migration {number} is not found for server {server.id}.")
    if found.migration_type != "live-migration":
        raise NotFound(f"Migration {number} for server {server.id} is not live-migration.")
    if not _is_live(found):
        raise NotFound(f"Live migration {number} for server {server.id} is not in progress.")
    return found


def _live_view(request: Request[Compute], migration: Migration, with_hosts: bool) -> dict[str, Any]:
    version = request.microversion
    view: dict[str, Any] = {
        "created_at": clock.iso_naive(migration.created_at),
        "dest_compute": migration.dest_host if with_hosts else None,
        "dest_host": migration.dest_ip if with_hosts else None,
        "dest_node": migration.dest_node if with_hosts else None,
        "disk_processed_bytes": None,
        "disk_remaining_bytes": None,
        "disk_total_bytes": None,
        "id": migration.number,
        "memory_processed_bytes": None,
        "memory_remaining_bytes": None,
        "memory_total_bytes": None,
        "server_uuid": migration.server_id,
        "source_compute": migration.source_host if with_hosts else None,
        "source_node": migration.source_node if with_hosts else None,
        "status": migration.status,
        "updated_at": clock.iso_naive(migration.updated_at),
    }
    if version >= (2, 59):
        view["uuid"] = migration.id
    if version >= (2, 80):
        view |= {"user_id": migration.user_id, "project_id": migration.project_id}
    return view
