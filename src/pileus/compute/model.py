"""What compute's things are."""

from typing import Any

import msgspec
from msgspec import Struct

from pileus.compute.states import status_of
from pileus.kernel import clock

HOST_TIMEOUT = 60 * clock.SECOND  # without a heartbeat for so long, a host counts as down


class Host(Struct, frozen=True, kw_only=True):
    """A compute host. ``id`` is its hypervisor's and its resource provider's, ``service_id`` its service's."""

    host: str
    id: str
    service_id: str
    hypervisor_hostname: str
    hypervisor_type: str
    hypervisor_version: int
    host_ip: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    memory_free_mb: int
    disk_free_gb: int
    cpu_info: dict[str, Any]
    traits: list[str]
    supported: list[tuple[str, str, str]]
    disabled: bool
    disabled_reason: str | None
    forced_down: bool
    created_at: int
    updated_at: int
    seen_at: int

    def is_up(self, now: int) -> bool:
        """Whether its agent was heard of lately and nobody declared it down."""
        return not self.forced_down and now - self.seen_at < HOST_TIMEOUT


_decode = msgspec.json.decode


class ServerFlavor(Struct, frozen=True, kw_only=True):
    """The flavor a server was made with, as it was then: exactly what the API shows of it since 2.47."""

    vcpus: int
    ram: int
    disk: int
    ephemeral: int
    swap: int
    original_name: str
    extra_specs: dict[str, str] = {}


_flavor = msgspec.json.Decoder(ServerFlavor).decode


class Server(Struct, frozen=True):
    """A server; its fields are the columns of its table, in their order, JSON not yet decoded."""

    number: int
    id: str
    project_id: str
    user_id: str
    name: str
    description: str | None
    hostname: str
    vm_state: str
    task_state: str | None
    power_state: int
    progress: int
    host: str | None
    node: str | None
    launched_on: str | None
    availability_zone: str | None
    pinned_availability_zone: str | None
    flavor_id: str
    flavor_number: int
    flavor_json: str
    vcpus: int
    memory_mb: int
    root_gb: int
    ephemeral_gb: int
    image_id: str | None
    image_json: str | None
    image_properties_json: str
    key_name: str | None
    key_data: str | None
    user_data: str | None
    config_drive: bool
    metadata_json: str
    tags_json: str
    addresses_json: str
    volumes_json: str
    security_groups_json: str
    access_ip_v4: str | None
    access_ip_v6: str | None
    auto_disk_config: bool
    locked_by: str | None
    locked_reason: str | None
    root_device_name: str | None
    reservation_id: str
    launch_index: int
    kernel_id: str
    ramdisk_id: str
    fault_json: str | None
    trusted_certs_json: str | None
    scheduler_hints_json: str
    shelved_image_id: str | None
    server_group_id: str | None
    password: str | None
    created_at: int
    updated_at: int
    launched_at: int | None
    terminated_at: int | None
    deleted_at: int | None

    @property
    def instance_name(self) -> str:
        """What the hypervisor calls it."""
        return f"instance-{self.number:08x}"

    @property
    def status(self) -> str:
        return "DELETED" if self.deleted_at is not None else status_of(self.vm_state, self.task_state)

    @property
    def flavor(self) -> ServerFlavor:
        return _flavor(self.flavor_json)

    @property
    def metadata(self) -> dict[str, str]:
        return dict(_decode(self.metadata_json))

    @property
    def tags(self) -> list[str]:
        return list(_decode(self.tags_json))

    @property
    def addresses(self) -> dict[str, list[dict[str, Any]]]:
        return dict(_decode(self.addresses_json))

    @property
    def security_groups(self) -> list[str]:
        return list(_decode(self.security_groups_json))

    @property
    def image(self) -> dict[str, Any] | None:
        """drivers.base.Image of its root disk."""
        return None if self.image_json is None else dict(_decode(self.image_json))

    @property
    def image_properties(self) -> dict[str, Any]:
        return dict(_decode(self.image_properties_json))

    @property
    def scheduler_hints(self) -> dict[str, Any]:
        return dict(_decode(self.scheduler_hints_json))


class ServerVif(Struct, frozen=True, kw_only=True):
    """One interface of a server. ``ours``: the port was made for the server and is deleted with it."""

    port_id: str
    server_id: str
    network_id: str
    mac: str
    position: int
    ours: bool
    tag: str | None
    vif: dict[str, Any]


class ServerDisk(Struct, frozen=True, kw_only=True):
    """A disk of a server besides the root disk that is made from its image."""

    id: str
    server_id: str
    source_type: str
    destination_type: str
    source_id: str | None = None
    volume_id: str | None = None
    attachment_id: str | None = None
    volume_size: int | None = None
    volume_type: str | None = None
    guest_format: str | None = None
    boot_index: int | None = None
    device_name: str | None = None
    device_type: str | None = None
    disk_bus: str | None = None
    delete_on_termination: bool = False
    tag: str | None = None
    connection: dict[str, Any] | None = None


class Migration(Struct, frozen=True, kw_only=True):
    """A move of a server; ``flavor`` and ``vm_state`` are what it goes back to when the move is reverted."""

    number: int
    id: str
    server_id: str
    project_id: str
    user_id: str
    migration_type: str
    status: str
    source_host: str
    source_node: str
    dest_host: str | None
    dest_node: str | None
    dest_ip: str | None
    old_flavor_number: int | None
    new_flavor_number: int | None
    flavor: dict[str, Any]
    vm_state: str
    created_at: int
    updated_at: int
