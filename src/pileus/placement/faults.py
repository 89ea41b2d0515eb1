"""Faults as placement's clients expect them: by microversion, and with the standard words for the status in front."""

from collections.abc import Mapping

import msgspec

from pileus.kernel.errors import DomainError
from pileus.kernel.http.faults import JSON, Rendered
from pileus.kernel.http.microversions import Microversions, Version, text

CODES_SINCE: Version = (1, 23)
UNDEFINED_CODE = "placement.undefined_code"
# WebOb's explanations, which stand in front of what the service has to say.
EXPLANATIONS: Mapping[int, str] = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    404: "The resource could not be found.",
    406: "The resource could not be generated that was acceptable to your browser.",
    409: "There was a conflict when trying to complete your request.",
    415: "The request media type is not supported by this server.",
    500: "The server has either erred or is incapable of performing the requested operation.",
}


class PlacementFaults:
    """``{"errors": [{"status", "title", "detail", "request_id"}]}``; ``code`` since 1.23."""

    def __init__(self, version: Version | None, spoken: Microversions) -> None:
        self._version, self._spoken = version, spoken

    def render(self, error: DomainError, request_id: str, accept: str) -> Rendered:
        detail = self._detail(error)
        if "html" in accept and "json" not in accept and "*/*" not in accept:
            return self._page(error, detail)
        fault: dict[str, object] = {"status": error.status, "title": error.title, "detail": detail}
        if self._version is not None and self._version >= CODES_SINCE:
            fault["code"] = error.type if error.type.startswith("placement.") else UNDEFINED_CODE
        fault["request_id"] = request_id
        if self._version is None and error.status == 406:
            fault["max_version"] = text(self._spoken.maximum)
            fault["min_version"] = text(self._spoken.minimum)
        return JSON, msgspec.json.encode({"errors": [fault]})

    @staticmethod
    def _detail(error: DomainError) -> str:
        explanation = EXPLANATIONS.get(error.status, "")
        if not explanation or error.message == explanation:
            return f"{error.message or explanation}\n\n   "
        return f"{explanation}\n\n {error.message}  "

    @staticmethod
    def _page(error: DomainError, detail: str) -> Rendered:
        line = f"{error.status} {error.title}"
        shown = detail.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        page = f"<html><head><title>{line}</title></head><body><h1>{line}</h1>{shown}</body></html>"
        return "text/html; charset=UTF-8", page.encode()
