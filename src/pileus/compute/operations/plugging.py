"""The ports of a server: made, bound to its host, given back."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pileus.compute.model import Server, ServerVif
from pileus.compute.networking import OWNER, Networking, Port, addresses_of, vif_of
from pileus.compute.operations.common import Values, load, service_of
from pileus.compute.store import servers
from pileus.kernel.context import Context
from pileus.kernel.errors import GiveUp, RetryLater
from pileus.kernel.operations.model import Run

Want = Mapping[str, Any]
PLUG_POLL = 0.5  # seconds between looks at ports that are to become active


def plug(run: Run, server: Server, host: str, zone: str, wants: Sequence[Want], groups: Sequence[str]) -> Values:
    """Makes and binds the ports of a new server, in the order wanted; those that a dead engine made are found again.

    Returns the fields of the server that follow from its ports, and writes its interfaces.
    """
    networking, context = service_of(run).networking, run.context.as_service()
    there = {port["id"]: port for port in networking.ports_of(context, server.id)}
    given = {want["port"] for want in wants if want.get("port")}
    spare = [port for port_id, port in there.items() if port_id not in given]
    ports: list[tuple[Port, Want]] = []
    for want in wants:
        run.checkpoint()
        if want.get("port"):
            port = _adopt(networking, context, server, host, zone, want["port"])
        else:
            port = _take(spare, want["uuid"]) or networking.create_port(
                context, _values(server, host, zone, want, groups)
            )
        ports.append((port, want))
    return keep(run, server.id, [(port, want.get("tag"), not want.get("port")) for port, want in ports])


def _adopt(networking: Networking, context: Context, server: Server, host: str, zone: str, port_id: str) -> Port:
    values = {"device_id": server.id, "device_owner": OWNER + zone, "binding:host_id": host}
    return networking.update_port(context, port_id, values)


def _take(spare: list[Port], network_id: str) -> Port | None:
    """A port of this network that was made before, taken out of ``spare``."""
    found = next((port for port in spare if port["network_id"] == network_id), None)
    if found is not None:
        spare.remove(found)
    return found


def _values(server: Server, host: str, zone: str, want: Want, groups: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "network_id": want["uuid"],
        "project_id": server.project_id,
        "device_id": server.id,
        "device_owner": OWNER + zone,
        "admin_state_up": True,
        "binding:host_id": host,
    }
    if want.get("fixed_ip"):
        values["fixed_ips"] = [{"ip_address": want["fixed_ip"]}]
    if groups and want.get("port_security", True):
        values["security_groups"] = list(groups)
    return values


def keep(run: Run, server_id: str, ports: Sequence[tuple[Port, str | None, bool]]) -> Values:
    """Writes a server's interfaces as these (port, tag, made for the server); returns what the server shows of them."""
    networking, context = service_of(run).networking, run.context.as_service()
    networks = networking.networks(context, {port["network_id"] for port, _, _ in ports})
    vifs = [
        ServerVif(
            port_id=port["id"],
            server_id=server_id,
            network_id=port["network_id"],
            mac=port["mac_address"],
            position=position,
            ours=ours,
            tag=tag,
            vif=msgspec.to_builtins(vif_of(port, networks.get(port["network_id"], {}), tag)),
        )
        for position, (port, tag, ours) in enumerate(ports)
    ]
    with run.database.transaction() as tx:
        servers.put_vifs(tx, server_id, vifs)
    plain = [port for port, _, _ in ports]
    names = {network_id: network["name"] for network_id, network in networks.items()}
    floating_ips = networking.floating_ips(context, [port["id"] for port in plain]) if run.input.get("floating") else ()
    return {
        "addresses": addresses_of(plain, names, floating_ips),
        "security_groups": _group_names(networking, context, plain),
    }


def _group_names(networking: Networking, context: Context, ports: Sequence[Port]) -> list[str]:
    wanted = {group for port in ports for group in port.get("security_groups") or ()}
    if not wanted:
        return []
    return sorted({group["name"] for group in networking.security_groups(context, id=sorted(wanted))})


def wait_for_ports(run: Run, server: Server) -> None:
    """Raises RetryLater until every port carries traffic, GiveUp when one never will."""
    with run.database.read() as tx:
        if not servers.vifs(tx, server.id):
            return
    for port in service_of(run).networking.ports_of(run.context.as_service(), server.id):
        if port.get("binding:vif_type") == "binding_failed":
            raise GiveUp(f"Binding failed for port {port['id']}, please check neutron logs for more information.")
        if port["status"] != "ACTIVE" and port.get("admin_state_up", True):
            raise RetryLater(f"waiting for port {port['id']} to become active", after=PLUG_POLL)


def bind(run: Run, server: Server, host: str) -> Values:
    """Binds the server's ports to another host."""
    networking, context = service_of(run).networking, run.context.as_service()
    with run.database.read() as tx:
        vifs = servers.vifs(tx, server.id)
    if not vifs:
        return {}
    ports = [
        (networking.update_port(context, vif.port_id, {"binding:host_id": host}), vif.tag, vif.ours) for vif in vifs
    ]
    run.input["floating"] = True
    return keep(run, server.id, ports)


def refresh(run: Run) -> Values:
    """Reads the server's ports again; returns what it shows of them."""
    server = load(run)
    networking, context = service_of(run).networking, run.context.as_service()
    ports = {port["id"]: port for port in networking.ports_of(context, server.id)}
    with run.database.read() as tx:
        vifs = servers.vifs(tx, server.id)
    known = [(ports[vif.port_id], vif.tag, vif.ours) for vif in vifs if vif.port_id in ports]
    run.input["floating"] = True
    return keep(run, server.id, known)


def give_back(run: Run, server_id: str) -> None:
    """Deletes the ports that were made for a server, also those nobody noted down, and unbinds the others."""
    networking, context = service_of(run).networking, run.context.as_service()
    if not networking.present:
        return
    with run.database.read() as tx:
        given = {vif.port_id for vif in servers.vifs(tx, server_id) if not vif.ours}
    for port in networking.ports_of(context, server_id):
        if port["id"] in given:
            networking.unbind_port(context, port["id"])
        else:
            networking.delete_port(context, port["id"])
