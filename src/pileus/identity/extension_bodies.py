"""The JSON bodies of credentials, delegation, limits, policies and federation, as the reference's schemas have them."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from pileus.identity.resource_bodies import Id, Name, RoleReference, Truth, Url
from pileus.kernel.http.bodies import Open


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
