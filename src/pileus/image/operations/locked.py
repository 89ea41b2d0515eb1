"""An image that one task has locked: read and changed only as long as the lock is the task's own."""

from collections.abc import Callable

from pileus.image.model import IMPORT_TASK, Image, change
from pileus.image.store import images, tasks
from pileus.kernel.database import Tx, retried
from pileus.kernel.errors import Cancelled
from pileus.kernel.operations.model import Run

Edit = Callable[[Tx, Image], Image]


def current(run: Run) -> Image:
    """The image, as long as this import is the one it is locked for. Raises Cancelled."""
    with run.database.read() as tx:
        return held(run, tx)


def held(run: Run, tx: Tx) -> Image:
    image = images.find(tx, run.resource_id)
    if image is None or image.properties.get(IMPORT_TASK) != run.input["task_id"]:
        raise Cancelled
    return image


def edit(run: Run, make: Edit) -> Image:
    """Changes the image in one transaction."""

    def attempt() -> Image:
        with run.database.transaction() as tx:
            image = held(run, tx)
            return images.save(tx, image, make(tx, image))

    return retried(attempt)


def progress(run: Run) -> Callable[[int], None]:
    """Tells the task's readers how far a transfer is, and ends it when the image is deleted."""

    def tell(size: int) -> None:
        run.checkpoint()
        with run.database.transaction() as tx:
            tasks.say(tx, run.input["task_id"], f"Copied {size >> 20} MiB")

    return tell


def unlocked(image: Image) -> Image:
    """The image, free for other work."""
    kept = {name: value for name, value in image.properties.items() if name != IMPORT_TASK}
    return change(image, properties=kept)
