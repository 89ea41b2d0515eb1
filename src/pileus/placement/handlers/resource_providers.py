"""``/resource_providers``."""

import uuid as uuids
from typing import Any

from msgspec import UNSET

from pileus.kernel import clock, ids
from pileus.kernel.errors import BadRequest, Conflict, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement import trees
from pileus.placement.errors import PROVIDER_CANNOT_DELETE_PARENT, PROVIDER_IN_USE, UnknownClass, UnknownTraits
from pileus.placement.handlers.http import (
    answer,
    bad_query,
    bodiless_answer,
    find_provider,
    known_parameters,
    link,
    location,
)
from pileus.placement.model import Provider
from pileus.placement.queries import Filters, parse_member_of, parse_required, parse_resources
from pileus.placement.service import Placement
from pileus.placement.store import allocations, providers, search


def list_providers(request: Request[Placement]) -> Response:
    """List resource providers."""
    filters = _filters(request)
    with request.service.database.read() as tx:
        try:
            found = search.providers_matching(tx, filters)
        except UnknownClass as error:
            raise BadRequest(f"Invalid resource class in resources parameter: {error.message}") from None
        except UnknownTraits as error:
            raise BadRequest(f'Invalid trait(s) in "required" parameter: {error.message}') from None
    modified_at = max((provider.modified_at for provider in found), default=None)
    body = {"resource_providers": [render(request, provider) for provider in found]}
    return answer(request, body, modified_at=modified_at)


def create(request: Request[Placement]) -> Response:
    """Create resource provider."""
    body = request.body
    uuid = ids.new_uuid() if body.uuid is UNSET else str(uuids.UUID(body.uuid))
    parent_uuid = None if body.parent_provider_uuid is UNSET else body.parent_provider_uuid
    provider = Provider(uuid, body.name, 0, parent_uuid, uuid, clock.now())
    with request.service.database.transaction() as tx:
        try:
            if not body.name:
                raise trees.Misplaced("name is required", "create")
            provider = trees.placed(tx, provider)
        except trees.Misplaced as error:
            raise BadRequest(f'Unable to create resource provider "{body.name}", {uuid}: {error.message}') from None
        providers.insert(tx, provider)
    where = location(request, f"/resource_providers/{uuid}")
    if request.microversion < (1, 20):
        return bodiless_answer(201, [where])
    return answer(request, render(request, provider), modified_at=provider.modified_at, headers=[where])


def show(request: Request[Placement], provider: Provider) -> Response:
    """Show resource provider."""
    return answer(request, render(request, provider), modified_at=provider.modified_at)


def update(request: Request[Placement], provider: Provider) -> Response:
    """Update resource provider."""
    body = request.body
    with request.service.database.transaction() as tx:
        try:
            if body.parent_provider_uuid is not UNSET:
                freely = request.microversion >= (1, 37)
                provider = trees.move(tx, provider, body.parent_provider_uuid, freely=freely)
        except trees.Misplaced as error:
            raise BadRequest(f"Unable to save resource provider {provider.uuid}: {error.message}") from None
        provider = providers.update(tx, provider, name=body.name)
    return answer(request, render(request, provider), modified_at=provider.modified_at)


def find_doomed(request: Request[Placement], uuid: str) -> Provider:
    """Raises NotFound."""
    try:
        return find_provider(request, uuid)
    except NotFound as error:
        raise NotFound(f"{error.message} for delete") from None


def delete(request: Request[Placement], provider: Provider) -> Response:
    """Delete resource provider."""
    with request.service.database.transaction() as tx:
        if providers.has_children(tx, provider.uuid):
            raise Conflict(
                f"Unable to delete parent resource provider {provider.uuid}: It has child resource providers.",
                type=PROVIDER_CANNOT_DELETE_PARENT,
            )
        if allocations.any_of_provider(tx, provider.uuid):
            raise Conflict(
                f"Unable to delete resource provider {provider.uuid}: Resource provider has allocations.",
                type=PROVIDER_IN_USE,
            )
        providers.delete(tx, provider.uuid)
    return bodiless_answer(204)


def render(request: Request[Placement], provider: Provider) -> dict[str, Any]:
    version = request.microversion
    href = link(request, f"/resource_providers/{provider.uuid}")
    related = ["inventories", "usages"]
    related += [
        name for name, since in (("aggregates", 1), ("traits", 6), ("allocations", 11)) if version >= (1, since)
    ]
    links = [{"rel": "self", "href": href}, *({"rel": name, "href": f"{href}/{name}"} for name in related)]
    body = {"uuid": provider.uuid, "name": provider.name, "generation": provider.generation, "links": links}
    if version >= (1, 14):
        body |= {"parent_provider_uuid": provider.parent_uuid, "root_provider_uuid": provider.root_uuid}
    return body


def _filters(request: Request[Placement]) -> Filters:
    version = request.microversion
    known = {"name", "uuid"}
    known |= {name for name, since in _FILTERS_SINCE.items() if version >= (1, since)}
    known_parameters(request, known)
    for name in ("uuid", "in_tree"):
        value = request.param(name)
        if value is not None and not ids.is_uuid(value):
            raise bad_query(f"'{value}' is not a 'uuid'")
    required, forbidden = parse_required(request.params("required"), version)
    member_of, forbidden_aggregates = parse_member_of(request.params("member_of"), version)
    resources = request.param("resources")
    return Filters(
        name=request.param("name"),
        uuid=request.param("uuid"),
        in_tree=request.param("in_tree"),
        resources={} if resources is None else parse_resources(resources),
        required=required,
        forbidden=forbidden,
        member_of=member_of,
        forbidden_aggregates=forbidden_aggregates,
    )


_FILTERS_SINCE = {"member_of": 3, "resources": 4, "in_tree": 14, "required": 18}
