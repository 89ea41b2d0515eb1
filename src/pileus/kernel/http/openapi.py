"""An OpenAPI 3.1 document of a service, made from the same table that serves it."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from pileus.kernel.http.microversions import text
from pileus.kernel.http.routes import Route
from pileus.kernel.service import Service

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def document(service: Service, routes: Sequence[Route], version: str) -> dict[str, Any]:
    bodies = list(dict.fromkeys(route.body for route in routes if route.body is not None))
    schemas, components = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    body_schemas = dict(zip(bodies, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = paths.setdefault(_PARAMETER.sub(r"{\1}", route.path) or "/", {})
        entry = _operation(service, route, body_schemas)
        known = path.setdefault(route.method.lower(), entry)
        if known is not entry:
            known["x-microversions"] = known.get("x-microversions", []) + entry.get("x-microversions", [])
            if "requestBody" in entry:
                _offer(known, entry["requestBody"])
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Pileus {service.type}", "version": version},
        "servers": [{"url": service.mount}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
        },
    }


def _operation(service: Service, route: Route, schemas: dict[Any, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}.{route.handler.__name__}",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(route.path)
        ],
        "responses": {
            str(route.status): {"description": "Success."},
            "default": {"description": "A fault, in this service's format."},
        },
    }
    if not route.public:
        entry["security"] = [{"token": []}]
    if route.policy:
        entry["x-policy"] = route.policy
    if service.microversions is not None:
        entry["x-microversions"] = [{"from": text(route.minimum), "to": text(route.maximum)}]
    if route.body is not None:
        entry["requestBody"] = {"required": True, "content": {"application/json": {"schema": schemas[route.body]}}}
    elif route.raw_body:
        entry["requestBody"] = {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}
    return entry


def _offer(known: dict[str, Any], body: dict[str, Any]) -> None:
    """One more shape of a body, that another microversion takes."""
    content = known.setdefault("requestBody", body)["content"]["application/json"]
    added = body["content"]["application/json"]["schema"]
    schema = content["schema"]
    if added != schema and added not in schema.get("anyOf", []):
        content["schema"] = {"anyOf": [*schema.get("anyOf", [schema]), added]}
