"""What the cloud as a whole shows: agents, availability zones, used addresses, pools of floating IPs."""

from collections.abc import Mapping
from typing import Any

from pileus.kernel import clock
from pileus.kernel.http.request import Request
from pileus.network import addresses, query, validators
from pileus.network.attributes import Attribute, prepare_update, table_of
from pileus.network.calls import Call
from pileus.network.drivers.base import Agent
from pileus.network.errors import bad_request, fault, invalid
from pileus.network.handlers.crud import only, read_body
from pileus.network.service import Network
from pileus.network.store import agents, availability

# Back ends do not tell since when a host takes part: as far as this process knows, always.
_STARTED = clock.now()
_CONTROL = ("fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse")


def _filtered(request: Request[Network], shown: list[dict[str, Any]], known: tuple[str, ...]) -> list[dict[str, Any]]:
    for name in request.query:
        if name in _CONTROL:
            continue
        if name not in known:
            raise bad_request(f"{[name]} is invalid attribute for filtering")
        wanted = [value.lower() for value in request.params(name)]
        shown = [item for item in shown if str(item[name]).lower() in wanted]
    return only(query.wanted_fields(request), shown)


def _seen(moment: int) -> str:
    return clock.iso(moment).replace("T", " ").rstrip("Z")


def _agent(agent: Agent, zone: str, descriptions: Mapping[str, str | None]) -> dict[str, Any]:
    seen, started = _seen(agent.seen_at), _seen(_STARTED)
    return {
        "id": agent.id,
        "agent_type": agent.agent_type,
        "binary": agent.binary,
        "topic": "n/a",
        "host": agent.host,
        "admin_state_up": True,
        "alive": agent.alive,
        "availability_zone": zone,
        "configurations": dict(agent.configurations),
        "created_at": started,
        "started_at": started,
        "heartbeat_timestamp": seen,
        "description": descriptions.get(agent.id),
        "resources_synced": None,
    }


_AGENT_FILTERS = (
    "id",
    "agent_type",
    "binary",
    "topic",
    "host",
    "admin_state_up",
    "alive",
    "availability_zone",
    "description",
)


def list_agents(request: Request[Network]) -> dict[str, Any]:
    """List agents."""
    if not request.allowed("get_agent", {}):
        return {"agents": []}
    shown = _agents(request)
    return {"agents": _filtered(request, shown, _AGENT_FILTERS)}


def show_agent(request: Request[Network], id: str) -> dict[str, Any]:
    """Show an agent."""
    return {"agent": only(query.wanted_fields(request), [_find_agent(request, id)])[0]}


def _agents(request: Request[Network]) -> list[dict[str, Any]]:
    zone = request.service.zones()[0]
    with request.service.database.read() as tx:
        descriptions = agents.descriptions(tx)
    return [_agent(agent, zone, descriptions) for agent in request.service.driver.agents()]


def _find_agent(request: Request[Network], id: str) -> dict[str, Any]:
    if not request.allowed("get_agent", {}):
        raise fault("HTTPNotFound")
    found = next((agent for agent in _agents(request) if agent["id"] == id), None)
    if found is None:
        raise fault("AgentNotFound", id=id)
    return found


_AGENT_ATTRIBUTES = table_of(
    Attribute("admin_state_up", put=True, convert=validators.to_boolean),
    Attribute("description", put=True, check=validators.or_none(validators.string(255))),
)


def update_agent(request: Request[Network], id: str) -> dict[str, Any]:
    """Describe an agent. An OVN host cannot be switched off here: its state is what it reports."""
    values = prepare_update(request.context, _AGENT_ATTRIBUTES, read_body(request), "agent")
    _find_agent(request, id)
    request.authorize("update_agent", {})
    if values.get("admin_state_up") is False:
        raise invalid("OVN agent admin state cannot be changed")
    if "description" in values:
        with request.service.database.transaction() as tx:
            agents.describe(tx, id, values["description"])
    return {"agent": _find_agent(request, id)}


