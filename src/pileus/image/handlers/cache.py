"""``/v2/cache``: the copies of images on this host."""

from typing import Any

from pileus.image.handlers.common import ImageRequest, find_image
from pileus.image.model import ACTIVE, Image
from pileus.image.operations.caching import CACHE
from pileus.image.store import cache
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest, NotFound


def _require_cache(request: ImageRequest) -> None:
    if not request.service.settings.cache:
        raise NotFound("Caching via API is not supported at this site.")


def show(request: ImageRequest) -> dict[str, Any]:
    """List what is in the cache, and what is to come."""
    _require_cache(request)
    entries = request.service.cache.entries()
    return {
        "cached_images": [
            {
                "image_id": entry.image_id,
                "hits": entry.hits,
                "last_accessed": entry.last_accessed / clock.SECOND,
                "last_modified": entry.last_modified / clock.SECOND,
                "size": entry.size,
            }
            for entry in entries
            if entry.name is not None
        ],
        "queued_images": [entry.image_id for entry in entries if entry.name is None],
    }


def _find(request: ImageRequest, image_id: str) -> Image:
    try:
        return find_image(request, image_id)
    except NotFound:
        raise NotFound(f"Image {image_id} not found.") from None


def queue(request: ImageRequest, image_id: str) -> None:
    """Ask for a copy of an image."""
    image = _find(request, image_id)
    request.authorize("cache_image", image)
    _require_cache(request)
    if image.status != ACTIVE:
        raise BadRequest("Only images with status active can be targeted for queueing")
    ask(request, image)


def ask(request: ImageRequest, image: Image) -> None:
    """Asks for a copy, unless there is one or one was asked for."""
    service = request.service
    host = service.cache.host
    with service.database.transaction() as tx:
        if cache.queue(tx, host, image.id):
            what = {"host": host, "image_id": image.id}
            service.runtime.operations.ask(tx, CACHE, image.id, request.context, what)


def delete(request: ImageRequest, image_id: str) -> None:
    """Remove an image from the cache."""
    found = [entry for entry in request.service.cache.entries() if entry.image_id == image_id]
    image = None if found else _find(request, image_id)
    request.authorize("cache_delete", image)
    _require_cache(request)
    request.service.cache.remove(found)


def clear(request: ImageRequest) -> None:
    """Empty the cache, the queue, or both."""
    _require_cache(request)
    target = (request.header("X-Image-Cache-Clear-Target") or "").lower()
    if target not in ("", "cache", "queue"):
        raise BadRequest("If provided 'x-image-cache-clear-target' must be 'cache', 'queue' or empty string.")
    entries = request.service.cache.entries()
    if target:
        entries = [entry for entry in entries if (entry.name is None) == (target == "queue")]
    request.service.cache.remove(entries)


def clean(request: ImageRequest) -> None:
    """Remove what is invalid or stalled."""
    _require_cache(request)
    request.service.cache.clean()


def prune(request: ImageRequest) -> dict[str, int]:
    """Make the cache as small as it has to be."""
    _require_cache(request)
    files, size = request.service.cache.prune()
    return {"total_files_pruned": files, "total_bytes_pruned": size}


def nodes(request: ImageRequest, image_id: str) -> list[str]:
    """List the hosts that have a copy of an image."""
    _require_cache(request)
    _find(request, image_id)
    with request.service.database.read() as tx:
        return cache.hosts_of(tx, image_id)
