"""What policy rules are checked against, under the names that the reference's rules use."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from pileus.identity.model import (
    AccessRule,
    ApplicationCredential,
    Credential,
    Group,
    Limit,
    Project,
    Role,
    Target,
    Trust,
    User,
)
from pileus.identity.validation import Valid
from pileus.kernel.context import Context

Names = Mapping[str, Any]


class New(Struct, frozen=True):
    """Something that is asked for and not there yet: the kind, and the body's object."""

    kind: str
    body: Any


class Grant(Struct, frozen=True):
    """A role that is, or is to be, held: everything that the path names.

    ``actor`` is None where a deleted user or group is taken a role away.
    """

    actor_kind: str
    actor_id: str
    actor: User | Group | None
    target: Target
    project: Project | None
    role: Role | None
    inherited: bool


class Membership(Struct, frozen=True):
    user: User
    group: Group


class Owned(Struct, frozen=True):
    """Something below a user's path; ``user`` is None when there is no such user."""

    user_id: str
    user: User | None
    thing: Any = None


class LimitOf(Struct, frozen=True):
    """A limit and the project or domain that it is of."""

    limit: Limit
    holder: Project | None


def target_of(resource: Any) -> Any:
    """The target of a loaded resource."""
    match resource:
        case User():
            return {"user_id": resource.id, "target": {"user": resource}}
        case Project():
            domain = {"id": resource.id, "name": resource.name} if resource.is_domain else {}
            return {
                "project_id": resource.id,
                "target": {"project": resource, "domain": domain},
            }
        case Group():
            return {"group_id": resource.id, "target": {"group": resource}}
        case Role():
            return {"role_id": resource.id, "target": {"role": resource}}
        case New():
            return {"target": {resource.kind: _known(resource.body)}}
        case Membership():
            return {"target": {"user": resource.user, "group": resource.group}}
        case Owned():
            target: dict[str, Any] = {"credential": {"user_id": resource.user_id}}
            if resource.user is not None:
                target["user"] = resource.user
            return {"user_id": resource.user_id, "target": target}
        case Grant():
            return _of_grant(resource)
        case LimitOf():
            return _of_limit(resource)
        case Credential():
            return {"user_id": resource.user_id, "target": {"credential": resource}}
        case Trust():
            return {"trust_id": resource.id, "target": {"trust": resource}}
        case ApplicationCredential() | AccessRule():
            return {"user_id": resource.user_id, "target": {"user": {"id": resource.user_id}}}
        case Valid():
            return {"target": {"token": {"user_id": resource.payload.user_id}}}
    return resource if isinstance(resource, Mapping) else {"target": {}}


def _of_limit(limit: LimitOf) -> Names:
    target: dict[str, Any] = {"project_id": limit.limit.project_id, "domain_id": limit.limit.domain_id}
    if limit.holder is not None:
        target["domain" if limit.holder.is_domain else "project"] = limit.holder
    return {"target": {"limit": target}}


def _of_grant(grant: Grant) -> Names:
    target: dict[str, Any] = {}
    if grant.actor is not None:
        target[grant.actor_kind] = grant.actor
    if grant.role is not None:
        target["role"] = grant.role
    if grant.project is not None:
        target["domain" if grant.target.kind == "domain" else "project"] = grant.project
    return {"target": target}


def _known(body: Any) -> Names:
    names = ((name, getattr(body, name)) for name in body.__struct_fields__)
    return {name: value for name, value in names if value is not UNSET}


def unloaded(context: Context, parameters: Mapping[str, str]) -> Names:
    """Where nothing was loaded: the path's own words, and the domain that the caller is scoped to."""
    target = {} if context.domain_id is None else {"domain_id": context.domain_id}
    return {**parameters, "target": target}
