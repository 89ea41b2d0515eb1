"""``/resource_providers/{uuid}/inventories``."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import asdict

from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Conflict, DomainError, MethodNotAllowed, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement import stock
from pileus.placement.bodies import InventoryFields
from pileus.placement.errors import CONCURRENT_UPDATE, BadCapacity, InventoryInUse, NoInventory, UnknownClass
from pileus.placement.handlers.http import answer, bodiless_answer, location
from pileus.placement.model import Inventory, Provider
from pileus.placement.service import Placement
from pileus.placement.store import inventories

FIELDS = ("total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio")


def list_inventories(request: Request[Placement], provider: Provider) -> Response:
    """List resource provider inventories."""
    with request.service.database.read() as tx:
        found = inventories.of_provider(tx, provider.uuid)
    return _all(request, provider, found)


def show(request: Request[Placement], provider: Provider, resource_class: str) -> Response:
    """Show resource provider inventory."""
    with request.service.database.read() as tx:
        found = inventories.of_provider(tx, provider.uuid).get(resource_class)
    if found is None:
        raise NotFound(f"No inventory of class {resource_class} for {provider.uuid}")
    return _one(request, provider, found)


def create(request: Request[Placement], provider: Provider) -> Response:
    """Create resource provider inventory."""
    resource_class = request.body.resource_class
    new = given(request.body, provider, resource_class)
    with request.service.database.transaction() as tx:
        try:
            stock.check_capacity(request.microversion, [new])
            if resource_class in inventories.of_provider(tx, provider.uuid):
                raise Conflict(
                    f"Update conflict: there is an inventory of class {resource_class} already.",
                    type=CONCURRENT_UPDATE,
                )
            provider = stock.add(tx, provider, new)
        except (BadCapacity, UnknownClass) as error:
            raise _unable("create", provider, error) from None
    where = location(request, f"/resource_providers/{provider.uuid}/inventories/{resource_class}")
    return _one(request, provider, new, status=201, headers=[where])


def replace(request: Request[Placement], provider: Provider) -> Response:
    """Update resource provider inventories."""
    check_generation(provider, request.body.resource_provider_generation)
    wanted = {name: given(record, provider, name) for name, record in request.body.inventories.items()}
    with request.service.database.transaction() as tx:
        try:
            stock.check_capacity(request.microversion, wanted.values())
            provider = stock.replace_all(tx, provider, wanted)
        except UnknownClass as error:
            raise BadRequest(
                f"Unknown resource class in inventory for resource provider {provider.uuid}: {error.message}"
            ) from None
        except BadCapacity as error:
            raise _unable("update", provider, error) from None
        except InventoryInUse as error:
            raise in_use("update conflict: ", error) from None
    return _all(request, provider, wanted)


def update(request: Request[Placement], provider: Provider, resource_class: str) -> Response:
    """Update resource provider inventory."""
    check_generation(provider, request.body.resource_provider_generation)
    wanted = given(request.body, provider, resource_class)
    with request.service.database.transaction() as tx:
        try:
            stock.check_capacity(request.microversion, [wanted])
            provider = stock.change(tx, provider, wanted)
        except NoInventory as error:
            raise BadRequest(
                f"No inventory record with resource class for resource provider {provider.uuid}: {error.message}"
            ) from None
        except BadCapacity as error:
            raise _unable("update", provider, error) from None
    return _one(request, provider, wanted)


def delete(request: Request[Placement], provider: Provider, resource_class: str) -> Response:
    """Delete resource provider inventory."""
    with request.service.database.transaction() as tx:
        try:
            stock.remove(tx, provider, resource_class)
        except InventoryInUse as error:
            raise Conflict(
                f"Unable to delete inventory of class {resource_class}: {error.message}", type=CONCURRENT_UPDATE
            ) from None
        except NotFound as error:
            raise NotFound(f"No inventory of class {resource_class} found for delete: {error.message}") from None
    return bodiless_answer(204)


def delete_all(request: Request[Placement], provider: Provider) -> Response:
    """Delete resource provider inventories."""
    with request.service.database.transaction() as tx:
        try:
            stock.replace_all(tx, provider, {})
        except InventoryInUse as error:
            raise in_use("", error) from None
    return bodiless_answer(204)


def no_delete_all(request: Request[Placement], **_path: str) -> None:
    """Below 1.5 there is no such method."""
    raise MethodNotAllowed(f"The method {request.http.method} is not allowed for this resource.")


def given(body: InventoryFields, provider: Provider, resource_class: str) -> Inventory:
    """The inventory that a body describes."""
    fields = {name: getattr(body, name) for name in FIELDS}
    return stock.made(fields, provider, resource_class, clock.now())


def check_generation(provider: Provider, known: int) -> None:
    """Raises Conflict unless the provider is as the client knows it."""
    if provider.generation != known:
        raise Conflict("resource provider generation conflict", type=CONCURRENT_UPDATE)


def in_use(prefix: str, error: InventoryInUse) -> Conflict:
    return Conflict(prefix + error.message, type=error.type)


def _unable(verb: str, provider: Provider, error: DomainError) -> BadRequest:
    return BadRequest(f"Unable to {verb} inventory for resource provider {provider.uuid}: {error.message}")


def _render(inventory: Inventory) -> dict[str, Any]:
    values = asdict(inventory)
    return {name: values[name] for name in FIELDS}


def _one(
    request: Request[Placement],
    provider: Provider,
    inventory: Inventory,
    *,
    status: int = 200,
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    body = {**_render(inventory), "resource_provider_generation": provider.generation}
    return answer(request, body, modified_at=inventory.modified_at, status=status, headers=list(headers))


def _all(request: Request[Placement], provider: Provider, found: Mapping[str, Inventory]) -> Response:
    body = {
        "resource_provider_generation": provider.generation,
        "inventories": {name: _render(inventory) for name, inventory in found.items()},
    }
    modified_at = max((inventory.modified_at for inventory in found.values()), default=None)
    return answer(request, body, modified_at=modified_at)
