"""``/images``: what compute once showed of images, until 2.35 passed on to the image API."""

from collections.abc import Mapping
from typing import Any

from pileus.compute.links import base_of, limit_of, links, next_links
from pileus.compute.parameters import TRUE
from pileus.compute.quotas import limits
from pileus.compute.service import Compute
from pileus.kernel.errors import BadRequest, Forbidden, NotFound, QuotaExceeded
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.quotas import exceeded
from pileus.kernel.services import Answer, fault_message

Image = Mapping[str, Any]
BASE = frozenset(
    [
        "id",
        "name",
        "status",
        "visibility",
        "protected",
        "checksum",
        "os_hash_algo",
        "os_hash_value",
        "size",
        "virtual_size",
        "container_format",
        "disk_format",
        "created_at",
        "updated_at",
        "min_disk",
        "min_ram",
        "owner",
        "os_hidden",
        "tags",
        "locations",
        "direct_url",
        "self",
        "file",
        "schema",
        "stores",
    ]
)
FILTERS = {"name": "name", "server": "instance_uuid", "type": "image_type", "minRam": "min_ram", "minDisk": "min_disk"}
STATUS = {
    "active": "ACTIVE",
    "queued": "SAVING",
    "saving": "SAVING",
    "deleted": "DELETED",
    "pending_delete": "DELETED",
    "killed": "ERROR",
}
PROGRESS = {"queued": 25, "saving": 50, "active": 100}
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}


def list_images(request: Request[Compute]) -> dict[str, Any]:
    """List images."""
    found = _find_all(request)
    return _listed(request, "images", found, [_brief(request, image) for image in found])


def list_detailed(request: Request[Compute]) -> dict[str, Any]:
    """List images with details."""
    found = _find_all(request)
    return _listed(request, "images/detail", found, [_detailed(request, image) for image in found])


def show(request: Request[Compute], image_id: str) -> dict[str, Any]:
    """Show an image."""
    return {"image": _detailed(request, _find(request, image_id))}


def delete(request: Request[Compute], image_id: str) -> None:
    """Delete an image."""
    answer = _call(request, "DELETE", f"/v2/images/{image_id}")
    if answer.status == 404:
        raise NotFound("Image not found.")
    if answer.status in (403, 409):
        raise Forbidden("You are not allowed to delete the image.")
    answer.expect(204)


def list_metadata(request: Request[Compute], image_id: str) -> dict[str, Any]:
    """List the properties of an image."""
    return {"metadata": _properties(_find(request, image_id))}


def show_metadata(request: Request[Compute], image_id: str, key: str) -> dict[str, Any]:
    """Show a property of an image."""
    found = _properties(_find(request, image_id))
    if key not in found:
        raise NotFound("The resource could not be found.")
    return {"meta": {key: found[key]}}


def add_metadata(request: Request[Compute], image_id: str) -> dict[str, Any]:
    """Set properties of an image; others stay."""
    old = _properties(_find(request, image_id))
    return {"metadata": _change(request, image_id, old, old | request.body.metadata)}


def replace_metadata(request: Request[Compute], image_id: str) -> dict[str, Any]:
    """Set the properties of an image; others go."""
    old = _properties(_find(request, image_id))
    return {"metadata": _change(request, image_id, old, dict(request.body.metadata))}


def set_metadata(request: Request[Compute], image_id: str, key: str) -> dict[str, Any]:
    """Set a property of an image."""
    given = request.body.meta
    if key not in given:
        raise BadRequest("Request body and URI mismatch")
    old = _properties(_find(request, image_id))
    _change(request, image_id, old, old | {key: given[key]})
    return {"meta": given}


def delete_metadata(request: Request[Compute], image_id: str, key: str) -> Response:
    """Remove a property of an image."""
    old = _properties(_find(request, image_id))
    if key not in old:
        raise NotFound("Invalid metadata key")
    _change(request, image_id, old, {name: value for name, value in old.items() if name != key})
    return Response(status=204)


