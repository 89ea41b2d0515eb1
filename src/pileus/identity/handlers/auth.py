"""``/v3/auth``: issuing, validating and revoking tokens, and what a token may be scoped to."""

from typing import Any

from pileus.identity import oauth, receipts, views
from pileus.identity.authentication import Proven, refused
from pileus.identity.bodies import DomainRef
from pileus.identity.handlers.collections import collection
from pileus.identity.service import Identity
from pileus.identity.store import projects, tokens
from pileus.identity.validation import Valid
from pileus.kernel.errors import Forbidden, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response


def issue(request: Request[Identity]) -> Response:
    """Issue a token."""
    identity, auth = request.service, request.body.auth
    moment = identity.remembered.moment()
    receipt = request.header("Openstack-Auth-Receipt")
    proven = identity.authentication.prove(auth, moment, lambda: signed(request), receipt)
    rules = receipts.rules_of(proven.user)
    if "token" not in proven.methods and not receipts.enough(rules, proven.methods):
        return _more_needed(request, proven, rules, moment)
    token, valid = identity.issuer.issue(auth, proven, moment)
    body = identity.renderer.render(token, valid, moment, with_catalog=with_catalog(request))
    return Response(body, status=201, headers=token_headers(token))


def _more_needed(request: Request[Identity], proven: Proven, rules: list[list[str]], moment: int) -> Response:
    """The answer to a user that has proven itself by some methods, and has to by more."""
    identity = request.service
    text, receipt = receipts.seal(identity.sealer, proven.user.id, proven.methods, moment)
    domain = identity.lookups.domain(DomainRef(id=proven.user.domain_id), moment)
    if domain is None:
        raise refused("the user's domain is gone")
    body = receipts.body(receipt, proven.user, domain, rules)
    return Response(body, status=401, headers=[("Openstack-Auth-Receipt", text)])


def signed(request: Request[Identity]) -> oauth.Signed:
    """The request as an OAuth signature covers it."""
    parameters = oauth.parameters_of(request.header("Authorization"))
    return oauth.Signed(request.http.method, request.url(request.http.path), request.http.query_string, parameters)


def find_subject(request: Request[Identity]) -> Valid:
    """The token that a request is about. Raises NotFound."""
    token = request.header("X-Subject-Token")
    if not token:
        raise NotFound("No token in the request")
    identity = request.service
    window = float(identity.settings.expired_window) if flag(request.param("allow_expired")) else 0.0
    valid = identity.validator.validate(token, identity.remembered.moment(), window=window)
    if valid.standing.access_rules is not None and not (request.header("OpenStack-Identity-Access-Rules") or ""):
        raise NotFound("Failed to validate token")
    return valid


def validate(request: Request[Identity], subject: Valid) -> Response:
    """Validate a token."""
    identity, token = request.service, request.header("X-Subject-Token") or ""
    moment = identity.remembered.moment()
    body = identity.renderer.render(token, subject, moment, with_catalog=with_catalog(request))
    return Response(body, headers=token_headers(token))


def revoke(request: Request[Identity], subject: Valid) -> None:
    """Revoke a token."""
    with request.service.database.transaction() as tx:
        tokens.revoke(tx, audit_id=subject.payload.audit_ids[0])


def check(request: Request[Identity], subject: Valid) -> Response:
    """Check a token."""
    return Response(headers=token_headers(request.header("X-Subject-Token") or ""))


def list_projects(request: Request[Identity]) -> dict[str, Any]:
    """List the projects that one's token may be scoped to."""
    with request.service.database.read() as tx:
        held = request.service.access.projects_of(tx, request.context.user_id or "")
        tags = projects.tags_of(tx, held)
    return collection(request, "projects", [views.project(one, tags.get(one.id, [])) for one in held], "projects")


def list_domains(request: Request[Identity]) -> dict[str, Any]:
    """List the domains that one's token may be scoped to."""
    with request.service.database.read() as tx:
        held = request.service.access.domains_of(tx, request.context.user_id or "")
        tags = projects.tags_of(tx, held)
    return collection(request, "domains", [views.domain(one, tags.get(one.id, [])) for one in held], "domains")


def list_systems(request: Request[Identity]) -> dict[str, Any]:
    """List the systems that one's token may be scoped to."""
    with request.service.database.read() as tx:
        held = request.service.access.has_system(tx, request.context.user_id or "")
    return {"system": [{"all": True}] if held else [], "links": {"self": request.own_url}}


def catalog(request: Request[Identity]) -> dict[str, Any]:
    """Get the service catalogue of the token."""
    identity, context = request.service, request.context
    if not context.project_id or not context.user_id:
        raise Forbidden("A project-scoped token is required to produce a service catalog.")
    moment = identity.remembered.moment()
    return {
        "catalog": identity.catalog.encoded(moment, context.user_id, context.project_id),
        "links": {"self": request.url("/v3/auth/catalog")},
    }


def with_catalog(request: Request[Identity]) -> bool:
    return request.param("nocatalog") is None


def flag(text: str | None) -> bool:
    return (text or "").lower() in ("1", "t", "true", "on", "y", "yes")


def token_headers(token: str) -> list[tuple[str, str]]:
    return [("X-Subject-Token", token)]
