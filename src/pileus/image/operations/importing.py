"""Imports: data from staging, the web or another store into the stores asked for.

    fetch    what is on the web into staging
    convert  in staging, to the format of this cloud's configuration, when there is one
    store    from staging (or, copying, from a store that has the data) into each store
    finish   the image is active, staging empty, the task done

Whatever is kept of a step is written on the image itself, in the transaction that makes it true, so each step can
begin again where a dead engine stopped. When the import gives up, the image is queued again (a copied one stays
active) and the stores that failed are named in its properties.
"""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from pileus.image import conversion, download
from pileus.image.inspection import Inspection
from pileus.image.model import (
    ACTIVE,
    FAILED_IMPORT,
    IMPORT_TASK,
    IMPORTING,
    IMPORTING_TO,
    Image,
    Location,
    change,
    moved,
    with_stores,
)
from pileus.image.operations.deletion import REMOVE_DATA, what_to_delete
from pileus.image.operations.locked import current, progress, unlocked
from pileus.image.operations.locked import edit as edited
from pileus.image.store import images, tasks
from pileus.image.stores.base import Denied, Full, Missing
from pileus.image.transfer import PIECE, Poured, hashes_of, pour
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import Cancelled, DomainError, GiveUp, RetryLater
from pileus.kernel.operations.model import Kind, Run, Step

log = logging.getLogger(__name__)
DOWNLOAD_ATTEMPTS = 3


def _is_copy(run: Run) -> bool:
    return bool(run.input["method"] == "copy-image")


def _staged_path(run: Run, image: Image) -> Path:
    """Raises RetryLater when the data is staged on another host, whose engine is to do this."""
    staging = run.service.stores.staging
    try:
        path: Path = staging.path(image.staged or "")
    except Missing:
        raise RetryLater("the staged data is not on this host", after=1.0) from None
    return path


# -- steps -------------------------------------------------------------------------------------------------------


def fetch(run: Run) -> None:
    image = current(run)
    with run.database.transaction() as tx:
        tasks.begin(tx, run.input["task_id"])
    if run.input["method"] != "web-download" or image.staged is not None:
        return
    staging, settings = run.service.stores.staging, run.service.settings
    sink = staging.create(image.id, None)
    try:
        pieces = download.fetch(settings, run.input["uri"])
        poured = pour(pieces, sink, limit=settings.size_cap, progress=progress(run))
        name = sink.finish()
    except RetryLater as later:
        if run.attempts + 1 >= DOWNLOAD_ATTEMPTS:
            raise GiveUp(later.reason, code=400) from later
        raise
    finally:
        sink.abandon()
    edited(run, lambda tx, now: change(now, staged=name, size=poured.size))


def convert(run: Run) -> None:
    image, wanted = current(run), run.service.settings.conversion
    if not wanted or _is_copy(run) or image.disk_format == wanted:
        return
    source = _staged_path(run, image)
    staging = run.service.stores.staging
    converted = conversion.converted(source, image.disk_format or "", wanted)
    if converted is None:
        return

    def edit(tx: Tx, now: Image) -> Image:
        return change(
            now,
            staged=converted.path.name,
            disk_format=wanted,
            container_format="bare",
            size=converted.path.stat().st_size,
            virtual_size=converted.virtual_size,
        )

    edited(run, edit)
    staging.delete(source.name)


def store(run: Run) -> None:
    failures = []
    for name in run.input["stores"]:
        image = current(run)
        if name in image.stores:
            continue
        try:
            _into(run, image, name)
        except (GiveUp, DomainError, Full, Denied, OSError) as error:
            if run.input["all_must_succeed"]:
                raise GiveUp(f"store {name}: {error}") from error
            log.warning("import of image %s: store %s: %s", image.id, name, error)
            failures.append(f"store {name}: {error}")
            edited(run, lambda tx, now: _marked(now, [name], failed=True))  # noqa: B023
    if not current(run).locations:
        raise GiveUp("; ".join(failures) or "None of the uploads finished!")


