"""How an error looks on the wire: each service's clients expect its own shape.

This is the one place where domain errors become HTTP. A service names its format in its Service class.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from pileus.kernel.errors import DomainError

Rendered = tuple[str, bytes]
JSON = "application/json"


class FaultFormat(Protocol):
    """Writes an error as (content type, body)."""

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered: ...


class IdentityFaults:
    """``{"error": {"code", "message", "title"}}``."""

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        fault = {"code": error.status, "message": error.message, "title": error.title}
        return JSON, msgspec.json.encode({"error": fault})


class ComputeFaults:
    """``{"badRequest": {"code", "message"}}``, the key by status (nova.api.openstack.wsgi.Fault)."""

    names: Mapping[int, str] = {
        400: "badRequest",
        401: "unauthorized",
        403: "forbidden",
        404: "itemNotFound",
        405: "badMethod",
        409: "conflictingRequest",
        413: "overLimit",
        415: "badMediaType",
        429: "overLimit",
        501: "notImplemented",
        503: "serviceUnavailable",
    }

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        name = self.names.get(error.status, "computeFault")
        fault: dict[str, object] = {"code": error.status, "message": error.message}
        if error.status == 413:
            fault["retryAfter"] = error.headers.get("Retry-After", "0")
        return JSON, msgspec.json.encode({name: fault})


class PlacementFaults:
    """``{"errors": [{"status", "title", "detail", "code", "request_id"}]}``."""

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        fault = {
            "status": error.status,
            "title": error.title,
            "detail": error.message,
            "code": error.type or "placement.undefined_code",
            "request_id": request_id,
        }
        return JSON, msgspec.json.encode({"errors": [fault]})


class NetworkFaults:
    """``{"NeutronError": {"type", "message", "detail"}}``."""

    types: Mapping[int, str] = {
        400: "HTTPBadRequest",
        401: "HTTPUnauthorized",
        403: "PolicyNotAuthorized",
        404: "HTTPNotFound",
        409: "HTTPConflict",
        500: "HTTPInternalServerError",
        501: "HTTPNotImplemented",
        503: "ServiceUnavailable",
    }

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        name = error.type or self.types.get(error.status, error.title.replace(" ", ""))
        fault = {"type": name, "message": error.message, "detail": ""}
        return JSON, msgspec.json.encode({"NeutronError": fault})


class ImageFaults:
    """HTML unless the client asks for JSON or plain text, as WebOb answers for image (webob.exc)."""

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        if "html" not in accept and "json" in accept:
            fault = {"message": error.message, "code": f"{error.status} {error.title}", "title": error.title}
            return JSON, msgspec.json.encode(fault)
        message = error.message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        line = f"{error.status} {error.title}"
        page = (
            f"<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n"
            f"  {message}<br /><br />\n\n\n\n </body>\n</html>"
        )
        return "text/html; charset=UTF-8", page.encode()
