"""What compute's things are."""

from typing import Any

from msgspec import Struct

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
