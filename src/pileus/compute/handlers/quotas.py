"""``/os-quota-sets``, ``/os-quota-class-sets`` and ``/limits``."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, structs

from pileus.compute import quotas
from pileus.compute.identity import check_project
from pileus.compute.parameters import flag
from pileus.compute.quotas import NOT_OF_PROJECTS, QUOTAS, of_version, user_owner
from pileus.compute.service import Compute
from pileus.compute.store import usage
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.request import Request
from pileus.kernel.quotas import CLASS_PREFIX, UNLIMITED

RULE = "os_compute_api:os-quota-sets:"
MOST = 0x7FFFFFFF
BEFORE_CLASSES_HID_NETWORK = (2, 49)
# What /limits calls each resource's limit, and each amount used.
LIMIT_NAMES: Mapping[str, tuple[str, ...]] = {
    "ram": ("maxTotalRAMSize",),
    "instances": ("maxTotalInstances",),
    "cores": ("maxTotalCores",),
    "key_pairs": ("maxTotalKeypairs",),
    "floating_ips": ("maxTotalFloatingIps",),
    "metadata_items": ("maxServerMeta", "maxImageMeta"),
    "injected_files": ("maxPersonality",),
    "injected_file_content_bytes": ("maxPersonalitySize",),
    "security_groups": ("maxSecurityGroups",),
    "security_group_rules": ("maxSecurityGroupRules",),
    "server_groups": ("maxServerGroups",),
    "server_group_members": ("maxServerGroupMembers",),
}
USED_NAMES: Mapping[str, str] = {
    "ram": "totalRAMUsed",
    "cores": "totalCoresUsed",
    "instances": "totalInstancesUsed",
    "floating_ips": "totalFloatingIpsUsed",
    "security_groups": "totalSecurityGroupsUsed",
    "server_groups": "totalServerGroupsUsed",
}


def _authorize(request: Request[Compute], action: str, project_id: str) -> None:
    request.authorize(RULE + action, {"project_id": project_id})
    check_project(request.service.runtime, request.context, project_id)


def _user(request: Request[Compute]) -> str | None:
    users = request.params("user_id")
    return users[0] if users and users[0] else None


def show(request: Request[Compute], project_id: str) -> dict[str, Any]:
    """Show the quota of a project."""
    _authorize(request, "show", project_id)
    with request.service.database.read() as tx:
        limits = quotas.limits(tx, project_id, _user(request))
    return {"quota_set": {"id": project_id, **of_version(limits, request.microversion)}}


def detail(request: Request[Compute], project_id: str) -> dict[str, Any]:
    """Show the quota of a project and what of it is used."""
    _authorize(request, "detail", project_id)
    user_id = _user(request)
    with request.service.database.read() as tx:
        limits = quotas.limits(tx, project_id, user_id)
        used = usage.used(tx, project_id, user_id)
    shown = {
        name: {"limit": limit, "in_use": used.get(name, 0), "reserved": 0}
        for name, limit in of_version(limits, request.microversion).items()
    }
    return {"quota_set": {"id": project_id, **shown}}


def defaults(request: Request[Compute], project_id: str) -> dict[str, Any]:
    """Show the default quota."""
    _authorize(request, "defaults", project_id)
    with request.service.database.read() as tx:
        limits = QUOTAS.class_limits(tx, "default")
    return {"quota_set": {"id": project_id, **of_version(limits, request.microversion)}}


def update(request: Request[Compute], project_id: str) -> dict[str, Any]:
    """Change the quota of a project, or of a user in it."""
    _authorize(request, "update", project_id)
    given, user_id = request.body.quota_set, _user(request)
    asked = _asked(given)
    with request.service.database.transaction() as tx:
        if not flag(given.force):
            _check(asked, usage.used(tx, project_id, user_id), _upper(quotas.limits(tx, project_id), user_id))
        QUOTAS.set(tx, project_id if user_id is None else user_owner(project_id, user_id), asked)
        limits = quotas.limits(tx, project_id, user_id)
    return {"quota_set": of_version(limits, request.microversion)}


def delete(request: Request[Compute], project_id: str) -> None:
    """Put a project, or a user in it, back to the defaults."""
    request.authorize(RULE + "delete", {"project_id": project_id})
    user_id = _user(request)
    with request.service.database.transaction() as tx:
        QUOTAS.reset(tx, project_id if user_id is None else user_owner(project_id, user_id))


def _asked(given: Any) -> dict[str, int]:
    """The limits of a body, as numbers. Raises BadRequest when one is out of bounds."""
    asked = {}
    for name, value in structs.asdict(given).items():
        if value is UNSET or name == "force":
            continue
        limit = int(value)
        if not UNLIMITED <= limit <= MOST:
            bound = f"less than the minimum of {UNLIMITED}" if limit < 0 else f"greater than the maximum of {MOST}"
            raise BadRequest(f"Invalid input for field/attribute {name}. Value: {value}. {limit} is {bound}")
        asked[name] = limit
    return asked


def _upper(project_limits: Mapping[str, int], user_id: str | None) -> Mapping[str, int]:
    """A user may have no more than the project; a project has no bound."""
    return {} if user_id is None else project_limits


def _check(asked: Mapping[str, int], used: Mapping[str, int], upper: Mapping[str, int]) -> None:
    """Raises BadRequest when a limit is below what is used, or above what the project has."""
    for name, limit in asked.items():
        least = 0 if name in NOT_OF_PROJECTS else used.get(name, 0)
        if limit != UNLIMITED and limit < least:
            raise BadRequest(
                f"Quota limit {limit} for {name} must be greater than or equal to already used and reserved {least}."
            )
        most = upper.get(name, UNLIMITED)
        if most != UNLIMITED and (limit == UNLIMITED or limit > most):
            raise BadRequest(f"Quota limit {limit} for {name} must be less than or equal to {most}.")


def _of_class(values: Mapping[str, int], request: Request[Compute]) -> dict[str, int]:
    shown = of_version(values, request.microversion, BEFORE_CLASSES_HID_NETWORK)
    if request.microversion < (2, 50):
        shown = {name: value for name, value in shown.items() if name not in quotas.GROUPS}
    return shown


def show_class(request: Request[Compute], name: str) -> dict[str, Any]:
    """Show the quota of a quota class."""
    with request.service.database.read() as tx:
        limits = QUOTAS.class_limits(tx, name)
    return {"quota_class_set": {"id": name, **_of_class(limits, request)}}


def update_class(request: Request[Compute], name: str) -> dict[str, Any]:
    """Change the quota of a quota class; ``default`` is that of projects without one of their own."""
    if len(CLASS_PREFIX + name) > 64:
        raise BadRequest(f"Invalid input received: quota_class_name has {len(name)} characters, too many.")
    with request.service.database.transaction() as tx:
        QUOTAS.set(tx, CLASS_PREFIX + name, _asked(request.body.quota_class_set))
        limits = QUOTAS.class_limits(tx, name)
    return {"quota_class_set": _of_class(limits, request)}


def limits(request: Request[Compute]) -> dict[str, Any]:
    """Show the limits of a project and what of them is used."""
    project_id = request.context.project_id or ""
    if "tenant_id" in request.query:
        request.authorize("os_compute_api:limits:other_project")
        project_id = request.param("tenant_id") or ""
    with request.service.database.read() as tx:
        found = of_version(quotas.limits(tx, project_id), request.microversion)
        used = usage.used(tx, project_id)
    absolute = {shown: limit for name, limit in found.items() for shown in LIMIT_NAMES.get(name, ())}
    if request.microversion >= (2, 39):
        absolute.pop("maxImageMeta", None)
    absolute |= {shown: used.get(name, 0) for name, shown in USED_NAMES.items() if name in found}
    return {"limits": {"rate": [], "absolute": absolute}}
