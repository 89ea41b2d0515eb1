"""What the caller's own token is: whether it was made by delegation, and what it may do to credentials."""

from pileus.identity.service import Identity
from pileus.identity.validation import Valid
from pileus.kernel.errors import Forbidden, NotFound
from pileus.kernel.http.request import Request


def valid_caller(request: Request[Identity]) -> Valid | None:
    """The caller's token; None for the cloud's own calls, which carry none."""
    if request.context.token is None:
        return None
    identity = request.service
    try:
        return identity.validator.validate(request.context.token, identity.remembered.moment())
    except NotFound:
        return None


def refuse_delegated(request: Request[Identity]) -> None:
    """Raises Forbidden for a token of a trust or an OAuth access token: what it makes would outlive it."""
    caller = valid_caller(request)
    if caller is not None and (caller.payload.trust_id or "oauth1" in caller.payload.methods):
        raise Forbidden("Cannot manage application credentials with a token issued via delegation.")


def refuse_restricted(request: Request[Identity]) -> None:
    """Raises Forbidden for a token of an application credential that may not manage others."""
    caller = valid_caller(request)
    credential = caller.standing.application_credential if caller is not None else None
    if credential is not None and not credential.unrestricted:
        raise Forbidden(
            "You are not authorized to perform the requested action: Using method 'application_credential' is not "
            "allowed for managing additional application credentials."
        )
