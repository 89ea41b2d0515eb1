"""``/os-keypairs``."""

import re
from typing import Any

from msgspec import UNSET

from pileus.compute import keypairs
from pileus.compute.links import limit_of, next_links, no_marker
from pileus.compute.parameters import check_name
from pileus.compute.quotas import limits
from pileus.compute.service import Compute
from pileus.compute.store import keypairs as store
from pileus.kernel.errors import BadRequest, QuotaExceeded
from pileus.kernel.http.inline import before_waiting
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.quotas import exceeded

_NAME = re.compile(r"[_\- a-zA-Z0-9]+")
_NAME_SINCE_292 = re.compile(r"[_\-@. a-zA-Z0-9]+")
RULE = "os_compute_api:os-keypairs:"


def create(request: Request[Compute]) -> Response:
    """Create or import a key pair."""
    given = request.body.keypair
    name = _name(request, given.name)
    kind = "ssh" if given.type is UNSET else given.type
    user_id = _user(request, "create", None if given.user_id is UNSET else given.user_id)
    if given.public_key is UNSET:
        if request.microversion >= (2, 92):
            raise BadRequest("'public_key' is a required property")
        before_waiting()
        private, public = keypairs.generate(kind, user_id)
    else:
        private, public = None, given.public_key
    fingerprint = keypairs.fingerprint(public, kind)
    with request.service.database.transaction() as tx:
        if exceeded(limits(tx, request.context.project_id or ""), {"key_pairs": store.count(tx, user_id)}, _ONE):
            raise QuotaExceeded("Quota exceeded, too many key pairs.")
        pair = store.insert(tx, user_id, name, kind, fingerprint, public)
    status = 201 if request.microversion >= (2, 2) else 200
    return Response({"keypair": keypairs.created(pair, request.microversion, private)}, status=status)


_ONE = {"key_pairs": 1}


def list_pairs(request: Request[Compute]) -> dict[str, Any]:
    """List a user's key pairs."""
    paged = request.microversion >= (2, 35)
    user_id = _user(request, "index", _asked_user(request))
    limit, marker = (limit_of(request), request.param("marker")) if paged else (1 << 31, None)
    with request.service.database.read() as tx:
        if marker is not None and store.find(tx, user_id, marker) is None:
            raise no_marker(marker)
        found = store.page(tx, user_id, limit, marker)
    body: dict[str, Any] = {"keypairs": [{"keypair": keypairs.listed(pair, request.microversion)} for pair in found]}
    further = next_links(request, "os-keypairs", [pair.name for pair in found]) if paged else []
    if further:
        body["keypairs_links"] = further
    return body


def show(request: Request[Compute], name: str) -> dict[str, Any]:
    """Show a key pair."""
    user_id = _user(request, "show", _asked_user(request))
    with request.service.database.read() as tx:
        pair = store.get(tx, user_id, name)
    return {"keypair": keypairs.detailed(pair, request.microversion)}


def delete(request: Request[Compute], name: str) -> Response:
    """Delete a key pair."""
    user_id = _user(request, "delete", _asked_user(request))
    with request.service.database.transaction() as tx:
        store.delete(tx, user_id, name)
    return Response(status=204 if request.microversion >= (2, 2) else 202)


def _asked_user(request: Request[Compute]) -> str | None:
    """The user whose key pairs an administrator asks for."""
    users = request.params("user_id") if request.microversion >= (2, 10) else []
    return users[0] if users else None


def _user(request: Request[Compute], action: str, asked: str | None) -> str:
    user_id = asked or request.context.user_id or ""
    request.authorize(RULE + action, {"user_id": user_id})
    return user_id


def _name(request: Request[Compute], name: str) -> str:
    check_name(name)
    pattern = _NAME_SINCE_292 if request.microversion >= (2, 92) else _NAME
    if not pattern.fullmatch(name):
        raise BadRequest(
            f"Invalid input for field/attribute name. Value: {name}. '{name}' does not match '^{pattern.pattern}$'"
        )
    return name
