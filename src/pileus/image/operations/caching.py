"""Copying an image into the cache of the host that wants it."""

from pileus.image.model import ACTIVE
from pileus.image.store import cache, images
from pileus.image.transfer import pour
from pileus.kernel.errors import GiveUp, RetryLater
from pileus.kernel.operations.model import Kind, Run, Step


def copy(run: Run) -> None:
    service = run.service
    if run.input["host"] != service.cache.host:
        raise RetryLater("the cache is another host's", after=1.0)
    with run.database.read() as tx:
        entry = cache.find(tx, service.cache.host, run.input["image_id"])
        image = images.find(tx, run.input["image_id"])
    if entry is None or entry.name is not None or image is None or image.status != ACTIVE:
        return
    pieces = service.reader.read_stores(image, 0, image.size or 0)
    if pieces is None:
        raise GiveUp("no store has the image's data")
    sink = service.cache.store.create(image.id, image.size)
    try:
        limit = service.settings.size_cap
        poured = pour(pieces, sink, limit=limit, algorithm=image.os_hash_algo or "sha512")
        if image.os_hash_value and poured.hash_value != image.os_hash_value:
            raise GiveUp("the data does not have the image's os_hash_value")
        name = sink.finish()
    finally:
        sink.abandon()
    service.cache.keep(image.id, name, poured.size)


def failed(run: Run, reason: str, code: int) -> None:
    with run.database.transaction() as tx:
        entry = cache.find(tx, run.input["host"], run.input["image_id"])
        if entry is not None and entry.name is None:
            cache.remove(tx, entry)


CACHE = Kind(name="image.cache", steps=[Step("copy", copy)], deadline=3600, failed=failed)
