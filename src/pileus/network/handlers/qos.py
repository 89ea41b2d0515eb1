"""Rules of QoS policies, and the types of rules there are."""

from collections.abc import Callable
from typing import Any

from pileus.kernel.errors import NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.network import query
from pileus.network.attributes import prepare_create, prepare_update
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.handlers.crud import named, only, read_body
from pileus.network.resources.qos import RULE_TYPES
from pileus.network.service import Network
from pileus.network.store.records import Row

Handler = Callable[..., Any]


def _policy(call: Call, policy_id: str, rule: str) -> Row:
    policies = call.service.qos_policies
    try:
        row = policies.find(call, policy_id)
    except NotFound:
        # Who may not make rules at all learns that, rather than which policies there are.
        if not rule.startswith("get_"):
            call.authorize([rule], {})
        raise
    target = policies.rule_target(call, row)
    if not call.allows(rule, target):
        if not rule.startswith("get_"):
            call.authorize([rule], target)
        # A policy that is shared shows its rules too.
        if not call.allows("get_policy", target):
            raise fault("HTTPNotFound")
    return row


def list_rules(type: str) -> Handler:
    def handle(request: Request[Network], id: str) -> dict[str, Any]:
        with request.service.database.read() as tx:
            call = Call(request.service, tx, request.context)
            policy = _policy(call, id, f"get_policy_{type}_rule")
            rules = request.service.qos_policies.rules_of(call, policy, type)
        for name in request.query:
            if name in RULE_TYPES[type]:
                rules = [rule for rule in rules if str(rule[name]) in request.params(name)]
            elif name not in ("fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"):
                raise bad_request(f"{[name]} is invalid attribute for filtering")
        return {f"{type}_rules": only(query.wanted_fields(request), rules)}

    return named(handle, f"List the {type} rules of a QoS policy.")


def show_rule(type: str) -> Handler:
    def handle(request: Request[Network], id: str, rule_id: str) -> dict[str, Any]:
        with request.service.database.read() as tx:
            call = Call(request.service, tx, request.context)
            policy = _policy(call, id, f"get_policy_{type}_rule")
            rule = request.service.qos_policies.rule(call, policy, type, rule_id)
        return {f"{type}_rule": only(query.wanted_fields(request), [rule])[0]}

    return named(handle, f"Show a {type} rule of a QoS policy.")


def create_rule(type: str) -> Handler:
    def handle(request: Request[Network], id: str) -> Response:
        values = prepare_create(request.context, RULE_TYPES[type], read_body(request), f"{type}_rule")
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            policy = _policy(call, id, f"create_policy_{type}_rule")
            rule = request.service.qos_policies.add_rule(call, policy, type, values)
        return Response({f"{type}_rule": rule}, status=201)

    return named(handle, f"Create a {type} rule of a QoS policy.")


def update_rule(type: str) -> Handler:
    def handle(request: Request[Network], id: str, rule_id: str) -> dict[str, Any]:
        values = prepare_update(request.context, RULE_TYPES[type], read_body(request), f"{type}_rule")
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            policy = _policy(call, id, f"update_policy_{type}_rule")
            policies = request.service.qos_policies
            rule = policies.rule(call, policy, type, rule_id)
            rule = policies.update_rule(call, policy, type, rule, values)
        return {f"{type}_rule": rule}

    return named(handle, f"Update a {type} rule of a QoS policy.")


def delete_rule(type: str) -> Handler:
    def handle(request: Request[Network], id: str, rule_id: str) -> None:
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            policy = _policy(call, id, f"delete_policy_{type}_rule")
            policies = request.service.qos_policies
            policies.remove_rule(call, policy, policies.rule(call, policy, type, rule_id))

    return named(handle, f"Delete a {type} rule of a QoS policy.")


def list_rule_types(request: Request[Network]) -> dict[str, Any]:
    """List the types of QoS rules."""
    request.authorize("get_rule_type", {})
    return {"rule_types": [{"type": type} for type in RULE_TYPES]}
