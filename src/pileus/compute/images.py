"""What compute asks of the image service."""

from collections.abc import Mapping
from typing import Any

from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.services import Directory

Image = Mapping[str, Any]
# What a snapshot does not inherit from the image its server was made from.
NOT_INHERITED = frozenset(
    (
        "id",
        "name",
        "status",
        "created_at",
        "updated_at",
        "size",
        "virtual_size",
        "checksum",
        "os_hash_algo",
        "os_hash_value",
        "os_hidden",
        "owner",
        "visibility",
        "protected",
        "file",
        "self",
        "schema",
        "tags",
        "locations",
        "direct_url",
        "stores",
        "min_disk",
        "min_ram",
        "disk_format",
        "container_format",
    )
)


class Images:
    """The image API, as compute uses it."""

    def __init__(self, services: Directory) -> None:
        self._services = services

    def get(self, context: Context, image_id: str) -> Image:
        """Raises NotFound."""
        answer = self._services["image"].request(context, "GET", f"/v2/images/{image_id}")
        if answer.status in (403, 404):
            raise NotFound(f"Image {image_id} could not be found.")
        image: Image = answer.expect(200)
        return image

    def create(self, context: Context, values: Mapping[str, Any]) -> Image:
        """Makes an image without data. Raises BadRequest when the image service refuses it."""
        answer = self._services["image"].request(context, "POST", "/v2/images", values)
        if 400 <= answer.status < 500:
            raise BadRequest(f"Image is unacceptable: {answer.body.decode(errors='replace')[:200]}")
        image: Image = answer.expect(201)
        return image

    def find(self, context: Context, **params: Any) -> list[Image]:
        found: list[Image] = (
            self._services["image"].request(context, "GET", "/v2/images", params=params).expect(200)["images"]
        )
        return found

    def delete(self, context: Context, image_id: str) -> None:
        answer = self._services["image"].request(context, "DELETE", f"/v2/images/{image_id}")
        if answer.status not in (204, 404):
            answer.expect(204)


def shown_properties(image: Image) -> dict[str, str]:
    """The properties that a server shows of its image (since 2.98): those that say how to run it."""
    return {
        name: str(value)
        for name, value in image.items()
        if name.startswith(("hw_", "os_", "img_")) and name not in NOT_INHERITED and value is not None
    }
