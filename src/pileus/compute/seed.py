"""What a new cloud's compute begins with."""

from typing import Any

from pileus.compute.service import Compute
from pileus.compute.store import flavors

# DevStack's: id, name, MiB of memory, vCPUs, GiB of root disk.
FLAVORS = (
    ("42", "m1.nano", 192, 1, 1),
    ("84", "m1.micro", 256, 1, 1),
    ("1", "m1.tiny", 512, 1, 1),
    ("2", "m1.small", 2048, 1, 20),
    ("3", "m1.medium", 4096, 2, 40),
    ("4", "m1.large", 8192, 4, 80),
)


def seed_flavors(compute: Compute) -> None:
    """The usual flavors, in a cloud that has none yet: one that was deleted does not come back."""
    with compute.database.transaction() as tx:
        if flavors.any_flavor(tx):
            return
        for id, name, memory_mb, vcpus, root_gb in FLAVORS:
            flavors.insert(tx, _values(id, name, memory_mb, vcpus, root_gb))


def _values(id: str, name: str, memory_mb: int, vcpus: int, root_gb: int) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "memory_mb": memory_mb,
        "vcpus": vcpus,
        "root_gb": root_gb,
        "ephemeral_gb": 0,
        "swap": 0,
        "rxtx_factor": 1.0,
        "is_public": True,
        "description": None,
    }
