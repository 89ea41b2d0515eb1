"""From a token to a Context, by asking the identity service and remembering its answer.

The kernel knows identity only through ``GET /v3/auth/tokens``. Where identity runs in the same process, it also
hands over a ``freshness`` function, whose value changes with every change to identity's data: then an answer is used
for as long as nothing changed, and a revocation counts at once. Elsewhere an answer is used for ``TTL`` seconds, as
keystonemiddleware does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from pileus.kernel import clock
from pileus.kernel.access_rules import AccessRule
from pileus.kernel.context import Context
from pileus.kernel.errors import Unauthorized, Unavailable
from pileus.kernel.services import Answer, Client

TTL = 60 * clock.SECOND
CACHE_SIZE = 4096
UNAUTHORIZED = "The request you have made requires authentication."


class Authenticator(Protocol):
    """Turns the tokens of a request into a Context."""

    def authenticate(self, token: str | None, service_token: str | None, base: Context) -> Context:
        """Raises Unauthorized when a token is missing, expired, revoked or forged."""
        ...


class _Known(msgspec.Struct, frozen=True):
    context: Context
    expires_at: int
    freshness: object
    until: int


class TokenAuthenticator:
    """Asks identity once for each token."""

    def __init__(self, identity: Client, freshness: Callable[[], object] | None = None) -> None:
        self._identity = identity
        self._freshness = freshness
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def authenticate(self, token: str | None, service_token: str | None, base: Context) -> Context:
        if not token:
            raise Unauthorized(UNAUTHORIZED)
        context = self._validated(token, base)
        if service_token:
            roles = self._validated(service_token, base).roles
            context = msgspec.structs.replace(context, service_roles=roles)
        return context.with_request(base.request_id, base.global_request_id)

    def _validated(self, token: str, base: Context) -> Context:
        freshness = self._freshness() if self._freshness is not None else None
        known = self._known.get(token)
        now = clock.now()
        if known is not None and known.freshness == freshness and now < min(known.expires_at, known.until):
            return known.context
        known = self._ask(token, base, freshness, now)
        with self._lock:
            self._known[token] = known
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return known.context

    def _ask(self, token: str, base: Context, freshness: object, now: int) -> _Known:
        # The second header promises that this side holds requests against the token's access rules (application.py).
        headers = {"X-Subject-Token": token, "OpenStack-Identity-Access-Rules": "1.0"}
        answer = self._identity.request(base.as_service(), "GET", "/v3/auth/tokens", headers=headers)
        if answer.status != 200:
            raise self._refusal(answer)
        body = answer.json["token"]
        until = now + TTL if self._freshness is None else body_expiry(body)
        return _Known(context_of(body, token), body_expiry(body), freshness, until)

    @staticmethod
    def _refusal(answer: Answer) -> Exception:
        if answer.status >= 500:
            return Unavailable("The identity service cannot validate the token now.")
        return Unauthorized(UNAUTHORIZED)


def body_expiry(body: Mapping[str, Any]) -> int:
    return clock.parse(body["expires_at"])


def context_of(body: Mapping[str, Any], token: str) -> Context:
    """The Context that a token's body (``{"token": {...}}``'s inside) stands for."""
    user = body["user"]
    project = body.get("project") or {}
    domain = body.get("domain") or {}
    rules = body.get("application_credential", {}).get("access_rules")
    return Context(
        request_id="",
        user_id=user["id"],
        user_name=user["name"],
        user_domain_id=user["domain"]["id"],
        user_domain_name=user["domain"]["name"],
        project_id=project.get("id"),
        project_name=project.get("name"),
        project_domain_id=project.get("domain", {}).get("id"),
        project_domain_name=project.get("domain", {}).get("name"),
        domain_id=domain.get("id"),
        domain_name=domain.get("name"),
        system_scope="all" if (body.get("system") or {}).get("all") else None,
        roles=tuple(role["name"] for role in body.get("roles", ())),
        is_admin_project=body.get("is_admin_project", True),
        token=token,
        catalog=body.get("catalog"),
        access_rules=None if rules is None else tuple(msgspec.convert(rules, list[AccessRule])),
    )
