"""Addresses, interfaces and security groups of servers."""

from collections.abc import Mapping
from typing import Any

import msgspec

from pileus.compute import states
from pileus.compute.model import Server, ServerVif
from pileus.compute.networking import OWNER, Port, addresses_of, vif_of
from pileus.compute.operations.interfaces import ATTACH_INTERFACE, DETACH_INTERFACE, REFRESH
from pileus.compute.servers_acting import check
from pileus.compute.servers_bodies import Interface
from pileus.compute.servers_checks import given
from pileus.compute.servers_view import plain_addresses
from pileus.compute.service import Compute
from pileus.compute.store import server_actions, servers
from pileus.kernel.database import SerializationFailure
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request


def list_addresses(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's addresses."""
    return {"addresses": plain_addresses(server.addresses)}


def show_addresses(request: Request[Compute], server: Server, label: str) -> dict[str, Any]:
    """List a server's addresses in one network."""
    addresses = plain_addresses(server.addresses)
    if label not in addresses:
        raise NotFound("Instance is not a member of specified network")
    return {label: addresses[label]}


# -- interfaces --------------------------------------------------------------------------------------------------------


def list_interfaces(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's interfaces."""
    ports = request.service.networking.ports_of(request.context, server.id)
    with request.service.database.read() as tx:
        tags = {vif.port_id: vif.tag for vif in servers.vifs(tx, server.id)}
    return {"interfaceAttachments": [_interface(request, port, tags.get(port["id"])) for port in ports]}


def show_interface(request: Request[Compute], server: Server, port_id: str) -> dict[str, Any]:
    """Show one of a server's interfaces."""
    port = request.service.networking.port(request.context, port_id)
    if port["device_id"] != server.id:
        raise NotFound(f"Instance {server.id} does not have a port with id {port_id}")
    with request.service.database.read() as tx:
        tag = next((vif.tag for vif in servers.vifs(tx, server.id) if vif.port_id == port_id), None)
    return {"interfaceAttachment": _interface(request, port, tag)}


def _interface(request: Request[Compute], port: Port, tag: str | None) -> dict[str, Any]:
    view: dict[str, Any] = {
        "net_id": port["network_id"],
        "port_id": port["id"],
        "mac_addr": port["mac_address"],
        "port_state": port["status"],
        "fixed_ips": [
            {"subnet_id": ip["subnet_id"], "ip_address": ip["ip_address"]} for ip in port.get("fixed_ips") or ()
        ],
    }
    if request.microversion >= (2, 70):
        view["tag"] = tag
    return view


def attach_interface(request: Request[Compute], server: Server) -> dict[str, Any]:
    """Plug an interface into a server."""
    asked = given(request.body.attachment) or Interface()
    network_id, port_id = given(asked.net_id), given(asked.port_id)
    fixed_ip = asked.fixed_ips[0].ip_address if isinstance(asked.fixed_ips, list) else None
    if network_id and port_id:
        raise BadRequest("Must not input both network_id and port_id")
    if fixed_ip and not network_id:
        raise BadRequest("Must input network_id when request IP address")
    check(request, server, states.ATTACH_INTERFACE)
    port, ours = (
        (_adopted(request, server, port_id), False)
        if port_id
        else (
            _made(request, server, network_id, fixed_ip),
            True,
        )
    )
    tag = given(asked.tag)
    _note(request, server, port, ours=ours, tag=tag)
    return {"interfaceAttachment": _interface(request, port, tag)}


def _adopted(request: Request[Compute], server: Server, port_id: str) -> Port:
    networking = request.service.networking
    port = networking.port(request.context, port_id)
    if port.get("device_id"):
        raise Conflict(f"Port {port_id} is still in use.")
    if not port.get("fixed_ips"):
        raise BadRequest(f"Port {port_id} requires a FixedIP in order to be used.")
    return networking.update_port(request.context.as_service(), port_id, _plugged(server))


def _plugged(server: Server) -> dict[str, Any]:
    return {
        "device_id": server.id,
        "device_owner": f"{OWNER}{server.availability_zone or ''}",
        "binding:host_id": server.host or "",
    }


def _made(request: Request[Compute], server: Server, network_id: str | None, fixed_ip: str | None) -> Port:
    networking, context = request.service.networking, request.context
    if network_id is None:
        available = networking.available(context)
        if not available:
            raise BadRequest(
                f"No specific network was requested and none are available for project '{context.project_id}'."
            )
        if len(available) > 1:
            raise BadRequest("Multiple possible networks found, use a Network ID to be more specific.")
        network: Mapping[str, Any] = available[0]
    else:
        found = networking.networks(context, [network_id]).get(network_id)
        if found is None:
            raise NotFound(f"Network {network_id} could not be found.")
        network = found
    values: dict[str, Any] = {
        "network_id": network["id"],
        "project_id": server.project_id,
        "admin_state_up": True,
        **_plugged(server),
    }
    if fixed_ip:
        values["fixed_ips"] = [{"ip_address": fixed_ip}]
    return networking.create_port(context.as_service(), values)


def _note(request: Request[Compute], server: Server, port: Port, *, ours: bool, tag: str | None) -> None:
    """Writes the interface and what the server shows of it, and asks for it to be plugged in."""
    networking, context = request.service.networking, request.context
    network = networking.networks(context.as_service(), [port["network_id"]])[port["network_id"]]
    vif = vif_of(port, network, tag)
    shown = addresses_of([port], {network["id"]: network["name"]})
    with request.service.database.transaction() as tx:
        known = servers.vifs(tx, server.id)
        row = ServerVif(
            port_id=port["id"],
            server_id=server.id,
            network_id=port["network_id"],
            mac=port["mac_address"],
            position=1 + max((one.position for one in known), default=-1),
            ours=ours,
            tag=tag,
            vif=msgspec.to_builtins(vif),
        )
        servers.put_vifs(tx, server.id, [*known, row])
        now = servers.get(tx, server.id)
        if now is None:
            raise SerializationFailure(f"server {server.id} was deleted meanwhile")
        addresses = now.addresses
        for label, ips in shown.items():
            addresses[label] = [*addresses.get(label, []), *ips]
        servers.update(tx, server.id, addresses=addresses)
        server_actions.record(tx, context, [server.id], "attach_interface")
        request.service.runtime.operations.ask(tx, ATTACH_INTERFACE, server.id, context, {"port_id": port["id"]})


def detach_interface(request: Request[Compute], server: Server, port_id: str) -> None:
    """Take an interface out of a server."""
    check(request, server, states.DETACH_INTERFACE)
    with request.service.database.transaction() as tx:
        if all(vif.port_id != port_id for vif in servers.vifs(tx, server.id)):
            raise NotFound(f"Port id {port_id} could not be found.")
        server_actions.record(tx, request.context, [server.id], "detach_interface")
        request.service.runtime.operations.ask(tx, DETACH_INTERFACE, server.id, request.context, {"port_id": port_id})


# -- security groups ---------------------------------------------------------------------------------------------------


def add_security_group(request: Request[Compute], server: Server) -> None:
    """Put a server into a security group."""
    group = _group(request, request.body.group.name)
    ports = _ports(request, server)
    for port in ports:
        groups = [*port.get("security_groups", ()), group["id"]]
        if group["id"] not in port.get("security_groups", ()):
            _set_groups(request, port, groups)
    names = sorted({*server.security_groups, group["name"]})
    _keep_groups(request, server, names)


def remove_security_group(request: Request[Compute], server: Server) -> None:
    """Take a server out of a security group."""
    group = _group(request, request.body.group.name)
    found = False
    for port in _ports(request, server):
        groups = list(port.get("security_groups", ()))
        if group["id"] in groups:
            found = True
            _set_groups(request, port, [one for one in groups if one != group["id"]])
    if not found:
        raise NotFound(f"Security group {group['name']} not associated with the instance {server.id}")
    _keep_groups(request, server, [name for name in server.security_groups if name != group["name"]])


def _ports(request: Request[Compute], server: Server) -> list[Port]:
    ports = request.service.networking.ports_of(request.context, server.id)
    if not ports:
        raise BadRequest(f"instance {server.id} has no ports that a security group could be applied to")
    return ports


def _group(request: Request[Compute], name: str) -> Mapping[str, Any]:
    for group in request.service.networking.security_groups(request.context):
        if name in (group["id"], group["name"]):
            return group
    raise NotFound(f"Security group {name} not found for project {request.context.project_id}.")


def _set_groups(request: Request[Compute], port: Port, groups: list[str]) -> None:
    request.service.networking.update_port(request.context, port["id"], {"security_groups": groups})


def _keep_groups(request: Request[Compute], server: Server, names: list[str]) -> None:
    with request.service.database.transaction() as tx:
        servers.update(tx, server.id, security_groups=names)


def list_security_groups(request: Request[Compute], server: Server) -> dict[str, Any]:
    """List a server's security groups with their rules."""
    networking, context = request.service.networking, request.context
    ids = sorted({one for port in networking.ports_of(context, server.id) for one in port.get("security_groups", ())})
    return {"security_groups": [_group_view(group) for group in networking.whole_security_groups(context, ids)]}


def _group_view(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": group["id"],
        "name": group["name"],
        "description": group.get("description") or "",
        "tenant_id": group.get("project_id") or group.get("tenant_id"),
        "rules": [
            _rule_view(group["id"], rule)
            for rule in group.get("security_group_rules", ())
            if rule["direction"] == "ingress"
        ],
    }


def _rule_view(group_id: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    cidr = rule.get("remote_ip_prefix") or ("0.0.0.0/0" if rule["ethertype"] == "IPv4" else "::/0")
    return {
        "id": rule["id"],
        "parent_group_id": group_id,
        "ip_protocol": rule["protocol"],
        "from_port": rule["port_range_min"],
        "to_port": rule["port_range_max"],
        "group": {},
        "ip_range": {} if rule.get("remote_group_id") else {"cidr": cidr},
    }


# -- addresses, until 2.43 ---------------------------------------------------------------------------------------------


def add_fixed_ip(request: Request[Compute], server: Server) -> None:
    """Give a server one more address in a network that it is in."""
    networking, context = request.service.networking, request.context
    network_id = str(request.body.add.network_id)
    port = next((one for one in networking.ports_of(context, server.id) if one["network_id"] == network_id), None)
    network = networking.networks(context, [network_id]).get(network_id)
    if port is None or network is None or not network["subnets"]:
        raise BadRequest(f"No fixed IP addresses available for network: {network_id}")
    more = [*port["fixed_ips"], {"subnet_id": network["subnets"][0]}]
    _set_addresses(request, server, port, more)


def remove_fixed_ip(request: Request[Compute], server: Server) -> None:
    """Take an address from a server."""
    address = request.body.remove.address
    for port in request.service.networking.ports_of(request.context, server.id):
        rest = [ip for ip in port["fixed_ips"] if ip["ip_address"] != address]
        if len(rest) < len(port["fixed_ips"]):
            _set_addresses(request, server, port, rest)
            return
    raise BadRequest(f"Fixed IP address {address} not found for instance {server.id}.")


def _set_addresses(request: Request[Compute], server: Server, port: Port, fixed_ips: list[dict[str, Any]]) -> None:
    request.service.networking.update_port(request.context.as_service(), port["id"], {"fixed_ips": fixed_ips})
    _refresh(request, server)


def _refresh(request: Request[Compute], server: Server) -> None:
    """What the server shows of its addresses is looked at again."""
    with request.service.database.transaction() as tx:
        request.service.runtime.operations.ask(tx, REFRESH, server.id, request.context)


def add_floating_ip(request: Request[Compute], server: Server) -> None:
    """Give a server a floating IP."""
    networking, context = request.service.networking, request.context
    asked = request.body.add
    floating_ip = networking.floating_ip(context, asked.address)
    fixed = [
        (port["id"], ip["ip_address"])
        for port in networking.ports_of(context, server.id)
        for ip in port["fixed_ips"]
        if ":" not in ip["ip_address"] and given(asked.fixed_address) in (None, ip["ip_address"])
    ]
    if not fixed:
        raise BadRequest(
            "No fixed IPs associated to instance"
            if given(asked.fixed_address) is None
            else "Specified fixed address not assigned to instance"
        )
    try:
        networking.associate(context, floating_ip["id"], *fixed[0])
    except Conflict as error:
        raise BadRequest(error.message) from None
    _refresh(request, server)


def remove_floating_ip(request: Request[Compute], server: Server) -> None:
    """Take a floating IP from a server."""
    networking, context = request.service.networking, request.context
    floating_ip = networking.floating_ip(context, request.body.remove.address)
    if floating_ip["port_id"] not in {port["id"] for port in networking.ports_of(context, server.id)}:
        raise Conflict(f"Floating IP {request.body.remove.address} is not associated with instance {server.id}.")
    networking.associate(context, floating_ip["id"], None, None)
    _refresh(request, server)
