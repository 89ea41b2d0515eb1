"""What goes with a user, a group, a role or a project when it goes."""

from pileus.identity.model import Target
from pileus.identity.store import (
    application_credentials,
    assignments,
    credentials,
    domain_options,
    endpoint_filters,
    groups,
    limits,
    oauth,
    projects,
    roles,
    tokens,
    trusts,
    users,
)
from pileus.kernel.database import Tx


def remove_user(tx: Tx, user_id: str) -> None:
    assignments.forget_actor(tx, "user", user_id)
    application_credentials.forget_user(tx, user_id)
    credentials.forget_user(tx, user_id)
    trusts.forget_user(tx, user_id)
    oauth.forget_user(tx, user_id)
    tokens.revoke(tx, user_id=user_id)
    users.delete(tx, user_id)


def remove_group(tx: Tx, group_id: str) -> None:
    assignments.forget_actor(tx, "group", group_id)
    groups.delete(tx, group_id)


def remove_role(tx: Tx, role_id: str) -> None:
    for held in assignments.find(tx, role_id=role_id):
        if held.actor_kind == "user" and held.target_kind == "project":
            application_credentials.forget_project(tx, held.target_id, held.actor_id)
    assignments.forget_role(tx, role_id)
    roles.delete(tx, role_id)


def forget_project(tx: Tx, project_id: str) -> None:
    """All that others hold of a project; the project itself is left."""
    assignments.forget_target(tx, Target("project", project_id))
    application_credentials.forget_project(tx, project_id)
    credentials.forget_project(tx, project_id)
    trusts.forget_project(tx, project_id)
    oauth.forget_project(tx, project_id)
    limits.forget_project(tx, project_id)
    endpoint_filters.forget_project(tx, project_id)
    domain_options.remove(tx, project_id)
    users.forget_default_project(tx, project_id)
    projects.set_tags(tx, project_id, ())
