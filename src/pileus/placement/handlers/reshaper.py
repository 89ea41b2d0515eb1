"""``/reshaper``."""

from pileus.kernel.errors import BadRequest, Conflict
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement import stock
from pileus.placement.errors import (
    CONCURRENT_UPDATE,
    PROVIDER_NOT_FOUND,
    InvalidInventory,
    InventoryInUse,
    UnknownClass,
)
from pileus.placement.handlers.allocations import wanted_by
from pileus.placement.handlers.http import bodiless_answer
from pileus.placement.handlers.inventories import given, in_use
from pileus.placement.service import Placement
from pileus.placement.store import providers


def reshape(request: Request[Placement]) -> Response:
    """Reshape inventory and allocations."""
    body = request.body
    with request.service.database.transaction() as tx:
        known = providers.get_many(tx, list(body.inventories))
        desired = []
        for uuid, part in body.inventories.items():
            provider = known.get(uuid)
            if provider is None:
                raise BadRequest(
                    f"Resource provider {uuid} in inventories not found: No resource provider with uuid {uuid} found",
                    type=PROVIDER_NOT_FOUND,
                )
            if provider.generation != part.resource_provider_generation:
                raise Conflict(
                    f"resource provider generation conflict for provider {uuid}: actual: {provider.generation}, "
                    f"given: {part.resource_provider_generation}",
                    type=CONCURRENT_UPDATE,
                )
            desired.append(
                (provider, {name: given(record, provider, name) for name, record in part.inventories.items()})
            )
        try:
            stock.reshape(tx, desired, wanted_by(body.allocations))
        except UnknownClass as error:
            raise BadRequest(f"malformed reshaper data: {error.message}") from None
        except InventoryInUse as error:
            raise in_use("update conflict: ", error) from None
        except InvalidInventory as error:
            raise Conflict(f"Unable to allocate inventory: {error.message}") from None
    return bodiless_answer(204)
