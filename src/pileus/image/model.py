"""What an image is: its states, who may see it, and what may be changed when. No HTTP, no SQL."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest, Conflict, Forbidden

QUEUED, SAVING, UPLOADING, IMPORTING = "queued", "saving", "uploading", "importing"
ACTIVE, DEACTIVATED, KILLED, DELETED = "active", "deactivated", "killed", "deleted"

TRANSITIONS: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({SAVING, UPLOADING, IMPORTING, ACTIVE, DELETED}),
    SAVING: frozenset({ACTIVE, KILLED, DELETED, QUEUED}),
    UPLOADING: frozenset({IMPORTING, QUEUED, DELETED}),
    IMPORTING: frozenset({ACTIVE, DELETED, QUEUED}),
    ACTIVE: frozenset({"pending_delete", DELETED, DEACTIVATED}),
    KILLED: frozenset({DELETED}),
    "pending_delete": frozenset({DELETED, ACTIVE}),
    DEACTIVATED: frozenset({ACTIVE, DELETED}),
    DELETED: frozenset(),
}

VISIBILITIES = ("community", "public", "private", "shared")
RESERVED_PREFIX = "os_glance"
IMPORT_TASK = "os_glance_import_task"
IMPORTING_TO = "os_glance_importing_to_stores"
FAILED_IMPORT = "os_glance_failed_import"


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the bytes are: under a name in a store, with what whoever added it wants remembered."""

    store: str
    name: str
    metadata: dict[str, Any] = {}


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """One image.

    staged     the name of data in the staging store that waits for its import.
    version    grows with every change.
    member_id  the asking project, when it sees the image because it is shared with it.
    """

    id: str
    name: str | None = None
    status: str = QUEUED
    visibility: str = "shared"
    owner: str | None = None
    container_format: str | None = None
    disk_format: str | None = None
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    protected: bool = False
    os_hidden: bool = False
    created_at: int = 0
    updated_at: int = 0
    deleted_at: int | None = None
    version: int = 1
    tags: tuple[str, ...] = ()
    properties: dict[str, str | None] = {}
    locations: tuple[Location, ...] = ()
    staged: str | None = None
    member_id: str | None = None

    @property
    def project_id(self) -> str | None:
        """The owner, under the name that policy rules use."""
        return self.owner

    @property
    def stores(self) -> list[str]:
        """The stores that hold the bytes."""
        return [location.store for location in self.locations]


class Member(msgspec.Struct, frozen=True):
    """A project that an image is shared with."""

    image_id: str
    member_id: str
    status: str
    created_at: int
    updated_at: int


def change(image: Image, **values: Any) -> Image:
    return msgspec.structs.replace(image, **values)


def moved(image: Image, status: str, **values: Any) -> Image:
    """The image in another state.

    Raises Conflict when it may not go there, BadRequest when it lacks the formats that data needs.
    """
    check_transition(image, status)
    if status == QUEUED:
        values = {"size": None, "virtual_size": None, **values}
    return change(image, status=status, **values)


def check_transition(image: Image, status: str) -> None:
    if status not in TRANSITIONS[image.status]:
        raise Conflict(f"Image status transition from {image.status} to {status} is not allowed")
    if image.status in (QUEUED, UPLOADING) and status in (SAVING, ACTIVE, IMPORTING):
        missing = [name for name in ("disk_format", "container_format") if not getattr(image, name)]
        if missing:
            words = "Property {} must" if len(missing) == 1 else "Properties {} must"
            raise BadRequest(f"{words.format(', '.join(missing))} be set prior to saving data.")


def emptied(image: Image) -> Image:
    """The image as it was before it had data, for another try."""
    return moved(image, QUEUED, checksum=None, os_hash_algo=None, os_hash_value=None, locations=())


def check_deletable(image: Image) -> None:
    if image.protected:
        raise Forbidden(f"Image {image.id} is protected and cannot be deleted.")


def toggled(image: Image, wanted: str) -> Image | None:
    """The image deactivated or reactivated (``wanted``); None when it is already. Raises Forbidden."""
    other = ACTIVE if wanted == DEACTIVATED else DEACTIVATED
    if image.status == wanted:
        return None
    if image.status != other:
        verb = "deactivate" if wanted == DEACTIVATED else "reactivate"
        raise Forbidden(f"Not allowed to {verb} image in status '{image.status}'")
    return change(image, status=wanted)


def owns(context: Context, image: Image) -> bool:
    return context.project_id is not None and context.project_id == image.owner


def visible_without_membership(context: Context, image: Image) -> bool:
    return (
        context.is_admin or image.owner is None or image.visibility in ("public", "community") or owns(context, image)
    )


def store_list(text: str | None) -> set[str]:
    """The stores named in a property that lists stores."""
    return {name for name in (text or "").split(",") if name}


def with_stores(
    properties: Mapping[str, str | None], key: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> dict[str, str | None]:
    """Properties with stores added to and removed from the list that one of them is."""
    names = (store_list(properties.get(key)) | set(add)) - set(remove)
    return {**properties, key: ",".join(sorted(names))}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Slow work on an image, as the client who asked for it sees it."""

    id: str
    type: str
    status: str = "pending"
    owner: str | None = None
    image_id: str | None = None
    user_id: str | None = None
    request_id: str | None = None
    input: dict[str, Any] = {}
    result: dict[str, Any] | None = None
    message: str = ""
    expires_at: int | None = None
    created_at: int = 0
    updated_at: int = 0
