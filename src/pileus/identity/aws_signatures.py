"""Signatures of EC2 and S3 requests, which other services forward for checking."""

import hashlib
import hmac
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pileus.kernel.errors import Unauthorized

LIFETIME = 900  # seconds for which a signature counts


def ec2(secret: str, request: Mapping[str, Any], host: str) -> str:
    """The signature that an EC2 request must carry. Raises Unauthorized for a version that nobody uses."""
    parameters = request.get("params") or {}
    headers = request.get("headers") or {}
    if headers.get("X-Amz-Algorithm") == "AWS4-HMAC-SHA256" or str(_header(headers, "Authorization") or "").startswith(
        "AWS4-HMAC-SHA256"
    ):
        return _version4(secret, request)
    if parameters.get("X-Amz-Algorithm") == "AWS4-HMAC-SHA256":
        return _version4(secret, request)
    match str(parameters.get("SignatureVersion", "")):
        case "0":
            text = f"{parameters.get('Action', '')}{parameters.get('Timestamp', '')}"
            return _sha1(secret, text)
        case "1":
            text = "".join(name + str(parameters[name]) for name in sorted(parameters, key=str.lower))
            return _sha1(secret, text)
        case "2":
            return _version2(secret, request, host, parameters)
    raise Unauthorized("The request you have made requires authentication.")


def _sha1(secret: str, text: str) -> str:
    return b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _version2(secret: str, request: Mapping[str, Any], host: str, parameters: Mapping[str, Any]) -> str:
    digest = hashlib.sha1 if parameters.get("SignatureMethod") == "HmacSHA1" else hashlib.sha256
    pairs = (f"{quote(name, safe='')}={quote(str(parameters[name]), safe='-_~')}" for name in sorted(parameters))
    text = "\n".join((str(request.get("verb", "")), host, str(request.get("path", "")), "&".join(pairs)))
    return b64encode(hmac.new(secret.encode(), text.encode(), digest).digest()).decode()


def _version4(secret: str, request: Mapping[str, Any]) -> str:
    parameters, headers = dict(request.get("params") or {}), request.get("headers") or {}
    authorization = str(_header(headers, "Authorization") or "")
    given = dict(part.strip().split("=", 1) for part in authorization[17:].split(",") if "=" in part)
    credential = str(parameters.get("X-Amz-Credential") or given.get("Credential", ""))
    scope = credential.split("/")[1:]
    date = parameters.get("X-Amz-Date") or _header(headers, "X-Amz-Date") or ""
    if len(scope) != 4 or not str(date).startswith(scope[0]):
        raise Unauthorized("The request you have made requires authentication.")
    named = parameters.pop("X-Amz-SignedHeaders", None) or given.get("SignedHeaders", "host")
    if "X-Amz-Credential" in parameters:
        parameters["X-Amz-SignedHeaders"] = named
        parameters.pop("X-Amz-Signature", None)
    signed = str(named).split(";")
    header_lines = "".join(f"{name}:{str(_header(headers, name) or '').strip()}\n" for name in signed)
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(str(parameters[name]), safe='-_.~')}" for name in sorted(parameters)
    )
    canonical = "\n".join(
        (
            str(request.get("verb", "")),
            str(request.get("path", "")),
            query if request.get("verb") != "POST" or "X-Amz-Credential" in parameters else "",
            header_lines,
            ";".join(signed),
            str(request.get("body_hash", "")),
        )
    )
    text = "\n".join(("AWS4-HMAC-SHA256", str(date), "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac.new(_key4(secret, scope), text.encode(), hashlib.sha256).hexdigest()


def _key4(secret: str, scope: list[str]) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _header(headers: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def s3(secret: str, token: str) -> str:
    """The signature of an S3 request whose text to sign is ``token``, in URL-safe base 64. Raises Unauthorized."""
    try:
        text = urlsafe_b64decode(token)
    except ValueError:
        raise Unauthorized("The request you have made requires authentication.") from None
    if not text.startswith(b"AWS4"):
        return b64encode(hmac.new(secret.encode(), text, hashlib.sha1).digest()).decode()
    lines = text.decode("utf-8", "replace").split("\n")
    scope = lines[2].split("/") if len(lines) > 2 else []
    if len(scope) != 4 or scope[3] != "aws4_request":
        raise Unauthorized("The request you have made requires authentication.")
    return hmac.new(_key4(secret, scope), text, hashlib.sha256).hexdigest()


def fresh(request: Mapping[str, Any]) -> bool:
    """Whether an EC2 request was signed within the last quarter of an hour, if it says when."""
    parameters, headers = request.get("params") or {}, request.get("headers") or {}
    text = parameters.get("Timestamp") or parameters.get("X-Amz-Date") or _header(headers, "X-Amz-Date")
    if not text:
        return True
    for form in ("%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S"):
        try:
            signed_at = datetime.strptime(str(text), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return abs((datetime.now(UTC) - signed_at).total_seconds()) <= LIFETIME
    return False
