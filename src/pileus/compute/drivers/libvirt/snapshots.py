"""Images made of guests' root disks, while they run or not."""

import time
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import libvirt

from pileus.compute.drivers.libvirt.disks import Folder
from pileus.compute.drivers.libvirt.domain import Devices, text
from pileus.compute.drivers.libvirt.images import convert
from pileus.kernel.context import Context
from pileus.kernel.errors import Conflict, GiveUp
from pileus.kernel.services import Directory, UnexpectedAnswer

PAUSE = 0.1
SLOW = 3600.0


def snapshot(
    services: Directory, context: Context, domain: libvirt.virDomain | None, folder: Folder, image_id: str
) -> None:
    """Copies the root disk flat and uploads it. Done again, it does nothing when the image has its data."""
    images = services["image"]
    shown = images.request(context, "GET", f"/v2/images/{image_id}").expect(200)
    if shown["status"] == "active":
        return
    if not folder.root.exists():
        raise GiveUp("The guest has no local root disk to make an image of.", code=400)
    kind = "raw" if shown.get("disk_format") == "raw" else "qcow2"
    copy = folder.file(f"snapshot-{image_id}.{kind}")
    try:
        _copy(domain, folder.root, copy, kind)
        _upload(services, context, image_id, copy)
    finally:
        copy.unlink(missing_ok=True)


def _copy(domain: libvirt.virDomain | None, root: Path, copy: Path, kind: str) -> None:
    name = Devices(domain.XMLDesc()).root_disk(root) if domain is not None and domain.isActive() else None
    if domain is None or name is None:
        convert(root, "qcow2", copy, kind)
        return
    _back_up(domain, name, copy, kind)


def _back_up(domain: libvirt.virDomain, name: str, copy: Path, kind: str) -> None:
    """The disk as it is at this moment, written by QEMU while the guest goes on."""
    copy.unlink(missing_ok=True)
    _end_backup(domain)
    wanted = Element("domainbackup", mode="push")
    disks = SubElement(wanted, "disks")
    for other in Devices(domain.XMLDesc()).disk_names():
        disk = SubElement(disks, "disk", name=other, backup="yes" if other == name else "no")
        if other == name:
            disk.set("type", "file")
            SubElement(disk, "driver", type=kind)
            SubElement(disk, "target", file=str(copy))
    domain.backupBegin(text(wanted), None)
    deadline = time.monotonic() + SLOW
    while domain.jobInfo()[0] != libvirt.VIR_DOMAIN_JOB_NONE:
        if time.monotonic() > deadline:
            _end_backup(domain)
            raise GiveUp("Copying the guest's disk took too long.")
        time.sleep(PAUSE)
    ended = domain.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)
    if ended.get("type") != libvirt.VIR_DOMAIN_JOB_COMPLETED or ended.get("success") is False:
        raise GiveUp(f"Copying the guest's disk failed: {ended.get('errmsg', 'no reason given')}")


def _end_backup(domain: libvirt.virDomain) -> None:
    """Ends what a process that died had begun."""
    try:
        domain.backupGetXMLDesc()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_BACKUP:
            return
        raise
    domain.abortJob()
    while domain.jobInfo()[0] != libvirt.VIR_DOMAIN_JOB_NONE:
        time.sleep(PAUSE)


def _upload(services: Directory, context: Context, image_id: str, copy: Path) -> None:
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(copy.stat().st_size)}
    with copy.open("rb") as file:
        try:
            services["image"].request(context, "PUT", f"/v2/images/{image_id}/file", file, headers=headers).expect(204)
        except (Conflict, UnexpectedAnswer) as error:
            raise GiveUp(f"Image {image_id} cannot be uploaded: {error}") from error
