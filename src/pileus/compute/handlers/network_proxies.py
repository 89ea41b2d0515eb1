"""What compute once did itself with networks, until 2.35 passed on to the network API."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from pileus.compute.links import limit_of
from pileus.compute.service import Compute
from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, Forbidden, NotFound, QuotaExceeded
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.services import Answer, fault_message

Thing = Mapping[str, Any]
NETWORK_FIELDS = [
    "cidr",
    "netmask",
    "gateway",
    "broadcast",
    "dns1",
    "dns2",
    "cidr_v6",
    "gateway_v6",
    "netmask_v6",
]  # of nova-network; nothing is known of them
ADMIN_FIELDS = [
    "created_at",
    "updated_at",
    "deleted_at",
    "deleted",
    "injected",
    "bridge",
    "vlan",
    "vpn_public_address",
    "vpn_public_port",
    "vpn_private_address",
    "dhcp_start",
    "project_id",
    "host",
    "bridge_interface",
    "multi_host",
    "priority",
    "rxtx_base",
    "mtu",
    "dhcp_server",
    "enable_dhcp",
    "share_address",
]
PROTOCOLS = ("tcp", "udp", "icmp")


def _call(
    request: Request[Compute], method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
) -> Answer:
    network = request.service.runtime.services["network"]
    return network.request(request.context, method, "/v2.0" + path, body, params=params)


def _refused(answer: Answer) -> Exception:
    """A refusal of the network API, in compute's words. Raises what ``expect`` raises for a breakdown."""
    message = fault_message(answer.body)
    if answer.status == 409:
        return QuotaExceeded(message) if "quota" in message.lower() else BadRequest(message)
    known = {400: BadRequest, 403: Forbidden, 404: NotFound}.get(answer.status)
    if known is None:
        answer.expect()
    assert known is not None
    return known(message)


# -- networks ----------------------------------------------------------------------------------------------------------


def list_networks(request: Request[Compute]) -> dict[str, Any]:
    """List networks."""
    return {"networks": [_network(request, network) for network in _networks(request)]}


def show_network(request: Request[Compute], network_id: str) -> dict[str, Any]:
    """Show a network."""
    return {"network": _network(request, _find_network(request, network_id))}


def list_tenant_networks(request: Request[Compute]) -> dict[str, Any]:
    """List the networks of the project."""
    return {"networks": [_tenant_network(network) for network in _networks(request)]}


def show_tenant_network(request: Request[Compute], network_id: str) -> dict[str, Any]:
    """Show a network of the project."""
    return {"network": _tenant_network(_find_network(request, network_id))}


def _networks(request: Request[Compute]) -> list[Thing]:
    """Every network that the caller sees, external ones too."""
    found: list[Thing] = _call(request, "GET", "/networks").expect(200)["networks"]
    return found


def _find_network(request: Request[Compute], network_id: str) -> Thing:
    answer = _call(request, "GET", f"/networks/{network_id}")
    if answer.status == 404:
        raise NotFound("Network not found")
    network: Thing = answer.expect(200)["network"]
    return network


def _network(request: Request[Compute], network: Thing) -> dict[str, Any]:
    fields = [*NETWORK_FIELDS, *(ADMIN_FIELDS if request.context.is_admin else ())]
    return {"id": network["id"], "label": network["name"], **dict.fromkeys(fields)}


def _tenant_network(network: Thing) -> dict[str, Any]:
    return {"id": network["id"], "label": network["name"], "cidr": "None"}


# -- floating IP addresses ---------------------------------------------------------------------------------------------


def list_pools(request: Request[Compute]) -> dict[str, Any]:
    """List the networks that floating IP addresses are of."""
    found = _call(request, "GET", "/networks", params={"router:external": True}).expect(200)["networks"]
    return {"floating_ip_pools": [{"name": network["name"] or network["id"]} for network in found]}


def list_floating_ips(request: Request[Compute]) -> dict[str, Any]:
    """List the project's floating IP addresses."""
    params = {"tenant_id": request.context.project_id}
    found = _call(request, "GET", "/floatingips", params=params).expect(200)["floatingips"]
    return {"floating_ips": _floating_ips(request, found)}


def show_floating_ip(request: Request[Compute], floating_ip_id: str) -> dict[str, Any]:
    """Show a floating IP address."""
    return {"floating_ip": _floating_ips(request, [_find_floating_ip(request, floating_ip_id)])[0]}


