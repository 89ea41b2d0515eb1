"""What a new cloud's network begins with."""

import sqlalchemy as sa

from pileus.kernel import clock, ids
from pileus.network.service import Network
from pileus.network.tables import default_security_group_rules, security_groups

_ANY_RULE = sa.select(default_security_group_rules.c.id).limit(1)
_ANY_GROUP = sa.select(security_groups.c.id).limit(1)


def seed_default_rules(network: Network) -> None:
    """The rules of new security groups: everything may leave one; into the default one, only its own members.

    Only in a cloud that has neither rules nor groups yet: rules that were deleted do not come back.
    """
    with network.database.transaction() as tx:
        if tx.scalar(_ANY_RULE) or tx.scalar(_ANY_GROUP):
            return
        tx.execute(default_security_group_rules.insert(), [_rule(version, way) for version in (4, 6) for way in _WAYS])


# Direction, remote group ("PARENT": the new group itself), whether groups other than the default one have it.
_WAYS = (("egress", None, True), ("ingress", "PARENT", False))


def _rule(version: int, way: tuple[str, str | None, bool]) -> dict[str, object]:
    direction, remote, anywhere = way
    now = clock.now()
    return {
        "id": ids.new_uuid(),
        "direction": direction,
        "ethertype": f"IPv{version}",
        "remote_group_id": remote,
        "used_in_default_sg": True,
        "used_in_non_default_sg": anywhere,
        "description": f"Legacy default SG rule for {direction} traffic",
        "revision": 0,
        "created_at": now,
        "updated_at": now,
    }
