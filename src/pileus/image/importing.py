"""What an import asks for, and whether an image can take it. No HTTP, no SQL."""

from typing import Any

import msgspec

from pileus.image import download
from pileus.image.config import Settings
from pileus.image.model import ACTIVE, QUEUED, UPLOADING, Image
from pileus.image.stores.configured import Stores
from pileus.kernel.errors import BadRequest, Conflict

DIRECT, WEB, COPY = "glance-direct", "web-download", "copy-image"


class ImportRequest(msgspec.Struct, frozen=True):
    """An import. ``raw``: the body that asked for it, shown by its task."""

    method: str
    uri: str | None
    stores: tuple[str, ...]
    all_stores: bool
    all_must_succeed: bool
    raw: dict[str, Any]


def parse(body: Any, header_store: str | None, settings: Settings, stores: Stores) -> ImportRequest:
    """Raises BadRequest, Conflict for a store that is not there."""
    if not isinstance(body, dict) or not isinstance(body.get("method"), dict):
        raise BadRequest("Import request requires a 'method' field.")
    method = body["method"]
    if "name" not in method:
        raise BadRequest("Import request requires a 'name' field.")
    if method["name"] not in settings.import_methods:
        raise BadRequest(f"Unknown import method name '{method['name']}'.")
    flags = {
        name: body.get(name, default) for name, default in (("all_stores_must_succeed", True), ("all_stores", False))
    }
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise BadRequest(f"'{name}' must be boolean value only")
    return ImportRequest(
        method=method["name"],
        uri=method.get("uri"),
        stores=_stores(body, header_store, stores),
        all_stores=flags["all_stores"],
        all_must_succeed=flags["all_stores_must_succeed"],
        raw=body,
    )


def _stores(body: dict[str, Any], header_store: str | None, stores: Stores) -> tuple[str, ...]:
    if body.get("all_stores"):
        if "stores" in body or header_store is not None:
            raise BadRequest("All_stores parameter can't be used with x-image-meta-store header or stores parameter")
        return tuple(stores.writable)
    if "stores" not in body:
        asked = [header_store or stores.default]
    elif header_store is not None:
        raise BadRequest("Stores parameter and x-image-meta-store header can't be both specified")
    else:
        asked = body["stores"]
    if not isinstance(asked, list) or not asked:
        raise BadRequest("'stores' must be a list of store identifiers")
    for name in asked:
        if not isinstance(name, str) or name not in stores:
            raise Conflict(f"Unknown scheme '{name}' found in URI")
        if stores[name].read_only:
            raise Conflict(f"Store {name} is read-only.")
    return tuple(dict.fromkeys(asked))


def check_image(image: Image, asked: ImportRequest) -> None:
    """Raises Conflict when the image is not in a state to take the import."""
    method, status = asked.method, image.status
    if status == ACTIVE and method != COPY:
        raise Conflict("Image with status active cannot be target for import")
    if status != ACTIVE and method == COPY:
        raise Conflict("Only images with status active can be targeted for copying")
    if status != QUEUED and method == WEB:
        raise Conflict(f"Image needs to be in 'queued' state to use '{method}' method")
    if method == DIRECT and (status != UPLOADING or image.staged is None):
        raise Conflict("Image needs to be staged before 'glance-direct' method can be used")
    for name in ("container_format", "disk_format"):
        if not getattr(image, name):
            raise Conflict(f"'{name}' needs to be set before import")


def targets(image: Image, asked: ImportRequest) -> tuple[str, ...]:
    """The stores to put the data into: when copying, those that do not have it. Raises BadRequest."""
    if asked.method != COPY:
        return asked.stores
    if not asked.all_stores:
        for name in image.stores:
            if name in asked.stores:
                raise BadRequest(f"Image is already present at store '{name}'")
    return tuple(name for name in asked.stores if name not in image.stores)


def check_uri(asked: ImportRequest, settings: Settings) -> None:
    if asked.method == WEB and not download.passes(settings, asked.uri):
        raise BadRequest(f"URI for web-download does not pass filtering: {asked.uri}")
