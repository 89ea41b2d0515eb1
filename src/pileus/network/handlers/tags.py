"""Tags of any resource that has them."""

from collections.abc import Callable
from typing import Any

from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.network import validators
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault, invalid
from pileus.network.handlers.crud import facts, named, read_body
from pileus.network.resources.base import Resource
from pileus.network.service import Network
from pileus.network.store.records import Row

Handler = Callable[..., Any]
MOST_TAGS = 50


def _find(call: Call, resource: Resource, id: str, action: str) -> Row:
    """The tagged resource. Raises TagResourceNotFound, or PolicyNotAuthorized."""
    row = resource.records.get(call.tx, id)
    if row is None:
        raise fault("TagResourceNotFound", resource=resource.plural, resource_id=id)
    call.authorize([f"{action}_{resource.name}:tags"], resource.target(call, facts(resource, row)))
    return row


def _check(tag: str) -> None:
    reason = validators.tag(tag)
    if reason:
        raise invalid(reason)


def _given(request: Request[Network]) -> list[str]:
    body = read_body(request)
    if not isinstance(body, dict) or "tags" not in body:
        raise bad_request("Invalid tags body")
    reason = validators.tags(body["tags"])
    if reason:
        raise invalid(reason)
    tags: list[str] = body["tags"]
    return tags


def list_tags(resource: Resource) -> Handler:
    def handle(request: Request[Network], id: str) -> dict[str, Any]:
        with request.service.database.read() as tx:
            row = _find(Call(request.service, tx, request.context), resource, id, "get")
        return {"tags": row["tags"]}

    return named(handle, "List the tags of a resource.")


def show_tag(resource: Resource) -> Handler:
    def handle(request: Request[Network], id: str, tag: str) -> Response:
        _check(tag)
        with request.service.database.read() as tx:
            row = _find(Call(request.service, tx, request.context), resource, id, "get")
        if tag not in row["tags"]:
            raise fault("TagNotFound", tag=tag)
        return Response(status=204)

    return named(handle, "Confirm that a resource has a tag.")


def _changing(
    resource: Resource, action: str, change: Callable[[Request[Network], list[str], str], list[str]]
) -> Handler:
    def handle(request: Request[Network], id: str, tag: str = "") -> dict[str, Any]:
        if tag:
            _check(tag)
        with request.service.database.transaction() as tx:
            call = Call(request.service, tx, request.context)
            row = _find(call, resource, id, action)
            tags = change(request, list(row["tags"]), tag)
            if len(tags) > MOST_TAGS:
                raise bad_request(f"The number of tags exceed the per-resource limit of {MOST_TAGS}")
            if tags != row["tags"]:
                resource.retag(call, row, tags)
        return {"tags": tags}

    return handle


def _add(request: Request[Network], tags: list[str], tag: str) -> list[str]:
    return tags if tag in tags else [*tags, tag]


def _remove(request: Request[Network], tags: list[str], tag: str) -> list[str]:
    if tag not in tags:
        raise fault("TagNotFound", tag=tag)
    return [one for one in tags if one != tag]


def _replace(request: Request[Network], tags: list[str], tag: str) -> list[str]:
    return _given(request)


def _extend(request: Request[Network], tags: list[str], tag: str) -> list[str]:
    return tags + [one for one in _given(request) if one not in tags]


def _clear(request: Request[Network], tags: list[str], tag: str) -> list[str]:
    return []


def add_tag(resource: Resource) -> Handler:
    inner = _changing(resource, "update", _add)

    def handle(request: Request[Network], id: str, tag: str) -> None:
        inner(request, id, tag)

    return named(handle, "Add a tag to a resource.")


def add_tags(resource: Resource) -> Handler:
    return named(_changing(resource, "create", _extend), "Add tags to a resource.")


def replace_tags(resource: Resource) -> Handler:
    return named(_changing(resource, "update", _replace), "Replace the tags of a resource.")


def remove_tag(resource: Resource) -> Handler:
    inner = _changing(resource, "delete", _remove)

    def handle(request: Request[Network], id: str, tag: str) -> None:
        inner(request, id, tag)

    return named(handle, "Remove a tag from a resource.")


def remove_tags(resource: Resource) -> Handler:
    inner = _changing(resource, "delete", _clear)

    def handle(request: Request[Network], id: str) -> None:
        inner(request, id)

    return named(handle, "Remove all tags from a resource.")
