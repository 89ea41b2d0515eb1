"""List, show, create, update and delete of any resource: what happens in the same order for all of them."""

from collections.abc import Callable, Sequence
from typing import Any

from pileus.kernel.errors import BadRequest
from pileus.kernel.http.bodies import BadBody, decode_json
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.numerals import natural
from pileus.network import query
from pileus.network.attributes import explicit, prepare_create, prepare_update
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.resources.base import Resource, Shown
from pileus.network.service import Network
from pileus.network.store.records import Row

Handler = Callable[..., Any]
_REVISION = "revision_number="
MAX_BODY = 10 << 20


def read_body(request: Request[Network]) -> Any:
    """The decoded JSON body. Raises BadRequest when there is none or it is not JSON."""
    data = request.http.bounded_stream.read(MAX_BODY)
    if not data:
        raise bad_request("Resource body required")
    try:
        body = decode_json(data)
    except BadBody as error:
        raise BadRequest(
            f"The server could not comply with the request since it is either malformed or otherwise "
            f"incorrect: {error}",
            type="HTTPBadRequest",
        ) from None
    if not body:
        raise bad_request("Resource body required")
    return body


def list_handler(resource: Resource) -> Handler:
    def list_resources(request: Request[Network]) -> dict[str, Any]:
        with request.service.database.read() as tx:
            call = Call(request.service, tx, request.context)
            _before_list(call, request, resource)
            listing = query.select(call, request, resource)
            shown = show_many(call, resource, listing.rows)
        links = query.links(request, shown, listing)
        body: dict[str, Any] = {resource.plural: only(query.wanted_fields(request), shown)}
        if links:
            body[f"{resource.plural}_links"] = links
        return body

    return named(list_resources, f"List {words(resource.plural)}.")


def _before_list(call: Call, request: Request[Network], resource: Resource) -> None:
    prepare = getattr(resource, "before_list", None)
    if prepare is not None:
        prepare(call, request)


def show_many(call: Call, resource: Resource, rows: Sequence[Row]) -> list[Shown]:
    """Rows as the caller may see them: those that the policy hides are left out, and so are hidden attributes."""
    resource.expand(call, rows)
    rule = f"get_{resource.name}"
    shown = [resource.render(row) for row in rows]
    visible = [item for item in shown if call.allows(rule, resource.target(call, item))]
    return strip(call, resource, visible)


def strip(call: Call, resource: Resource, shown: list[Shown]) -> list[Shown]:
    """Leaves out attributes whose own rule does not allow them; as in Neutron, judged by the first of a list."""
    if not shown:
        return shown
    knows = call.service.policy.knows
    ruled = [name for name in shown[0] if knows(f"get_{resource.name}:{name}")]
    if not ruled:
        return shown
    target = resource.target(call, shown[0])
    hidden = [name for name in ruled if not call.allows(f"get_{resource.name}:{name}", target)]
    for item in shown if hidden else ():
        for name in hidden:
            item.pop(name, None)
    return shown


def only(fields: frozenset[str], shown: list[Shown]) -> list[Shown]:
    if not fields:
        return shown
    return [{name: value for name, value in item.items() if name in fields} for item in shown]


def show_handler(resource: Resource) -> Handler:
    def show_resource(request: Request[Network], id: str) -> dict[str, Any]:
        with request.service.database.read() as tx:
            call = Call(request.service, tx, request.context)
            shown = show_many(call, resource, [resource.find(call, id)])
        if not shown:
            raise fault("HTTPNotFound")
        return {resource.name: only(query.wanted_fields(request), shown)[0]}

    return named(show_resource, f"Show one of the {words(resource.plural)}.")


def create_handler(resource: Resource) -> Handler:
    def create_resource(request: Request[Network]) -> Response:
        body, bulk = _items(read_body(request), resource)
        items = [prepare_create(request.context, resource.attributes, item, resource.name) for item in body]
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            rows = create_all(call, resource, items)
            resource.expand(call, rows)
            shown = strip(call, resource, [resource.render(row) for row in rows])
            call.finish()
        return Response({resource.plural: shown} if bulk else {resource.name: shown[0]}, status=201)

    return named(create_resource, f"Create {words(resource.plural)}, one or several.")