def delete_agent(request: Request[Network], id: str) -> None:
    """Forget an agent: refused for as long as its host is part of the networks."""
    _find_agent(request, id)
    request.authorize("delete_agent", {})
    raise bad_request("OVN agents can be deleted only by removing their host from the networks")


def list_zones(request: Request[Network]) -> dict[str, Any]:
    """List availability zones."""
    request.authorize("get_availability_zone", {})
    shown = [
        {"name": zone, "resource": resource, "state": "available"}
        for zone in request.service.zones()
        for resource in ("network", "router")
    ]
    return {"availability_zones": _filtered(request, shown, ("name", "resource", "state"))}


def list_ip_availabilities(request: Request[Network]) -> dict[str, Any]:
    """List how many addresses of networks are used."""
    if not request.allowed("get_network_ip_availability", {}):
        return {"network_ip_availabilities": []}
    with request.service.database.read() as tx:
        shown = _availabilities(Call(request.service, tx, request.context), None)
    version = request.param("ip_version")
    if version is not None:
        number = validators.to_int(version)
        shown = [
            item for item in shown if any(subnet["ip_version"] == number for subnet in item["subnet_ip_availability"])
        ]
    known = ("network_id", "network_name", "tenant_id", "project_id")
    for name in request.query:
        if name not in known + _CONTROL + ("ip_version",):
            raise bad_request(f"{[name]} is invalid attribute for filtering")
        if name in known:
            shown = [item for item in shown if item[name] in request.params(name)]
    return {"network_ip_availabilities": only(query.wanted_fields(request), shown)}


def show_ip_availability(request: Request[Network], id: str) -> dict[str, Any]:
    """Show how many addresses of a network are used."""
    if not request.allowed("get_network_ip_availability", {}):
        raise fault("HTTPNotFound")
    with request.service.database.read() as tx:
        shown = _availabilities(Call(request.service, tx, request.context), id)
    if not shown:
        raise fault("NetworkNotFound", net_id=id)
    return {"network_ip_availability": only(query.wanted_fields(request), shown)[0]}


def _availabilities(call: Call, network_id: str | None) -> list[dict[str, Any]]:
    networks, subnets, used = availability.read(call.tx, network_id)
    shown = []
    for network in networks:
        parts = [
            {
                "subnet_id": subnet["id"],
                "subnet_name": subnet["name"],
                "cidr": subnet["cidr"],
                "ip_version": subnet["ip_version"],
                "total_ips": addresses.size(addresses.pool_spans(subnet["allocation_pools"])),
                "used_ips": used.get(subnet["id"], 0),
            }
            for subnet in subnets.get(network["id"], ())
        ]
        shown.append(
            {
                "network_id": network["id"],
                "network_name": network["name"],
                "project_id": network["project_id"],
                "tenant_id": network["project_id"],
                "total_ips": sum(part["total_ips"] for part in parts),
                "used_ips": sum(part["used_ips"] for part in parts),
                "subnet_ip_availability": parts,
            }
        )
    return shown


def list_floatingip_pools(request: Request[Network]) -> dict[str, Any]:
    """List the subnets that floating IPs are of."""
    with request.service.database.read() as tx:
        call = Call(request.service, tx, request.context)
        external = request.service.networks.records.of(tx, external=True)
        if not call.sees_all:
            external = [row for row in external if _may_use(call, row)]
        subnets = request.service.subnets.records.of(tx, network_id=[row["id"] for row in external]) if external else []
    project = request.context.project_id
    pools = [
        {
            "subnet_id": subnet["id"],
            "subnet_name": subnet["name"],
            "network_id": subnet["network_id"],
            "cidr": subnet["cidr"],
            "project_id": project,
            "tenant_id": project,
        }
        for subnet in subnets
        if subnet["ip_version"] == 4
    ]
    known = ("subnet_id", "subnet_name", "network_id", "cidr", "project_id", "tenant_id")
    return {"floatingip_pools": _filtered(request, pools, known)}


def _may_use(call: Call, network: dict[str, Any]) -> bool:
    try:
        call.service.networks.find(call, network["id"])
    except type(fault("NetworkNotFound", net_id="")):
        return False
    return True
