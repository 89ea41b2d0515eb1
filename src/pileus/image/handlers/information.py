"""``/v2/schemas`` and ``/v2/info``: what the API and this cloud's stores are like."""

from collections.abc import Callable
from typing import Any

from pileus.image.handlers.common import ImageRequest
from pileus.image.schemas import images as schemas
from pileus.image.schemas.language import Schema


def image_schema(request: ImageRequest) -> Schema:
    """The schema of an image."""
    return request.service.schema


def images_schema(request: ImageRequest) -> Schema:
    """The schema of a list of images."""
    return request.service.collection_schema


def fixed(schema: Schema) -> Callable[[ImageRequest], Schema]:
    """A handler that shows a schema."""

    def show_schema(request: ImageRequest) -> Schema:
        return schema

    return show_schema


member_schema, members_schema = fixed(schemas.MEMBER), fixed(schemas.MEMBERS)
task_schema, tasks_schema = fixed(schemas.TASK), fixed(schemas.TASKS)


def import_methods(request: ImageRequest) -> dict[str, Any]:
    """How data can be imported."""
    methods = {
        "description": "Import methods available.",
        "type": "array",
        "value": list(request.service.settings.import_methods),
    }
    return {"import-methods": methods}


def stores(request: ImageRequest) -> dict[str, Any]:
    """The stores that data can be put into."""
    return {"stores": [_store(request, name) for name in request.service.stores.names]}


def stores_detail(request: ImageRequest) -> dict[str, Any]:
    """The stores, as operators see them."""
    return {
        "stores": [
            {
                **_store(request, store.name),
                "type": store.kind,
                "properties": store.properties(),
                "weight": 0,
            }
            for store in request.service.stores
        ]
    }


def _store(request: ImageRequest, name: str) -> dict[str, Any]:
    store: dict[str, Any] = {"id": name}
    if name == request.service.stores.default:
        store["default"] = "true"
    if request.service.stores[name].read_only:
        store["read-only"] = "true"
    return store


def usage(request: ImageRequest) -> dict[str, Any]:
    """What the project uses of its limits."""
    return {"usage": request.service.limits.usage(request.context)}
