"""``/traits`` and ``/resource_providers/{uuid}/traits``."""

import re
from typing import Any

from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, Conflict
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.placement.bodies import CUSTOM
from pileus.placement.errors import CONCURRENT_UPDATE, UnknownTraits
from pileus.placement.handlers.http import answer, bodiless_answer, known_parameters, location
from pileus.placement.model import Provider
from pileus.placement.service import Placement
from pileus.placement.store import memberships, providers, vocabulary

ASSOCIATED = {"true": True, "false": False}


def list_traits(request: Request[Placement]) -> Response:
    """List traits."""
    known_parameters(request, {"name", "associated"})
    names, prefix = _name_filter(request.param("name"))
    associated = request.param("associated")
    if associated is not None and associated.lower() not in ASSOCIATED:
        raise BadRequest('The query parameter "associated" only accepts "true" or "false"')
    with request.service.database.read() as tx:
        found = vocabulary.existing_traits(
            tx,
            names=names,
            prefix=prefix,
            associated=None if associated is None else ASSOCIATED[associated.lower()],
        )
    modified_at = max((trait.modified_at for trait in found), default=None)
    return answer(request, {"traits": [trait.name for trait in found]}, modified_at=modified_at)


def show(request: Request[Placement], name: str) -> Response:
    """Show trait."""
    with request.service.database.read() as tx:
        found = vocabulary.find_trait(tx, name)
    if found is None:
        raise UnknownTraits([name])
    return answer(request, None, status=204, modified_at=found.modified_at)


def ensure(request: Request[Placement], name: str) -> Response:
    """Update trait."""
    if not re.match(CUSTOM, name) or len(name) > 255:
        raise BadRequest(
            "The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "
            '"CUSTOM_" and use following characters: "A"-"Z", "0"-"9" and "_"'
        )
    with request.service.database.transaction() as tx:
        new = vocabulary.make_trait(tx, name)
        found = vocabulary.find_trait(tx, name)
    return answer(
        request,
        None,
        status=201 if new else 204,
        modified_at=None if found is None else found.modified_at,
        headers=[location(request, f"/traits/{name}")],
    )


def delete(request: Request[Placement], name: str) -> Response:
    """Delete trait."""
    with request.service.database.transaction() as tx:
        if vocabulary.find_trait(tx, name) is None:
            raise UnknownTraits([name])
        if not name.startswith("CUSTOM_"):
            raise BadRequest(f"Cannot delete standard trait {name}.")
        if memberships.trait_in_use(tx, name):
            raise Conflict(f"The trait {name} is in use by a resource provider.")
        vocabulary.delete_trait(tx, name)
    return bodiless_answer(204)


def list_of_provider(request: Request[Placement], provider: Provider) -> Response:
    """List resource provider traits."""
    with request.service.database.read() as tx:
        names = memberships.traits_of(tx, provider.uuid)
        found = vocabulary.existing_traits(tx, names=names)
    modified_at = max((trait.modified_at for trait in found), default=None)
    return answer(request, _of_provider(provider, names), modified_at=modified_at)


def replace(request: Request[Placement], provider: Provider) -> Response:
    """Update resource provider traits."""
    if provider.generation != request.body.resource_provider_generation:
        raise Conflict(
            "Resource provider's generation already changed. Please update the generation and try again.",
            type=CONCURRENT_UPDATE,
        )
    wanted = sorted(set(request.body.traits))
    with request.service.database.transaction() as tx:
        try:
            vocabulary.check_traits(tx, wanted)
        except UnknownTraits as error:
            raise BadRequest(error.message.replace("No such trait(s):", "No such trait").removesuffix(".")) from None
        provider = _set(request, tx, provider, wanted)
    return answer(request, _of_provider(provider, wanted), modified_at=clock.now())


def delete_of_provider(request: Request[Placement], provider: Provider) -> Response:
    """Delete resource provider traits."""
    with request.service.database.transaction() as tx:
        _set(request, tx, provider, [])
    return bodiless_answer(204)


def _set(request: Request[Placement], tx: Any, provider: Provider, wanted: list[str]) -> Provider:
    present = set(memberships.traits_of(tx, provider.uuid))
    add, remove = set(wanted) - present, present - set(wanted)
    if not add and not remove:
        return provider
    vocabulary.begin_to_use_traits(tx, add)
    memberships.set_traits(tx, provider.uuid, add=add, remove=remove)
    return providers.advance(tx, provider)


def _of_provider(provider: Provider, names: list[str]) -> dict[str, Any]:
    return {"traits": names, "resource_provider_generation": provider.generation}


def _name_filter(text: str | None) -> tuple[list[str] | None, str]:
    """``in:A,B`` as names, ``startswith:A`` as a prefix. Raises BadRequest."""
    if text is None:
        return None, ""
    operator, separator, value = text.partition(":")
    if not separator:
        raise BadRequest(
            "Badly formatted name parameter. Expected name query string parameter in form: "
            f'?name=[in|startswith]:[name1,name2|prefix]. Got: "{text}"'
        )
    if operator == "in":
        return value.split(","), ""
    return None, value if operator == "startswith" else ""
