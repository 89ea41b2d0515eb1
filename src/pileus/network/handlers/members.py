"""Actions on single resources: router interfaces and routes, members of groups and pools, subports."""

from collections.abc import Callable
from typing import Any

from pileus.kernel.http.request import Request
from pileus.network.calls import Call
from pileus.network.errors import bad_request
from pileus.network.handlers.crud import authorize_change, facts, named, read_body
from pileus.network.resources.base import Resource, Shown
from pileus.network.service import Network
from pileus.network.store.records import Row

Handler = Callable[..., Any]
Act = Callable[[Call, Row, Any], Shown]


def action(rule: str, find: Callable[[Network], Resource], act: Act) -> Handler:
    """A handler of ``PUT /RESOURCES/ID/RULE``: finds, authorizes, acts in one transaction."""

    def handle(request: Request[Network], id: str) -> Shown:
        body = read_body(request)
        resource = find(request.service)
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            row = resource.find(call, id)
            authorize_change(call, resource, [rule], facts(resource, row))
            shown = act(call, row, body)
            call.finish()
        return shown

    return named(handle, f"{rule.replace('_', ' ').capitalize()}.")


def _router(call: Call, row: Row) -> Shown:
    call.service.routers.expand(call, [row])
    return {"router": call.service.routers.render(row)}


def _routes(*, add: bool) -> Handler:
    def act(call: Call, row: Row, body: Any) -> Shown:
        return _router(call, call.service.routers.change_routes(call, row, body, add=add))

    return action("add_extraroutes" if add else "remove_extraroutes", lambda service: service.routers, act)


add_router_interface = action(
    "add_router_interface",
    lambda service: service.routers,
    lambda call, row, body: call.service.routers.add_interface(call, row, body),
)
remove_router_interface = action(
    "remove_router_interface",
    lambda service: service.routers,
    lambda call, row, body: call.service.routers.remove_interface(call, row, body),
)
add_extraroutes = _routes(add=True)
remove_extraroutes = _routes(add=False)


def _addresses(*, add: bool) -> Handler:
    def act(call: Call, row: Row, body: Any) -> Shown:
        groups = call.service.address_groups
        if not isinstance(body, dict):
            raise bad_request("Body contains invalid data")
        named_inside = body.get("address_group", body)
        row = groups.change_addresses(call, row, named_inside.get("addresses"), add=add)
        groups.expand(call, [row])
        return {"address_group": groups.render(row)}

    return action("add_addresses" if add else "remove_addresses", lambda service: service.address_groups, act)


add_addresses = _addresses(add=True)
remove_addresses = _addresses(add=False)


def _prefixes(*, add: bool) -> Handler:
    def act(call: Call, row: Row, body: Any) -> Shown:
        if not isinstance(body, dict):
            raise bad_request("Body contains invalid data")
        row = call.service.subnetpools.change_prefixes(call, row, body.get("prefixes"), add=add)
        return {"prefixes": row["prefixes"]}

    return action("add_prefixes" if add else "remove_prefixes", lambda service: service.subnetpools, act)


add_prefixes = _prefixes(add=True)
remove_prefixes = _prefixes(add=False)


def _subports(*, add: bool) -> Handler:
    def act(call: Call, row: Row, body: Any) -> Shown:
        trunks = call.service.trunks
        row = trunks.add_subports(call, row, body) if add else trunks.remove_subports(call, row, body)
        trunks.expand(call, [row])
        return trunks.render(row)

    return action("add_subports" if add else "remove_subports", lambda service: service.trunks, act)


add_subports = _subports(add=True)
remove_subports = _subports(add=False)


def get_subports(request: Request[Network], id: str) -> Shown:
    """List the subports of a trunk."""
    with request.service.database.read() as tx:
        call = Call(request.service, tx, request.context)
        trunks = request.service.trunks
        row = trunks.find(call, id)
        authorize_change(call, trunks, ["get_subports"], facts(trunks, row))
        trunks.expand(call, [row])
    return {"sub_ports": row["sub_ports"]}
