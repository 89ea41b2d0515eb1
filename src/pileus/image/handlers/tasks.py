"""``/v2/tasks``: the older way to ask for imports, for administrators."""

from typing import Any

from pileus.image import download
from pileus.image.filters import parse_limit
from pileus.image.handlers.common import ImageRequest, read_json
from pileus.image.handlers.images import authorize_visibility
from pileus.image.handlers.imports import new_task
from pileus.image.model import Task
from pileus.image.operations.legacy import LEGACY_IMPORT
from pileus.image.schemas.images import TASK
from pileus.image.schemas.language import validate
from pileus.image.store import tasks
from pileus.image.views import page_links, show_task, show_task_briefly
from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, MethodNotAllowed, NotFound
from pileus.kernel.http.responses import Response
from pileus.kernel.paging import Page, Sort

STATUSES = ("pending", "processing", "success", "failure")


def find_task(request: ImageRequest, task_id: str) -> Task:
    """Raises NotFound also for a task of somebody else's."""
    context = request.context
    with request.service.database.read() as tx:
        task = tasks.find(tx, task_id)
    if task is None or (not context.is_admin and task.owner != context.project_id):
        raise NotFound(f"No task found with ID {task_id}")
    return task


def show(request: ImageRequest, task: Task) -> dict[str, Any]:
    """Show a task."""
    return show_task(task)


def list_tasks(request: ImageRequest) -> dict[str, Any]:
    """List tasks."""
    settings, context = request.service.settings, request.context
    filters = {name: value for name in ("status", "type", "owner", "id") if (value := request.param(name))}
    if filters.get("status", STATUSES[0]) not in STATUSES:
        raise BadRequest(f"Invalid status value: {filters['status']}")
    if filters.get("type", "import") != "import":
        raise BadRequest(f"Invalid type value: {filters['type']}")
    direction = request.param("sort_dir") or "desc"
    if direction not in ("asc", "desc"):
        raise BadRequest(f"Invalid sort direction: {direction}")
    marker = request.param("marker")
    if marker and not ids.is_uuid(marker):
        raise BadRequest("Invalid marker format")
    limit = min(parse_limit(request.param("limit"), settings.page_default), settings.page_max)
    page = Page(limit, marker, (Sort(request.param("sort_key") or "created_at", direction == "desc"),))
    with request.service.database.read() as tx:
        found = tasks.page(tx, None if context.is_admin else context.project_id, filters, page)
    more = found[-1].id if found and len(found) == limit else None
    shown = [show_task_briefly(task) for task in found]
    return {"tasks": shown, "schema": "/v2/schemas/tasks", **page_links("/v2/tasks", request.query, more)}


def create(request: ImageRequest) -> Response:
    """Create a task: import an image from the web."""
    service = request.service
    body = read_json(request)
    for name in ("type", "input"):
        if name not in body:
            raise BadRequest(f"Task '{name}' is required")
    validate({**TASK, "additionalProperties": False}, body)
    asked = body["input"] or {}
    if body["type"] != "import":
        raise BadRequest(f"Provided type of task is unsupported: {body['type']}")
    for name in ("import_from", "import_from_format", "image_properties"):
        if name not in asked:
            raise BadRequest(f"Input does not contain '{name}' field")
    if not isinstance(asked["image_properties"], dict):
        raise BadRequest("'image_properties' must be an object")
    visibility = asked["image_properties"].get("visibility", "shared")
    authorize_visibility(request, visibility, {"project_id": request.context.project_id})
    if not download.passes(service.settings, asked["import_from"]):
        raise BadRequest(f"URI does not pass filtering: {asked['import_from']}")
    with service.database.transaction() as tx:
        task = new_task(request, "import", asked, None)
        tasks.insert(tx, task)
        service.runtime.operations.ask(tx, LEGACY_IMPORT, task.id, request.context, {"task_id": task.id, **asked})
    return Response(show_task(task), headers=[("Location", f"/v2/tasks/{task.id}")])


def delete(request: ImageRequest, task_id: str) -> None:
    """Tasks go by themselves."""
    raise MethodNotAllowed(
        "This operation is currently not permitted on Glance Tasks. "
        "They are auto deleted after reaching the time based on their expires_at property.",
        headers={"Allow": "GET"},
    )
