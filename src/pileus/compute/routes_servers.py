"""Servers and what is done with them, line by line."""

from collections.abc import Callable
from typing import Any

from pileus.compute import servers_bodies as bodies
from pileus.compute.handlers import (
    servers,
    servers_consoles,
    servers_images,
    servers_inside,
    servers_metadata,
    servers_moves,
    servers_networks,
    servers_power,
    servers_records,
    servers_volumes,
)
from pileus.compute.handlers.servers import find_server, find_server_ever
from pileus.compute.queries import nothing
from pileus.compute.servers_query import check_query
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.routes import Route

SERVERS = "/v2.1/servers"
SERVER = SERVERS + "/{server_id}"
API = "os_compute_api:"
RULE = API + "servers:"
LAST: Version = (999, 999)


def action(
    name: str,
    handler: Callable[..., Any],
    policy: str | None,
    body: Any = None,
    *,
    status: int = 202,
    since: Version = (2, 1),
    until: Version = LAST,
    blocking: bool = False,
) -> Route:
    """One action of ``POST /servers/ID/action``."""
    return Route(
        method="POST",
        path=SERVER + "/action",
        action=name,
        handler=handler,
        load=find_server,
        policy=policy if policy is None else API + policy,
        body=body,
        status=status,
        minimum=since,
        maximum=until,
        blocking=blocking,
    )


def below(
    method: str,
    path: str,
    handler: Callable[..., Any],
    policy: str,
    body: Any = None,
    *,
    status: int = 200,
    since: Version = (2, 1),
    until: Version = LAST,
    query: Callable[[Any], None] | None = None,
    blocking: bool = False,
    load: Callable[..., Any] = find_server,
) -> Route:
    """Something below ``/servers/ID``."""
    return Route(
        method=method,
        path=SERVER + path,
        handler=handler,
        load=load,
        policy=policy if policy.startswith("compute:") else API + policy,
        body=body,
        status=status,
        minimum=since,
        maximum=until,
        query=query if query is not None or method != "GET" else nothing,
        blocking=blocking,
    )


SERVERS_ROUTES = [
    Route(method="GET", path=SERVERS, handler=servers.list_brief, policy=RULE + "index", query=check_query),
    Route(
        method="POST",
        path=SERVERS,
        handler=servers.create,
        policy=RULE + "create",
        body=bodies.CreateServer,
        status=202,
    ),
    Route(
        method="GET",
        path=SERVERS + "/detail",
        handler=servers.list_detailed,
        policy=RULE + "detail",
        query=check_query,
    ),
    below("GET", "", servers.show, "servers:show"),
    below("PUT", "", servers.update, "servers:update", bodies.UpdateServer),
    below("DELETE", "", servers.delete, "servers:delete", status=204),
]

POWER_ROUTES = [
    action("os-start", servers_power.start, "servers:start"),
    action("os-stop", servers_power.stop, "servers:stop"),
    action("reboot", servers_power.reboot, "servers:reboot", bodies.Reboot),
    action("pause", servers_power.pause, "os-pause-server:pause"),
    action("unpause", servers_power.unpause, "os-pause-server:unpause"),
    action("suspend", servers_power.suspend, "os-suspend-server:suspend"),
    action("resume", servers_power.resume, "os-suspend-server:resume"),
    action(
        "trigger_crash_dump",
        servers_power.crash_dump,
        "servers:trigger_crash_dump",
        bodies.CrashDump,
        since=(2, 17),
    ),
    action("changePassword", servers_power.change_password, "os-admin-password", bodies.ChangePassword),
    action("lock", servers_power.lock, "os-lock-server:lock", until=(2, 72)),
    action("lock", servers_power.lock, "os-lock-server:lock", bodies.Lock, since=(2, 73)),
    action("unlock", servers_power.unlock, "os-lock-server:unlock"),
    action("os-resetState", servers_power.reset_state, "os-admin-actions:reset_state", bodies.ResetState),
    action("injectNetworkInfo", servers_power.inject_network_info, "os-admin-actions:inject_network_info"),
    Route(method="POST", path=SERVER + "/action", action="resetNetwork", handler=servers_power.removed, status=202),
    action("restore", servers_power.restore, "os-deferred-delete:restore"),
    action("forceDelete", servers.force_delete, "os-deferred-delete:force"),
]

IMAGE_ROUTES = [
    action("createImage", servers_images.create_image, "servers:create_image", bodies.CreateImage),
    action("createBackup", servers_images.create_backup, "os-create-backup", bodies.CreateBackup),
    action("rebuild", servers_images.rebuild, "servers:rebuild", bodies.Rebuild),
    action("rescue", servers_images.rescue, "os-rescue", bodies.Rescue, status=200),
    action("unrescue", servers_images.unrescue, "os-unrescue"),
    action("shelve", servers_images.shelve, "os-shelve:shelve"),
    action("shelveOffload", servers_images.shelve_offload, "os-shelve:shelve_offload"),
    action("unshelve", servers_images.unshelve, "os-shelve:unshelve", until=(2, 76)),
    action(
        "unshelve",
        servers_images.unshelve_to_zone,
        "os-shelve:unshelve",
        bodies.UnshelveToZone,
        since=(2, 77),
        until=(2, 90),
    ),
    action("unshelve", servers_images.unshelve_to_host, "os-shelve:unshelve", bodies.Unshelve, since=(2, 91)),
]

