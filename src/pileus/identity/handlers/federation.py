"""``OS-FEDERATION``: what an operator registers about other identity and service providers.

Nobody can log in by them yet; clients and tools that manage them can.
"""

from typing import Any

from msgspec import UNSET, Struct

from pileus.identity import hierarchy
from pileus.identity.handlers.collections import View, collection, filters_of, linked, matching
from pileus.identity.resource_bodies import NewDomain
from pileus.identity.resources import found, truth
from pileus.identity.service import Identity
from pileus.identity.store import federation as store
from pileus.identity.store import projects
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

PREFIX = "OS-FEDERATION"
SCHEMA_VERSION = "1.0"
WORDS = {
    store.IDENTITY_PROVIDER: "Identity Provider",
    store.SERVICE_PROVIDER: "Service Provider",
    store.MAPPING: "mapping",
}


class Registered(Struct, frozen=True):
    """One thing that was registered."""

    kind: str
    id: str
    body: dict[str, Any]
    parent_id: str = ""


def _given(body: Struct) -> dict[str, Any]:
    values = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
    if "enabled" in values:
        values["enabled"] = truth(values["enabled"], False)
    return values


def _path(one: Registered) -> str:
    if one.kind == store.PROTOCOL:
        return f"{PREFIX}/identity_providers/{one.parent_id}/protocols"
    return f"{PREFIX}/{one.kind}s"


def _view(request: Request[Identity], one: Registered) -> View:
    view = linked(request, _path(one), {**one.body, "id": one.id})
    if one.kind == store.IDENTITY_PROVIDER:
        view["links"]["protocols"] = view["links"]["self"] + "/protocols"
    elif one.kind == store.PROTOCOL:
        view["links"]["identity_provider"] = request.url(f"/v3/{PREFIX}/identity_providers/{one.parent_id}")
    return view


def _find(request: Request[Identity], kind: str, id: str) -> Registered:
    with request.service.database.read() as tx:
        return Registered(kind, id, found(store.get(tx, kind, id), WORDS[kind], id))


def find_identity_provider(request: Request[Identity], identity_provider_id: str) -> Registered:
    return _find(request, store.IDENTITY_PROVIDER, identity_provider_id)


def find_service_provider(request: Request[Identity], service_provider_id: str) -> Registered:
    return _find(request, store.SERVICE_PROVIDER, service_provider_id)


def find_mapping(request: Request[Identity], mapping_id: str) -> Registered:
    return _find(request, store.MAPPING, mapping_id)


def find_protocol(request: Request[Identity], identity_provider_id: str, protocol_id: str) -> Registered:
    with request.service.database.read() as tx:
        body = store.get(tx, store.PROTOCOL, protocol_id, identity_provider_id)
    name = f"federated protocol {protocol_id} for Identity Provider"
    return Registered(store.PROTOCOL, protocol_id, found(body, name, identity_provider_id), identity_provider_id)


def _listed(request: Request[Identity], kind: str, parent_id: str = "") -> View:
    with request.service.database.read() as tx:
        bodies = store.find(tx, kind, parent_id)
    shown = [_view(request, Registered(kind, id, body, parent_id)) for id, body in bodies.items()]
    return collection(request, f"{kind}s", matching(shown, filters_of(request, "id", "enabled")))


def list_identity_providers(request: Request[Identity]) -> View:
    """List identity providers."""
    return _listed(request, store.IDENTITY_PROVIDER)


def list_service_providers(request: Request[Identity]) -> View:
    """List service providers."""
    return _listed(request, store.SERVICE_PROVIDER)


def list_mappings(request: Request[Identity]) -> View:
    """List mappings."""
    return _listed(request, store.MAPPING)


def list_protocols(request: Request[Identity], identity_provider_id: str) -> View:
    """List the protocols of an identity provider."""
    find_identity_provider(request, identity_provider_id)
    return _listed(request, store.PROTOCOL, identity_provider_id)


