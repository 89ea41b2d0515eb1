"""``/allocation_candidates``."""

from collections.abc import Collection
from typing import Any

from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement import groups
from pileus.placement.candidates import Candidate, Search, Summary
from pileus.placement.errors import UnknownClass, UnknownTraits
from pileus.placement.handlers.http import answer
from pileus.placement.service import Placement

NESTED_SINCE: Version = (1, 29)


def list_candidates(request: Request[Placement]) -> Response:
    """List allocation candidates."""
    version, settings = request.microversion, request.service.settings
    query = {name: request.params(name) for name in request.query}
    wanted, wide = groups.parse(query, version)
    with request.service.database.read() as tx:
        search = Search(tx, wanted, wide, nested=version >= NESTED_SINCE)
        try:
            found = search.run(
                most=settings.max_allocation_candidates, shuffled=settings.randomize_allocation_candidates
            )
        except UnknownClass as error:
            raise BadRequest(f"Invalid resource class in resources parameter: {error.message}") from None
        except UnknownTraits as error:
            raise BadRequest(error.message) from None
        summaries = search.summaries(found)
    asked = {name for group in wanted for name in group.resources}
    body = {
        "allocation_requests": [_render(candidate, version) for candidate in found],
        "provider_summaries": {
            summary.provider.uuid: _render_summary(summary, version, asked) for summary in summaries
        },
    }
    return answer(request, body)


def _render(candidate: Candidate, version: Version) -> dict[str, Any]:
    by_provider: dict[str, dict[str, int]] = {}
    for (uuid, name), amount in candidate.amounts.items():
        by_provider.setdefault(uuid, {})[name] = amount
    if version < (1, 12):
        listed = [{"resource_provider": {"uuid": uuid}, "resources": part} for uuid, part in by_provider.items()]
        return {"allocations": listed}
    body: dict[str, Any] = {"allocations": {uuid: {"resources": part} for uuid, part in by_provider.items()}}
    if version >= (1, 34):
        body["mappings"] = {suffix: list(uuids) for suffix, uuids in candidate.mappings.items()}
    return body


def _render_summary(summary: Summary, version: Version, asked: Collection[str]) -> dict[str, Any]:
    everything = version >= (1, 27)
    resources = {
        inventory.resource_class: {"capacity": inventory.capacity, "used": inventory.used}
        for inventory in summary.inventories
        if everything or inventory.resource_class in asked
    }
    body: dict[str, Any] = {"resources": resources}
    if version >= (1, 17):
        body["traits"] = summary.traits
    if version >= NESTED_SINCE:
        body["parent_provider_uuid"] = summary.provider.parent_uuid
        body["root_provider_uuid"] = summary.provider.root_uuid
    return body