MOVE_ROUTES = [
    action("resize", servers_moves.resize, "servers:resize", bodies.Resize),
    action("confirmResize", servers_moves.confirm_resize, "servers:confirm_resize", status=204),
    action("revertResize", servers_moves.revert_resize, "servers:revert_resize"),
    action("migrate", servers_moves.migrate, None, until=(2, 55)),
    action("migrate", servers_moves.migrate, None, bodies.Migrate, since=(2, 56)),
    action("os-migrateLive", servers_moves.migrate_live, None, bodies.OldMigrateLive, until=(2, 24)),
    action("os-migrateLive", servers_moves.migrate_live, None, bodies.MigrateLive, since=(2, 25)),
    action("evacuate", servers_moves.evacuate, "os-evacuate", bodies.OldEvacuate, status=200, until=(2, 13)),
    action("evacuate", servers_moves.evacuate, "os-evacuate", bodies.Evacuate, status=200, since=(2, 14)),
    below("GET", "/migrations", servers_moves.list_live, "servers:migrations:index", since=(2, 23)),
    below("GET", "/migrations/{migration_id}", servers_moves.show_live, "servers:migrations:show", since=(2, 23)),
    below(
        "DELETE",
        "/migrations/{migration_id}",
        servers_moves.abort_live,
        "servers:migrations:delete",
        status=202,
        since=(2, 24),
        blocking=True,
    ),
    Route(
        method="POST",
        path=SERVER + "/migrations/{migration_id}/action",
        action="force_complete",
        handler=servers_moves.force_complete,
        load=find_server,
        policy=RULE + "migrations:force_complete",
        body=bodies.ForceComplete,
        status=202,
        minimum=(2, 22),
        blocking=True,
    ),
]

METADATA_ROUTES = [
    below("GET", "/metadata", servers_metadata.list_metadata, "server-metadata:index"),
    below("POST", "/metadata", servers_metadata.add_metadata, "server-metadata:create", bodies.AllMetadata),
    below("PUT", "/metadata", servers_metadata.replace_metadata, "server-metadata:update_all", bodies.AllMetadata),
    below("GET", "/metadata/{key}", servers_metadata.show_metadata, "server-metadata:show"),
    below("PUT", "/metadata/{key}", servers_metadata.set_metadata, "server-metadata:update", bodies.OneMetadata),
    below("DELETE", "/metadata/{key}", servers_metadata.delete_metadata, "server-metadata:delete", status=204),
    below("GET", "/tags", servers_metadata.list_tags, "os-server-tags:index", since=(2, 26)),
    below("PUT", "/tags", servers_metadata.replace_tags, "os-server-tags:update_all", bodies.AllTags, since=(2, 26)),
    below("DELETE", "/tags", servers_metadata.delete_tags, "os-server-tags:delete_all", status=204, since=(2, 26)),
    below("GET", "/tags/{tag}", servers_metadata.check_tag, "os-server-tags:show", status=204, since=(2, 26)),
    below("PUT", "/tags/{tag}", servers_metadata.add_tag, "os-server-tags:update", since=(2, 26)),
    below("DELETE", "/tags/{tag}", servers_metadata.delete_tag, "os-server-tags:delete", status=204, since=(2, 26)),
]

NETWORK_ROUTES = [
    below("GET", "/ips", servers_networks.list_addresses, "ips:index"),
    below("GET", "/ips/{label}", servers_networks.show_addresses, "ips:show"),
    below("GET", "/os-interface", servers_networks.list_interfaces, "os-attach-interfaces:list"),
    below(
        "POST",
        "/os-interface",
        servers_networks.attach_interface,
        "os-attach-interfaces:create",
        bodies.AttachInterface,
    ),
    below("GET", "/os-interface/{port_id}", servers_networks.show_interface, "os-attach-interfaces:show"),
    below(
        "DELETE",
        "/os-interface/{port_id}",
        servers_networks.detach_interface,
        "os-attach-interfaces:delete",
        status=202,
    ),
    Route(method="GET", path=SERVER + "/os-virtual-interfaces", handler=servers_power.removed),
    action("addFixedIp", servers_networks.add_fixed_ip, "os-multinic:add", bodies.AddFixedIp, until=(2, 43)),
    action(
        "removeFixedIp", servers_networks.remove_fixed_ip, "os-multinic:remove", bodies.RemoveFixedIp, until=(2, 43)
    ),
    below("GET", "/os-security-groups", servers_networks.list_security_groups, "os-security-groups:list"),
    action(
        "addSecurityGroup",
        servers_networks.add_security_group,
        "os-security-groups:add",
        bodies.AddSecurityGroup,
    ),
    action(
        "removeSecurityGroup",
        servers_networks.remove_security_group,
        "os-security-groups:remove",
        bodies.RemoveSecurityGroup,
    ),
    action(
        "addFloatingIp",
        servers_networks.add_floating_ip,
        "os-floating-ips:add",
        bodies.AddFloatingIp,
        until=(2, 43),
    ),
    action(
        "removeFloatingIp",
        servers_networks.remove_floating_ip,
        "os-floating-ips:remove",
        bodies.RemoveFloatingIp,
        until=(2, 43),
    ),
]