def _created(request: Request[Identity], tx: Tx, one: Registered) -> Response:
    store.insert(tx, one.kind, one.id, one.body, one.parent_id)
    return Response({one.kind: _view(request, one)}, status=201)


def create_identity_provider(request: Request[Identity], identity_provider_id: str) -> Response:
    """Register an identity provider, with a domain for its users."""
    values: dict[str, Any] = {"enabled": False, "description": None, "remote_ids": [], "authorization_ttl": None}
    values |= _given(request.body.identity_provider)
    if not values["remote_ids"]:
        values["remote_ids"] = []
    with request.service.database.transaction() as tx:
        if values.get("domain_id"):
            found(projects.get_domain(tx, values["domain_id"]), "domain", values["domain_id"])
        else:
            description = f"Auto generated federated domain for Identity Provider: {identity_provider_id}"
            values["domain_id"] = hierarchy.create_domain(tx, NewDomain(ids.new_hex(), description)).id
        return _created(request, tx, Registered(store.IDENTITY_PROVIDER, identity_provider_id, values))


def create_service_provider(request: Request[Identity], service_provider_id: str) -> Response:
    """Register a service provider."""
    values: dict[str, Any] = {"enabled": False, "description": None, "relay_state_prefix": "ss:mem:"}
    values |= _given(request.body.service_provider)
    for name in ("auth_url", "sp_url"):
        if name not in values:
            raise BadRequest(f"'{name}' is a required property")
    with request.service.database.transaction() as tx:
        return _created(request, tx, Registered(store.SERVICE_PROVIDER, service_provider_id, values))


def create_mapping(request: Request[Identity], mapping_id: str) -> Response:
    """Register a mapping of assertions to users."""
    values = {"schema_version": SCHEMA_VERSION} | _given(request.body.mapping)
    with request.service.database.transaction() as tx:
        return _created(request, tx, Registered(store.MAPPING, mapping_id, values))


def create_protocol(request: Request[Identity], identity_provider_id: str, protocol_id: str) -> Response:
    """Register a protocol of an identity provider."""
    find_identity_provider(request, identity_provider_id)
    values = {"remote_id_attribute": None} | _given(request.body.protocol)
    if "mapping_id" not in values:
        raise BadRequest("'mapping_id' is a required property")
    with request.service.database.transaction() as tx:
        _check_mapping(tx, values["mapping_id"])
        return _created(request, tx, Registered(store.PROTOCOL, protocol_id, values, identity_provider_id))


def _check_mapping(tx: Tx, mapping_id: str | None) -> None:
    if mapping_id is not None and store.get(tx, store.MAPPING, mapping_id) is None:
        raise BadRequest(f"Could not find mapping: {mapping_id}.")


def show(request: Request[Identity], one: Registered) -> View:
    """Show what was registered."""
    return {one.kind: _view(request, one)}


def update(request: Request[Identity], one: Registered) -> View:
    """Change what was registered."""
    values = _given(getattr(request.body, one.kind))
    if "domain_id" in values and values["domain_id"] != one.body.get("domain_id"):
        raise BadRequest("Cannot change Domain ID")
    with request.service.database.transaction() as tx:
        _check_mapping(tx, values.get("mapping_id"))
        after = Registered(one.kind, one.id, one.body | values, one.parent_id)
        store.update(tx, one.kind, one.id, after.body, one.parent_id)
    return {one.kind: _view(request, after)}


def delete(request: Request[Identity], one: Registered) -> None:
    """Delete what was registered."""
    with request.service.database.transaction() as tx:
        if one.kind == store.MAPPING:
            _check_unused(tx, one.id)
        store.delete(tx, one.kind, one.id, one.parent_id)


def _check_unused(tx: Tx, mapping_id: str) -> None:
    for provider in store.find(tx, store.IDENTITY_PROVIDER):
        for protocol in store.find(tx, store.PROTOCOL, provider).values():
            if protocol.get("mapping_id") == mapping_id:
                raise Forbidden(f"The mapping {mapping_id} is in use by a protocol of {provider}.")
