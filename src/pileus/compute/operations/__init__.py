"""Slow work of compute as durable steps."""

from pileus.compute.operations.boot import BOOT
from pileus.compute.operations.delete import DELETE, RESTORE, SOFT_DELETE
from pileus.compute.operations.image_cache import CACHE_IMAGES
from pileus.compute.operations.interfaces import ATTACH_INTERFACE, DETACH_INTERFACE, REFRESH
from pileus.compute.operations.migrate import EVACUATE, LIVE_MIGRATE
from pileus.compute.operations.power import POWER_KINDS
from pileus.compute.operations.rebuild import REBUILD, RESCUE, UNRESCUE
from pileus.compute.operations.resize import CONFIRM_RESIZE, RESIZE, REVERT_RESIZE
from pileus.compute.operations.shelve import SHELVE, SHELVE_OFFLOAD, UNSHELVE
from pileus.compute.operations.snapshot import BACKUP, SNAPSHOT
from pileus.kernel.operations.model import Kind

KINDS: tuple[Kind, ...] = (
    BOOT,
    DELETE,
    SOFT_DELETE,
    RESTORE,
    *POWER_KINDS,
    SNAPSHOT,
    BACKUP,
    REBUILD,
    RESCUE,
    UNRESCUE,
    RESIZE,
    CONFIRM_RESIZE,
    REVERT_RESIZE,
    LIVE_MIGRATE,
    EVACUATE,
    SHELVE,
    SHELVE_OFFLOAD,
    UNSHELVE,
    ATTACH_INTERFACE,
    DETACH_INTERFACE,
    REFRESH,
    CACHE_IMAGES,
)
