"""Server groups: which servers are to be near each other, or apart."""

from collections.abc import Sequence
from typing import Any

import msgspec

from pileus.kernel.http.microversions import Version


class ServerGroup(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    project_id: str
    user_id: str
    name: str
    policy: str
    rules: dict[str, Any]


def shown(group: ServerGroup, members: Sequence[str], version: Version) -> dict[str, Any]:
    body: dict[str, Any] = {"id": group.id, "name": group.name, "members": members}
    if version >= (2, 64):
        body |= {"policy": group.policy, "rules": group.rules}
    else:
        body |= {"policies": [group.policy], "metadata": {}}
    if version >= (2, 13):
        body |= {"project_id": group.project_id, "user_id": group.user_id}
    return body
