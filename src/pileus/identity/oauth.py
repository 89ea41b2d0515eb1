"""OAuth 1.0a signatures (RFC 5849, HMAC-SHA1 and HMAC-SHA256) of requests."""

import hashlib
import hmac
import re
from base64 import b64encode
from urllib.parse import parse_qsl, quote, unquote

from msgspec import Struct

from pileus.kernel import clock

_PAIR = re.compile(r'\s*([^=\s,]+)="([^"]*)"\s*(?:,|$)')
CLOCK_SKEW = 600 * clock.SECOND  # how far a signature's timestamp may be from our time


class Signed(Struct, frozen=True):
    """A request as it was signed: ``url`` without its query, ``parameters`` those of its Authorization header."""

    method: str
    url: str
    query: str
    parameters: dict[str, str]


def parameters_of(authorization: str | None) -> dict[str, str]:
    """The parameters of an ``Authorization: OAuth ...`` header; none for any other."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() != "oauth":
        return {}
    return {unquote(name): unquote(value) for name, value in _PAIR.findall(rest)}


def valid(request: Signed, consumer_secret: str, token_secret: str) -> bool:
    """Whether a request was signed with these secrets, not long ago."""
    try:
        signed_at = int(request.parameters.get("oauth_timestamp", "")) * clock.SECOND
    except ValueError:
        return False
    given = request.parameters.get("oauth_signature", "")
    expected = signature(request, consumer_secret, token_secret)
    return abs(clock.now() - signed_at) < CLOCK_SKEW and bool(expected) and hmac.compare_digest(given, expected)


def signature(request: Signed, consumer_secret: str, token_secret: str) -> str:
    """Empty for a method that is not supported."""
    digest = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}.get(
        request.parameters.get("oauth_signature_method", "")
    )
    if digest is None:
        return ""
    key = f"{_escape(consumer_secret)}&{_escape(token_secret)}"
    return b64encode(hmac.new(key.encode(), _base(request).encode(), digest).digest()).decode()


def _base(request: Signed) -> str:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    pairs += [item for item in request.parameters.items() if item[0] not in ("oauth_signature", "realm")]
    joined = "&".join("=".join(pair) for pair in sorted((_escape(name), _escape(value)) for name, value in pairs))
    return f"{request.method.upper()}&{_escape(request.url)}&{_escape(joined)}"


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
