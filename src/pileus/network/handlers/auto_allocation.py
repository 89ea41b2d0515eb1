"""Auto-allocated topologies: a project's network, made on its first ask."""

from typing import Any

from pileus.kernel.http.request import Request
from pileus.network.attributes import prepare_create
from pileus.network.calls import Call
from pileus.network.errors import fault
from pileus.network.resources.base import Resource
from pileus.network.service import Network
from pileus.network.store import topologies
from pileus.network.store.records import Row


def _authorize(call: Call, rule: str, project_id: str) -> None:
    call.authorize([rule], {"project_id": project_id, "tenant_id": project_id})


def _project(request: Request[Network], project_id: str) -> str:
    if project_id in ("None", "null"):
        return request.context.project_id or ""
    return project_id


def show(request: Request[Network], project_id: str) -> dict[str, Any]:
    """Show a project's auto-allocated topology; made when there is none, only checked with fields=dry-run."""
    project_id = _project(request, project_id)
    with request.service.database.transaction() as tx:
        call = Call(request.service, tx, request.context)
        _authorize(call, "get_auto_allocated_topology", project_id)
        known = topologies.get(tx, project_id)
        if "dry-run" in request.params("fields"):
            if known is None:
                _requirements(call)
            id = "dry-run=pass"
        else:
            id = known["network_id"] if known is not None else _make(call, project_id)
            call.finish()
    return {"auto_allocated_topology": {"id": id, "project_id": project_id, "tenant_id": project_id}}


def _requirements(call: Call) -> tuple[Row, list[Row]]:
    """The default external network and the default subnet pools. Raises AutoAllocationFailure without them."""
    external = call.service.networks.records.of(call.tx, external=True, is_default=True)
    if not external:
        raise fault("AutoAllocationFailure", reason="No default router:external network")
    pools = call.service.subnetpools.records.of(call.tx, is_default=True)
    if not pools:
        raise fault("AutoAllocationFailure", reason="No default subnetpools defined")
    return external[0], pools


def _create(call: Call, resource: Resource, project_id: str, **values: Any) -> Row:
    body = {resource.name: {"project_id": project_id, **values}}
    context = call.context
    if project_id != context.project_id:
        context = context.as_service()
    return resource.create(call, prepare_create(context, resource.attributes, body, resource.name))


def _make(call: Call, project_id: str) -> str:
    external, pools = _requirements(call)
    service = call.service
    network = _create(call, service.networks, project_id, name="auto_allocated_network", admin_state_up=True)
    gateway = {"network_id": external["id"]}
    router = _create(call, service.routers, project_id, name="auto_allocated_router", external_gateway_info=gateway)
    for pool in pools:
        version = pool["ip_version"]
        modes = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"} if version == 6 else {}
        subnet = _create(
            call,
            service.subnets,
            project_id,
            name=f"auto_allocated_subnet_v{version}",
            network_id=network["id"],
            ip_version=version,
            subnetpool_id=pool["id"],
            **modes,
        )
        service.routers.add_interface(call, router, {"subnet_id": subnet["id"]})
    topologies.insert(call.tx, project_id, network["id"], router["id"])
    return str(network["id"])


def delete(request: Request[Network], project_id: str) -> None:
    """Delete a project's auto-allocated topology."""
    project_id = _project(request, project_id)
    service = request.service
    with service.database.transaction() as tx:
        call = Call(service, tx, request.context)
        _authorize(call, "delete_auto_allocated_topology", project_id)
        known = topologies.get(tx, project_id)
        if known is None:
            return
        router = service.routers.records.get(tx, known["router_id"])
        network = service.networks.records.get(tx, known["network_id"])
        if router is not None and network is not None:
            for port in service.ports.records.of(tx, device_id=router["id"], network_id=network["id"]):
                service.routers.remove_interface(call, router, {"port_id": port["id"]})
        if router is not None:
            service.routers.delete(call, router)
        if network is not None:
            service.networks.delete(call, network)
        topologies.delete(tx, project_id)
        call.finish()
