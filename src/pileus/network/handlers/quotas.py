"""Quotas: limits of projects, and how much of them is used."""

from typing import Any

from pileus.kernel.errors import NotSupported
from pileus.kernel.http.request import Request
from pileus.network import validators
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.handlers.crud import read_body
from pileus.network.resources.base import Resource
from pileus.network.service import Network

_LARGEST = 2147483647


def _counted(service: Network) -> dict[str, Resource]:
    resources: tuple[Resource, ...] = (
        service.networks,
        service.subnets,
        service.ports,
        service.routers,
        service.floatingips,
        service.security_groups,
        service.security_group_rules,
        service.rbac_policies,
        service.subnetpools,
        service.trunks,
        service.address_groups,
    )
    return {resource.quota: resource for resource in resources if resource.quota is not None}


def _authorize(request: Request[Network], rule: str, project_id: str = "") -> None:
    if project_id and project_id == request.context.project_id and rule == "get_quota":
        return
    if not request.allowed(rule, {"project_id": project_id, "tenant_id": project_id}):
        raise fault("PolicyNotAuthorized", rule=f"rule:{rule}")


def list_quotas(request: Request[Network]) -> dict[str, Any]:
    """List the quotas of projects that have limits of their own."""
    _authorize(request, "get_quota")
    quotas = request.service.quotas
    with request.service.database.read() as tx:
        owners = [owner for owner in quotas.owners(tx) if not owner.startswith("class:")]
        shown = [{**quotas.limits(tx, owner), "project_id": owner, "tenant_id": owner} for owner in owners]
    return {"quotas": shown}


def whose(request: Request[Network]) -> dict[str, Any]:
    """Show the project of the caller."""
    project = request.context.project_id
    if not project:
        raise fault("BadRequest", resource="quota", msg="Tenant-id was missing from quota request")
    name = "tenant" if request.http.path.endswith("tenant") else "project"
    return {name: {f"{name}_id": project}}


def show_quota(request: Request[Network], project_id: str) -> dict[str, Any]:
    """Show a project's quotas."""
    _authorize(request, "get_quota", project_id)
    with request.service.database.read() as tx:
        return {"quota": request.service.quotas.limits(tx, project_id)}


def show_default(request: Request[Network], project_id: str) -> dict[str, Any]:
    """Show the quotas of projects without limits of their own."""
    _authorize(request, "get_quota", project_id)
    with request.service.database.read() as tx:
        return {"quota": request.service.quotas.class_limits(tx, "default")}


def show_details(request: Request[Network], project_id: str) -> dict[str, Any]:
    """Show a project's quotas with what is used of them."""
    _authorize(request, "get_quota", project_id)
    with request.service.database.read() as tx:
        call = Call(request.service, tx, request.context)
        limits = request.service.quotas.limits(tx, project_id)
        counted = _counted(request.service)
        return {
            "quota": {
                name: {"limit": limit, "used": counted[name].count(call, project_id), "reserved": 0}
                for name, limit in limits.items()
            }
        }


def update_quota(request: Request[Network], project_id: str) -> dict[str, Any]:
    """Change a project's quotas."""
    _authorize(request, "update_quota", project_id)
    body = read_body(request)
    given = body.get("quota") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise bad_request("Unable to find 'quota' in request body")
    given = {name: value for name, value in given.items() if name not in ("project_id", "tenant_id")}
    force = given.pop("force", None)
    given.pop("check_limit", None)
    limits = _limits(request.service, given)
    with request.service.database.transaction() as tx:
        call = Call(request.service, tx, request.context)
        if force is not True:
            _check_used(call, project_id, limits)
        request.service.quotas.set(tx, project_id, limits)
        return {"quota": request.service.quotas.limits(tx, project_id)}


def _limits(service: Network, given: dict[str, Any]) -> dict[str, int]:
    unknown = [name for name in given if name not in service.quotas.defaults]
    if unknown:
        raise bad_request(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    limits = {}
    for name, value in given.items():
        limits[name] = validators.to_int(value)
        reason = validators.integer_range(-1, _LARGEST)(limits[name])
        if reason:
            raise bad_request(f"Invalid input for {name}. Reason: {reason}.")
    return limits


def _check_used(call: Call, project_id: str, limits: dict[str, int]) -> None:
    counted = _counted(call.service)
    for name, limit in limits.items():
        used = counted[name].count(call, project_id) if limit >= 0 else 0
        if used > max(limit, 0):
            raise bad_request(f"Quota limit {limit} for {name} must be greater than or equal to already used {used}")


def delete_quota(request: Request[Network], project_id: str) -> None:
    """Give a project the default quotas again."""
    _authorize(request, "delete_quota", project_id)
    with request.service.database.transaction() as tx:
        if not request.service.quotas.own(tx, project_id):
            raise fault("TenantQuotaNotFound", tenant_id=project_id)
        request.service.quotas.reset(tx, project_id)


def create_quota(request: Request[Network]) -> None:
    """Not of this API: quotas are updated."""
    raise NotSupported("POST requests are not supported on this resource.")
