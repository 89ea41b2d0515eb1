"""The compute service and its collaborators."""

from typing import ClassVar

from pileus.compute.config import Settings
from pileus.compute.rules import RULES
from pileus.compute.tables import metadata
from pileus.kernel.http.faults import ComputeFaults
from pileus.kernel.service import Runtime, Service


class Compute(Service):
    """servers and what they run on (Nova's v2.1 API)."""

    type: ClassVar[str] = "compute"
    mount: ClassVar[str] = "/compute"
    rules = RULES
    faults = ComputeFaults()
    metadata = metadata

    def __init__(self, runtime: Runtime, settings: Settings, *, fake: bool = False) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.fake = fake
