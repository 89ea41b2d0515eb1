"""``OS-OAUTH1``: consumers, the three steps of a delegation, and a user's access tokens."""

import secrets

from msgspec import structs

from pileus.identity import oauth, views
from pileus.identity.handlers.auth import signed
from pileus.identity.handlers.caller import valid_caller
from pileus.identity.handlers.collections import View, collection, linked
from pileus.identity.model import AccessToken, Consumer, RequestToken
from pileus.identity.resources import changed, extra_of, found, given, same_id
from pileus.identity.service import Identity
from pileus.identity.store import oauth as store
from pileus.identity.store import projects, roles
from pileus.kernel import clock, ids
from pileus.kernel.errors import BadRequest, Forbidden, Unauthorized
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

CONSUMERS = "OS-OAUTH1/consumers"
REQUEST_LIFETIME = 28_800 * clock.SECOND
ACCESS_LIFETIME = 86_400 * clock.SECOND
FORM = "application/x-www-form-urlencoded"


def find_consumer(request: Request[Identity], consumer_id: str) -> Consumer:
    with request.service.database.read() as tx:
        return found(store.consumers.get(tx, consumer_id), "consumer", consumer_id)


def find_access_token(request: Request[Identity], user_id: str, access_token_id: str) -> AccessToken:
    with request.service.database.read() as tx:
        token = store.access_tokens.get(tx, access_token_id)
    owned = token if token is not None and token.authorizing_user_id == user_id else None
    return found(owned, "access token", access_token_id)


def _consumer_view(one: Consumer) -> View:
    return {**one.extra, "id": one.id, "description": one.description}


def list_consumers(request: Request[Identity]) -> View:
    """List OAuth consumers."""
    with request.service.database.read() as tx:
        listed = store.consumers.all(tx)
    return collection(request, "consumers", [_consumer_view(one) for one in listed], CONSUMERS)


def create_consumer(request: Request[Identity]) -> Response:
    """Create an OAuth consumer."""
    body = request.body.consumer
    consumer = Consumer(
        id=ids.new_hex(), description=given(body.description, None), secret=ids.new_hex(), extra=extra_of(body)
    )
    with request.service.database.transaction() as tx:
        store.consumers.insert(tx, consumer)
    view = {**_consumer_view(consumer), "secret": consumer.secret}
    return Response({"consumer": linked(request, CONSUMERS, view)}, status=201)


def show_consumer(request: Request[Identity], consumer: Consumer) -> View:
    """Show an OAuth consumer."""
    return {"consumer": linked(request, CONSUMERS, _consumer_view(consumer))}


def update_consumer(request: Request[Identity], consumer: Consumer) -> View:
    """Change an OAuth consumer."""
    body = request.body.consumer
    same_id(body, consumer.id)
    if "secret" in body.unknown:
        raise BadRequest("Cannot change consumer secret")
    after = structs.replace(changed(consumer, body, "description"), extra=extra_of(body, consumer.extra))
    with request.service.database.transaction() as tx:
        store.consumers.update(tx, after)
    return show_consumer(request, after)


def delete_consumer(request: Request[Identity], consumer: Consumer) -> None:
    """Delete an OAuth consumer with all that was authorized for it."""
    with request.service.database.transaction() as tx:
        store.delete_consumer(tx, consumer.id)


def _needed(request: oauth.Signed, name: str) -> str:
    value = request.parameters.get(name)
    if not value:
        raise BadRequest(f"Expecting to find {name} in request.")
    return value


def _refused(reason: str) -> Unauthorized:
    return Unauthorized(reason)


def _form(token_id: str, secret: str, expires_at: int) -> Response:
    body = f"oauth_token={token_id}&oauth_token_secret={secret}&oauth_expires_at={clock.iso_micro(expires_at)}"
    return Response(body.encode(), status=201, content_type=FORM)


def create_request_token(request: Request[Identity]) -> Response:
    """Ask for a delegation, as a consumer."""
    call = signed(request)
    consumer_id = _needed(call, "oauth_consumer_key")
    project_id = request.header("Requested-Project-Id")
    if not project_id:
        raise BadRequest("Expecting to find Requested-Project-Id in request.")
    consumer = find_consumer(request, consumer_id)
    if not oauth.valid(call, consumer.secret, ""):
        raise _refused("Invalid signature")
    token = RequestToken(
        id=ids.new_hex(),
        secret=ids.new_hex(),
        verifier=None,
        authorizing_user_id=None,
        project_id=project_id,
        consumer_id=consumer.id,
        roles=[],
        expires_at=clock.now() + REQUEST_LIFETIME,
    )
    with request.service.database.transaction() as tx:
        found(projects.get(tx, project_id), "project", project_id)
        store.request_tokens.insert(tx, token)
    return _form(token.id, token.secret, token.expires_at or 0)


