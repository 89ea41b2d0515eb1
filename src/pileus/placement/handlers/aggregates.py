"""``/resource_providers/{uuid}/aggregates``."""

from collections.abc import Sequence
from typing import Any

from pileus.kernel.errors import BadRequest, Conflict
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement.errors import CONCURRENT_UPDATE
from pileus.placement.handlers.http import answer
from pileus.placement.model import Provider
from pileus.placement.service import Placement
from pileus.placement.store import memberships, providers

GENERATION_SINCE: Version = (1, 19)


def list_aggregates(request: Request[Placement], provider: Provider) -> Response:
    """List resource provider aggregates."""
    with request.service.database.read() as tx:
        found = memberships.aggregates_of(tx, provider.uuid)
    return _answer(request, provider, found)


def replace_list(request: Request[Placement], provider: Provider) -> Response:
    """Update resource provider aggregates, below 1.19 regardless of generations."""
    wanted = _distinct(request.body)
    with request.service.database.transaction() as tx:
        memberships.set_aggregates(tx, provider.uuid, wanted)
    return _answer(request, provider, wanted)


def replace(request: Request[Placement], provider: Provider) -> Response:
    """Update resource provider aggregates."""
    wanted = _distinct(request.body.aggregates)
    if provider.generation != request.body.resource_provider_generation:
        raise Conflict(
            "Resource provider's generation already changed. Please update the generation and try again.",
            type=CONCURRENT_UPDATE,
        )
    with request.service.database.transaction() as tx:
        memberships.set_aggregates(tx, provider.uuid, wanted)
        provider = providers.advance(tx, provider)
    return _answer(request, provider, wanted)


def _distinct(aggregates: list[str]) -> list[str]:
    if len(set(aggregates)) != len(aggregates):
        raise BadRequest(f"JSON does not validate: {aggregates} has non-unique elements")
    return aggregates


def _answer(request: Request[Placement], provider: Provider, aggregates: Sequence[str]) -> Response:
    body: dict[str, Any] = {"aggregates": aggregates}
    if request.microversion >= GENERATION_SINCE:
        body["resource_provider_generation"] = provider.generation
    return answer(request, body)
