"""Identity's policy defaults, under the reference's names (keystone.common.policies), by what they are about."""

from pileus.identity.rules import (
    authentication,
    catalog,
    delegation,
    federation,
    foundations,
    limits,
    projects,
    roles,
    users,
)

RULES = [
    *foundations.RULES,
    *authentication.RULES,
    *projects.RULES,
    *users.RULES,
    *roles.RULES,
    *catalog.RULES,
    *delegation.RULES,
    *limits.RULES,
    *federation.RULES,
]
