"""What placement keeps: providers, their inventories, and what consumers have of them."""

from collections.abc import Mapping

from msgspec import Struct

MAX_INT = 2**31 - 1
# Of consumers that came before projects and users were told (below 1.8).
UNKNOWN_OWNER = "00000000-0000-0000-0000-000000000000"
UNKNOWN_TYPE = "unknown"


class Provider(Struct, frozen=True, gc=False):
    """A thing that has resources; the root of its tree is itself when it has no parent."""

    uuid: str
    name: str
    generation: int
    parent_uuid: str | None
    root_uuid: str
    created_at: int
    updated_at: int | None = None

    @property
    def modified_at(self) -> int:
        return self.updated_at or self.created_at


class Inventory(Struct, frozen=True, gc=False):
    """How much a provider has of one resource class. ``used`` is the sum of its allocations."""

    provider_uuid: str
    resource_class: str
    total: int
    reserved: int = 0
    min_unit: int = 1
    max_unit: int = MAX_INT
    step_size: int = 1
    allocation_ratio: float = 1.0
    used: int = 0
    created_at: int = 0
    updated_at: int | None = None

    @property
    def room(self) -> float:
        """What may be allocated in all."""
        return (self.total - self.reserved) * self.allocation_ratio

    @property
    def capacity(self) -> int:
        return int(self.room)

    @property
    def modified_at(self) -> int:
        return self.updated_at or self.created_at

    def fits_units(self, amount: int) -> bool:
        """Whether one allocation may be of this amount, room left aside."""
        return self.min_unit <= amount <= self.max_unit and amount % self.step_size == 0


class Consumer(Struct, frozen=True):
    """Who has allocations: a server, a migration, whatever its type says."""

    uuid: str
    project_id: str
    user_id: str
    consumer_type: str | None
    generation: int
    created_at: int
    updated_at: int | None = None


class Allocation(Struct, frozen=True, gc=False):
    consumer_uuid: str
    provider_uuid: str
    resource_class: str
    used: int
    created_at: int


class Wanted(Struct, frozen=True, kw_only=True):
    """The allocations that a consumer is to have from now on, in place of all it had.

    ``generation`` is the consumer's as the client knows it (None: there is none yet), held against the real one only
    when ``checks_generation``. ``consumer_type`` None leaves the type as it is.
    """

    consumer_uuid: str
    project_id: str
    user_id: str
    consumer_type: str | None = None
    checks_generation: bool = False
    generation: int | None = None
    resources: Mapping[str, Mapping[str, int]]
