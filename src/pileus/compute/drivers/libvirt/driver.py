"""The driver of hosts that run guests with libvirt and QEMU."""

import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import libvirt

from pileus.compute.drivers.base import Disk, Guest, GuestState, HostResources, Image, Vif
from pileus.compute.drivers.libvirt import domain as definitions
from pileus.compute.drivers.libvirt import moves, snapshots
from pileus.compute.drivers.libvirt.background import Background
from pileus.compute.drivers.libvirt.connection import (
    Connection,
    bounded,
    unless_gone,
    unless_off,
    unless_under_way,
)
from pileus.compute.drivers.libvirt.disks import Folder, resize
from pileus.compute.drivers.libvirt.domain import Devices, Place
from pileus.compute.drivers.libvirt.images import GIB, ImageCache
from pileus.compute.drivers.libvirt.plugging import OvsPlugger, Plugger
from pileus.compute.drivers.libvirt.resources import resources
from pileus.compute.drivers.libvirt.states import is_starting, power_state
from pileus.compute.drivers.libvirt.statistics import diagnostics
from pileus.host.kvm import hypervisor
from pileus.host.layout import Layout
from pileus.host.ovs import device_name
from pileus.kernel.context import Context
from pileus.kernel.errors import GiveUp, NotFound, NotSupported, RetryLater
from pileus.kernel.services import Directory

SHORT, LONG = 60.0, 180.0
SOFT_REBOOT = 60.0  # seconds that a guest has to shut down for a reboot
YOUNG = 300.0  # seconds in which a guest is not taken for a lost one
ASK_AGAIN = 5.0  # seconds after which a guest that does not shut down is asked once more: it may have been booting
STABLE_RESCUE = frozenset(("hw_rescue_device", "hw_rescue_bus"))
LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
KEPT = libvirt.VIR_DOMAIN_AFFECT_CONFIG
UNDEFINE = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
)