def authorize(request: Request[Identity], request_token_id: str) -> View:
    """Agree to a delegation, as a user."""
    caller = valid_caller(request)
    if caller is None or caller.payload.trust_id or caller.payload.access_token_id:
        raise Forbidden("Cannot authorize a request token with a token issued via delegation.")
    if "application_credential" in caller.payload.methods:
        raise Forbidden("Cannot authorize a request token with a token issued via delegation.")
    user_id = caller.payload.user_id
    with request.service.database.transaction() as tx:
        token = found(store.request_tokens.get(tx, request_token_id), "request token", request_token_id)
        if token.expires_at is not None and token.expires_at <= clock.now():
            raise _refused("Request token is expired")
        wanted = []
        for one in request.body.roles:
            name = given(one.name, "")
            role = roles.get(tx, one.id) if given(one.id, "") else roles.first_named(tx, name)
            wanted.append(found(role, "role", given(one.id, "") or name).id)
        if not wanted or not request.service.validator.role_ids_on_project(tx, user_id, token.project_id).issuperset(
            wanted
        ):
            raise _refused("authorizing user does not have role required")
        after = structs.replace(
            token, verifier=secrets.token_hex(4), authorizing_user_id=user_id, roles=list(dict.fromkeys(wanted))
        )
        store.request_tokens.update(tx, after)
    return {"token": {"oauth_verifier": after.verifier}}


def create_access_token(request: Request[Identity]) -> Response:
    """Exchange an authorized request token for an access token, as a consumer."""
    call = signed(request)
    consumer_id, token_id = _needed(call, "oauth_consumer_key"), _needed(call, "oauth_token")
    verifier = _needed(call, "oauth_verifier")
    now = clock.now()
    with request.service.database.transaction() as tx:
        asked = found(store.request_tokens.get(tx, token_id), "request token", token_id)
        consumer = store.consumers.get(tx, consumer_id)
        if asked.expires_at is not None and asked.expires_at <= now:
            raise _refused("Request token is expired")
        if consumer is None or asked.consumer_id != consumer.id:
            raise _refused("Provided consumer key does not match stored consumer key.")
        if not asked.verifier or not secrets.compare_digest(asked.verifier.encode(), verifier.encode()):
            raise _refused("Provided verifier does not match stored verifier")
        if not oauth.valid(call, consumer.secret, asked.secret):
            raise _refused("Invalid signature")
        if not asked.authorizing_user_id:
            raise _refused("Request Token does not have an authorizing user id.")
        token = AccessToken(
            id=ids.new_hex(),
            secret=ids.new_hex(),
            authorizing_user_id=asked.authorizing_user_id,
            project_id=asked.project_id,
            consumer_id=consumer.id,
            roles=asked.roles,
            expires_at=now + ACCESS_LIFETIME,
        )
        store.request_tokens.delete(tx, asked.id)
        store.access_tokens.insert(tx, token)
    return _form(token.id, token.secret, token.expires_at or 0)


def _access_view(request: Request[Identity], one: AccessToken) -> View:
    path = f"users/{one.authorizing_user_id}/OS-OAUTH1/access_tokens"
    view = linked(
        request,
        path,
        {
            "id": one.id,
            "authorizing_user_id": one.authorizing_user_id,
            "project_id": one.project_id,
            "consumer_id": one.consumer_id,
            "expires_at": views.moment(one.expires_at),
        },
    )
    view["links"]["roles"] = request.url(f"/v3/{path}/{one.id}/roles")
    return view


def list_access_tokens(request: Request[Identity], user_id: str) -> View:
    """List what a user authorized."""
    _refuse_delegated(request)
    with request.service.database.read() as tx:
        listed = store.access_tokens_of(tx, user_id)
    return collection(request, "access_tokens", [_access_view(request, one) for one in listed])


def _refuse_delegated(request: Request[Identity]) -> None:
    caller = valid_caller(request)
    if caller is None:
        return
    payload = caller.payload
    if payload.trust_id or payload.access_token_id or payload.application_credential_id:
        raise Forbidden("Cannot manage OAuth access tokens with a token issued via delegation.")


def show_access_token(request: Request[Identity], token: AccessToken) -> View:
    """Show what a user authorized."""
    _refuse_delegated(request)
    return {"access_token": _access_view(request, token)}


def delete_access_token(request: Request[Identity], token: AccessToken) -> None:
    """Take an authorization back."""
    _refuse_delegated(request)
    with request.service.database.transaction() as tx:
        store.access_tokens.delete(tx, token.id)


def list_access_token_roles(request: Request[Identity], token: AccessToken) -> View:
    """List the roles of an authorization."""
    _refuse_delegated(request)
    with request.service.database.read() as tx:
        known = roles.entities.many(tx, token.roles)
    shown = [views.role(known[id]) for id in token.roles if id in known]
    return collection(request, "roles", shown, "roles")


def show_access_token_role(request: Request[Identity], token: AccessToken, role_id: str) -> View:
    """Show a role of an authorization."""
    _refuse_delegated(request)
    with request.service.database.read() as tx:
        role = found(roles.get(tx, role_id) if role_id in token.roles else None, "role", role_id)
    return {"role": linked(request, "roles", views.role(role))}
