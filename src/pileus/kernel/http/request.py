"""One API request, as a handler sees it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

import falcon

from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.routes import Route

if TYPE_CHECKING:
    from pileus.kernel.service import Service

S = TypeVar("S", bound="Service")


class Request(Generic[S]):
    """The service that answers, who asks, what for, and the decoded body.

    ``data`` is the body's bytes, where they had to be read to find the line of the table.
    """

    __slots__ = ("body", "context", "data", "http", "microversion", "route", "service")

    def __init__(self, service: S, context: Context, route: Route, http: falcon.Request, microversion: Version) -> None:
        self.service = service
        self.context = context
        self.route = route
        self.http = http
        self.microversion = microversion
        self.body: Any = None
        self.data: bytes | None = None

    def header(self, name: str) -> str | None:
        return self.http.get_header(name)

    @property
    def query(self) -> Mapping[str, str | list[str]]:
        """The query parameters; one given several times is a list."""
        return self.http.params

    def param(self, name: str, default: str | None = None) -> str | None:
        """One query parameter; of one given several times, the last (as WebOb's)."""
        value = self.http.params.get(name)
        if value is None:
            return default
        return value[-1] if isinstance(value, list) else value

    def params(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        value = self.http.params.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def int_param(self, name: str, *, minimum: int | None = None) -> int | None:
        """Raises BadRequest when the parameter is there and not such a number."""
        text = self.param(name)
        if text is None:
            return None
        try:
            value = int(text)
        except ValueError:
            raise BadRequest(f"{name} must be an integer, not {text!r}.") from None
        if minimum is not None and value < minimum:
            raise BadRequest(f"{name} must be at least {minimum}, not {value}.")
        return value

    def authorize(self, rule: str, target: Any = None) -> None:
        """Raises Forbidden unless the caller may; target None is the caller's own project and user."""
        self.service.policy.enforce(self.context, rule, own_target(self.context) if target is None else target)

    def allowed(self, rule: str, target: Any = None) -> bool:
        return self.service.policy.allows(self.context, rule, own_target(self.context) if target is None else target)

    @property
    def base_url(self) -> str:
        """The public address of this service, as this client reached it, without a slash at the end."""
        configured = self.service.runtime.public_url
        root = configured or f"{self.http.scheme}://{self.http.netloc}"
        return root.rstrip("/") + self.service.mount

    def url(self, path: str) -> str:
        """The public address of a path of this service."""
        return self.base_url + quote(path)

    @property
    def own_url(self) -> str:
        """The address this request was made to, query included."""
        query = self.http.query_string
        return self.url(self.http.path) + (f"?{query}" if query else "")


def own_target(context: Context) -> dict[str, Any]:
    """What a rule without a resource is checked against."""
    return {"project_id": context.project_id, "tenant_id": context.project_id, "user_id": context.user_id}
