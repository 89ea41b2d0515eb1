"""Schemas of images, their members and tasks."""

from typing import Any

from pileus.image.config import Settings
from pileus.image.model import VISIBILITIES
from pileus.image.schemas.language import Schema, collection, minimal, raw

UUID = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
STATUSES = [
    "queued",
    "saving",
    "active",
    "killed",
    "deleted",
    "uploading",
    "importing",
    "pending_delete",
    "deactivated",
]
LINKS = [
    {"rel": "self", "href": "{self}"},
    {"rel": "enclosure", "href": "{file}"},
    {"rel": "describedby", "href": "{schema}"},
]


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    return {"type": ["null", kind], "description": description, **more}


def _read_only(schema: Schema) -> Schema:
    return {**schema, "readOnly": True}


VALIDATION_DATA: Schema = {
    "description": "What the data's hashes are; an image that has hashes already must have the same.",
    "type": "object",
    "writeOnly": True,
    "additionalProperties": False,
    "properties": {
        "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
        "os_hash_algo": {"type": "string", "maxLength": 64},
        "os_hash_value": {"type": "string", "maxLength": 128},
    },
    "required": ["os_hash_algo", "os_hash_value"],
}

LOCATIONS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "url": {"type": "string", "maxLength": 255},
            "metadata": {"type": "object"},
            "validation_data": VALIDATION_DATA,
        },
        "required": ["url", "metadata"],
    },
    "description": "Where the image's data is kept",
}


def base_properties(settings: Settings) -> Schema:
    """What every image has."""
    return {
        "id": _text("The image's identifier", pattern=UUID),
        "name": _nullable("string", "A name for people to read", maxLength=255),
        "status": _read_only(_text("The state the image is in", enum=STATUSES)),
        "visibility": _text("Who can see the image", enum=list(VISIBILITIES)),
        "protected": {"type": "boolean", "description": "If true, the image cannot be deleted."},
        "os_hidden": {"type": "boolean", "description": "If true, lists leave the image out unless asked for it."},
        "checksum": _read_only(_nullable("string", "MD5 of the image's data", maxLength=32)),
        "os_hash_algo": _read_only(_nullable("string", "The algorithm of os_hash_value", maxLength=64)),
        "os_hash_value": _read_only(
            _nullable("string", "Hash of the image's data by the algorithm of os_hash_algo", maxLength=128)
        ),
        "owner": _nullable("string", "The project that the image belongs to", maxLength=255),
        "size": _read_only(_nullable("integer", "Size of the image's data, in bytes")),
        "virtual_size": _read_only(_nullable("integer", "Size of the disk in the image, in bytes")),
        "container_format": _nullable("string", "Format of the container", enum=[None, *settings.container_formats]),
        "disk_format": _nullable("string", "Format of the disk", enum=[None, *settings.disk_formats]),
        "created_at": _read_only(_text("When the image was registered")),
        "updated_at": _read_only(_text("When the image was last changed")),
        "tags": {
            "type": "array",
            "description": "Words by which the image can be found",
            "items": {"type": "string", "maxLength": 255},
        },
        "direct_url": _read_only(_text("The address of the image's data in its store")),
        "min_ram": {"type": "integer", "description": "Memory that booting the image takes, in MB."},
        "min_disk": {"type": "integer", "description": "Disk space that booting the image takes, in GB."},
        "self": _read_only(_text("The address of the image")),
        "file": _read_only(_text("The address of the image's data")),
        "stores": _read_only(_text("The stores that hold the image's data, separated by commas")),
        "schema": _read_only(_text("The address of this schema")),
        "locations": LOCATIONS,
    }


def known_properties() -> Schema:
    """Properties that have a meaning of their own; all others are text."""
    properties = {
        "kernel_id": _nullable("string", "Image to use as the kernel of an AMI-style image.", pattern=UUID),
        "ramdisk_id": _nullable("string", "Image to use as the ramdisk of an AMI-style image.", pattern=UUID),
        "instance_uuid": _text("The server that the image was made of."),
        "architecture": _text("Architecture of the operating system in the image."),
        "os_distro": _text("Distribution of the operating system in the image."),
        "os_version": _text("Version of the operating system, as its distributor writes it."),
        "description": _text("A description for people to read."),
        "cinder_encryption_key_id": _text("Key of the volumes that are made of the image, in the key manager."),
        "cinder_encryption_key_deletion_policy": _text(
            "Whether cinder_encryption_key_id is deleted with the image.", enum=["on_image_deletion", "do_not_delete"]
        ),
    }
    return {name: {**schema, "is_base": False} for name, schema in properties.items()}


def image_schema(settings: Settings) -> Schema:
    properties = base_properties(settings) | known_properties()
    return raw("image", properties, links=LINKS, additional={"type": "string"})


ADD_LOCATION = raw(
    "location",
    {
        "url": _text("The address of the data"),
        "validation_data": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "os_hash_algo": {"type": "string", "maxLength": 64, "enum": ["sha1", "sha256", "sha512", "md5"]},
                "os_hash_value": {"type": "string", "maxLength": 128},
            },
            "dependentRequired": {"os_hash_value": ["os_hash_algo"], "os_hash_algo": ["os_hash_value"]},
        },
    },
    required=["url"],
    additional={"type": "string"},
)

MEMBER = minimal(
    raw(
        "member",
        {
            "member_id": _text("The project that the image is shared with"),
            "image_id": _text("The image's identifier", pattern=UUID),
            "created_at": _text("When the image was shared"),
            "updated_at": _text("When the membership was last changed"),
            "status": _text("What the project made of it", enum=["pending", "accepted", "rejected"]),
            "schema": {"readOnly": True, "type": "string"},
        },
    )
)
MEMBERS = collection("members", MEMBER, paged=False)

_TASK = {
    "id": _text("The task's identifier", pattern=UUID),
    "type": _text("What kind of work it is", enum=["import", "api_image_import", "location_import"]),
    "status": _text("How far it is", enum=["pending", "processing", "success", "failure"]),
    "input": _nullable("object", "What the work was asked for with"),
    "result": _nullable("object", "What came of it"),
    "owner": _text("The project that the task belongs to"),
    "message": _text("What there is to say about it, when it failed or is under way"),
    "image_id": _text("The image that the task is about"),
    "user_id": _text("The user who asked for the task"),
    "request_id": _text("The request that asked for the task"),
    "expires_at": _text("When the task will no longer be shown"),
    "created_at": _text("When the task was created"),
    "updated_at": _text("When the task was last changed"),
    "self": _read_only({"type": "string"}),
    "schema": _read_only({"type": "string"}),
}
TASK = minimal(raw("task", _TASK))
TASKS = collection("tasks", TASK, paged=False)
