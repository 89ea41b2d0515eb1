"""Adding data that is somewhere already to an image: its hashes are computed where that is configured."""

from typing import Any

from pileus.image.model import ACTIVE, IMPORT_TASK, QUEUED, Image, Location, change, moved
from pileus.image.operations import locked
from pileus.image.store import images, tasks
from pileus.image.stores.base import Missing
from pileus.image.transfer import HASH_ALGORITHM, hashes_of, pour
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import GiveUp
from pileus.kernel.operations.model import Kind, Run, Step


def add(run: Run) -> None:
    locked.current(run)
    with run.database.transaction() as tx:
        tasks.begin(tx, run.input["task_id"])
    place = Location(run.input["store"], run.input["name"])
    facts = _facts(run, place)
    lifetime = run.service.settings.task_lifetime * clock.HOUR

    def fill(tx: Tx, now: Image) -> Image:
        tasks.succeed(tx, run.input["task_id"], {"image_id": now.id}, lifetime)
        return locked.unlocked(moved(change(now, **facts, locations=(place,)), ACTIVE))

    locked.edit(run, fill)


def _facts(run: Run, place: Location) -> dict[str, Any]:
    """Size and hashes of the data. Raises GiveUp when it is not there, or not what it was said to be."""
    settings, source = run.service.settings, run.service.stores[place.store]
    given = run.input["validation_data"]
    algorithm = given.get("os_hash_algo") or HASH_ALGORITHM
    try:
        size = source.size(place.name)
        if not settings.secure_hash:
            return {"size": size, **given}
        pieces = source.read(place.name, 0, size)
        poured = pour(pieces, None, limit=settings.size_cap, algorithm=algorithm, progress=locked.progress(run))
    except Missing as error:
        raise GiveUp(f"there is no data at {error}", code=400) from None
    if given and given["os_hash_value"] != poured.hash_value:
        raise GiveUp("the hash of the data is not the os_hash_value that was given", code=400)
    return hashes_of(poured, algorithm)


def failed(run: Run, reason: str, code: int) -> None:
    """The image can be filled by another try. A location that is not ours to remove is still shown, as the API says."""
    store = run.service.stores[run.input["store"]]
    kept = (Location(store.name, run.input["name"]),) if store.read_only else ()
    with run.database.transaction() as tx:
        tasks.fail(tx, run.input["task_id"], reason, run.service.settings.task_lifetime * clock.HOUR)
        image = images.find(tx, run.resource_id)
        if image is not None and image.properties.get(IMPORT_TASK) == run.input["task_id"]:
            images.save(tx, image, locked.unlocked(moved(image, QUEUED, locations=kept)))


ADD_LOCATION = Kind(name="image.add_location", steps=[Step("add", add)], deadline=6 * 3600, failed=failed)
