"""What is asked of a server's host: console, diagnostics; and what hosts and other services tell of servers."""

import re
from typing import Any

from pileus.compute import states
from pileus.compute.model import Server
from pileus.compute.operations.interfaces import DETACH_INTERFACE, REFRESH
from pileus.compute.servers_bodies import ExternalEvent
from pileus.compute.servers_checks import given
from pileus.compute.service import Compute
from pileus.compute.store import servers
from pileus.kernel.errors import Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.operations.queue import hurry

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f]")
_NEEDS_TAG = ("network-vif-deleted", "volume-extended", "accelerator-request-bound", "power-update", "volume-reimaged")
_PORT_DELETED = "network-vif-deleted"


def _call(request: Request[Compute], server: Server, method: str, **arguments: Any) -> Any:
    if server.host is None:
        raise Conflict(f"Instance {server.id} is not ready")
    rpc = request.service.runtime.rpc
    return rpc.call(request.context, server.host, f"compute.{method}", guest_id=server.id, **arguments)


def console_output(request: Request[Compute], server: Server) -> dict[str, str]:
    """Show what a server wrote to its serial console."""
    try:
        output = str(_call(request, server, "console_log"))
    except NotFound:
        raise NotFound("Guest does not have a console available.") from None
    length = given(request.body.output.length)
    lines = int(length) if length is not None else -1
    if lines >= 0:
        output = "\n".join(output.split("\n")[-lines:]) if lines else ""
    return {"output": _UNPRINTABLE.sub("", output)}


def diagnostics(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Show how busy a server is."""
    if server.host is not None and server.power_state != states.RUNNING:
        state = next(name for name, number in states.POWER_STATES.items() if number == server.power_state)
        raise Conflict(f"Cannot 'get_diagnostics' instance {server.id} while it is in power_state {state}")
    raw = _call(request, server, "diagnostics")
    return _standard(server, raw) if request.microversion >= (2, 48) else _plain(raw)


def _standard(server: Server, raw: dict[str, Any]) -> dict[str, Any]:
    cpus, nics, disks = raw.get("cpus", []), raw.get("nics", []), raw.get("disks", [])
    directions = ("rx", "tx")
    counters = ("octets", "packets", "errors", "drop", "rate")
    return {
        "state": next(name for name, number in states.POWER_STATES.items() if number == server.power_state),
        "driver": "libvirt",
        "hypervisor": raw.get("hypervisor", "qemu"),
        "hypervisor_os": "linux",
        "uptime": raw.get("uptime"),
        "config_drive": server.config_drive,
        "num_cpus": len(cpus),
        "num_nics": len(nics),
        "num_disks": len(disks),
        "cpu_details": [{"id": cpu["id"], "time": cpu["time"], "utilisation": cpu.get("utilisation")} for cpu in cpus],
        "nic_details": [
            {
                "mac_address": nic["mac_address"],
                **{f"{way}_{name}": nic.get(f"{way}_{name}") for way in directions for name in counters},
            }
            for nic in nics
        ],
        "disk_details": [
            {
                "read_bytes": disk.get("read_bytes"),
                "read_requests": disk.get("read_requests"),
                "write_bytes": disk.get("write_bytes"),
                "write_requests": disk.get("write_requests"),
                "errors_count": disk.get("errors_count"),
            }
            for disk in disks
        ],
        "memory_details": {"maximum": raw.get("memory_mb"), "used": raw.get("memory_used_mb", raw.get("memory_mb"))},
    }


def _plain(raw: dict[str, Any]) -> dict[str, Any]:
    """Figures by the names of devices, as libvirt's driver had them."""
    view: dict[str, Any] = {f"cpu{cpu['id']}_time": cpu["time"] for cpu in raw.get("cpus", [])}
    view["memory"] = (raw.get("memory_mb") or 0) * 1024
    for number, disk in enumerate(raw.get("disks", [])):
        name = f"vd{chr(ord('a') + number)}"
        view |= {
            f"{name}_read_req": disk.get("read_requests"),
            f"{name}_read": disk.get("read_bytes"),
            f"{name}_write_req": disk.get("write_requests"),
            f"{name}_write": disk.get("write_bytes"),
            f"{name}_errors": disk.get("errors_count", -1),
        }
    for number, nic in enumerate(raw.get("nics", [])):
        for way in ("rx", "tx"):
            view[f"vnet{number}_{way}"] = nic.get(f"{way}_octets")
            for name in ("packets", "errors", "drop"):
                view[f"vnet{number}_{way}_{name}"] = nic.get(f"{way}_{name}")
    return view


def topology(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Show a server's NUMA topology: none of ours has one."""
    return {"nodes": [], "pagesize_kb": None}


def show_password(request: Request[Compute], server: Server) -> dict[str, str]:
    """Show the password that a server's guest posted, encrypted."""
    return {"password": server.password or ""}


def clear_password(request: Request[Compute], server: Server) -> None:
    """Forget the password that a server's guest posted."""
    with request.service.database.transaction() as tx:
        servers.update(tx, server.id, password=None)


# -- events ------------------------------------------------------------------------------------------------------------


def external_events(request: Request[Compute]) -> Response:
    """Take note of what happened to ports and volumes of servers."""
    events: list[ExternalEvent] = request.body.events
    with request.service.database.transaction() as tx:
        known = servers.hosts_of(tx, {event.server_uuid for event in events})
        answers = [_take(event, known) for event in events]
        taken = {
            event.server_uuid: event for event, answer in zip(events, answers, strict=True) if answer["code"] == 200
        }
        for server_id in taken:
            hurry(tx, server_id)
        ask = request.service.runtime.operations.ask
        for server_id in {event.server_uuid for event in events if event.name == "network-changed"} & set(taken):
            ask(tx, REFRESH, server_id, request.context)
        for event in events:
            if event.name == _PORT_DELETED and event.server_uuid in taken and given(event.tag):
                ask(tx, DETACH_INTERFACE, event.server_uuid, request.context, {"port_id": event.tag})
    partly = any(answer["code"] != 200 for answer in answers)
    return Response({"events": answers}, status=207 if partly else 200)


def _take(event: ExternalEvent, known: dict[str, str | None]) -> dict[str, Any]:
    answer: dict[str, Any] = {"name": event.name, "server_uuid": event.server_uuid}
    answer["status"] = "completed" if given(event.status) is None else event.status
    if given(event.tag) is not None:
        answer["tag"] = event.tag
    if event.server_uuid not in known:
        return answer | {"status": "failed", "code": 404}
    if event.name in _NEEDS_TAG and given(event.tag) is None:
        return answer | {"status": "failed", "code": 400}
    if known[event.server_uuid] is None:
        return answer | {"status": "failed", "code": 422}
    return answer | {"status": "completed", "code": 200}
