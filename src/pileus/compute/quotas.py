"""Compute's quotas: what a project, or one of its users, may have."""

import hashlib
from collections.abc import Mapping

from pileus.kernel.database import Tx
from pileus.kernel.errors import QuotaExceeded
from pileus.kernel.http.microversions import Version
from pileus.kernel.quotas import UNLIMITED, Quotas, exceeded

DEFAULTS: Mapping[str, int] = {
    "cores": 20,
    "fixed_ips": UNLIMITED,
    "floating_ips": UNLIMITED,
    "injected_file_content_bytes": 10 * 1024,
    "injected_file_path_bytes": 255,
    "injected_files": 5,
    "instances": 10,
    "key_pairs": 100,
    "metadata_items": 128,
    "ram": 50 * 1024,
    "security_group_rules": UNLIMITED,
    "security_groups": UNLIMITED,
    "server_group_members": 10,
    "server_groups": 10,
}
QUOTAS = Quotas("compute", DEFAULTS)

NETWORK = frozenset({"fixed_ips", "floating_ips", "security_group_rules", "security_groups"})
FILES = frozenset({"injected_files", "injected_file_content_bytes", "injected_file_path_bytes"})
GROUPS = frozenset({"server_groups", "server_group_members"})
# Counted for each user or group, not for a project.
NOT_OF_PROJECTS = frozenset({"key_pairs", "server_group_members", "security_group_rules"})


def user_owner(project_id: str, user_id: str) -> str:
    """Under which a user's own limits within a project are kept: one name of 64 characters."""
    return hashlib.sha256(f"{project_id} {user_id}".encode()).hexdigest()


def limits(tx: Tx, project_id: str, user_id: str | None = None) -> dict[str, int]:
    """The limits of a project, or of one user in it."""
    found = QUOTAS.limits(tx, project_id)
    return found if user_id is None else found | QUOTAS.own(tx, user_owner(project_id, user_id))


def of_version(values: Mapping[str, int], version: Version, network_until: Version = (2, 35)) -> dict[str, int]:
    """The resources that a microversion shows."""
    hidden = NETWORK if version > network_until else frozenset()
    if version >= (2, 57):
        hidden = hidden | FILES
    return {name: value for name, value in values.items() if name not in hidden}


def check_servers(limits_of_project: Mapping[str, int], used: Mapping[str, int], asked: Mapping[str, int]) -> None:
    """``asked``: instances, cores and ram that a project wants on top of ``used``. Raises QuotaExceeded."""
    over = sorted(exceeded(limits_of_project, used, asked))
    if not over:
        return
    names = ", ".join(over)
    requested = ", ".join(str(asked[name]) for name in over)
    taken = ", ".join(str(used.get(name, 0)) for name in over)
    allowed = ", ".join(str(limits_of_project[name]) for name in over)
    raise QuotaExceeded(
        f"Quota exceeded for {names}: Requested {requested}, but already used {taken} of {allowed} {names}",
        type="OverQuota",
    )
