"""Slow work of compute as durable steps."""

from pileus.compute.operations.boot import BOOT
from pileus.compute.operations.delete import DELETE, RESTORE, SOFT_DELETE
from pileus.compute.operations.power import POWER_KINDS
from pileus.kernel.operations.model import Kind

KINDS: tuple[Kind, ...] = (BOOT, DELETE, SOFT_DELETE, RESTORE, *POWER_KINDS)
