"""The JSON bodies of everything but authentication, as the reference's schemas have them."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from pileus.kernel.http.bodies import Open

Truth = (
    bool
    | Literal[
        "True",
        "TRUE",
        "true",
        "False",
        "FALSE",
        "false",
        "",
        "1",
        "0",
        "y",
        "Y",
        "n",
        "N",
        "on",
        "ON",
        "off",
        "OFF",
        "yes",
        "no",
    ]
    | None
)
Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
ShortName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\S")]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9-]+$")]
Tag = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^,/]*$")]
Tags = Annotated[list[Tag], Meta(max_length=80)]
RegionId = Annotated[str, Meta(max_length=255)]
Url = Annotated[str, Meta(max_length=225, pattern=r"^[a-zA-Z0-9+.-]+:.+")]
Interface = Literal["admin", "internal", "public"]


class ResourceOptions(Struct, forbid_unknown_fields=True):
    immutable: bool | UnsetType | None = UNSET


class UserOptions(Struct, forbid_unknown_fields=True):
    ignore_change_password_upon_first_use: bool | UnsetType | None = UNSET
    ignore_password_expiry: bool | UnsetType | None = UNSET
    ignore_lockout_failure_attempts: bool | UnsetType | None = UNSET
    lock_password: bool | UnsetType | None = UNSET
    ignore_user_inactivity: bool | UnsetType | None = UNSET
    multi_factor_auth_enabled: bool | UnsetType | None = UNSET
    multi_factor_auth_rules: (
        list[Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1)]] | UnsetType | None
    ) = UNSET


class NewProject(Open):
    name: ShortName
    description: str | UnsetType | None = UNSET
    domain_id: Id | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    is_domain: Truth | UnsetType = UNSET
    parent_id: Id | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    options: ResourceOptions | UnsetType = UNSET


class ProjectChange(Open):
    id: str | UnsetType = UNSET
    name: ShortName | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    domain_id: str | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    is_domain: Truth | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    tags: Tags | UnsetType = UNSET
    options: ResourceOptions | UnsetType = UNSET


class ProjectRequest(Struct, forbid_unknown_fields=True):
    project: NewProject


class ProjectChangeRequest(Struct, forbid_unknown_fields=True):
    project: ProjectChange


class TagsRequest(Struct, forbid_unknown_fields=True):
    tags: Tags


class NewDomain(Open):
    name: ShortName
    description: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    explicit_domain_id: Id | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    options: ResourceOptions | UnsetType = UNSET


class DomainChange(Open):
    id: str | UnsetType = UNSET
    name: ShortName | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    options: ResourceOptions | UnsetType = UNSET


class DomainRequest(Struct, forbid_unknown_fields=True):
    domain: NewDomain


class DomainChangeRequest(Struct, forbid_unknown_fields=True):
    domain: DomainChange


class NewUser(Open):
    name: Name
    domain_id: Id | UnsetType = UNSET
    default_project_id: str | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    password: str | UnsetType | None = UNSET
    options: UserOptions | UnsetType = UNSET


class UserChange(Open):
    id: str | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    domain_id: Id | UnsetType = UNSET
    default_project_id: str | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    password: str | UnsetType | None = UNSET
    options: UserOptions | UnsetType = UNSET


class UserRequest(Struct, forbid_unknown_fields=True):
    user: NewUser


class UserChangeRequest(Struct, forbid_unknown_fields=True):
    user: UserChange


class PasswordChange(Struct, forbid_unknown_fields=True):
    original_password: str
    password: str


class PasswordChangeRequest(Struct):
    user: PasswordChange


class NewGroup(Open):
    name: Name
    domain_id: Id | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class GroupChange(Open):
    id: str | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    domain_id: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class GroupRequest(Struct, forbid_unknown_fields=True):
    group: NewGroup


class GroupChangeRequest(Struct, forbid_unknown_fields=True):
    group: GroupChange


class NewRole(Open):
    name: Name
    domain_id: Id | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    options: ResourceOptions | UnsetType = UNSET


class RoleChange(Open):
    id: str | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    domain_id: Id | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    options: ResourceOptions | UnsetType = UNSET


class RoleRequest(Struct, forbid_unknown_fields=True):
    role: NewRole


class RoleChangeRequest(Struct, forbid_unknown_fields=True):
    role: RoleChange


class NewRegion(Open):
    id: RegionId | UnsetType | None = UNSET
    parent_region_id: RegionId | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


class RegionRequest(Struct, forbid_unknown_fields=True):
    region: NewRegion


class NewService(Open):
    type: Name
    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class ServiceChange(Open):
    id: str | UnsetType = UNSET
    type: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class ServiceRequest(Struct):
    service: NewService


class ServiceChangeRequest(Struct):
    service: ServiceChange


class NewEndpoint(Open):
    interface: Interface
    service_id: str
    url: Url
    region_id: RegionId | UnsetType | None = UNSET
    region: RegionId | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class EndpointChange(Open):
    id: str | UnsetType = UNSET
    interface: Interface | UnsetType = UNSET
    service_id: str | UnsetType = UNSET
    url: Url | UnsetType = UNSET
    region_id: RegionId | UnsetType | None = UNSET
    region: RegionId | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class EndpointRequest(Struct):
    endpoint: NewEndpoint


class EndpointChangeRequest(Struct):
    endpoint: EndpointChange


class RoleReference(Struct):
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class NewAccessRule(Struct, forbid_unknown_fields=True):
    id: Id | UnsetType = UNSET
    service: Id | UnsetType = UNSET
    path: Annotated[str, Meta(min_length=0, max_length=225, pattern=r"^\/.*")] | UnsetType = UNSET
    method: Literal["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"] | UnsetType = UNSET


class NewApplicationCredential(Struct):
    name: Name
    description: str | UnsetType | None = UNSET
    secret: str | UnsetType | None = UNSET
    expires_at: str | UnsetType | None = UNSET
    roles: list[RoleReference] | UnsetType = UNSET
    unrestricted: bool | UnsetType | None = UNSET
    access_rules: list[NewAccessRule] | UnsetType = UNSET


class ApplicationCredentialRequest(Struct, forbid_unknown_fields=True):
    application_credential: NewApplicationCredential


class NewCredential(Open):
    type: str
    blob: str | dict[str, Any]
    user_id: str
    project_id: str | UnsetType | None = UNSET


class CredentialChange(Open):
    id: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    blob: str | dict[str, Any] | UnsetType = UNSET
    user_id: str | UnsetType = UNSET
    project_id: str | UnsetType | None = UNSET


class CredentialRequest(Struct, forbid_unknown_fields=True):
    credential: NewCredential


class CredentialChangeRequest(Struct, forbid_unknown_fields=True):
    credential: CredentialChange


class Ec2Request(Struct):
    tenant_id: str


class NewTrust(Struct):
    trustor_user_id: str
    trustee_user_id: str
    impersonation: bool
    project_id: str | UnsetType | None = UNSET
    expires_at: str | UnsetType | None = UNSET
    remaining_uses: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    allow_redelegation: bool | UnsetType | None = UNSET
    redelegation_count: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    roles: list[RoleReference] | UnsetType = UNSET


class TrustRequest(Struct, forbid_unknown_fields=True):
    trust: NewTrust


class ConfigRequest(Struct):
    config: Any


class NewRegisteredLimit(Struct, forbid_unknown_fields=True):
    service_id: str
    resource_name: Name
    default_limit: Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)]
    region_id: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


class RegisteredLimitsRequest(Struct, forbid_unknown_fields=True):
    registered_limits: Annotated[list[NewRegisteredLimit], Meta(min_length=1)]


class RegisteredLimitChange(Struct, forbid_unknown_fields=True):
    service_id: str | UnsetType = UNSET
    resource_name: Name | UnsetType = UNSET
    default_limit: Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)] | UnsetType = UNSET
    region_id: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


class RegisteredLimitChangeRequest(Struct, forbid_unknown_fields=True):
    registered_limit: RegisteredLimitChange


class NewLimit(Struct, forbid_unknown_fields=True):
    service_id: str
    resource_name: Name
    resource_limit: Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)]
    project_id: str | UnsetType | None = UNSET
    domain_id: str | UnsetType | None = UNSET
    region_id: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


class LimitsRequest(Struct, forbid_unknown_fields=True):
    limits: Annotated[list[NewLimit], Meta(min_length=1)]


class LimitChange(Struct, forbid_unknown_fields=True):
    resource_limit: Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)] | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class LimitChangeRequest(Struct, forbid_unknown_fields=True):
    limit: LimitChange


class NewPolicy(Open):
    type: Annotated[str, Meta(max_length=255)]
    blob: Any


class PolicyChange(Open):
    id: str | UnsetType = UNSET
    type: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    blob: Any | UnsetType = UNSET


class PolicyRequest(Struct):
    policy: NewPolicy


class PolicyChangeRequest(Struct):
    policy: PolicyChange


class NewEndpointGroup(Struct, forbid_unknown_fields=True):
    name: Name
    filters: dict[str, Any]
    description: str | UnsetType | None = UNSET


class EndpointGroupRequest(Struct, forbid_unknown_fields=True):
    endpoint_group: NewEndpointGroup


class EndpointGroupChange(Struct, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    filters: dict[str, Any] | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class EndpointGroupChangeRequest(Struct, forbid_unknown_fields=True):
    endpoint_group: EndpointGroupChange


class NewConsumer(Open):
    id: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET


class ConsumerRequest(Struct):
    consumer: NewConsumer


class AuthorizeRequest(Struct):
    roles: list[RoleReference]


SignedRequest = dict[str, Any]


class IdentityProvider(Struct, forbid_unknown_fields=True):
    enabled: Truth | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    authorization_ttl: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    remote_ids: list[Annotated[str, Meta(max_length=255)]] | UnsetType | None = UNSET
    domain_id: Id | UnsetType | None = UNSET


class IdentityProviderRequest(Struct, forbid_unknown_fields=True):
    identity_provider: IdentityProvider


class ServiceProvider(Struct, forbid_unknown_fields=True):
    auth_url: Url | UnsetType = UNSET
    sp_url: Url | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    enabled: Truth | UnsetType = UNSET
    relay_state_prefix: str | UnsetType | None = UNSET


class ServiceProviderRequest(Struct, forbid_unknown_fields=True):
    service_provider: ServiceProvider


class MappingRule(Struct):
    local: list[dict[str, Any]]
    remote: Annotated[list[dict[str, Any]], Meta(min_length=1)]


class Mapping(Struct):
    rules: Annotated[list[MappingRule], Meta(min_length=1)]
    schema_version: str | UnsetType | None = UNSET


class MappingRequest(Struct):
    mapping: Mapping


class Protocol(Struct, forbid_unknown_fields=True):
    mapping_id: str | UnsetType = UNSET
    remote_id_attribute: str | UnsetType | None = UNSET


class ProtocolRequest(Struct, forbid_unknown_fields=True):
    protocol: Protocol
