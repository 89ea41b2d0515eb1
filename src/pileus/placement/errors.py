"""What can go wrong, with the codes that clients look for from 1.23 on."""

from collections.abc import Iterable

from pileus.kernel.errors import BadRequest, Conflict, NotFound

INVENTORY_INUSE = "placement.inventory.inuse"
CONCURRENT_UPDATE = "placement.concurrent_update"
DUPLICATE_NAME = "placement.duplicate_name"
PROVIDER_IN_USE = "placement.resource_provider.inuse"
PROVIDER_CANNOT_DELETE_PARENT = "placement.resource_provider.cannot_delete_parent"
PROVIDER_NOT_FOUND = "placement.resource_provider.not_found"
DUPLICATE_QUERY_KEY = "placement.query.duplicate_key"
QUERY_BAD_VALUE = "placement.query.bad_value"
QUERY_MISSING_VALUE = "placement.query.missing_value"


class UnknownClass(NotFound):
    """A resource class that neither is standard nor was made."""

    def __init__(self, name: str) -> None:
        super().__init__(f"No such resource class {name}.")


class UnknownTraits(NotFound):
    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"No such trait(s): {', '.join(sorted(names))}.")


class UnknownProvider(BadRequest):
    """An allocation names a provider that there is not."""

    def __init__(self, uuid: str) -> None:
        super().__init__(f"Allocation for resource provider '{uuid}' that does not exist.")


class NoInventory(NotFound):
    """The provider has nothing of a class whose inventory is to be changed."""

    def __init__(self, resource_class: str) -> None:
        super().__init__(f"No inventory of class {resource_class} found.")


class InventoryInUse(Conflict):
    """An inventory that is to go still has allocations."""

    def __init__(self, classes: Iterable[str], provider_uuid: str) -> None:
        super().__init__(
            f"Inventory for '{', '.join(classes)}' on resource provider '{provider_uuid}' in use.", type=INVENTORY_INUSE
        )


class InvalidInventory(Conflict):
    """An allocation does not fit the inventories there are."""


class BadCapacity(BadRequest):
    """An inventory of which more is reserved than there is."""