def create_all(call: Call, resource: Resource, items: Sequence[dict[str, Any]]) -> list[Row]:
    knows = call.service.policy.knows
    for values in items:
        resource.before_create(call, values)
        rules = [f"create_{resource.name}"]
        for name in explicit(resource.attributes, values):
            rules += [rule for rule in _attribute_rules(resource, "create", name, values[name]) if knows(rule)]
        call.authorize(rules, resource.target(call, values))
    if resource.quota is not None:
        for project in {values["project_id"] for values in items}:
            asked = sum(values["project_id"] == project for values in items)
            call.check_quota(resource.quota, project, lambda of=project: resource.count(call, of), asked)  # type: ignore[misc]
    return resource.create_many(call, items)


def _attribute_rules(resource: Resource, action: str, name: str, value: Any) -> list[str]:
    whole = f"{action}_{resource.name}:{name}"
    return [whole, *(f"{whole}:{part}" for part in resource.part_rules(action, name, value))]


def _items(body: Any, resource: Resource) -> tuple[list[Any], bool]:
    """The bodies of what is to be created, and whether several may be."""
    if not isinstance(body, dict):
        raise bad_request("Body contains invalid data")
    if resource.plural not in body:
        return [body], False
    if not resource.bulk:
        raise bad_request("Bulk operation not supported")
    items = body[resource.plural]
    if not items:
        raise bad_request("Resources required")
    if not isinstance(items, list):
        raise bad_request("Body contains invalid data")
    return [item if isinstance(item, dict) and resource.name in item else {resource.name: item} for item in items], True


def update_handler(resource: Resource) -> Handler:
    def update_resource(request: Request[Network], id: str) -> dict[str, Any]:
        values = prepare_update(request.context, resource.attributes, read_body(request), resource.name)
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            row = resource.find(call, id)
            knows = call.service.policy.knows
            rules = [f"update_{resource.name}"]
            for name in values:
                if resource.attributes[name].ruled:
                    rules += [rule for rule in _attribute_rules(resource, "update", name, values[name]) if knows(rule)]
            authorize_change(call, resource, rules, {**facts(resource, row), **values})
            check_revision(request, row)
            row = resource.update(call, row, values)
            resource.expand(call, [row])
            shown = strip(call, resource, [resource.render(row)])
            call.finish()
        return {resource.name: shown[0]}

    return named(update_resource, f"Update one of the {words(resource.plural)}.")


def delete_handler(resource: Resource) -> Handler:
    def delete_resource(request: Request[Network], id: str) -> None:
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            row = resource.find(call, id)
            authorize_change(call, resource, [f"delete_{resource.name}"], facts(resource, row))
            check_revision(request, row)
            resource.delete(call, row)
            call.finish()

    return named(delete_resource, f"Delete one of the {words(resource.plural)}.")


def facts(resource: Resource, row: Row) -> dict[str, Any]:
    """A row's columns under the names of its attributes."""
    return {name: row[attribute.key] for name, attribute in resource.attributes.items() if attribute.key in row}


def authorize_change(call: Call, resource: Resource, rules: Sequence[str], known: dict[str, Any]) -> None:
    """Raises PolicyNotAuthorized, or HTTPNotFound to a caller who may not even see the resource."""
    target = resource.target(call, known)
    if all(call.allows(rule, target) for rule in rules):
        return
    if not call.allows(f"get_{resource.name}", target):
        raise fault("HTTPNotFound")
    call.authorize(rules, target)


def check_revision(request: Request[Network], row: Row) -> None:
    """Raises HTTPPreconditionFailed when the client's If-Match names another revision."""
    header = request.header("If-Match")
    if header is None:
        return
    named = [tag for tag in (part.strip().strip('"') for part in header.split(",")) if tag.startswith(_REVISION)]
    if not named:
        return
    if len(named) > 1:
        raise fault("BadRequest", resource="if-match", msg="Multiple revision_number etags are not supported.")
    wanted, current = natural(named[0].removeprefix(_REVISION)), row.get("revision")
    if wanted is None:
        msg = "Revision number etag must be in the format of revision_number=<int>"
        raise fault("BadRequest", resource="if-match", msg=msg)
    if wanted != current:
        raise fault("HTTPPreconditionFailed", constraint=wanted, current=current)


def words(name: str) -> str:
    return name.replace("_", " ")


def named(handler: Handler, summary: str) -> Handler:
    handler.__doc__ = summary
    return handler