VOLUME_ROUTES = [
    below(
        "GET",
        "/os-volume_attachments",
        servers_volumes.list_attachments,
        "os-volumes-attachments:index",
        query=servers_volumes.volumes_query,
    ),
    below(
        "POST",
        "/os-volume_attachments",
        servers_volumes.attach,
        "os-volumes-attachments:create",
        bodies.AttachVolume,
    ),
    below("GET", "/os-volume_attachments/{volume_id}", servers_volumes.show_attachment, "os-volumes-attachments:show"),
    below(
        "PUT",
        "/os-volume_attachments/{volume_id}",
        servers_volumes.change,
        "os-volumes-attachments:update",
        bodies.ChangeAttachment,
        status=202,
    ),
    below(
        "DELETE",
        "/os-volume_attachments/{volume_id}",
        servers_volumes.detach,
        "os-volumes-attachments:delete",
        status=202,
    ),
]

SHARE_ROUTES = [
    below("GET", "/shares", servers_volumes.list_shares, "os-server-shares:index", since=(2, 97)),
    below(
        "POST", "/shares", servers_volumes.attach_share, "os-server-shares:create", bodies.AttachShare, since=(2, 97)
    ),
    below("GET", "/shares/{share_id}", servers_volumes.find_share, "os-server-shares:show", since=(2, 97)),
    below("DELETE", "/shares/{share_id}", servers_volumes.find_share, "os-server-shares:delete", since=(2, 97)),
]

INSIDE_ROUTES = [
    action(
        "os-getConsoleOutput",
        servers_inside.console_output,
        "os-console-output",
        bodies.ConsoleOutput,
        status=200,
        blocking=True,
    ),
    action(
        "os-getVNCConsole",
        servers_consoles.old_console,
        "os-remote-consoles",
        bodies.GetVncConsole,
        status=200,
        until=(2, 5),
        blocking=True,
    ),
    action(
        "os-getSPICEConsole",
        servers_consoles.old_console,
        "os-remote-consoles",
        bodies.GetSpiceConsole,
        status=200,
        until=(2, 5),
        blocking=True,
    ),
    action(
        "os-getSerialConsole",
        servers_consoles.old_console,
        "os-remote-consoles",
        bodies.GetSerialConsole,
        status=200,
        until=(2, 5),
        blocking=True,
    ),
    below(
        "POST",
        "/remote-consoles",
        servers_consoles.remote_console,
        "os-remote-consoles",
        bodies.CreateRemoteConsole,
        since=(2, 6),
        blocking=True,
    ),
    Route(method="GET", path=SERVER + "/consoles", handler=servers_power.removed),
    Route(method="POST", path=SERVER + "/consoles", handler=servers_power.removed),
    below("GET", "/diagnostics", servers_inside.diagnostics, "os-server-diagnostics", blocking=True),
    below("GET", "/topology", servers_inside.topology, "compute:server:topology:index", since=(2, 78)),
    below("GET", "/os-server-password", servers_inside.show_password, "os-server-password:show"),
    below("DELETE", "/os-server-password", servers_inside.clear_password, "os-server-password:clear", status=204),
    Route(
        method="POST",
        path="/v2.1/os-server-external-events",
        handler=servers_inside.external_events,
        policy=API + "os-server-external-events:create",
        body=bodies.ExternalEvents,
    ),
]

RECORD_ROUTES = [
    below(
        "GET",
        "/os-instance-actions",
        servers_records.list_actions,
        "os-instance-actions:list",
        query=servers_records.actions_query,
        load=find_server_ever,
    ),
    below(
        "GET",
        "/os-instance-actions/{request_id}",
        servers_records.show_action,
        "os-instance-actions:show",
        load=find_server_ever,
    ),
    Route(
        method="GET",
        path="/v2.1/os-migrations",
        handler=servers_records.list_migrations,
        policy=API + "os-migrations:index",
        query=servers_records.migrations_query,
    ),
]

SERVER_ROUTES: list[Route] = [
    *SERVERS_ROUTES,
    *POWER_ROUTES,
    *IMAGE_ROUTES,
    *MOVE_ROUTES,
    *METADATA_ROUTES,
    *NETWORK_ROUTES,
    *VOLUME_ROUTES,
    *SHARE_ROUTES,
    *INSIDE_ROUTES,
    *RECORD_ROUTES,
]
