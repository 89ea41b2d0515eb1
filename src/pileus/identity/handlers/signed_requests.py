"""``/v3/ec2tokens`` and ``/v3/s3tokens``: tokens for whoever signed a request with an EC2 credential."""

import hmac
from typing import Any

import msgspec

from pileus.identity import aws_signatures
from pileus.identity.authentication import Proven, refused
from pileus.identity.bodies import Auth, IdentityPart, ProjectRef, Scope, TrustRef
from pileus.identity.handlers.auth import token_headers
from pileus.identity.handlers.credentials import EC2, access_key_id
from pileus.identity.model import Credential, User
from pileus.identity.service import Identity
from pileus.identity.store import application_credentials, projects, trusts, users
from pileus.identity.store import credentials as store
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response


def _asked(request: Request[Identity]) -> dict[str, Any]:
    body = request.body or {}
    if not body:
        raise BadRequest("request must include a request body")
    asked = body.get("credentials") or body.get("credential") or body.get("ec2Credentials") or {}
    if not isinstance(asked, dict) or not isinstance(asked.get("access"), str):
        raise refused("the EC2 signature is not supplied")
    if not all(isinstance(asked.get(name) or {}, dict) for name in ("params", "headers")):
        raise BadRequest("params and headers of a signed request must be objects")
    return asked


def _find(request: Request[Identity], access: str) -> tuple[Credential, dict[str, Any]]:
    with request.service.database.read() as tx:
        credential = store.get(tx, access_key_id(access))
    if credential is None or credential.type != EC2:
        raise NotFound("EC2 access key not found.")
    blob = msgspec.json.decode(request.service.vault.open(credential.sealed))
    if not isinstance(blob.get("secret"), str):
        raise refused("the EC2 credential has no secret")
    return credential, blob


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def authenticate_ec2(request: Request[Identity]) -> Response:
    """Issue a token for a signed EC2 request."""
    asked = _asked(request)
    credential, blob = _find(request, asked["access"])
    host = str(asked.get("host", ""))
    hosts = [host, host.rpartition(":")[0]] if ":" in host else [host]
    given = asked.get("signature")
    if not any(_same(given, aws_signatures.ec2(blob["secret"], asked, one)) for one in hosts):
        raise refused("the EC2 signature is wrong")
    if not aws_signatures.fresh(asked):
        raise refused("the EC2 request was signed too long ago")
    return _issue(request, credential, blob)


def authenticate_s3(request: Request[Identity]) -> Response:
    """Issue a token for a signed S3 request."""
    asked = _asked(request)
    credential, blob = _find(request, asked["access"])
    expected = aws_signatures.s3(blob["secret"], str(asked.get("token", "")))
    if not _same(asked.get("signature"), expected):
        raise refused("the S3 signature is wrong")
    return _issue(request, credential, blob)


def _issue(request: Request[Identity], credential: Credential, blob: dict[str, Any]) -> Response:
    identity = request.service
    moment = identity.remembered.moment()
    scope = Scope(project=ProjectRef(id=credential.project_id or ""))
    with identity.database.read() as tx:
        user_id = credential.user_id
        if blob.get("trust_id"):
            trust = trusts.get(tx, blob["trust_id"])
            if trust is None:
                raise refused("the trust of the EC2 credential is gone")
            user_id, scope = trust.trustee_user_id, Scope(trust=TrustRef(id=trust.id))
        user = users.get(tx, user_id)
        app_credential = None
        if blob.get("app_cred_id"):
            app_credential = application_credentials.get(tx, blob["app_cred_id"])
            if app_credential is None or app_credential.project_id != credential.project_id:
                raise refused("the application credential of the EC2 credential is gone")
        domain = projects.get_domain(tx, user.domain_id) if user is not None else None
    if user is None or domain is None or not domain.enabled or not identity.compliance.enabled(user):
        raise refused("the user of the EC2 credential is gone or disabled")
    auth = Auth(IdentityPart(methods=[]), msgspec.UNSET if app_credential is not None else scope)
    proven = _proven(user, app_credential)
    token, valid = identity.issuer.issue(auth, proven, moment)
    body = identity.renderer.render(token, valid, moment, with_catalog=True)
    return Response(body, headers=token_headers(token))


def _proven(user: User, app_credential: Any) -> Proven:
    return Proven(user, ("ec2credential",), application_credential=app_credential)
