"""The protocol of compute drivers: what a hypervisor does on its host, each call safe to make twice.

Drivers run in the agent; the engine reaches them as RPC methods (compute/agent.py). They have no database: all a call
needs is in its arguments. They raise NotFound for a guest that is not there, RetryLater while something is under way
(the engine calls again), GiveUp when it can never work, Unavailable when the hypervisor does not answer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from pileus.kernel.context import Context

PowerState = Literal["running", "paused", "shutdown", "crashed", "suspended", "none"]


class HostResources(Struct, frozen=True):
    """What a host has. ``traits``: names of os-traits, without the CUSTOM_ ones that operators add."""

    hypervisor_type: str
    hypervisor_version: int
    hostname: str
    host_ip: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    memory_free_mb: int
    disk_free_gb: int
    cpu_info: Mapping[str, Any]
    traits: tuple[str, ...] = ()
    supported: tuple[tuple[str, str, str], ...] = ()  # (architecture, hypervisor, vm mode)


class Vif(Struct, frozen=True):
    """One network interface, from its port as the network API shows it."""

    port_id: str
    network_id: str
    mac: str
    mtu: int
    vif_type: str
    vif_details: Mapping[str, Any] = {}
    vnic_type: str = "normal"
    tag: str | None = None


class Disk(Struct, frozen=True):
    """A disk besides the root disk's default: a volume, or a local one.

    ``connection``: how to reach a volume (``driver_volume_type`` and ``data``, as the volume API gives it); None for a
    local disk, made by the driver (``blank``, ``swap``, ``ephemeral``).
    """

    kind: Literal["volume", "blank", "ephemeral", "swap"]
    size_mb: int
    boot_index: int | None = None
    device: str | None = None  # /dev/vdb
    bus: str | None = None
    volume_id: str | None = None
    connection: Mapping[str, Any] | None = None
    tag: str | None = None


class Image(Struct, frozen=True):
    """What the root disk is made from; ``properties`` are the image's (hw_*, os_*)."""

    id: str
    disk_format: str
    size: int
    min_disk_gb: int = 0
    checksum: str | None = None
    properties: Mapping[str, Any] = {}


class Guest(Struct, frozen=True):
    """Everything a host must know to make and run a server.

    ``root_gb`` 0: as large as the image. ``config_drive``: path -> content (text; ``base64:`` before binary), None for
    none. ``extra_specs``: the flavor's.
    """

    id: str
    name: str
    hostname: str
    instance_name: str  # instance-00000001, the hypervisor's name for it
    project_id: str
    user_id: str
    vcpus: int
    memory_mb: int
    root_gb: int
    image: Image | None
    vifs: tuple[Vif, ...] = ()
    disks: tuple[Disk, ...] = ()
    config_drive: Mapping[str, str] | None = None
    extra_specs: Mapping[str, str] = {}
    flavor_name: str = ""


class GuestState(Struct, frozen=True):
    """What the hypervisor sees of a guest. ``guest_id`` is the server's id."""

    guest_id: str
    power_state: PowerState


