"""Quotas: how much of each resource a project may have.

Limits are rows over defaults; what is used is counted from the real rows of the service, in the transaction that
makes the new one, so no counter can drift. -1 is no limit.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from pileus.kernel.database import Tx
from pileus.kernel.errors import QuotaExceeded

UNLIMITED = -1
CLASS_PREFIX = "class:"

metadata = sa.MetaData()

quotas = sa.Table(
    "quotas",
    metadata,
    sa.Column("service", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),  # a project id, or "class:NAME" for a quota class
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("hard_limit", sa.BigInteger, nullable=False),
)

_OF_OWNERS = sa.select(quotas.c.owner, quotas.c.resource, quotas.c.hard_limit).where(
    quotas.c.service == sa.bindparam("service"), quotas.c.owner.in_(sa.bindparam("owners", expanding=True))
)


class Quotas:
    """The quotas of one service."""

    def __init__(self, service: str, defaults: Mapping[str, int]) -> None:
        self.service = service
        self.defaults = dict(defaults)

    def limits(self, tx: Tx, project_id: str) -> dict[str, int]:
        """Every resource's limit for a project."""
        of_class, own = CLASS_PREFIX + "default", dict[str, int]()
        limits = dict(self.defaults)
        for row in tx.execute(_OF_OWNERS, {"service": self.service, "owners": [of_class, project_id]}):
            (limits if row.owner == of_class else own)[row.resource] = row.hard_limit
        return limits | own

    def class_limits(self, tx: Tx, name: str) -> dict[str, int]:
        return self.defaults | self.own(tx, CLASS_PREFIX + name)

    def own(self, tx: Tx, owner: str) -> dict[str, int]:
        """The limits set for an owner alone."""
        found = tx.execute(
            sa.select(quotas.c.resource, quotas.c.hard_limit).where(
                quotas.c.service == self.service, quotas.c.owner == owner
            )
        )
        return {row.resource: row.hard_limit for row in found}

    def owners(self, tx: Tx) -> list[str]:
        """Everybody who has limits of their own."""
        found = sa.select(quotas.c.owner).where(quotas.c.service == self.service).distinct().order_by(quotas.c.owner)
        return list(tx.scalars(found))

    def set(self, tx: Tx, owner: str, limits: Mapping[str, int]) -> None:
        """Sets an owner's limits for the resources named; the others stay."""
        if not limits:
            return
        tx.execute(
            quotas.delete().where(
                quotas.c.service == self.service,
                quotas.c.owner == owner,
                quotas.c.resource.in_(list(limits)),
            )
        )
        tx.execute(
            quotas.insert(),
            [
                {"service": self.service, "owner": owner, "resource": resource, "hard_limit": limit}
                for resource, limit in limits.items()
            ],
        )

    def reset(self, tx: Tx, owner: str) -> None:
        """Back to the defaults."""
        tx.execute(quotas.delete().where(quotas.c.service == self.service, quotas.c.owner == owner))

    def check(self, tx: Tx, project_id: str, used: Mapping[str, int], asked: Mapping[str, int]) -> None:
        """Raises QuotaExceeded, naming the resources (also as its ``type``), when used and asked are too much."""
        limits = self.limits(tx, project_id)
        over = exceeded(limits, used, asked)
        if over:
            raise QuotaExceeded(f"Quota exceeded for resources: {over}.", type="OverQuota")


def exceeded(limits: Mapping[str, int], used: Mapping[str, int], asked: Mapping[str, int]) -> list[str]:
    """The resources of which used and asked together are more than the limit."""
    return [
        resource
        for resource, amount in asked.items()
        if limits.get(resource, UNLIMITED) != UNLIMITED and used.get(resource, 0) + amount > limits[resource]
    ]