def _into(run: Run, image: Image, name: str) -> None:
    """Puts the data into one store and makes that known."""
    target, settings = run.service.stores[name], run.service.settings
    inspection = None
    if not _is_copy(run) and image.container_format == "bare" and not image.locations:
        inspection = Inspection()
    pieces = _source(run, image)
    sink = target.create(image.id, image.size)
    try:
        watched = pieces if inspection is None else inspection.watch(pieces)
        poured = pour(watched, sink, limit=settings.size_cap, progress=progress(run))
        if image.locations and poured.hash_value != image.os_hash_value:
            raise GiveUp("os_hash_value of the data is different from the current value set on the image.")
        must = settings.require_format_match
        virtual_size = inspection.virtual_size(image.disk_format or "", must_match=must) if inspection else None
        stored = sink.finish()
    finally:
        sink.abandon()

    def edit(tx: Tx, now: Image) -> Image:
        return _marked(_filled(run, now, poured, virtual_size, Location(name, stored)), [name])

    try:
        edited(run, edit)
    except Cancelled:
        target.delete(stored)
        raise


def _filled(run: Run, now: Image, poured: Poured, virtual_size: int | None, place: Location) -> Image:
    if not now.locations:
        now = change(now, **hashes_of(poured), virtual_size=virtual_size or now.virtual_size)
    now = change(now, locations=(*now.locations, place))
    # Unless all stores must have it, an image can be used as soon as one has.
    return moved(now, ACTIVE) if now.status == IMPORTING and not run.input["all_must_succeed"] else now


def _source(run: Run, image: Image) -> Iterable[bytes]:
    if not _is_copy(run):
        return _file_pieces(_staged_path(run, image))
    pieces: Iterable[bytes] | None = run.service.reader.read(image, 0, image.size or 0)
    if pieces is None:
        raise GiveUp("no store has the image's data")
    return pieces


def _file_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _marked(image: Image, stores: Iterable[str], *, failed: bool = False) -> Image:
    """Stores that are no longer to be waited for."""
    properties = with_stores(image.properties, IMPORTING_TO, remove=stores)
    return change(image, properties=with_stores(properties, FAILED_IMPORT, add=stores if failed else ()))


def unstore(run: Run) -> None:
    """Takes the data out of the stores that this import put it into."""
    if not run.input["all_must_succeed"]:
        return

    def edit(tx: Tx, now: Image) -> Image:
        gone = [place for place in now.locations if place.store in run.input["stores"]]
        if gone:
            run.service.runtime.operations.ask(tx, REMOVE_DATA, now.id, run.context, what_to_delete(gone))
        return change(now, locations=tuple(place for place in now.locations if place not in gone))

    edited(run, edit)


def finish(run: Run) -> None:
    staged = current(run).staged

    def edit(tx: Tx, now: Image) -> Image:
        lifetime = run.service.settings.task_lifetime * clock.HOUR
        tasks.succeed(tx, run.input["task_id"], {"image_id": now.id}, lifetime)
        now = unlocked(change(now, staged=None))
        return moved(now, ACTIVE) if now.status == IMPORTING else now

    edited(run, edit)
    if staged:
        run.service.stores.staging.delete(staged)


def failed(run: Run, reason: str, code: int) -> None:
    """The image can be filled by another try; its properties name the stores that failed."""
    lifetime = run.service.settings.task_lifetime * clock.HOUR
    with run.database.transaction() as tx:
        tasks.fail(tx, run.input["task_id"], reason, lifetime)
        image = images.find(tx, run.resource_id)
        if image is None or image.properties.get(IMPORT_TASK) != run.input["task_id"]:
            return
        now = unlocked(_marked(change(image, staged=None), run.input["stores"], failed=True))
        if image.status == IMPORTING:
            now = moved(now, "queued", checksum=None, os_hash_algo=None, os_hash_value=None)
        images.save(tx, image, now)
    if image.staged:
        run.service.stores.staging.delete(image.staged)


IMPORT = Kind(
    name="image.import",
    steps=[Step("fetch", fetch), Step("convert", convert), Step("store", store, unstore), Step("finish", finish)],
    deadline=6 * 3600,
    failed=failed,
)
