"""The JSON bodies of requests about everything but servers."""

from typing import Annotated, Literal

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


Limit = Annotated[int, Meta(ge=-1, le=0x7FFFFFFF)] | Annotated[str, Meta(pattern=r"^-?[0-9]+\Z")]
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