def _call(
    request: Request[Compute],
    method: str,
    path: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    image = request.service.runtime.services["image"]
    return image.request(request.context, method, path, body, params=params, headers=headers)


def _find(request: Request[Compute], image_id: str) -> Image:
    answer = _call(request, "GET", f"/v2/images/{image_id}")
    if answer.status in (400, 404):
        raise NotFound("Image not found.")
    image: Image = answer.expect(200)
    return image


def _find_all(request: Request[Compute]) -> list[Image]:
    params: dict[str, Any] = {}
    for name in request.query:
        value = request.param(name) or ""
        if name in FILTERS:
            params[FILTERS[name]] = value.rpartition("/")[2] if name == "server" else value
        elif name == "status":
            params["status"] = value.lower()
        elif name == "changes-since":
            params["updated_at"] = f"gte:{value}"
        elif name.startswith("property-"):
            params[name.removeprefix("property-")] = value
    params["limit"] = limit_of(request)
    marker = request.param("marker")
    if marker:
        params["marker"] = marker
    answer = _call(request, "GET", "/v2/images", params=params)
    if answer.status == 400:
        raise BadRequest(fault_message(answer.body))
    found: list[Image] = answer.expect(200)["images"]
    return found


def _change(request: Request[Compute], image_id: str, old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Makes an image's properties those of ``new``. Raises Forbidden, QuotaExceeded."""
    with request.service.database.read() as tx:
        if exceeded(limits(tx, request.context.project_id or ""), {}, {"metadata_items": len(new)}):
            raise QuotaExceeded("Image metadata limit exceeded")
    changes: list[dict[str, Any]] = [{"op": "remove", "path": _pointer(name)} for name in old if name not in new]
    changes += [
        {"op": "replace" if name in old else "add", "path": _pointer(name), "value": value}
        for name, value in new.items()
        if name not in old or old[name] != value
    ]
    if changes:
        answer = _call(request, "PATCH", f"/v2/images/{image_id}", changes, headers=PATCH)
        if answer.status == 403:
            raise Forbidden(f"Not authorized for image {image_id}.")
        if answer.status in (400, 413):
            raise BadRequest(fault_message(answer.body))
        answer.expect(200)
    return new


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _properties(image: Image) -> dict[str, Any]:
    return {name: value for name, value in image.items() if name not in BASE}


def _listed(
    request: Request[Compute], collection: str, found: list[Image], shown: list[dict[str, Any]]
) -> dict[str, Any]:
    body: dict[str, Any] = {"images": shown}
    further = next_links(request, collection, [image["id"] for image in found])
    if further:
        body["images_links"] = further
    return body


def _brief(request: Request[Compute], image: Image) -> dict[str, Any]:
    return {"id": image["id"], "name": image["name"], "links": _links(request, image["id"])}


def _links(request: Request[Compute], image_id: str) -> list[dict[str, str]]:
    root = request.base_url.removesuffix(request.service.mount)
    alternate = {
        "rel": "alternate",
        "type": "application/vnd.openstack.image",
        "href": f"{root}/image/images/{image_id}",
    }
    return [*links(base_of(request), "images", image_id), alternate]


def _detailed(request: Request[Compute], image: Image) -> dict[str, Any]:
    properties = _properties(image)
    shown = _brief(request, image) | {
        "minRam": int(image.get("min_ram") or 0),
        "minDisk": int(image.get("min_disk") or 0),
        "metadata": properties,
        "created": image["created_at"],
        "updated": image["updated_at"],
        "status": STATUS.get(image["status"], "UNKNOWN"),
        "progress": PROGRESS.get(image["status"], 0),
        "OS-EXT-IMG-SIZE:size": image.get("size"),
    }
    server_id = properties.get("instance_uuid")
    if server_id is not None:
        shown["server"] = {"id": server_id, "links": links(base_of(request), "servers", server_id)}
    config = properties.get("auto_disk_config")
    if config is not None:
        shown["OS-DCF:diskConfig"] = "AUTO" if str(config).strip().lower() in TRUE else "MANUAL"
    return shown
