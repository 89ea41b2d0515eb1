"""How images, members and tasks look to clients."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from pileus.image.model import Image, Member, Task
from pileus.image.stores.configured import Stores
from pileus.kernel import clock

_SHOWN = (
    "id",
    "name",
    "disk_format",
    "container_format",
    "visibility",
    "size",
    "virtual_size",
    "status",
    "checksum",
    "protected",
    "min_ram",
    "min_disk",
    "owner",
    "os_hidden",
    "os_hash_algo",
    "os_hash_value",
)


class ImageView:
    """Shows images as a configuration wants them shown."""

    def __init__(self, stores: Stores, *, locations: bool, direct_url: bool) -> None:
        self._stores, self._locations, self._direct_url = stores, locations, direct_url

    def show(self, image: Image, *, with_locations: bool = True) -> dict[str, Any]:
        """``with_locations``: the caller may see where the data is."""
        shown: dict[str, Any] = {name: value or "" for name, value in image.properties.items()}
        for name in _SHOWN:
            shown[name] = getattr(image, name)
        href = "/v2/images/" + image.id
        shown["created_at"] = clock.iso(image.created_at)
        shown["updated_at"] = clock.iso(image.updated_at)
        shown["tags"] = image.tags
        shown["self"] = href
        shown["file"] = href + "/file"
        shown["schema"] = "/v2/schemas/image"
        if self._locations:
            shown["locations"] = self.locations(image) if with_locations else []
        if image.locations:
            if self._direct_url and with_locations:
                shown["direct_url"] = self._url(image, 0)
            shown["stores"] = ",".join(image.stores)
        return shown

    def locations(self, image: Image) -> list[dict[str, Any]]:
        return [
            {"url": self._url(image, at), "metadata": {**place.metadata, "store": place.store}}
            for at, place in enumerate(image.locations)
        ]

    def _url(self, image: Image, at: int) -> str:
        place = image.locations[at]
        return self._stores[place.store].url(place.name) if place.store in self._stores else place.name


def show_member(member: Member) -> dict[str, Any]:
    return {
        "member_id": member.member_id,
        "image_id": member.image_id,
        "status": member.status,
        "created_at": clock.iso(member.created_at),
        "updated_at": clock.iso(member.updated_at),
        "schema": "/v2/schemas/member",
    }


def page_links(path: str, parameters: Mapping[str, str | list[str]], last_id: str | None) -> dict[str, str]:
    """The links of one page of a list; ``last_id``: of its last item when there may be more."""
    kept: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if name != "marker":
            kept += [(name, part) for part in (value if isinstance(value, list) else [value])]
    links = {"first": _link(path, kept)}
    if last_id is not None:
        links["next"] = _link(path, [*kept, ("marker", last_id)])
    return links


def _link(path: str, parameters: Iterable[tuple[str, str]]) -> str:
    query = urlencode(list(parameters))
    return f"{path}?{query}" if query else path


def show_task(task: Task) -> dict[str, Any]:
    """All of a task."""
    shown = show_task_briefly(task) | {"input": task.input, "message": task.message, "result": task.result}
    for name in ("image_id", "request_id", "user_id"):
        if getattr(task, name):
            shown[name] = getattr(task, name)
    return shown


def show_task_briefly(task: Task) -> dict[str, Any]:
    shown = {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "created_at": clock.iso(task.created_at),
        "updated_at": clock.iso(task.updated_at),
        "self": f"/v2/tasks/{task.id}",
        "schema": "/v2/schemas/task",
    }
    if task.expires_at is not None:
        shown["expires_at"] = clock.iso(task.expires_at)
    return shown


def show_task_of_image(task: Task) -> dict[str, Any]:
    """A task among those of its image, which shows the row as it is kept."""
    return {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "image_id": task.image_id,
        "user_id": task.user_id,
        "request_id": task.request_id,
        "input": task.input,
        "result": task.result,
        "message": task.message,
        "expires_at": None if task.expires_at is None else clock.iso_naive(task.expires_at),
        "created_at": clock.iso_naive(task.created_at),
        "updated_at": clock.iso_naive(task.updated_at),
        "deleted": False,
        "deleted_at": None,
    }
