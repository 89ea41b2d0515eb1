"""``/v3/policies`` and ``OS-ENDPOINT-POLICY``: policies kept for other services."""

import msgspec
from msgspec import UNSET, structs

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import Endpoint, PolicyBlob
from pileus.identity.resources import changed, extra_of, found, same_id
from pileus.identity.service import Identity
from pileus.identity.store import catalog
from pileus.identity.store import policies as store
from pileus.identity.store.policies import Place
from pileus.kernel import ids
from pileus.kernel.errors import NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response


def find_policy(request: Request[Identity], policy_id: str) -> PolicyBlob:
    with request.service.database.read() as tx:
        return found(store.entities.get(tx, policy_id), "policy", policy_id)


def find_endpoint(request: Request[Identity], endpoint_id: str) -> Endpoint:
    with request.service.database.read() as tx:
        return found(catalog.endpoint_entities.get(tx, endpoint_id), "endpoint", endpoint_id)


def _view(one: PolicyBlob) -> View:
    return {**one.extra, "id": one.id, "type": one.type, "blob": msgspec.json.decode(one.blob)}


def list_policies(request: Request[Identity]) -> View:
    """List policies."""
    with request.service.database.read() as tx:
        listed = store.entities.find(tx, filters_of(request, "type"), page_of(request))
    return collection(request, "policies", [_view(one) for one in listed.items], "policies", more=listed.more)


def create_policy(request: Request[Identity]) -> Response:
    """Create a policy."""
    body = request.body.policy
    blob = msgspec.json.encode(body.blob).decode()
    policy = PolicyBlob(id=ids.new_hex(), type=body.type, blob=blob, extra=extra_of(body))
    with request.service.database.transaction() as tx:
        store.entities.insert(tx, policy)
    return Response({"policy": linked(request, "policies", _view(policy))}, status=201)


def show_policy(request: Request[Identity], policy: PolicyBlob) -> View:
    """Show a policy."""
    return {"policy": linked(request, "policies", _view(policy))}


def update_policy(request: Request[Identity], policy: PolicyBlob) -> View:
    """Change a policy."""
    body = request.body.policy
    same_id(body, policy.id)
    after = structs.replace(changed(policy, body, "type"), extra=extra_of(body, policy.extra))
    if body.blob is not UNSET:
        after = structs.replace(after, blob=msgspec.json.encode(body.blob).decode())
    with request.service.database.transaction() as tx:
        store.entities.update(tx, after)
    return show_policy(request, after)


def delete_policy(request: Request[Identity], policy: PolicyBlob) -> None:
    """Delete a policy."""
    with request.service.database.transaction() as tx:
        store.delete(tx, policy.id)


def _place(request: Request[Identity], parameters: dict[str, str]) -> Place:
    """Raises NotFound when what it names is not there."""
    endpoint_id = parameters.get("endpoint_id", "")
    service_id = parameters.get("service_id", "")
    region_id = parameters.get("region_id", "")
    with request.service.database.read() as tx:
        if endpoint_id:
            found(catalog.endpoint_entities.get(tx, endpoint_id), "endpoint", endpoint_id)
        if service_id:
            found(catalog.service_entities.get(tx, service_id), "service", service_id)
        if region_id:
            found(catalog.region_entities.get(tx, region_id), "region", region_id)
    return Place((endpoint_id, service_id, region_id))


def associate(request: Request[Identity], policy: PolicyBlob, **parameters: str) -> None:
    """Let a policy be that of an endpoint, a service, or a service in a region."""
    place = _place(request, parameters)
    with request.service.database.transaction() as tx:
        store.associate(tx, policy.id, place)


def check_association(request: Request[Identity], policy: PolicyBlob, **parameters: str) -> None:
    """Check whose policy it is."""
    place = _place(request, parameters)
    with request.service.database.read() as tx:
        if not store.is_associated(tx, policy.id, place):
            raise NotFound("Could not find policy association.")


def dissociate(request: Request[Identity], policy: PolicyBlob, **parameters: str) -> None:
    """End that a policy is that of an endpoint, a service, or a service in a region."""
    place = _place(request, parameters)
    with request.service.database.transaction() as tx:
        store.dissociate(tx, policy.id, place)


def show_for_endpoint(request: Request[Identity], endpoint: Endpoint) -> View:
    """Show the policy of an endpoint."""
    with request.service.database.read() as tx:
        policy = store.for_endpoint(tx, endpoint)
    if policy is None:
        raise NotFound("Could not find policy association.")
    return {"policy": linked(request, "policies", _view(policy))}


def list_endpoints(request: Request[Identity], policy: PolicyBlob) -> View:
    """List the endpoints that a policy is for."""
    with request.service.database.read() as tx:
        shown = [views.endpoint(one) for one in store.endpoints_for(tx, policy.id)]
    return collection(request, "endpoints", shown, "endpoints")
