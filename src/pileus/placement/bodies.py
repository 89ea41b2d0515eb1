"""The JSON bodies of requests. A type a microversion stands in routes.py beside the versions it is of."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from pileus.kernel.http.bodies import since
from pileus.placement.model import MAX_INT

CUSTOM = r"^CUSTOM_[A-Z0-9_]+\Z"
CLASS = r"^[A-Z0-9_]+\Z"
DASHED = r"^[0-9a-fA-F-]{36}\Z"
ANY_UUID = r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\Z"
MAX_RATIO = 3.40282e38

Uuid = Annotated[str, Meta(pattern=ANY_UUID)]
DashedUuid = Annotated[str, Meta(pattern=DASHED)]
ClassName = Annotated[str, Meta(pattern=CLASS)]
CustomName = Annotated[str, Meta(pattern=CUSTOM, min_length=1, max_length=255)]
Owner = Annotated[str, Meta(min_length=1, max_length=255)]
Positive = Annotated[int, Meta(ge=1, le=MAX_INT)]
Natural = Annotated[int, Meta(ge=0, le=MAX_INT)]
Amounts = Annotated[dict[ClassName, Annotated[int, Meta(ge=1)]], Meta(min_length=1)]


class Strict(Struct, forbid_unknown_fields=True):
    """A body without any field that is not declared."""


class NewProvider(Strict):
    name: Annotated[str, Meta(max_length=200)]
    uuid: Uuid | UnsetType = UNSET
    parent_provider_uuid: Annotated[Uuid | UnsetType | None, since(1, 14)] = UNSET


class ProviderChange(Strict):
    name: Annotated[str, Meta(max_length=200)]
    parent_provider_uuid: Annotated[Uuid | UnsetType | None, since(1, 14)] = UNSET


class InventoryFields(Strict, kw_only=True):
    total: Positive
    reserved: Natural = 0
    min_unit: Positive = 1
    max_unit: Positive = MAX_INT
    step_size: Positive = 1
    allocation_ratio: Annotated[float, Meta(le=MAX_RATIO)] = 1.0


class InventoryRecord(InventoryFields, kw_only=True):
    resource_provider_generation: int | UnsetType = UNSET


class NewInventory(InventoryRecord, kw_only=True):
    resource_class: ClassName


class InventoryChange(InventoryFields, kw_only=True):
    resource_provider_generation: int


class Inventories(Strict):
    resource_provider_generation: int
    inventories: dict[str, InventoryRecord]


class ResourceClass(Strict):
    name: CustomName


class ProviderTraits(Strict):
    resource_provider_generation: int
    traits: list[Annotated[str, Meta(min_length=1, max_length=255)]]


AggregateList = list[Uuid]


class Aggregates(Strict):
    aggregates: AggregateList
    resource_provider_generation: int


class ProviderReference(Strict):
    uuid: Uuid


class ListedAllocation(Strict):
    resource_provider: ProviderReference
    resources: Amounts


ListedAllocations = Annotated[list[ListedAllocation], Meta(min_length=1)]


class AllocationsByList(Strict):
    """Below 1.8."""

    allocations: ListedAllocations


class OwnedAllocationsByList(Strict):
    """1.8 to 1.11."""

    allocations: ListedAllocations
    project_id: Owner
    user_id: Owner


class ProviderAllocation(Strict):
    resources: Amounts
    generation: int | UnsetType = UNSET


AllocationMap = dict[DashedUuid, ProviderAllocation]
Mappings = Annotated[dict[str, Annotated[list[Uuid], Meta(min_length=1)]], Meta(min_length=1)]


class OwnedAllocations(Strict):
    """1.12 to 1.27, of one consumer."""

    allocations: Annotated[AllocationMap, Meta(min_length=1)]
    project_id: Owner
    user_id: Owner


class ManyAllocations(Strict):
    """1.13 to 1.27, of one among several consumers."""

    allocations: AllocationMap
    project_id: Owner
    user_id: Owner


class GenerationAllocations(Strict):
    """1.28 to 1.37."""

    allocations: AllocationMap
    project_id: Owner
    user_id: Owner
    consumer_generation: int | None
    mappings: Annotated[Mappings | UnsetType, since(1, 34)] = UNSET


class TypedAllocations(Strict):
    """Since 1.38."""

    allocations: AllocationMap
    project_id: Owner
    user_id: Owner
    consumer_generation: int | None
    consumer_type: Annotated[str, Meta(pattern=CLASS, min_length=1, max_length=255)]
    mappings: Mappings | UnsetType = UNSET


AnyAllocations = (
    AllocationsByList
    | OwnedAllocationsByList
    | OwnedAllocations
    | ManyAllocations
    | GenerationAllocations
    | TypedAllocations
)


def _several(type: Any) -> Any:
    return Annotated[dict[DashedUuid, type], Meta(min_length=1)]


SeveralAllocations = _several(ManyAllocations)
SeveralGenerationAllocations = _several(GenerationAllocations)
SeveralTypedAllocations = _several(TypedAllocations)
ReshapedInventories = Annotated[dict[DashedUuid, Inventories], Meta(min_length=1)]


class Reshape(Strict):
    """1.30 to 1.37."""

    inventories: ReshapedInventories
    allocations: dict[DashedUuid, GenerationAllocations]


class TypedReshape(Strict):
    """Since 1.38."""

    inventories: ReshapedInventories
    allocations: dict[DashedUuid, TypedAllocations]
