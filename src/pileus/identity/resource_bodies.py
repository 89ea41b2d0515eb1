"""The JSON bodies of projects, users, roles and the catalogue, as the reference's schemas have them."""

from typing import Annotated, Literal

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