class LibvirtDriver:
    """One host's guests. ``host`` is its name in the cloud."""

    def __init__(self, layout: Layout, host: str, services: Directory, plugger: Plugger | None = None) -> None:
        self.host = host
        self._layout = layout
        self._services = services
        self._plugger = plugger or OvsPlugger(layout)
        self._connection = Connection(layout.libvirt_uri)
        self._images = ImageCache(layout.instances / "_base", services)
        self._background = Background()
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._shutting_down: dict[str, tuple[float, float]] = {}  # guest -> (asked first, asked last)
        self._hypervisor = hypervisor(layout.state_dir)
        self._consoles = layout.run / "con"
        self._consoles.mkdir(parents=True, exist_ok=True)
        layout.instances.mkdir(parents=True, exist_ok=True)
        self._cache = _disk_cache(layout.instances)

    # --- the host ---

    @bounded(SHORT)
    def resources(self) -> HostResources:
        return resources(self._connection.get(), self.host, self._hypervisor, self._layout.instances)

    def prepare_image(self, context: Context, image: Image) -> None:
        if self._images.find(image.id) is None:
            self._background.run(
                f"image {image.id}", f"image {image.id} is being fetched", lambda: self._images.fetch(context, image)
            )

    @bounded(SHORT)
    def states(self) -> Sequence[GuestState]:
        found = []
        for domain in self._connection.get().listAllDomains():
            with unless_gone():
                found.append(GuestState(domain.UUIDString(), power_state(domain)))
                self._folder(domain.UUIDString()).rotate_console()
        return found

    @bounded(LONG)
    def clean(self, wanted: Sequence[str]) -> None:
        keep = {*wanted, *self._young()}
        used: set[str] = set()
        for domain in self._connection.get().listAllDomains():
            with unless_gone():
                if domain.UUIDString() not in keep:
                    self._remove_domain(domain)
                else:
                    used.update(Devices(domain.XMLDesc()).taps())
        for device in self._plugger.devices():
            if device not in used and not any(self._is_busy(guest_id) for guest_id in list(self._locks)):
                self._plugger.unplug(device)
        for path in self._layout.instances.iterdir():
            if path.is_dir() and path.name != "_base" and path.name.partition(".")[0] not in keep:
                shutil.rmtree(path, ignore_errors=True)
        self._images.expire()
        for guest_id in [guest_id for guest_id in list(self._locks) if guest_id not in keep]:
            if not self._is_busy(guest_id):
                del self._locks[guest_id]

    def _young(self) -> list[str]:
        """Guests that may have been asked for after the list of those that are wanted was made."""
        since = time.time() - YOUNG
        return [
            path.name for path in self._layout.instances.iterdir() if path.is_dir() and path.stat().st_ctime > since
        ]

    # --- making and removing ---

    @bounded(LONG)
    def spawn(self, context: Context, guest: Guest) -> None:
        with self._guest(guest.id):
            domain = self._connection.find(guest.id)
            if domain is None or not domain.isActive():
                self._start(guest)
            elif is_starting(domain):
                raise RetryLater("the guest is being started", after=0.2)

    @bounded(LONG)
    def destroy(self, guest: Guest) -> None:
        with self._guest(guest.id):
            domain = self._connection.find(guest.id)
            devices = {device_name(vif.port_id) for vif in guest.vifs}
            if domain is not None:
                devices.update(Devices(domain.XMLDesc()).taps())
                self._remove_domain(domain)
            for device in sorted(devices):
                self._plugger.unplug(device)
            self._folder(guest.id).remove()
            for kind in ("vnc", "serial"):
                definitions.console_socket(self._consoles, guest.id, kind).unlink(missing_ok=True)
            self._shutting_down.pop(guest.id, None)

    # --- power ---

    @bounded(LONG)
    def power_on(self, context: Context, guest: Guest) -> None:
        with self._guest(guest.id):
            domain = self._connection.find(guest.id)
            if domain is None or not domain.isActive():
                self._start(guest)
            elif power_state(domain) == "paused":
                domain.resume()

    @bounded(LONG)
    def power_off(self, guest_id: str, timeout: float) -> None:
        with self._guest(guest_id):
            domain = self._connection.need(guest_id)
            if domain.hasManagedSaveImage():
                domain.managedSaveRemove()
            if timeout > 0 and domain.isActive() and not self._ask_to_shut_down(domain, timeout):
                raise RetryLater("the guest is shutting down", after=0.5)
            self._stop(domain)

    @bounded(LONG)
    def reboot(self, context: Context, guest: Guest, *, hard: bool) -> None:
        with self._guest(guest.id):
            domain = self._connection.find(guest.id)
            may_end_itself = not hard and domain is not None and power_state(domain) == "running"
            if may_end_itself and not self._ask_to_shut_down(domain, SOFT_REBOOT):
                raise RetryLater("the guest is shutting down for a reboot", after=0.5)
            if domain is not None:
                self._stop(domain)
                if hard and domain.hasManagedSaveImage():
                    domain.managedSaveRemove()
            self._start(guest)

    def _ask_to_shut_down(self, domain: libvirt.virDomain, timeout: float) -> bool:
        """Whether the guest is off, or was asked for as long as it is given."""
        guest_id, now = domain.UUIDString(), time.monotonic()
        first, last = self._shutting_down.get(guest_id, (now, now - ASK_AGAIN))
        if not domain.isActive() or now - first >= timeout or power_state(domain) != "running":
            return True
        if now - last >= ASK_AGAIN:
            with unless_off():
                domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN)
            last = now
        self._shutting_down[guest_id] = (first, last)
        return False

    def _stop(self, domain: libvirt.virDomain) -> None:
        """Cuts the power."""
        self._shutting_down.pop(domain.UUIDString(), None)
        if domain.isActive():
            with unless_off():
                domain.destroy()

    @bounded(SHORT)
    def pause(self, guest_id: str) -> None:
        domain = self._connection.need(guest_id)
        if power_state(domain) == "running":
            domain.suspend()

    @bounded(SHORT)
    def unpause(self, guest_id: str) -> None:
        domain = self._connection.need(guest_id)
        if power_state(domain) == "paused":
            domain.resume()

    @bounded(SHORT)
    def suspend(self, guest_id: str) -> None:
        domain = self._connection.need(guest_id)
        if domain.isActive():
            self._background.run(
                f"suspend {guest_id}", "the guest's memory is being saved", lambda: domain.managedSave(0), grace=3.0
            )

    def resume(self, context: Context, guest: Guest) -> None:
        self.power_on(context, guest)

    # --- devices ---

    @bounded(SHORT)
    def attach_interface(self, context: Context, guest_id: str, vif: Vif) -> None:
        with self._guest(guest_id):
            domain = self._connection.need(guest_id)
            self._plugger.plug(vif)
            self._attach(domain, definitions.text(definitions.interface(vif)), lambda xml: xml.interface(vif.mac))

    @bounded(SHORT)
    def detach_interface(self, guest_id: str, vif: Vif) -> None:
        with self._guest(guest_id):
            domain = self._connection.find(guest_id)
            if domain is not None:
                self._detach(domain, lambda xml: xml.interface(vif.mac), f"interface {vif.mac}")
            self._plugger.unplug(device_name(vif.port_id))

    @bounded(SHORT)
    def attach_disk(self, context: Context, guest_id: str, disk: Disk) -> str:
        with self._guest(guest_id):
            domain = self._connection.need(guest_id)
            present = Devices(domain.XMLDesc(0)).disk(disk.volume_id or "")
            if present is None:
                name = Devices(domain.XMLDesc(0)).next_disk_name(disk.device)
                xml = definitions.text(definitions.volume(disk, name, self._cache))
                self._attach(domain, xml, lambda xml: xml.disk(disk.volume_id or ""))
                return f"/dev/{name}"
            target = present.find("target")
            return f"/dev/{target.get('dev')}" if target is not None else ""

    @bounded(SHORT)
    def detach_disk(self, guest_id: str, volume_id: str) -> None:
        with self._guest(guest_id):
            domain = self._connection.find(guest_id)
            if domain is not None:
                self._detach(domain, lambda xml: xml.disk(volume_id), f"volume {volume_id}")

    @bounded(SHORT)
    def resize_disk(self, guest_id: str, volume_id: str, size_bytes: int) -> None:
        domain = self._connection.need(guest_id)
        disk = Devices(domain.XMLDesc(0)).disk(volume_id)
        target = disk.find("target") if disk is not None else None
        if target is None:
            raise NotFound(f"Guest {guest_id} has no volume {volume_id}.")
        if domain.isActive():
            domain.blockResize(target.get("dev"), size_bytes, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)

    def _attach(self, domain: libvirt.virDomain, xml: str, find: Any) -> None:
        """To the running guest and to its definition, each where it is missing."""
        if domain.isActive() and find(Devices(domain.XMLDesc(0))) is None:
            domain.attachDeviceFlags(xml, LIVE)
        if find(Devices(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))) is None:
            domain.attachDeviceFlags(xml, KEPT)

    def _detach(self, domain: libvirt.virDomain, find: Any, what: str) -> None:
        kept = find(Devices(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)))
        if kept is not None:
            domain.detachDeviceFlags(definitions.text(kept), KEPT)
        for _ in range(20):
            live = find(Devices(domain.XMLDesc(0))) if domain.isActive() else None
            if live is None:
                return
            with unless_under_way():
                domain.detachDeviceFlags(definitions.text(live), LIVE)
            time.sleep(0.05)
        raise RetryLater(f"the guest has not let go of {what}", after=0.5)

    # --- looking at guests ---

    def console_log(self, guest_id: str, limit: int = 102_400) -> str:
        folder = self._folder(guest_id)
        if not folder.path.exists():
            raise NotFound(f"There is no guest {guest_id} on this host.")
        return folder.read_console(limit)

    @bounded(SHORT)
    def diagnostics(self, guest_id: str) -> Mapping[str, Any]:
        return diagnostics(self._connection.get(), self._connection.need(guest_id), self._layout.libvirt_socket.parent)

    @bounded(SHORT)
    def console_address(self, guest_id: str, kind: Literal["vnc", "serial"]) -> Mapping[str, Any]:
        if not self._connection.need(guest_id).isActive():
            raise NotFound(f"Guest {guest_id} is not running.")
        return {"socket": str(definitions.console_socket(self._consoles, guest_id, kind))}

    @bounded(SHORT)
    def snapshot(self, context: Context, guest: Guest, image_id: str) -> None:
        def work() -> None:
            domain = self._connection.find(guest.id)
            snapshots.snapshot(self._services, context, domain, self._folder(guest.id), image_id)

        self._background.run(f"snapshot {image_id}", f"image {image_id} is being made", work)

    # --- rescue and the rest ---

    @bounded(LONG)
    def rescue(self, context: Context, guest: Guest, image: Image) -> None:
        with self._guest(guest.id):
            base = self._images.find(image.id)
            if base is None:
                raise GiveUp(f"Image {image.id} is not on this host.")
            folder = self._folder(guest.id)
            if not folder.is_rescued:
                self._stop(self._connection.need(guest.id))
                stable = not STABLE_RESCUE.isdisjoint(image.properties)
                folder.make_rescue(base, stable=stable)
            domain = self._connection.find(guest.id)
            if domain is None or not domain.isActive():
                self._start(guest)

    @bounded(LONG)
    def unrescue(self, context: Context, guest: Guest) -> None:
        with self._guest(guest.id):
            folder, domain = self._folder(guest.id), self._connection.find(guest.id)
            if folder.is_rescued:
                if domain is not None:
                    self._stop(domain)
                for path in (folder.rescue, folder.stable_rescue):
                    path.unlink(missing_ok=True)
            if domain is None or not domain.isActive():
                self._start(guest)

    # --- resize ---

    @bounded(LONG)
    def begin_move(self, context: Context, guest: Guest, source: str, *, start: bool) -> None:
        if source != self.host:
            raise NotSupported(f"Host {self.host} cannot take guests over from other hosts.")
        with self._guest(guest.id):
            folder, domain = self._folder(guest.id), self._connection.find(guest.id)
            if not folder.before.exists() or not folder.path.exists():
                if domain is not None:
                    self._stop(domain)
                reason = "the guest's disks are being copied"
                self._background.run(f"move {guest.id}", reason, lambda: moves.keep_before(folder))
            self._make_off(guest)
            if start and not self._connection.need(guest.id).isActive():
                self._start(guest)

    @bounded(LONG)
    def confirm_move(self, guest: Guest, *, moved_away: bool) -> None:
        with self._guest(guest.id):
            if not moved_away:
                moves.drop_before(self._folder(guest.id))
                return
        self.destroy(guest)

    @bounded(LONG)
    def revert_move(self, context: Context, guest: Guest, *, start: bool) -> None:
        with self._guest(guest.id):
            folder, domain = self._folder(guest.id), self._connection.find(guest.id)
            if folder.before.exists():
                if domain is not None:
                    self._stop(domain)
                moves.go_back(folder)
            self._make_off(guest)
            if start and not self._connection.need(guest.id).isActive():
                self._start(guest)

    def live_migrate(self, context: Context, guest: Guest, dest: HostResources) -> None:
        raise NotSupported(f"Guests of host {self.host} cannot be moved while they run.")

    def abort_live_migration(self, guest_id: str) -> None:
        return

    @bounded(SHORT)
    def crash_dump(self, guest_id: str) -> None:
        self._connection.need(guest_id).injectNMI()

    def set_password(self, guest_id: str, password: str) -> None:
        raise NotSupported("Guests on this host have no agent that could set a password.")

    # --- inside ---

    def _make_off(self, guest: Guest) -> libvirt.virDomain:
        """Whatever is missing of a guest; the definition of one that is off is made anew."""
        base = self._images.find(guest.image.id) if guest.image is not None else None
        folder = self._folder(guest.id)
        folder.make(guest, base)
        if folder.root.exists() and guest.root_gb:
            resize(folder.root, guest.root_gb * GIB)
        for vif in guest.vifs:
            self._plugger.plug(vif)
        domain = self._connection.find(guest.id)
        if domain is None or not (domain.isActive() or domain.hasManagedSaveImage()):
            domain = self._connection.get().defineXML(definitions.define(guest, self._place(folder)))
        return domain

    def _start(self, guest: Guest) -> None:
        """Makes whatever is missing of a guest that is off, and starts it (from its saved memory, if there is some)."""
        domain = self._make_off(guest)
        self._shutting_down.pop(guest.id, None)
        try:
            domain.create()
        except libvirt.libvirtError as error:
            if not domain.isActive():
                raise error

    def _remove_domain(self, domain: libvirt.virDomain) -> None:
        self._stop(domain)
        with unless_gone():
            domain.undefineFlags(UNDEFINE)

    def _place(self, folder: Folder) -> Place:
        return Place(self._hypervisor, folder, self._consoles, self._cache)

    def _folder(self, guest_id: str) -> Folder:
        return Folder(self._layout.instances, guest_id)

    @contextmanager
    def _guest(self, guest_id: str) -> Iterator[None]:
        """One call at a time for one guest."""
        with self._locks[guest_id]:
            yield

    def _is_busy(self, guest_id: str) -> bool:
        """Whether a call for the guest goes on: what it has made may not be used by anything yet."""
        lock = self._locks[guest_id]
        if not lock.acquire(blocking=False):
            return True
        lock.release()
        return False


def _disk_cache(folder: Path) -> str:
    """QEMU goes past the host's cache where the file system allows it (tmpfs does not)."""
    probe = folder / ".direct"
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_RDWR | os.O_DIRECT, 0o600))
    except OSError:
        return "writeback"
    finally:
        probe.unlink(missing_ok=True)
    return "none"
