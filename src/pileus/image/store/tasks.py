"""Tasks: what clients see of imports."""

from typing import Any

import msgspec
import sqlalchemy as sa

from pileus.image.model import Task
from pileus.image.store.rows import encoded
from pileus.image.tables import tasks
from pileus.kernel import clock
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest
from pileus.kernel.paging import Page, select_page

_COLUMNS = [tasks.c[name] for name in Task.__struct_fields__]
_SORTED: dict[str, sa.ColumnElement[Any]] = {
    name: tasks.c[name] for name in ("id", "type", "status", "owner", "expires_at", "created_at", "updated_at")
}
UNFINISHED = ("pending", "processing")


def insert(tx: Tx, task: Task) -> None:
    values: dict[str, Any] = {name: getattr(task, name) for name in Task.__struct_fields__}
    values |= {"input": encoded(task.input), "result": None}
    tx.execute(tasks.insert().values(values))


def find(tx: Tx, task_id: str) -> Task | None:
    row = tx.execute(sa.select(*_COLUMNS).where(tasks.c.id == task_id)).first()
    return None if row is None else _task(row)


def of_image(tx: Tx, image_id: str) -> list[Task]:
    rows = tx.execute(sa.select(*_COLUMNS).where(tasks.c.image_id == image_id).order_by(tasks.c.created_at))
    return [_task(row) for row in rows]


def page(tx: Tx, owner: str | None, filters: dict[str, str], page: Page) -> list[Task]:
    """``owner`` None: everybody's. Raises BadRequest for an unknown marker or sort key."""
    query = sa.select(*_COLUMNS)
    if owner is not None:
        query = query.where(tasks.c.owner == owner)
    for name, value in filters.items():
        query = query.where(tasks.c[name] == value)
    if any(sort.key not in _SORTED for sort in page.sorts):
        raise BadRequest("Sort key supplied was not valid.")
    marker = None
    if page.marker is not None:
        found = find(tx, page.marker)
        if found is None:
            raise BadRequest(f"No task found with ID {page.marker}")
        marker = {sort.key: getattr(found, sort.key) for sort in page.sorts} | {"__unique__": found.id}
    rows = tx.execute(select_page(query, Page(sorts=page.sorts), _SORTED, tasks.c.id, marker).limit(page.limit))
    return [_task(row) for row in rows]


def begin(tx: Tx, task_id: str) -> None:
    _set(tx, task_id, ("pending",), status="processing")


def set_image(tx: Tx, task_id: str, image_id: str) -> None:
    """The image that a task has made."""
    _set(tx, task_id, UNFINISHED, image_id=image_id)


def say(tx: Tx, task_id: str, message: str) -> None:
    """Tells how far the work is."""
    _set(tx, task_id, UNFINISHED, message=message)


def succeed(tx: Tx, task_id: str, result: dict[str, Any], lifetime: int) -> None:
    """``lifetime``: microseconds that the finished task can be seen."""
    expires_at = clock.now() + lifetime
    _set(tx, task_id, UNFINISHED, status="success", result=encoded(result), message="", expires_at=expires_at)


def fail(tx: Tx, task_id: str, message: str, lifetime: int) -> None:
    _set(tx, task_id, UNFINISHED, status="failure", message=message, expires_at=clock.now() + lifetime)


def fail_of_image(tx: Tx, image_id: str, message: str, lifetime: int) -> None:
    """Ends whatever is under way with an image."""
    for task in of_image(tx, image_id):
        fail(tx, task.id, message, lifetime)


def forget_expired(tx: Tx) -> None:
    tx.execute(tasks.delete().where(tasks.c.expires_at < clock.now()))


def _set(tx: Tx, task_id: str, states: tuple[str, ...], **values: Any) -> None:
    tx.execute(
        tasks.update().where(tasks.c.id == task_id, tasks.c.status.in_(states)).values(updated_at=clock.now(), **values)
    )


def _task(row: sa.Row[Any]) -> Task:
    values = dict(row._mapping)
    values["input"] = msgspec.json.decode(values["input"])
    values["result"] = None if values["result"] is None else msgspec.json.decode(values["result"])
    return Task(**values)
