"""A guest as libvirt's XML, and what libvirt's XML says of a guest. Nothing here talks to libvirt."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from msgspec import Struct

from pileus.compute.drivers.base import Disk, Guest, Vif
from pileus.compute.drivers.libvirt.disks import Folder, local_disks
from pileus.host.kvm import Hypervisor
from pileus.host.ovs import device_name
from pileus.kernel.errors import GiveUp

NAMESPACE = "https://pileus.invalid/compute/1"
# Bus of disks -> how their names begin.
PREFIXES = {"virtio": "vd", "scsi": "sd", "ide": "hd"}
NETWORK_MODELS = ("virtio", "e1000", "rtl8139")
EMULATOR = "/usr/bin/qemu-system-x86_64"
# TCG's default translation cache makes a guest of 128 MB one of 250; below 32 it gets slow.
TRANSLATION_CACHE_MIB = 32
NO_OFFLOAD = {"csum": "off", "gso": "off", "tso4": "off", "tso6": "off", "ecn": "off", "ufo": "off"}
NO_GUEST_OFFLOAD = {name: value for name, value in NO_OFFLOAD.items() if name != "gso"}


class Place(Struct, frozen=True):
    """What of a host a definition depends on."""

    hypervisor: Hypervisor
    folder: Folder
    consoles: Path
    cache: str  # of disks: "none" where the file system can do without the host's


def define(guest: Guest, place: Place) -> str:
    """The definition of a guest whose disks are made."""
    root = Element("domain", type=place.hypervisor)
    _add(root, "name", guest.instance_name)
    _add(root, "uuid", guest.id)
    owner = SubElement(SubElement(root, "metadata"), f"{{{NAMESPACE}}}server")
    for name in ("name", "project_id", "user_id", "flavor_name"):
        _add(owner, f"{{{NAMESPACE}}}{name}", getattr(guest, name))
    _add(root, "memory", str(guest.memory_mb), unit="MiB")
    _add(root, "vcpu", str(guest.vcpus))
    system = SubElement(root, "os")
    _add(system, "type", "hvm", arch="x86_64", machine="pc")
    _add_processor(root, place)
    SubElement(root, "clock", offset="utc")
    for event, action in (("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "destroy")):
        _add(root, event, action)
    _add_devices(root, guest, place)
    return tostring(root, encoding="unicode")


def _add(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def _add_processor(root: Element, place: Place) -> None:
    features = SubElement(root, "features")
    SubElement(features, "acpi")
    SubElement(features, "apic")
    if place.hypervisor == "kvm":
        SubElement(root, "cpu", mode="host-passthrough", migratable="on")
        return
    _add(SubElement(features, "tcg"), "tb-cache", str(TRANSLATION_CACHE_MIB), unit="MiB")
    SubElement(root, "cpu", mode="maximum")


def _add_devices(root: Element, guest: Guest, place: Place) -> None:
    devices = SubElement(root, "devices")
    _add(devices, "emulator", EMULATOR)
    SubElement(devices, "controller", type="usb", model="none")
    for element in _disks(guest, place):
        devices.append(element)
    if _bus(guest) == "scsi":
        SubElement(devices, "controller", type="scsi", model="virtio-scsi")
    model = str(guest.image.properties.get("hw_vif_model") or "virtio") if guest.image is not None else "virtio"
    for vif in guest.vifs:
        devices.append(interface(vif, model))
    serial = SubElement(devices, "serial", type="unix")
    SubElement(serial, "source", mode="bind", path=str(console_socket(place.consoles, guest.id, "serial")))
    SubElement(serial, "log", file=str(place.folder.console), append="on")
    SubElement(serial, "target", port="0")
    graphics = SubElement(devices, "graphics", type="vnc")
    SubElement(graphics, "listen", type="socket", socket=str(console_socket(place.consoles, guest.id, "vnc")))
    SubElement(SubElement(devices, "video"), "model", type="vga", vram="16384")
    rng = SubElement(devices, "rng", model="virtio")
    _add(rng, "backend", "/dev/urandom", model="random")
    SubElement(SubElement(devices, "memballoon", model="virtio"), "stats", period="10")


def console_socket(folder: Path, guest_id: str, kind: str) -> Path:
    """Short, because the path of a unix socket has 107 bytes at most."""
    return folder / f"{guest_id[:13]}.{kind}"


def _disks(guest: Guest, place: Place) -> list[Element]:
    """In the order of their letters: the root disk, volumes, local disks; where there is a rescue disk, it is booted.

    A rescue disk comes first, unless the image asks for it to leave the others' names alone: then it comes last.
    """
    folder, names = place.folder, _Names(PREFIXES[_bus(guest)])
    rescue = [(path, "qcow2") for path in (folder.rescue,) if path.exists()]
    last = [(path, "qcow2") for path in (folder.stable_rescue,) if path.exists()]
    root = [(folder.root, "qcow2")] if guest.image is not None or folder.root.exists() else []
    found = [_file_disk(path, kind, names.next(), place.cache) for path, kind in [*rescue, *root]]
    for disk in sorted((disk for disk in guest.disks if disk.kind == "volume"), key=_boot_rank):
        found.append(volume(disk, names.next(disk.device), place.cache))
    local = [(folder.file(name), "raw") for name, _, _ in local_disks(guest)]
    found += [_file_disk(path, kind, names.next(), place.cache) for path, kind in [*local, *last]]
    if found:
        SubElement(found[-1] if last else found[0], "boot", order="1")
    if guest.config_drive is not None and folder.config_drive.exists():
        found.append(_config_drive(folder.config_drive, "hdd" if _bus(guest) == "ide" else "hda"))
    return found


def _bus(guest: Guest) -> str:
    """What the image asks for. Raises GiveUp when guests here cannot have it."""
    bus = str(guest.image.properties.get("hw_disk_bus") or "virtio") if guest.image is not None else "virtio"
    if bus not in PREFIXES:
        raise GiveUp(f"Disks on a {bus} bus are not supported by this host.", code=400)
    return bus


def _boot_rank(disk: Disk) -> tuple[bool, int]:
    return disk.boot_index is None or disk.boot_index < 0, disk.boot_index or 0


def _config_drive(path: Path, name: str) -> Element:
    """On IDE, which the machine type pc has: the kernels that are made for clouds have no driver for AHCI."""
    drive = Element("disk", type="file", device="cdrom")
    SubElement(drive, "driver", name="qemu", type="raw")
    SubElement(drive, "source", file=str(path))
    SubElement(drive, "target", dev=name, bus="ide")
    SubElement(drive, "readonly")
    return drive


class _Names:
    """vda, vdb, ...; a name that was asked for is kept if it is free."""

    def __init__(self, prefix: str, taken: Sequence[str] = ()) -> None:
        self._prefix, self._taken = prefix, set(taken)

    def next(self, wanted: str | None = None) -> str:
        wanted = (wanted or "").removeprefix("/dev/")
        names = (f"{self._prefix}{chr(ord('a') + number)}" for number in range(26))
        name = wanted if wanted.startswith(self._prefix) and wanted not in self._taken else None
        name = name or next((name for name in names if name not in self._taken), None)
        if name is None:
            raise GiveUp("A guest can have 26 disks.")
        self._taken.add(name)
        return name


def _target(element: Element, name: str) -> None:
    bus = next(bus for bus, prefix in PREFIXES.items() if name.startswith(prefix))
    SubElement(element, "target", dev=name, bus=bus)


def _file_disk(path: Path, kind: str, name: str, cache: str) -> Element:
    element = Element("disk", type="file", device="disk")
    SubElement(element, "driver", name="qemu", type=kind, cache=cache, discard="unmap")
    SubElement(element, "source", file=str(path))
    _target(element, name)
    return element


def volume(disk: Disk, name: str, cache: str = "none") -> Element:
    """A volume, from how the volume service says it is reached. Raises GiveUp for what this host cannot reach."""
    connection = disk.connection or {}
    kind, data = connection.get("driver_volume_type", ""), connection.get("data") or {}
    path = data.get("device_path") or data.get("path")
    if kind in ("rbd", "nbd"):
        element = Element("disk", type="network", device="disk")
        source = SubElement(element, "source", protocol=kind)
        _fill_network_source(source, kind, data)
    elif path and Path(path).is_block_device():
        element = Element("disk", type="block", device="disk")
        SubElement(element, "source", dev=str(path))
    elif path:
        element = Element("disk", type="file", device="disk")
        SubElement(element, "source", file=str(path))
    else:
        raise GiveUp(f"This host cannot reach volumes by {kind or 'no protocol'}.", code=501)
    element.insert(0, Element("driver", name="qemu", type=str(data.get("format") or "raw"), cache=cache))
    _target(element, name)
    _add(element, "serial", disk.volume_id or "")
    if data.get("access_mode") == "ro":
        SubElement(element, "readonly")
    return element


def _fill_network_source(source: Element, kind: str, data: Any) -> None:
    if data.get("name"):
        source.set("name", str(data["name"]))
    if data.get("socket"):
        SubElement(source, "host", transport="unix", socket=str(data["socket"]))
        return
    hosts = data.get("hosts") or [data["host"]] if data.get("host") or data.get("hosts") else []
    ports = data.get("ports") or [data.get("port", 10809 if kind == "nbd" else 6789)] * len(hosts)
    for host, port in zip(hosts, ports, strict=True):
        SubElement(source, "host", name=str(host), port=str(port))


def interface(vif: Vif, model: str = "virtio") -> Element:
    """A network interface on a tap device that is plugged already. Raises GiveUp for a model that there is none of.

    Checksum and segmentation offload are off: the userspace switch would see TCP packets with wrong checksums.
    """
    if model not in NETWORK_MODELS:
        raise GiveUp(f"Network interfaces of the model {model} are not supported by this host.", code=400)
    element = Element("interface", type="ethernet")
    SubElement(element, "mac", address=vif.mac)
    SubElement(element, "target", dev=device_name(vif.port_id), managed="no")
    SubElement(element, "model", type=model)
    if model == "virtio":
        driver = SubElement(element, "driver", name="qemu")
        SubElement(driver, "host", NO_OFFLOAD)
        SubElement(driver, "guest", NO_GUEST_OFFLOAD)
    SubElement(element, "mtu", size=str(vif.mtu))
    return element


def text(element: Element) -> str:
    return tostring(element, encoding="unicode")


class Devices:
    """The devices in a definition that libvirt gave."""

    def __init__(self, xml: str) -> None:
        self._root = fromstring(xml)  # noqa: S314 -- libvirt's own

    def interface(self, mac: str) -> Element | None:
        found = self._root.findall("devices/interface")
        return next((one for one in found if (m := one.find("mac")) is not None and m.get("address") == mac), None)

    def taps(self) -> list[str]:
        return [name for one in self._root.findall("devices/interface/target") if (name := one.get("dev"))]

    def macs(self) -> dict[str, str]:
        """Device name -> MAC."""
        found = {}
        for one in self._root.findall("devices/interface"):
            target, mac = one.find("target"), one.find("mac")
            if target is not None and mac is not None:
                found[target.get("dev") or ""] = mac.get("address") or ""
        return found

    def disk(self, volume_id: str) -> Element | None:
        found = self._root.findall("devices/disk")
        return next((one for one in found if one.findtext("serial") == volume_id), None)

    def disk_names(self) -> list[str]:
        return [name for one in self._root.findall("devices/disk/target") if (name := one.get("dev"))]

    def next_disk_name(self, wanted: str | None) -> str:
        return _Names("vd", self.disk_names()).next(wanted)

    def root_disk(self, path: Path) -> str | None:
        """The name (vda) of the disk that is this file."""
        for one in self._root.findall("devices/disk"):
            source, target = one.find("source"), one.find("target")
            if source is not None and target is not None and source.get("file") == str(path):
                return target.get("dev")
        return None
