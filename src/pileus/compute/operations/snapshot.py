"""Images made of servers: snapshots and backups."""

from typing import Any

from pileus.compute import states
from pileus.compute.operations.common import call, failed, guest, host_of, load, service_of, settle
from pileus.compute.store import servers
from pileus.kernel.errors import NotFound
from pileus.kernel.operations.model import Kind, Run, Step

UPLOAD_TIMEOUT = 600.0
EVENT = "compute_snapshot_instance"
BACKUP_EVENT = "compute_backup_instance"


def upload(run: Run) -> None:
    """Uploads the root disk into the image that was made for it."""
    server = load(run)
    call(
        run,
        host_of(server),
        "snapshot",
        guest=guest(run, server),
        image_id=run.input["image_id"],
        timeout=UPLOAD_TIMEOUT,
    )


def drop_image(run: Run) -> None:
    """What was uploaded of it is of no use."""
    service_of(run).images.delete(run.context.as_service(), run.input["image_id"])


def _begin(run: Run) -> None:
    with run.database.transaction() as tx:
        servers.settle(tx, run.resource_id, (states.IMAGE_SNAPSHOT_PENDING,), task_state=states.IMAGE_SNAPSHOT)


def _upload(run: Run) -> None:
    _begin(run)
    upload(run)


def _finish(run: Run) -> None:
    settle(run, EVENT, task_state=None)


def _rotate(run: Run) -> None:
    """Keeps the newest backups of this kind, as many as were asked for."""
    images, context = service_of(run).images, run.context
    query: dict[str, Any] = {
        "image_type": "backup",
        "backup_type": run.input["backup_type"],
        "instance_uuid": run.resource_id,
        "sort": "created_at:desc",
        "limit": 1000,
    }
    for image in images.find(context, **query)[run.input["rotation"] :]:
        try:
            images.delete(context, image["id"])
        except NotFound:
            continue
    settle(run, BACKUP_EVENT, task_state=None)


SNAPSHOT = Kind(
    name="server.snapshot",
    steps=[Step("upload", _upload, drop_image), Step("finish", _finish)],
    deadline=3600.0,
    failed=failed(EVENT),
)
BACKUP = Kind(
    name="server.backup",
    steps=[Step("upload", upload, drop_image), Step("rotate", _rotate)],
    deadline=3600.0,
    failed=failed(BACKUP_EVENT),
)
