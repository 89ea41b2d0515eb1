"""Guests that are only remembered: the whole API without a machine.

Several fake hosts of one process share one ``World``, so that guests can move between them.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from pileus.compute.drivers.base import Disk, Guest, GuestState, HostResources, Image, PowerState, Vif
from pileus.compute.drivers.fake_console import FakeConsoles
from pileus.host.empty_image import empty_qcow2
from pileus.kernel.context import Context
from pileus.kernel.errors import NotFound
from pileus.kernel.services import Directory

VCPUS, MEMORY_MB, DISK_GB = 64, 262_144, 4096

SNAPSHOT_SIZE = 1 << 20  # bytes, of the virtual disk


class FakeGuest(Struct):
    """A guest as it is now, with what was kept of it for a move."""

    guest: Guest
    power_state: PowerState
    started: float
    rescued: bool = False
    volumes: dict[str, str] = {}  # id -> device


class World:
    """Every guest of every fake host, by host and id; ``kept``: what a move may go back to."""

    def __init__(self) -> None:
        self.guests: dict[tuple[str, str], FakeGuest] = {}
        self.kept: dict[tuple[str, str], FakeGuest] = {}
        self.lock = threading.Lock()
        self.consoles = FakeConsoles()


class FakeDriver:
    """One fake host."""

    def __init__(self, host: str, world: World, services: Directory) -> None:
        self.host, self.world, self._services = host, world, services

    def resources(self) -> HostResources:
        used = [fake.guest for (host, _), fake in list(self.world.guests.items()) if host == self.host]
        return HostResources(
            hypervisor_type="fake",
            hypervisor_version=1_000,
            hostname=self.host,
            host_ip="127.0.0.1",
            vcpus=VCPUS,
            memory_mb=MEMORY_MB,
            disk_gb=DISK_GB,
            memory_free_mb=MEMORY_MB - sum(guest.memory_mb for guest in used),
            disk_free_gb=DISK_GB - sum(guest.root_gb for guest in used),
            cpu_info={
                "arch": "x86_64",
                "model": "Nehalem",
                "vendor": "Intel",
                "features": ["pge", "clflush"],
                "topology": {"cores": 1, "threads": 1, "sockets": 4},
            },
            traits=("HW_CPU_X86_SSE2",),
            supported=(("x86_64", "qemu", "hvm"), ("aarch64", "qemu", "hvm")),
        )

    def prepare_image(self, context: Context, image: Image) -> None:
        return

    def spawn(self, context: Context, guest: Guest) -> None:
        with self.world.lock:
            if (self.host, guest.id) not in self.world.guests:
                self.world.guests[self.host, guest.id] = FakeGuest(guest, "running", time.monotonic())

    def destroy(self, guest: Guest) -> None:
        with self.world.lock:
            self.world.guests.pop((self.host, guest.id), None)
            self.world.kept.pop((self.host, guest.id), None)

    def power_on(self, context: Context, guest: Guest) -> None:
        with self.world.lock:
            fake = self.world.guests.setdefault((self.host, guest.id), FakeGuest(guest, "running", time.monotonic()))
            fake.guest = guest
            if fake.power_state in ("shutdown", "crashed"):
                fake.power_state, fake.started = "running", time.monotonic()

    def power_off(self, guest_id: str, timeout: float) -> None:
        self._find(guest_id).power_state = "shutdown"

    def reboot(self, context: Context, guest: Guest, *, hard: bool) -> None:
        if hard:
            with self.world.lock:
                self.world.guests[self.host, guest.id] = FakeGuest(guest, "running", time.monotonic())
        else:
            self._find(guest.id).started = time.monotonic()

    def pause(self, guest_id: str) -> None:
        self._find(guest_id).power_state = "paused"

    def unpause(self, guest_id: str) -> None:
        self._find(guest_id).power_state = "running"

    def suspend(self, guest_id: str) -> None:
        self._find(guest_id).power_state = "suspended"

    def resume(self, context: Context, guest: Guest) -> None:
        self._find(guest.id).power_state = "running"

    def attach_interface(self, context: Context, guest_id: str, vif: Vif) -> None:
        self._find(guest_id)

    def detach_interface(self, guest_id: str, vif: Vif) -> None:
        return

    def attach_disk(self, context: Context, guest_id: str, disk: Disk) -> str:
        guest = self._find(guest_id)
        volume_id = disk.volume_id or ""
        names = (f"/dev/vd{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
        taken = set(guest.volumes.values())
        return guest.volumes.setdefault(volume_id, disk.device or next(name for name in names if name not in taken))

    def detach_disk(self, guest_id: str, volume_id: str) -> None:
        fake = self.world.guests.get((self.host, guest_id))
        if fake is not None:
            fake.volumes.pop(volume_id, None)

    def resize_disk(self, guest_id: str, volume_id: str, size_bytes: int) -> None:
        if volume_id not in self._find(guest_id).volumes:
            raise NotFound(f"Guest {guest_id} has no volume {volume_id}.")

    def console_log(self, guest_id: str, limit: int = 102_400) -> str:
        fake = self._anywhere(guest_id)
        lines = "\n".join(f"[{number:5}.000000] fake kernel: line {number}" for number in range(1, 101))
        return f"{lines}\n{fake.guest.hostname} login: "[-limit:]

    def snapshot(self, context: Context, guest: Guest, image_id: str) -> None:
        self._find(guest.id)
        images = self._services["image"]
        shown = images.request(context, "GET", f"/v2/images/{image_id}").expect(200)
        if shown["status"] == "queued":
            text = f"fake disk of {guest.id}".encode()
            data = empty_qcow2(SNAPSHOT_SIZE) if shown["disk_format"] == "qcow2" else text
            headers = {"Content-Type": "application/octet-stream"}
            path = f"/v2/images/{image_id}/file"
            images.request(context, "PUT", path, data, headers=headers).expect(204)

    def rescue(self, context: Context, guest: Guest, image: Image) -> None:
        fake = self._find(guest.id)
        fake.rescued, fake.power_state = True, "running"

    def unrescue(self, context: Context, guest: Guest) -> None:
        fake = self._find(guest.id)
        fake.rescued, fake.power_state = False, "running"

    def begin_move(self, context: Context, guest: Guest, source: str, *, start: bool) -> None:
        with self.world.lock:
            before = self.world.guests.pop((source, guest.id), None)
            if before is not None and (source, guest.id) not in self.world.kept:
                self.world.kept[source, guest.id] = before
            state: PowerState = "running" if start else "shutdown"
            self.world.guests[self.host, guest.id] = FakeGuest(guest, state, time.monotonic())

    def confirm_move(self, guest: Guest, *, moved_away: bool) -> None:
        with self.world.lock:
            self.world.kept.pop((self.host, guest.id), None)

    def revert_move(self, context: Context, guest: Guest, *, start: bool) -> None:
        with self.world.lock:
            self.world.kept.pop((self.host, guest.id), None)
            state: PowerState = "running" if start else "shutdown"
            self.world.guests[self.host, guest.id] = FakeGuest(guest, state, time.monotonic())

    def live_migrate(self, context: Context, guest: Guest, dest: HostResources) -> None:
        with self.world.lock:
            fake = self.world.guests.pop((self.host, guest.id), None)
            if fake is not None:
                self.world.guests[dest.hostname, guest.id] = fake

    def abort_live_migration(self, guest_id: str) -> None:
        return

    def crash_dump(self, guest_id: str) -> None:
        self._find(guest_id)

    def set_password(self, guest_id: str, password: str) -> None:
        self._find(guest_id)

    def states(self) -> Sequence[GuestState]:
        with self.world.lock:
            return [
                GuestState(guest_id, fake.power_state)
                for (host, guest_id), fake in self.world.guests.items()
                if host == self.host
            ]

    def diagnostics(self, guest_id: str) -> Mapping[str, Any]:
        fake = self._anywhere(guest_id)
        guest = fake.guest
        return {
            "uptime": int(time.monotonic() - fake.started),
            "cpus": [{"id": number, "time": 17_300_000_000} for number in range(guest.vcpus)],
            "memory_mb": guest.memory_mb,
            "nics": [
                {
                    "mac_address": vif.mac,
                    "rx_octets": 2_070_139,
                    "rx_packets": 26_701,
                    "rx_errors": 0,
                    "rx_drop": 0,
                    "tx_octets": 140_208,
                    "tx_packets": 662,
                    "tx_errors": 0,
                    "tx_drop": 0,
                }
                for vif in guest.vifs
            ],
            "disks": [{"read_bytes": 262_144, "read_requests": 112, "write_bytes": 5_778_432, "write_requests": 488}],
        }

    def console_address(self, guest_id: str, kind: Literal["vnc", "serial"]) -> Mapping[str, Any]:
        if self._anywhere(guest_id).power_state == "shutdown":
            raise NotFound(f"Guest {guest_id} is not running.")
        return {"host": "127.0.0.1", "port": self.world.consoles.port(kind)}

    def clean(self, wanted: Sequence[str]) -> None:
        keep = set(wanted)
        with self.world.lock:
            for place in [place for place in self.world.guests if place[0] == self.host and place[1] not in keep]:
                del self.world.guests[place]
            for place in [place for place in self.world.kept if place[0] == self.host and place[1] not in keep]:
                del self.world.kept[place]

    def _find(self, guest_id: str) -> FakeGuest:
        fake = self.world.guests.get((self.host, guest_id))
        if fake is None:
            raise NotFound(f"There is no guest {guest_id} on host {self.host}.")
        return fake

    def _anywhere(self, guest_id: str) -> FakeGuest:
        """A guest of any fake host: the API process reaches all of them through one socket."""
        for (_, found), fake in list(self.world.guests.items()):
            if found == guest_id:
                return fake
        raise NotFound(f"There is no guest {guest_id} on host {self.host}.")
