"""The tasks API's import: a new image, made and filled from the web.

It makes the image, then hands over to IMPORT, whose steps are the same; the task ends when that import ends.
"""

from typing import Any

from pileus.image.creation import new_image
from pileus.image.model import IMPORT_TASK, IMPORTING, IMPORTING_TO, change, moved
from pileus.image.operations.importing import IMPORT
from pileus.image.store import images, tasks
from pileus.kernel import clock, ids
from pileus.kernel.operations.model import Kind, Run, Step


def hand_over(run: Run) -> None:
    service = run.service
    with run.database.read() as tx:
        task = tasks.find(tx, run.input["task_id"])
    if task is None or task.image_id is not None:
        return
    body: dict[str, Any] = {
        "disk_format": run.input["import_from_format"],
        "container_format": "bare",
        **run.input["image_properties"],
        "id": ids.new_uuid(),
    }
    image = new_image(body, service.schema, service.settings, run.context)
    store = service.stores.default
    properties = {**image.properties, IMPORT_TASK: task.id, IMPORTING_TO: store}
    what = {
        "task_id": task.id,
        "method": "web-download",
        "uri": run.input["import_from"],
        "stores": [store],
        "all_must_succeed": True,
    }
    with run.database.transaction() as tx:
        images.insert(tx, moved(change(image, properties=properties), IMPORTING))
        tasks.set_image(tx, task.id, image.id)
        service.runtime.operations.ask(tx, IMPORT, image.id, run.context, what)


def failed(run: Run, reason: str, code: int) -> None:
    with run.database.transaction() as tx:
        tasks.fail(tx, run.input["task_id"], reason, run.service.settings.task_lifetime * clock.HOUR)


LEGACY_IMPORT = Kind(name="image.legacy_import", steps=[Step("make the image", hand_over)], failed=failed)
