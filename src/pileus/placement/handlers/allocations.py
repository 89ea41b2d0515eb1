"""``/allocations`` and ``/resource_providers/{uuid}/allocations``."""

import uuid as uuids
from collections.abc import Mapping, Sequence
from typing import Any

from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement import allocating
from pileus.placement.bodies import AllocationsByList, AnyAllocations, GenerationAllocations, OwnedAllocationsByList
from pileus.placement.bodies import TypedAllocations as Typed
from pileus.placement.errors import InvalidInventory, UnknownClass
from pileus.placement.handlers.http import answer, bodiless_answer
from pileus.placement.model import UNKNOWN_OWNER, UNKNOWN_TYPE, Allocation, Consumer, Provider, Wanted
from pileus.placement.service import Placement
from pileus.placement.store import allocations


def show(request: Request[Placement], consumer_uuid: str) -> Response:
    """List allocations."""
    with request.service.database.read() as tx:
        consumer, held = allocations.of_consumer(tx, consumer_uuid)
    by_provider: dict[str, dict[str, Any]] = {}
    for allocation, generation in held:
        entry = by_provider.setdefault(allocation.provider_uuid, {"resources": {}, "generation": generation})
        entry["resources"][allocation.resource_class] = allocation.used
    body = {"allocations": by_provider, **(_of_consumer(request, consumer) if consumer and held else {})}
    return answer(request, body, modified_at=_modified(held))


def list_of_provider(request: Request[Placement], provider: Provider) -> Response:
    """List resource provider allocations."""
    with request.service.database.read() as tx:
        held = allocations.of_provider(tx, provider.uuid)
    by_consumer: dict[str, dict[str, Any]] = {}
    for allocation, generation in held:
        entry = by_consumer.setdefault(allocation.consumer_uuid, {"resources": {}})
        entry["resources"][allocation.resource_class] = allocation.used
        if request.microversion >= (1, 28):
            entry["consumer_generation"] = generation
    body = {"allocations": by_consumer, "resource_provider_generation": provider.generation}
    return answer(request, body, modified_at=_modified(held))


def replace(request: Request[Placement], consumer_uuid: str) -> Response:
    """Update allocations."""
    if not ids.is_uuid(consumer_uuid):
        raise BadRequest(f"Malformed consumer_uuid: {consumer_uuid}")
    consumer_uuid = str(uuids.UUID(consumer_uuid))
    prefix = f"Unable to allocate inventory for consumer {consumer_uuid}:"
    return _replace(request, [wanted(consumer_uuid, request.body)], prefix)


def replace_many(request: Request[Placement]) -> Response:
    """Manage allocations."""
    return _replace(request, wanted_by(request.body), "Unable to allocate inventory")


def delete(request: Request[Placement], consumer_uuid: str) -> Response:
    """Delete allocations."""
    with request.service.database.transaction() as tx:
        if not allocating.release(tx, consumer_uuid):
            raise NotFound(f"No allocations for consumer '{consumer_uuid}'")
    return bodiless_answer(204)


def wanted_by(bodies: Mapping[str, AnyAllocations]) -> list[Wanted]:
    """What each consumer of a body is to have."""
    return [wanted(consumer_uuid, body) for consumer_uuid, body in bodies.items()]


def wanted(consumer_uuid: str, body: AnyAllocations) -> Wanted:
    """What a consumer is to have, of any version's body."""
    owner = (UNKNOWN_OWNER,) * 2 if isinstance(body, AllocationsByList) else (body.project_id, body.user_id)
    with_generation = isinstance(body, GenerationAllocations | Typed)
    return Wanted(
        consumer_uuid=consumer_uuid,
        project_id=owner[0],
        user_id=owner[1],
        consumer_type=body.consumer_type if isinstance(body, Typed) else None,
        checks_generation=with_generation,
        generation=body.consumer_generation if isinstance(body, GenerationAllocations | Typed) else None,
        resources=_resources(body),
    )


def _resources(body: AnyAllocations) -> dict[str, dict[str, int]]:
    if isinstance(body, AllocationsByList | OwnedAllocationsByList):
        return {part.resource_provider.uuid: part.resources for part in body.allocations}
    return {provider_uuid: part.resources for provider_uuid, part in body.allocations.items()}


def _replace(request: Request[Placement], asked: Sequence[Wanted], prefix: str) -> Response:
    with request.service.database.transaction() as tx:
        try:
            allocating.replace(tx, asked)
        except UnknownClass as error:
            raise BadRequest(f"{prefix} {error.message}") from None
        except InvalidInventory as error:
            raise Conflict(f"Unable to allocate inventory: {error.message}") from None
    return bodiless_answer(204)


def _of_consumer(request: Request[Placement], consumer: Consumer) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if request.microversion >= (1, 12):
        shown |= {"project_id": consumer.project_id, "user_id": consumer.user_id}
    if request.microversion >= (1, 28):
        shown["consumer_generation"] = consumer.generation
    if request.microversion >= (1, 38):
        shown["consumer_type"] = consumer.consumer_type or UNKNOWN_TYPE
    return shown


def _modified(held: Sequence[tuple[Allocation, int]]) -> int | None:
    return max((allocation.created_at for allocation, _ in held), default=None)
