"""What stands beside the services on the API's port: the list of services, health, metrics, OpenAPI documents."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pileus.kernel.database import Database
from pileus.kernel.errors import Unavailable
from pileus.kernel.http.application import Application
from pileus.kernel.http.openapi import document

JSON = "application/json"
Answered = tuple[str, str, bytes]


class Index:
    """WSGI application for every path that no service is mounted at."""

    def __init__(self, version: str, database: Database, applications: Mapping[str, Application]) -> None:
        self._version, self._database, self._applications = version, database, applications

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, content_type, body = self._answer(environ["PATH_INFO"].rstrip("/"), environ)
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def mode(self, method: str, path: str) -> str:
        return "inline"

    def _answer(self, path: str, environ: Mapping[str, Any]) -> Answered:
        if path == "":
            return "200 OK", JSON, msgspec.json.encode(self._services(environ))
        if path == "/healthcheck":
            return self._health()
        if path == "/metrics":
            return "200 OK", CONTENT_TYPE_LATEST, generate_latest()
        service, _, rest = path.removeprefix("/openapi/").partition(".")
        if path.startswith("/openapi/") and rest == "json" and service in self._applications:
            application = self._applications[service]
            return "200 OK", JSON, msgspec.json.encode(document(application.service, application.routes, self._version))
        return "404 Not Found", JSON, b'{"error": {"code": 404, "title": "Not Found", "message": "No such path."}}'

    def _services(self, environ: Mapping[str, Any]) -> dict[str, Any]:
        root = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}"
        return {
            "pileus": self._version,
            "services": {
                app.service.type: {"url": f"{root}/{name}", "openapi": f"{root}/openapi/{name}.json"}
                for name, app in self._applications.items()
            },
        }

    def _health(self) -> Answered:
        try:
            self._database.peek("SELECT 1")
        except Unavailable as error:
            return "503 Service Unavailable", "text/plain", error.message.encode()
        return "200 OK", "text/plain", b"OK"
