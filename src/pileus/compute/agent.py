"""What runs on a compute host: the driver's calls as RPC methods, ``compute.spawn`` and so on.

Arguments come as JSON and are held against the driver's types here, so that drivers only see what they expect.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pileus.compute.drivers.base import Disk, Driver, Guest, HostResources, Image, Vif
from pileus.kernel.context import Context

Json = Mapping[str, Any]
ARRIVAL = 300.0  # seconds, longer than anybody takes from counting guests to cleaning


def _guest(guest: Json) -> Guest:
    return msgspec.convert(guest, Guest)


def uptime_line(now: time.struct_time, uptime: str, loads: str) -> str:
    """`` 08:32:11 up 93 days, 18:25,  load average: 0.20, 0.12, 0.14``."""
    minutes = int(float(uptime.split()[0])) // 60
    days, (hours, rest) = minutes // 1440, divmod(minutes % 1440, 60)
    since = f"{days} day{'s' if days > 1 else ''}, " if days else ""
    since += f"{hours}:{rest:02d}" if hours else f"{rest} min"
    average = ", ".join(loads.split()[:3])
    return f" {time.strftime('%H:%M:%S', now)} up {since},  load average: {average}"


class Agent:
    """The methods of one host."""

    def __init__(self, host: str, driver: Driver) -> None:
        self.host, self.driver = host, driver
        self._arrived: dict[str, float] = {}  # when guests were made here, lately

    def methods(self) -> dict[str, Callable[..., Any]]:
        names = [name for name in vars(Agent) if not name.startswith("_") and name != "methods"]
        return {name: getattr(self, name) for name in names}

    def report(self, context: Context) -> Json:
        """The host's resources."""
        resources: Json = msgspec.to_builtins(self.driver.resources())
        return resources

    def states(self, context: Context) -> Json:
        """``guests``: id -> power state; ``at``: when, by this agent's clock."""
        now = time.monotonic()
        self._arrived = {guest_id: at for guest_id, at in self._arrived.items() if now - at < ARRIVAL}
        return {"at": now, "guests": {state.guest_id: state.power_state for state in self.driver.states()}}

    def clean(self, context: Context, wanted: list[str], at: float) -> None:
        """Removes guests that are not wanted; those that came after a moment, when they were counted, stay."""
        self.driver.clean([*wanted, *(guest_id for guest_id, arrived in self._arrived.items() if arrived >= at)])

    def _expect(self, guest: Guest) -> Guest:
        self._arrived[guest.id] = time.monotonic()
        return guest

    def uptime(self, context: Context) -> str:
        """How long the host has been up, as the command of that name tells it."""
        return uptime_line(time.localtime(), Path("/proc/uptime").read_text(), Path("/proc/loadavg").read_text())

    def cache_image(self, context: Context, image: Json) -> None:
        """Brings an image before a guest needs it. Raises RetryLater while it is on its way."""
        self.driver.prepare_image(context, msgspec.convert(image, Image))

    def spawn(self, context: Context, guest: Json, image: Json | None) -> None:
        """Brings the image and makes the guest."""
        if image is not None:
            self.driver.prepare_image(context, msgspec.convert(image, Image))
        self.driver.spawn(context, self._expect(_guest(guest)))

    def destroy(self, context: Context, guest: Json) -> None:
        self._arrived.pop(guest["id"], None)
        self.driver.destroy(_guest(guest))

    def power_on(self, context: Context, guest: Json) -> None:
        self.driver.power_on(context, _guest(guest))

    def power_off(self, context: Context, guest_id: str, patience: float) -> None:
        """``patience``: the seconds that the guest has to shut down by itself."""
        self.driver.power_off(guest_id, patience)

    def reboot(self, context: Context, guest: Json, hard: bool) -> None:
        self.driver.reboot(context, _guest(guest), hard=hard)

    def pause(self, context: Context, guest_id: str) -> None:
        self.driver.pause(guest_id)

    def unpause(self, context: Context, guest_id: str) -> None:
        self.driver.unpause(guest_id)

    def suspend(self, context: Context, guest_id: str) -> None:
        self.driver.suspend(guest_id)

    def resume(self, context: Context, guest: Json) -> None:
        self.driver.resume(context, _guest(guest))

    def attach_interface(self, context: Context, guest_id: str, vif: Json) -> None:
        self.driver.attach_interface(context, guest_id, msgspec.convert(vif, Vif))

    def detach_interface(self, context: Context, guest_id: str, vif: Json) -> None:
        self.driver.detach_interface(guest_id, msgspec.convert(vif, Vif))

    def attach_disk(self, context: Context, guest_id: str, disk: Json) -> str:
        return self.driver.attach_disk(context, guest_id, msgspec.convert(disk, Disk))

    def detach_disk(self, context: Context, guest_id: str, volume_id: str) -> None:
        self.driver.detach_disk(guest_id, volume_id)

    def resize_disk(self, context: Context, guest_id: str, volume_id: str, size_bytes: int) -> None:
        self.driver.resize_disk(guest_id, volume_id, size_bytes)

    def console_log(self, context: Context, guest_id: str) -> str:
        return self.driver.console_log(guest_id)

    def snapshot(self, context: Context, guest: Json, image_id: str) -> None:
        self.driver.snapshot(context, _guest(guest), image_id)

    def rescue(self, context: Context, guest: Json, image: Json) -> None:
        rescue_image = msgspec.convert(image, Image)
        self.driver.prepare_image(context, rescue_image)
        self.driver.rescue(context, _guest(guest), rescue_image)

    def unrescue(self, context: Context, guest: Json) -> None:
        self.driver.unrescue(context, _guest(guest))

    def begin_move(self, context: Context, guest: Json, source: str, start: bool, image: Json | None) -> None:
        """Brings the image, which the disks may stand on, and takes the guest over."""
        if image is not None and source != self.host:
            self.driver.prepare_image(context, msgspec.convert(image, Image))
        self.driver.begin_move(context, self._expect(_guest(guest)), source, start=start)

    def confirm_move(self, context: Context, guest: Json, moved_away: bool) -> None:
        self.driver.confirm_move(_guest(guest), moved_away=moved_away)

    def revert_move(self, context: Context, guest: Json, start: bool) -> None:
        self.driver.revert_move(context, _guest(guest), start=start)

    def live_migrate(self, context: Context, guest: Json, dest: Json) -> None:
        self.driver.live_migrate(context, _guest(guest), msgspec.convert(dest, HostResources))

    def abort_live_migration(self, context: Context, guest_id: str) -> None:
        self.driver.abort_live_migration(guest_id)

    def crash_dump(self, context: Context, guest_id: str) -> None:
        self.driver.crash_dump(guest_id)

    def set_password(self, context: Context, guest_id: str, password: str) -> None:
        self.driver.set_password(guest_id, password)

    def diagnostics(self, context: Context, guest_id: str) -> Json:
        return self.driver.diagnostics(guest_id)

    def console_address(self, context: Context, guest_id: str, kind: str) -> Json:
        return self.driver.console_address(guest_id, "vnc" if kind == "vnc" else "serial")
