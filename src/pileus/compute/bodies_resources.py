"""The JSON bodies of requests about everything but servers."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from pileus.compute.parameters import Flag, Name, Whole
from pileus.kernel.http.bodies import since, until


class Strict(Struct, forbid_unknown_fields=True):
    """A body that takes no other fields."""


FlavorId = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^(?! )[a-zA-Z0-9. _-]+(?<! )\Z")] | int | float
Factor = Annotated[float, Meta(gt=0, le=3.40282e38)] | Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?\Z")]
LongText = Annotated[str, Meta(max_length=65535)]


class NewFlavor(Strict, rename={"ephemeral": "OS-FLV-EXT-DATA:ephemeral", "is_public": "os-flavor-access:is_public"}):
    name: Name
    ram: Whole
    vcpus: Whole
    disk: Whole
    id: FlavorId | None = None
    ephemeral: Whole = 0
    swap: Whole = 0
    rxtx_factor: Annotated[Factor | UnsetType, until(2, 101)] = UNSET
    is_public: Flag = True
    description: Annotated[LongText | UnsetType | None, since(2, 55)] = UNSET


class CreateFlavor(Strict):
    flavor: NewFlavor


class FlavorChange(Strict):
    description: LongText | None


class UpdateFlavor(Strict):
    flavor: FlavorChange


class Tenant(Strict):
    tenant: Annotated[str, Meta(min_length=1, max_length=255)]


class AddTenantAccess(Strict):
    addTenantAccess: Tenant  # noqa: N815


class RemoveTenantAccess(Strict):
    removeTenantAccess: Tenant  # noqa: N815


MetadataKey = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9-_:. ]{1,255}\Z")]
MetadataValue = Annotated[str, Meta(max_length=255)]
ExtraSpecs = dict[MetadataKey, MetadataValue | int | float]


class CreateExtraSpecs(Strict):
    extra_specs: ExtraSpecs


UpdateExtraSpec = Annotated[ExtraSpecs, Meta(min_length=1, max_length=1)]


class NewKeyPair(Strict):
    name: Name
    public_key: str | UnsetType = UNSET
    type: Annotated[Literal["ssh", "x509"] | UnsetType, since(2, 2)] = UNSET
    user_id: Annotated[str | UnsetType, since(2, 10)] = UNSET


class CreateKeyPair(Strict):
    keypair: NewKeyPair


Limit = Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)] | Annotated[str, Meta(pattern=r"^-?[0-9]{1,19}\Z")]
AnyLimit = Limit | UnsetType
Before236 = Annotated[Limit | UnsetType, until(2, 35)]
Before250 = Annotated[Limit | UnsetType, until(2, 49)]
Before257 = Annotated[Limit | UnsetType, until(2, 56)]


class QuotaSet(Strict):
    instances: AnyLimit = UNSET
    cores: AnyLimit = UNSET
    ram: AnyLimit = UNSET
    metadata_items: AnyLimit = UNSET
    key_pairs: AnyLimit = UNSET
    server_groups: AnyLimit = UNSET
    server_group_members: AnyLimit = UNSET
    floating_ips: Before236 = UNSET
    fixed_ips: Before236 = UNSET
    security_groups: Before236 = UNSET
    security_group_rules: Before236 = UNSET
    injected_files: Before257 = UNSET
    injected_file_content_bytes: Before257 = UNSET
    injected_file_path_bytes: Before257 = UNSET
    force: Flag = False


class UpdateQuotaSet(Strict):
    quota_set: QuotaSet


class QuotaClassSet(Strict):
    instances: AnyLimit = UNSET
    cores: AnyLimit = UNSET
    ram: AnyLimit = UNSET
    metadata_items: AnyLimit = UNSET
    key_pairs: AnyLimit = UNSET
    server_groups: AnyLimit = UNSET
    server_group_members: AnyLimit = UNSET
    floating_ips: Before250 = UNSET
    fixed_ips: Before250 = UNSET
    security_groups: Before250 = UNSET
    security_group_rules: Before250 = UNSET
    injected_files: Before257 = UNSET
    injected_file_content_bytes: Before257 = UNSET
    injected_file_path_bytes: Before257 = UNSET


class UpdateQuotaClassSet(Strict):
    quota_class_set: QuotaClassSet


ZoneName = Annotated[str, Meta(min_length=1, max_length=255)] | None
HostName = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9-._]*\Z")]


class NewAggregate(Strict):
    name: Name
    availability_zone: ZoneName = None


class CreateAggregate(Strict):
    aggregate: NewAggregate


class AggregateChange(Strict):
    name: Name | UnsetType = UNSET
    availability_zone: ZoneName | UnsetType = UNSET


class UpdateAggregate(Strict):
    aggregate: AggregateChange


class HostRef(Strict):
    host: HostName


class AddHost(Strict):
    add_host: HostRef


class RemoveHost(Strict):
    remove_host: HostRef


class AggregateMetadata(Strict):
    metadata: dict[MetadataKey, MetadataValue | None]


class SetMetadata(Strict):
    set_metadata: AggregateMetadata


class ImageRef(Strict):
    id: Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\Z")]


class CacheImages(Strict):
    cache: Annotated[list[ImageRef], Meta(min_length=1)]


Reason = Annotated[str, Meta(min_length=1, max_length=255)]


class UpdateServiceOld(Strict):
    host: HostName
    binary: Annotated[str, Meta(min_length=1, max_length=255)]
    disabled_reason: Reason | UnsetType = UNSET
    forced_down: Annotated[Flag | UnsetType, since(2, 11)] = UNSET


class UpdateService(Strict):
    status: Literal["enabled", "disabled"] | UnsetType = UNSET
    disabled_reason: Reason | UnsetType = UNSET
    forced_down: Flag | UnsetType = UNSET


Ability = Literal["enable", "disable", "Enable", "Disable", "ENABLE", "DISABLE"]


class UpdateHost(Strict):
    status: Ability | UnsetType = UNSET
    maintenance_mode: Ability | UnsetType = UNSET


GroupPolicy = Literal["anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"]


class GroupRules(Strict):
    max_server_per_host: Whole | UnsetType = UNSET


class NewServerGroup(Strict):
    name: Name
    policies: Annotated[Annotated[list[GroupPolicy], Meta(min_length=1, max_length=1)] | UnsetType, until(2, 63)] = (
        UNSET
    )
    policy: Annotated[GroupPolicy | UnsetType, since(2, 64)] = UNSET
    rules: Annotated[GroupRules | UnsetType, since(2, 64)] = UNSET


class CreateServerGroup(Strict):
    server_group: NewServerGroup


class SnapshotInfo(Strict):
    snapshot_id: Annotated[str, Meta(min_length=1)]
    type: Literal["qcow2"]
    new_file: Annotated[str, Meta(min_length=1)]
    id: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET


class AssistedSnapshot(Strict):
    volume_id: Annotated[str, Meta(min_length=1)]
    create_info: SnapshotInfo


class CreateAssistedSnapshot(Strict):
    snapshot: AssistedSnapshot


class ImageMetadata(Strict):
    metadata: dict[MetadataKey, MetadataValue]


class ImageMeta(Strict):
    meta: Annotated[dict[MetadataKey, MetadataValue], Meta(min_length=1, max_length=1)]


class SecurityGroup(Struct):
    name: Annotated[str, Meta(max_length=255)]
    description: Annotated[str, Meta(max_length=255)]


class SecurityGroupBody(Struct):
    security_group: SecurityGroup


class SecurityGroupRule(Struct):
    parent_group_id: str
    group_id: str | None = None
    from_port: Any = None
    to_port: Any = None
    ip_protocol: Any = None
    cidr: Any = None


class CreateSecurityGroupRule(Struct):
    security_group_rule: SecurityGroupRule


class FloatingIpPool(Struct):
    pool: str | None = None