def create_floating_ip(request: Request[Compute]) -> dict[str, Any]:
    """Allocate a floating IP address."""
    pool = request.body.pool if request.body is not None else None
    params: dict[str, Any] = {"router:external": True}
    if pool:
        params["id" if ids.is_uuid(pool) else "name"] = pool
    found = _call(request, "GET", "/networks", params=params).expect(200)["networks"]
    if not found:
        raise NotFound("Floating IP pool not found.")
    if len(found) > 1 and pool:
        raise BadRequest(f"Multiple floating IP pools matches found for name '{pool}'")
    answer = _call(request, "POST", "/floatingips", {"floatingip": {"floating_network_id": found[0]["id"]}})
    if answer.status == 409:
        over = "quota" in fault_message(answer.body).lower()
        where = f" in pool {pool}." if pool else "." if over else " available."
        raise QuotaExceeded(f"IP allocation over quota{where}") if over else NotFound(f"No more floating IPs{where}")
    if answer.status != 201:
        raise _refused(answer)
    return {"floating_ip": _floating_ips(request, [answer.json["floatingip"]])[0]}


def delete_floating_ip(request: Request[Compute], floating_ip_id: str) -> Response:
    """Give a floating IP address back."""
    _find_floating_ip(request, floating_ip_id)
    answer = _call(request, "DELETE", f"/floatingips/{floating_ip_id}")
    if answer.status not in (204, 404):
        raise _refused(answer)
    return Response(status=202)


def _find_floating_ip(request: Request[Compute], floating_ip_id: str) -> Thing:
    if not ids.is_uuid(floating_ip_id):
        raise BadRequest(f"Invalid ID received {floating_ip_id}.")
    answer = _call(request, "GET", f"/floatingips/{floating_ip_id}")
    if answer.status == 404:
        raise NotFound(f"Floating IP not found for ID {floating_ip_id}")
    found: Thing = answer.expect(200)["floatingip"]
    return found


def _floating_ips(request: Request[Compute], found: list[Thing]) -> list[dict[str, Any]]:
    names = request.service.networking.networks(request.context, {ip["floating_network_id"] for ip in found})
    return [
        {
            "id": ip["id"],
            "ip": ip["floating_ip_address"],
            "fixed_ip": ip["fixed_ip_address"],
            "instance_id": (ip.get("port_details") or {}).get("device_id"),
            "pool": names.get(ip["floating_network_id"], {}).get("name") or ip["floating_network_id"],
        }
        for ip in found
    ]


# -- security groups ---------------------------------------------------------------------------------------------------


def list_security_groups(request: Request[Compute]) -> dict[str, Any]:
    """List security groups."""
    params = {} if "all_tenants" in request.query and request.context.is_admin else _own(request)
    found = _call(request, "GET", "/security-groups", params=params).expect(200)["security_groups"]
    offset = request.int_param("offset", minimum=0) or 0
    found = found[offset : offset + (limit_of(request) or 1000)]
    names = _names(request, found)
    shown = [_group(group, names) for group in found]
    return {"security_groups": sorted(shown, key=lambda group: (group["tenant_id"], group["name"]))}


def show_security_group(request: Request[Compute], group_id: str) -> dict[str, Any]:
    """Show a security group."""
    return _shown_group(request, _find_group(request, group_id))


def create_security_group(request: Request[Compute]) -> dict[str, Any]:
    """Create a security group."""
    given = request.body.security_group
    values = {"name": given.name, "description": given.description}
    answer = _call(request, "POST", "/security-groups", {"security_group": values})
    if answer.status != 201:
        raise _refused(answer)
    return _shown_group(request, answer.json["security_group"])


def update_security_group(request: Request[Compute], group_id: str) -> dict[str, Any]:
    """Change the name and the description of a security group."""
    _find_group(request, group_id)
    given = request.body.security_group
    values = {"name": given.name, "description": given.description}
    answer = _call(request, "PUT", f"/security-groups/{group_id}", {"security_group": values})
    if answer.status != 200:
        raise _refused(answer)
    return _shown_group(request, answer.json["security_group"])


def delete_security_group(request: Request[Compute], group_id: str) -> Response:
    """Delete a security group."""
    _find_group(request, group_id)
    answer = _call(request, "DELETE", f"/security-groups/{group_id}")
    if answer.status not in (204, 404):
        raise _refused(answer)
    return Response(status=202)


def create_rule(request: Request[Compute]) -> dict[str, Any]:
    """Add a rule for incoming traffic to a security group."""
    given = request.body.security_group_rule
    parent = _find_group(request, given.parent_group_id)
    source = None if given.group_id is None else _find_group(request, given.group_id)
    answer = _call(request, "POST", "/security-group-rules", {"security_group_rule": _rule_of(given, parent["id"])})
    if answer.status != 201:
        raise _refused(answer)
    rule = answer.json["security_group_rule"]
    shown = _rule(rule, _name_of(source) if source is not None else {})
    return {"security_group_rule": shown}