class Driver(Protocol):
    """One host's hypervisor."""

    def resources(self) -> HostResources: ...

    def prepare_image(self, context: Context, image: Image) -> None:
        """Brings an image into the host's cache. Raises RetryLater while it is being fetched, GiveUp when it is bad."""
        ...

    def spawn(self, context: Context, guest: Guest) -> None:
        """Makes the guest (disks, plugs, definition) and starts it. Its image has been prepared.

        Called again after a crash: whatever is half made is finished, and a guest that runs is left alone.
        """
        ...

    def destroy(self, guest: Guest) -> None:
        """Stops and removes a guest with all that ``spawn`` made; nothing to do when it is gone."""
        ...

    def power_on(self, context: Context, guest: Guest) -> None:
        """Starts a guest that is off; whatever is missing of its plugs and definition is made again."""
        ...

    def power_off(self, guest_id: str, timeout: float) -> None:
        """Asks the guest to shut down (ACPI), and after ``timeout`` seconds cuts the power; 0: at once.

        Raises RetryLater while it waits.
        """
        ...

    def reboot(self, context: Context, guest: Guest, *, hard: bool) -> None: ...

    def pause(self, guest_id: str) -> None: ...

    def unpause(self, guest_id: str) -> None: ...

    def suspend(self, guest_id: str) -> None:
        """Saves the guest's memory to disk and stops it."""
        ...

    def resume(self, context: Context, guest: Guest) -> None: ...

    def attach_interface(self, context: Context, guest_id: str, vif: Vif) -> None: ...

    def detach_interface(self, guest_id: str, vif: Vif) -> None:
        """Raises RetryLater until the guest has let go of it; nothing to do when it is gone."""
        ...

    def attach_disk(self, context: Context, guest_id: str, disk: Disk) -> str:
        """Plugs a volume; its name in the guest (/dev/vdb), as far as a host can know it."""
        ...

    def detach_disk(self, guest_id: str, volume_id: str) -> None:
        """Raises RetryLater until the guest has let go of it; nothing to do when it is gone."""
        ...

    def resize_disk(self, guest_id: str, volume_id: str, size_bytes: int) -> None:
        """Tells a running guest that a volume of it has grown."""
        ...

    def console_log(self, guest_id: str, limit: int = 102_400) -> str:
        """The last ``limit`` bytes of what the guest wrote to its serial console."""
        ...

    def snapshot(self, context: Context, guest: Guest, image_id: str) -> None:
        """Uploads the root disk as it is now into an image that was created for it. RetryLater while it goes on."""
        ...

    def rescue(self, context: Context, guest: Guest, image: Image) -> None:
        """Starts the guest from a rescue image (prepared before), its own disks behind it."""
        ...

    def unrescue(self, context: Context, guest: Guest) -> None:
        """Starts the guest from its own disks again, and drops the rescue disk."""
        ...

    def begin_move(self, context: Context, guest: Guest, source: str, *, start: bool) -> None:
        """On the host a guest moves to: makes it in its new size from its disks, which are on host ``source``.

        ``source`` may be this host (a resize in place). What was before is kept there until ``confirm_move`` or
        ``revert_move``; the guest was powered off there. Raises NotSupported when this host cannot take it.
        """
        ...

    def confirm_move(self, guest: Guest, *, moved_away: bool) -> None:
        """On the host a guest moved from: drops what was kept. ``moved_away``: it runs on another host now."""
        ...

    def revert_move(self, context: Context, guest: Guest, *, start: bool) -> None:
        """On the host a guest moved from: the guest (in its old size) is made of what was kept."""
        ...

    def live_migrate(self, context: Context, guest: Guest, dest: HostResources) -> None:
        """Moves the running guest to another host. RetryLater while it goes on, GiveUp when it cannot be done."""
        ...

    def abort_live_migration(self, guest_id: str) -> None: ...

    def crash_dump(self, guest_id: str) -> None:
        """Makes the guest's kernel dump itself (NMI)."""
        ...

    def set_password(self, guest_id: str, password: str) -> None:
        """Sets the administrator's password in a running guest. Raises NotSupported where no agent is in the guest."""
        ...

    def states(self) -> Sequence[GuestState]:
        """Every guest of this cloud on this host."""
        ...

    def diagnostics(self, guest_id: str) -> Mapping[str, Any]:
        """Raw figures: ``uptime`` (s), ``cpus`` [{id, time (ns)}], ``memory_mb``, ``nics``, ``disks``."""
        ...

    def console_address(self, guest_id: str, kind: Literal["vnc", "serial"]) -> Mapping[str, Any]:
        """Where a console listens: ``host``, ``port`` or ``socket``."""
        ...

    def clean(self, wanted: Sequence[str]) -> None:
        """Removes what belongs to no server of ``wanted`` (ids on this host): domains, taps, folders of a lost past."""
        ...
