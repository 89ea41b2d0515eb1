"""What the reference once had: gone for good, or no more than what it has without the part that did the work."""

from datetime import UTC, datetime
from typing import Any

from pileus.compute.extensions import EXTENSIONS
from pileus.compute.service import Compute
from pileus.compute.store import hosts, servers
from pileus.kernel.errors import BadRequest, Gone, NotFound, NotSupported
from pileus.kernel.http.bodies import decode_json
from pileus.kernel.http.request import Request

ASSISTED = "The volume {} is not one of which a host can make a snapshot."
FORMS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")


def gone(request: Request[Compute], **parameters: str) -> None:
    """Answer that this API was removed."""
    raise Gone("This resource is no longer available.  No forwarding address is given.")


def list_extensions(request: Request[Compute]) -> dict[str, Any]:
    """List the extensions that the API once consisted of."""
    return {"extensions": EXTENSIONS}


def show_extension(request: Request[Compute], alias: str) -> dict[str, Any]:
    """Show an extension."""
    for extension in EXTENSIONS:
        if extension["alias"] == alias:
            return {"extension": extension}
    raise NotFound("The resource could not be found.")


def list_nodes(request: Request[Compute]) -> None:
    """List bare metal nodes, of which a cloud without Ironic has none to show."""
    raise NotSupported("The requested functionality is not supported.")


def show_node(request: Request[Compute], node_id: str) -> None:
    """Show a bare metal node."""
    raise NotSupported("The requested functionality is not supported.")


def change_nodes(request: Request[Compute], **parameters: str) -> None:
    """Refuse to change bare metal nodes, which is Ironic's to do."""
    raise BadRequest("Command not supported. Please use Ironic command node-create to perform this action.")


def create_assisted_snapshot(request: Request[Compute]) -> None:
    """Make a snapshot of a volume on its host, which volumes of network storage do not need."""
    raise _not_assisted(request, request.body.snapshot.volume_id)


def delete_assisted_snapshot(request: Request[Compute], snapshot_id: str) -> None:
    """Delete a snapshot that was made on a host."""
    try:
        volume_id = decode_json(request.param("delete_info") or "")["volume_id"]
    except (BadRequest, KeyError, TypeError) as error:
        raise BadRequest(str(error)) from None
    raise _not_assisted(request, str(volume_id))


def _not_assisted(request: Request[Compute], volume_id: str) -> BadRequest:
    with request.service.database.read() as tx:
        attached = servers.has_volume(tx, volume_id)
    if not attached:
        return BadRequest(f"No volume Block Device Mapping with id {volume_id}.")
    return BadRequest(f"Invalid volume: {ASSISTED.format(volume_id)}")


def list_audits(request: Request[Compute]) -> dict[str, Any]:
    """Show the audits of servers' usage of last month."""
    return {"instance_usage_audit_logs": _audit(request, datetime.now(UTC))}


def show_audit(request: Request[Compute], before: str) -> dict[str, Any]:
    """Show the audits of servers' usage of the month before a time."""
    for form in FORMS:
        try:
            return {"instance_usage_audit_log": _audit(request, datetime.strptime(before, form).replace(tzinfo=UTC))}
        except ValueError:
            continue
    raise BadRequest(f"Invalid timestamp for date {before}")


def _audit(request: Request[Compute], before: datetime) -> dict[str, Any]:
    """No host here writes audits: usage is counted from the servers themselves (``/os-simple-tenant-usage``)."""
    end = before.replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    begin = end.replace(year=end.year - 1, month=12) if end.month == 1 else end.replace(month=end.month - 1)
    with request.service.database.read() as tx:
        names = [host.host for host in hosts.all_hosts(tx)]
    done = "ALL" if not names else f"0 of {len(names)}"
    return {
        "period_beginning": str(begin),
        "period_ending": str(end),
        "num_hosts": len(names),
        "num_hosts_done": 0,
        "num_hosts_running": 0,
        "num_hosts_not_run": len(names),
        "hosts_not_run": names,
        "total_instances": 0,
        "total_errors": 0,
        "overall_status": f"{done} hosts done. 0 errors.",
        "log": {},
    }
