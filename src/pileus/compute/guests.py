"""From a server's rows to the guest that a driver is told to make."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pileus.compute.drivers.base import Disk, Guest, Image, Vif
from pileus.compute.images import NOT_INHERITED
from pileus.compute.model import Server, ServerDisk, ServerVif


def guest_of(
    server: Server,
    vifs: Iterable[ServerVif],
    disks: Iterable[ServerDisk] = (),
    config_drive: Mapping[str, str] | None = None,
) -> Guest:
    flavor = server.flavor
    return Guest(
        id=server.id,
        name=server.name,
        hostname=server.hostname,
        instance_name=server.instance_name,
        project_id=server.project_id,
        user_id=server.user_id,
        vcpus=flavor.vcpus,
        memory_mb=flavor.ram,
        root_gb=flavor.disk,
        image=None if server.image_json is None else msgspec.json.decode(server.image_json, type=Image),
        vifs=tuple(msgspec.convert(vif.vif, Vif) for vif in vifs),
        disks=tuple(_disk(disk) for disk in disks),
        config_drive=config_drive,
        extra_specs=flavor.extra_specs,
        flavor_name=flavor.original_name,
    )


def _disk(disk: ServerDisk) -> Disk:
    local: Any = "swap" if disk.guest_format == "swap" else "ephemeral"
    return Disk(
        kind="volume" if disk.destination_type == "volume" else local,
        size_mb=(disk.volume_size or 0) * (1 if disk.guest_format == "swap" else 1024),
        boot_index=disk.boot_index,
        device=disk.device_name,
        bus=disk.disk_bus,
        volume_id=disk.volume_id,
        connection=disk.connection,
        tag=disk.tag,
    )


def local_disks(server_id: str, new_id: Any, ephemeral_gb: int, swap_mb: int) -> list[ServerDisk]:
    """The disks that a flavor gives a server besides its root disk. ``new_id`` makes their ids."""
    found = []
    if ephemeral_gb:
        found.append(_local(server_id, new_id(), ephemeral_gb, None))
    if swap_mb:
        found.append(_local(server_id, new_id(), swap_mb, "swap"))
    return found


def _local(server_id: str, disk_id: str, size: int, guest_format: str | None) -> ServerDisk:
    return ServerDisk(
        id=disk_id,
        server_id=server_id,
        source_type="blank",
        destination_type="local",
        volume_size=size,
        guest_format=guest_format,
        delete_on_termination=True,
    )


def driver_image(image: Mapping[str, Any]) -> dict[str, Any]:
    """drivers.base.Image, as JSON, of an image as the image API shows it."""
    properties = {
        name: value
        for name, value in image.items()
        if name.startswith(("hw_", "os_", "img_", "trait:")) and name not in NOT_INHERITED and value is not None
    }
    if image.get("architecture"):
        properties["architecture"] = image["architecture"]
    return {
        "id": image["id"],
        "disk_format": image.get("disk_format") or "raw",
        "size": image.get("size") or 0,
        "min_disk_gb": image.get("min_disk") or 0,
        "checksum": image.get("checksum"),
        "properties": properties,
    }