def delete_rule(request: Request[Compute], rule_id: str) -> Response:
    """Remove a rule from its security group."""
    if not ids.is_uuid(rule_id):
        raise BadRequest("Security group id should be uuid")
    answer = _call(request, "DELETE", f"/security-group-rules/{rule_id}")
    if answer.status != 204:
        raise _refused(answer)
    return Response(status=202)


def _own(request: Request[Compute]) -> dict[str, Any]:
    return {"tenant_id": request.context.project_id}


def _find_group(request: Request[Compute], group_id: str) -> Thing:
    if not ids.is_uuid(group_id):
        raise BadRequest("Security group id should be uuid")
    answer = _call(request, "GET", f"/security-groups/{group_id}")
    if answer.status == 404:
        raise NotFound(f"Security group {group_id} not found.")
    group: Thing = answer.expect(200)["security_group"]
    return group


def _shown_group(request: Request[Compute], group: Thing) -> dict[str, Any]:
    return {"security_group": _group(group, _names(request, [group]))}


def _names(request: Request[Compute], groups: Iterable[Thing]) -> dict[str, dict[str, Any]]:
    """The groups that rules refer to, by id: one call for those that are not among the groups themselves."""
    known = {group["id"]: _name_of(group) for group in groups}
    asked = {
        rule["remote_group_id"]
        for group in groups
        for rule in group["security_group_rules"]
        if rule.get("remote_group_id") and rule["remote_group_id"] not in known
    }
    if asked:
        found = _call(request, "GET", "/security-groups", params={"id": sorted(asked)}).expect(200)["security_groups"]
        known |= {group["id"]: _name_of(group) for group in found}
    return known


def _name_of(group: Thing) -> dict[str, Any]:
    return {"name": group["name"], "tenant_id": group.get("project_id") or group.get("tenant_id")}


def _group(group: Thing, names: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    rules = [
        _rule(rule, names.get(rule.get("remote_group_id") or "", {}))
        for rule in group["security_group_rules"]
        if rule["direction"] == "ingress" and (not rule.get("remote_group_id") or rule["remote_group_id"] in names)
    ]
    return {
        "id": group["id"],
        "name": group["name"],
        "description": group["description"],
        "tenant_id": group.get("project_id") or group.get("tenant_id"),
        "rules": rules,
    }


def _rule(rule: Thing, source: Mapping[str, Any]) -> dict[str, Any]:
    first, last = rule.get("port_range_min"), rule.get("port_range_max")
    if rule["protocol"] and first is None and last is None:
        first, last = (1, 65535) if rule["protocol"].lower() in ("tcp", "udp") else (-1, -1)
    by_group = bool(rule.get("remote_group_id"))
    return {
        "id": rule["id"],
        "parent_group_id": rule["security_group_id"],
        "ip_protocol": rule["protocol"],
        "from_port": first,
        "to_port": last,
        "group": dict(source) if by_group else {},
        "ip_range": {} if by_group else {"cidr": rule.get("remote_ip_prefix") or "0.0.0.0/0"},
    }


def _rule_of(given: Any, parent_id: str) -> dict[str, Any]:
    """The network API's rule for one of compute's. Raises BadRequest."""
    protocol = str(given.ip_protocol).lower() if given.ip_protocol is not None else None
    if protocol is None and given.group_id is None:
        raise BadRequest("Not enough parameters to build a valid rule.")
    if protocol is not None and protocol not in PROTOCOLS:
        raise BadRequest(f"Invalid IP protocol {protocol}.")
    rule: dict[str, Any] = {"security_group_id": parent_id, "direction": "ingress", "protocol": protocol}
    first, last = _port(given.from_port), _port(given.to_port)
    if protocol in ("tcp", "udp") and given.group_id is None and (first is None or last is None):
        raise BadRequest("Not enough parameters to build a valid rule.")
    if first is not None and last is not None and first > last and protocol != "icmp":
        raise BadRequest(f"Invalid port range {first}:{last}. Former value cannot be greater than the later")
    rule |= {"port_range_min": None if first == -1 else first, "port_range_max": None if last == -1 else last}
    if given.group_id is not None:
        return rule | {"remote_group_id": given.group_id, "ethertype": "IPv4"}
    cidr = given.cidr or "0.0.0.0/0"
    try:
        network = ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        raise BadRequest(f"Invalid cidr {cidr}.") from None
    return rule | {"remote_ip_prefix": str(cidr), "ethertype": f"IPv{network.version}"}


def _port(value: Any) -> int | None:
    if value is None:
        return None
    try:
        port = int(value)
    except (TypeError, ValueError):
        raise BadRequest(f"Invalid input received: port must be an integer, not {value}") from None
    if not -1 <= port <= 65535:
        raise BadRequest(f"Invalid port range {port}:{port}. Valid TCP ports should be between 1-65535")
    return port
