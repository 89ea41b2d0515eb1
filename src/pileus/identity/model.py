"""What identity's things are."""

from typing import Any

from msgspec import Struct

DEFAULT_DOMAIN = "default"
ROOT = "<<keystone.domain.root>>"  # kept as the domain of domains
GLOBAL = "<<null>>"  # kept as the domain of roles that belong to none
SYSTEM = "system"


class Project(Struct, frozen=True, kw_only=True):
    """A project, or a domain (``is_domain``), whose ``domain_id`` is None."""

    id: str
    name: str
    domain_id: str | None
    parent_id: str | None
    is_domain: bool
    enabled: bool
    description: str | None
    options: dict[str, Any]
    extra: dict[str, Any]


class User(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    domain_id: str
    enabled: bool
    default_project_id: str | None
    options: dict[str, Any]
    extra: dict[str, Any]
    created_at: int
    last_active_at: int | None
    failed_attempts: int
    failed_at: int | None


class Password(Struct, frozen=True, kw_only=True):
    """A user's newest password is the one in force; older ones are kept for the history rule."""

    id: str
    user_id: str
    hash: str
    self_service: bool
    created_at: int
    expires_at: int | None


class Role(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    domain_id: str | None
    description: str | None
    options: dict[str, Any]
    extra: dict[str, Any]


class RoleName(Struct, frozen=True):
    """A role as tokens carry it."""

    id: str
    name: str


class ApplicationCredential(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    description: str | None
    user_id: str
    project_id: str | None
    system: str | None
    secret_hash: str
    unrestricted: bool
    expires_at: int | None
    roles: list[str]
    access_rules: list[str] | None


class Target(Struct, frozen=True):
    """What a role is held on, and what a token is scoped to: ``kind`` is project, domain or system."""

    kind: str
    id: str


ON_SYSTEM = Target("system", SYSTEM)


class Group(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    domain_id: str
    description: str | None
    extra: dict[str, Any]


class Assignment(Struct, frozen=True):
    """A role held by a user or group on a project, a domain or the system."""

    actor_kind: str
    actor_id: str
    target_kind: str
    target_id: str
    role_id: str
    inherited: bool


class Region(Struct, frozen=True, kw_only=True):
    id: str
    parent_region_id: str | None
    description: str
    extra: dict[str, Any]


class CatalogService(Struct, frozen=True, kw_only=True):
    id: str
    type: str | None
    enabled: bool
    extra: dict[str, Any]


class Endpoint(Struct, frozen=True, kw_only=True):
    id: str
    service_id: str
    interface: str
    region_id: str | None
    url: str
    enabled: bool
    extra: dict[str, Any]


class AccessRule(Struct, frozen=True, kw_only=True):
    id: str
    user_id: str
    service: str
    path: str
    method: str


class Credential(Struct, frozen=True, kw_only=True):
    """A secret of a user (EC2, TOTP, any type); ``sealed`` is its blob, encrypted."""

    id: str
    user_id: str
    project_id: str | None
    type: str
    sealed: str
    extra: dict[str, Any]


class Trust(Struct, frozen=True, kw_only=True):
    """Roles on a project that the trustor lets the trustee use."""

    id: str
    trustor_user_id: str
    trustee_user_id: str
    project_id: str | None
    impersonation: bool
    expires_at: int | None
    remaining_uses: int | None
    redelegated_trust_id: str | None
    redelegation_count: int
    roles: list[str]

    def usable(self, now: int) -> bool:
        return (self.expires_at is None or self.expires_at > now) and self.remaining_uses != 0


class Consumer(Struct, frozen=True, kw_only=True):
    id: str
    description: str | None
    secret: str
    extra: dict[str, Any]


class RequestToken(Struct, frozen=True, kw_only=True):
    id: str
    secret: str
    verifier: str | None
    authorizing_user_id: str | None
    project_id: str
    consumer_id: str
    roles: list[str]
    expires_at: int | None


class AccessToken(Struct, frozen=True, kw_only=True):
    id: str
    secret: str
    authorizing_user_id: str
    project_id: str
    consumer_id: str
    roles: list[str]
    expires_at: int | None


class PolicyBlob(Struct, frozen=True, kw_only=True):
    """A policy of another service, kept for it; ``blob`` is JSON."""

    id: str
    type: str
    blob: str
    extra: dict[str, Any]


class EndpointGroup(Struct, frozen=True, kw_only=True):
    """Endpoints by what they are: ``filters`` name service_id, region_id, interface, enabled."""

    id: str
    name: str
    description: str | None
    filters: dict[str, Any]


class RegisteredLimit(Struct, frozen=True, kw_only=True):
    id: str
    service_id: str
    region_id: str
    resource_name: str
    default_limit: int
    description: str | None


class Limit(Struct, frozen=True, kw_only=True):
    """What a project or a domain may have of a resource, other than the registered default."""

    id: str
    registered_limit_id: str
    project_id: str | None
    domain_id: str | None
    service_id: str
    region_id: str
    resource_name: str
    resource_limit: int
    description: str | None
