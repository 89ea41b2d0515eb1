"""The query of a list of servers: which filters who may use, and what they mean."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pileus.compute import states
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request
from pileus.kernel.numerals import integer, natural
from pileus.kernel.paging import Page, Sort, parse_limit

MAX_LIMIT = 1000
PREFIX = "os_compute_api:servers:"

_TAGS = ("tags", "tags-any", "not-tags", "not-tags-any")
_PAGING = ("sort_key", "sort_dir", "limit", "marker")
_OPEN: tuple[tuple[Version, tuple[str, ...]], ...] = (
    ((2, 1), ("reservation_id", "name", "status", "image", "flavor", "ip", "changes-since", "all_tenants")),
    ((2, 5), ("ip6",)),
    ((2, 26), _TAGS),
    ((2, 66), ("changes-before",)),
    ((2, 73), ("locked",)),
    (
        (2, 83),
        (
            "availability_zone",
            "config_drive",
            "key_name",
            "created_at",
            "launched_at",
            "terminated_at",
            "power_state",
            "task_state",
            "vm_state",
            "progress",
            "user_id",
        ),
    ),
    ((2, 90), ("hostname",)),
)
# Filters by name: the column, and whether the value is a regular expression.
_EXACT = {
    "project_id": "project_id",
    "tenant_id": "project_id",
    "user_id": "user_id",
    "image": "image_id",
    "image_ref": "image_id",
    "flavor": "flavor_id",
    "vm_state": "vm_state",
    "task_state": "task_state",
    "uuid": "id",
    "host": "host",
    "launch_index": "launch_index",
    "power_state": "power_state",
    "progress": "progress",
    "created_at": "created_at",
    "launched_at": "launched_at",
    "terminated_at": "terminated_at",
    "config_drive": "config_drive",
    "auto_disk_config": "auto_disk_config",
}
_REGEX = {
    "name": "name",
    "display_name": "name",
    "description": "description",
    "display_description": "description",
    "hostname": "hostname",
    "node": "node",
    "key_name": "key_name",
    "kernel_id": "kernel_id",
    "ramdisk_id": "ramdisk_id",
    "reservation_id": "reservation_id",
    "availability_zone": "availability_zone",
    "root_device_name": "root_device_name",
    "locked_by": "locked_by",
    "access_ip_v4": "access_ip_v4",
    "access_ip_v6": "access_ip_v6",
}
_INTEGERS = frozenset({"launch_index", "power_state", "progress"})
_MOMENTS = frozenset({"created_at", "launched_at", "terminated_at"})
_FLAGS = frozenset({"config_drive", "auto_disk_config"})
_OTHER = ("all_tenants", "soft_deleted", "deleted", "status", "changes-since", "ip", "ip6", *_PAGING)
_JOINED = frozenset(
    (
        "block_device_mapping",
        "services",
        "metadata",
        "system_metadata",
        "info_cache",
        "security_groups",
        "pci_devices",
    )
)

SORT_KEYS = {
    "access_ip_v4": "access_ip_v4",
    "access_ip_v6": "access_ip_v6",
    "auto_disk_config": "auto_disk_config",
    "availability_zone": "availability_zone",
    "config_drive": "config_drive",
    "created_at": "created_at",
    "display_description": "description",
    "display_name": "name",
    "host": "host",
    "hostname": "hostname",
    "image_ref": "image_id",
    "instance_type_id": "flavor_id",
    "kernel_id": "kernel_id",
    "key_name": "key_name",
    "launch_index": "launch_index",
    "launched_at": "launched_at",
    "locked": "locked_by",
    "locked_by": "locked_by",
    "node": "node",
    "power_state": "power_state",
    "progress": "progress",
    "project_id": "project_id",
    "ramdisk_id": "ramdisk_id",
    "root_device_name": "root_device_name",
    "task_state": "task_state",
    "terminated_at": "terminated_at",
    "updated_at": "updated_at",
    "user_id": "user_id",
    "uuid": "id",
    "vm_state": "vm_state",
}
# Once valid, now without effect; since 2.75 refused.
_IGNORED_SORT_KEYS = frozenset(
    (
        "architecture",
        "cell_name",
        "cleaned",
        "default_ephemeral_device",
        "default_swap_device",
        "deleted",
        "deleted_at",
        "disable_terminate",
        "ephemeral_gb",
        "ephemeral_key_uuid",
        "id",
        "key_data",
        "launched_on",
        "memory_mb",
        "os_type",
        "reservation_id",
        "root_gb",
        "shutdown_terminate",
        "user_data",
        "vcpus",
        "vm_mode",
    )
)


class ServerQuery(Struct, kw_only=True):
    """Which servers are wanted. ``exact``: column -> one of these values; ``regex``: column -> pattern."""

    page: Page
    exact: dict[str, list[Any]] = {}
    regex: dict[str, str] = {}
    deleted: bool | None = False  # None: both
    soft_deleted: bool = False
    locked: bool | None = None
    since: int | None = None
    before: int | None = None
    addresses: tuple[str, ...] = ()  # regular expressions
    tags: dict[str, list[str]] = {}
    nothing: bool = False  # no server can match


def check_query(request: Request[Any]) -> None:
    """Refuses what is wrong with a query on sight. Raises BadRequest."""
    version = request.microversion
    known = _known(version)
    for name in request.query:
        if version >= (2, 75) and name not in known:
            raise BadRequest(f"Additional properties are not allowed ('{name}' was unexpected)")
    for key in request.params("sort_key"):
        if not _sortable(key.strip(), version):
            raise BadRequest(
                f"Invalid input for query parameters sort_key. Value: {key}. '{key}' is not one of the keys"
            )
    for name in (*_REGEX, "flavor", "ip", "ip6", "power_state", "progress", "config_drive"):
        for value in request.params(name):
            _check_regex(name, value)
    for name in ("changes-since", *(("changes-before",) if version >= (2, 66) else ())):
        for value in request.params(name):
            _moment(name, value)
    for value in request.params("limit"):
        if natural(value) is None:
            raise BadRequest(f"Invalid input for query parameters limit. Value: {value}.")


def _known(version: Version) -> frozenset[str]:
    names = {*_EXACT, *_REGEX, *_OTHER, *_JOINED}
    names |= set(_TAGS) if version >= (2, 26) else set()
    names |= {"changes-before"} if version >= (2, 66) else set()
    names |= {"locked"} if version >= (2, 73) else set()
    return frozenset(names)


def _sortable(key: str, version: Version) -> bool:
    if key in _IGNORED_SORT_KEYS or (key == "locked" and version < (2, 73)):
        return version < (2, 75)
    return key in SORT_KEYS


def _check_regex(name: str, value: str) -> None:
    try:
        re.compile(value)
    except re.error:
        raise BadRequest(
            f"Invalid input for query parameters {name}. Value: {value}. {value!r} is not a 'regex'"
        ) from None


def _moment(name: str, value: str) -> int:
    try:
        return clock.parse(value.replace(" ", "+"))
    except ValueError:
        raise BadRequest(
            f"Invalid input for query parameters {name}. Value: {value}. {value!r} is not a 'date-time'"
        ) from None


def flag(text: str, default: bool) -> bool:
    """A yes or no in a query string; ``default`` for anything else."""
    lowered = text.strip().lower()
    if lowered in ("1", "t", "true", "on", "y", "yes"):
        return True
    return False if lowered in ("0", "f", "false", "off", "n", "no") else default


def parse(request: Request[Any], *, details: bool) -> ServerQuery:
    """Raises BadRequest, and Forbidden for what only administrators may ask."""
    options = _allowed_options(request)
    for name in options:
        if name in _JOINED or name.startswith("_"):
            raise BadRequest(f"Invalid filter field: {name}.")
    query = ServerQuery(page=_page(request))
    _add_status(request, query, options)
    _add_times(query, options)
    if "deleted" in options:
        query.deleted = flag(options["deleted"], False)
    elif query.since is not None or query.before is not None:
        query.deleted = None
    if options.get("vm_state") == states.DELETED or query.exact.get("vm_state") == [states.DELETED]:
        if not request.context.is_admin:
            raise Forbidden("Only administrators may list deleted instances")
        query.deleted = True
    query.soft_deleted = flag(options.get("soft_deleted", ""), False)
    _add_scope(request, query, options, details)
    _add_columns(query, options)
    if "locked" in options:
        query.locked = _strict_flag(options["locked"])
    query.addresses = tuple(options[name] for name in ("ip", "ip6") if options.get(name))
    if request.microversion >= (2, 26):
        query.tags = {name: options[name].split(",") for name in _TAGS if name in options}
    return query


def _allowed_options(request: Request[Any]) -> dict[str, str]:
    """The filters in force: whoever may not use a filter is answered as if it was not there."""
    options = {name: value[-1] if isinstance(value, list) else value for name, value in request.query.items()}
    if request.allowed(PREFIX + "allow_all_filters"):
        return {name: value for name, value in options.items() if name not in _PAGING}
    allowed = {name for since, names in _OPEN if request.microversion >= since for name in names}
    return {name: value for name, value in options.items() if name in allowed}


def _add_status(request: Request[Any], query: ServerQuery, options: dict[str, str]) -> None:
    options.pop("status", None)
    statuses = request.params("status")
    if not statuses:
        return
    vm_states, task_states = states.states_of(statuses)
    if not vm_states:
        if request.microversion >= (2, 38):
            raise BadRequest("Invalid status value")
        query.nothing = True
    options.pop("vm_state", None)
    query.exact["vm_state"] = list(vm_states)
    if states.DEFAULT not in task_states:
        options.pop("task_state", None)
        query.exact["task_state"] = list(task_states)


def _add_times(query: ServerQuery, options: Mapping[str, str]) -> None:
    if "changes-since" in options:
        query.since = _moment("changes-since", options["changes-since"])
    if "changes-before" in options:
        query.before = _moment("changes-before", options["changes-before"])
        if query.since is not None and query.before < query.since:
            raise BadRequest("The value of changes-since must be less than or equal to changes-before.")


def _add_scope(request: Request[Any], query: ServerQuery, options: dict[str, str], details: bool) -> None:
    everyone = options.pop("all_tenants", None)
    if everyone is not None and (everyone == "" or _all_tenants(everyone)):
        request.authorize(PREFIX + ("detail" if details else "index") + ":get_all_tenants")
        return
    options.pop("tenant_id", None)
    options.pop("project_id", None)
    context = request.context
    if context.project_id:
        query.exact["project_id"] = [context.project_id]
    else:
        query.exact["user_id"] = [context.user_id]


def _all_tenants(text: str) -> bool:
    if text.strip().lower() not in ("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no"):
        raise BadRequest(
            f"Invalid input received: Unrecognized value '{text}', acceptable values are: '0', '1', 'f', 'false', "
            "'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'"
        )
    return flag(text, True)


def _strict_flag(text: str) -> bool:
    if text.strip().lower() not in ("1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no"):
        raise BadRequest(f"Invalid input received: Unrecognized value '{text}'")
    return flag(text, False)


def _add_columns(query: ServerQuery, options: Mapping[str, str]) -> None:
    for name, value in options.items():
        if name in _EXACT:
            column = _EXACT[name]
            converted = _converted(column, value)
            query.exact.setdefault(column, [converted])
        elif name in _REGEX and value:
            query.regex[_REGEX[name]] = value


def _converted(column: str, value: str) -> Any:
    if column in _INTEGERS:
        asked = integer(value)
        return -1 if asked is None else asked
    if column in _MOMENTS:
        return _moment(column, value)
    if column in _FLAGS:
        return flag(value, False)
    return None if column == "task_state" and value == "" else value


def _page(request: Request[Any]) -> Page:
    keys = [key.strip() for key in request.params("sort_key")] or ["created_at"]
    directions = [direction.strip() for direction in request.params("sort_dir")] or ["desc"]
    for direction in directions:
        if direction not in ("asc", "desc"):
            raise BadRequest("Invalid input received: Unknown sort direction, must be one of: asc, desc")
    sorts: list[Sort] = []
    for position, key in enumerate(keys):
        if key in ("host", "node") and not request.context.is_admin:
            raise Forbidden(f"Only administrators can sort servers by {key}")
        direction = directions[position] if position < len(directions) else directions[0]
        if key in _IGNORED_SORT_KEYS or (key == "locked" and request.microversion < (2, 73)):
            continue
        if all(sort.key != key for sort in sorts):
            sorts.append(Sort(key, direction == "desc"))
    return Page(parse_limit(request.param("limit"), MAX_LIMIT), request.param("marker"), tuple(sorts))
