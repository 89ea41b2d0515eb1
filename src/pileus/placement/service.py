"""The placement service and its collaborators."""

from typing import ClassVar

from pileus.kernel.http.faults import PlacementFaults
from pileus.kernel.service import Runtime, Service
from pileus.placement.config import Settings
from pileus.placement.rules import RULES
from pileus.placement.tables import metadata


class Placement(Service):
    """what each host has, and who uses it (the Placement API)."""

    type: ClassVar[str] = "placement"
    mount: ClassVar[str] = "/placement"
    rules = RULES
    faults = PlacementFaults()
    metadata = metadata

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings
