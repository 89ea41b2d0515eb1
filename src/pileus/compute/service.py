"""The compute service and its collaborators."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from pileus.compute.config import Settings
from pileus.compute.rules import RULES
from pileus.compute.tables_resources import metadata
from pileus.kernel.http.faults import ComputeFaults
from pileus.kernel.http.microversions import Microversions
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.service import Runtime, Service


class Compute(Service):
    """Servers and what they run on (Nova's v2.1 API)."""

    type: ClassVar[str] = "compute"
    mount: ClassVar[str] = "/compute"
    rules = RULES
    faults = ComputeFaults()
    microversions = Microversions("compute", (2, 1), (2, 104), legacy_header="X-OpenStack-Nova-API-Version")
    metadata = metadata
    request_id_header = "X-Compute-Request-Id"

    def __init__(self, runtime: Runtime, settings: Settings, *, fake: bool = False) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.fake = fake

    def periodic(self) -> Sequence[Periodic]:
        return ()

    def agent_methods(self) -> Mapping[str, Callable[..., Any]]:
        return {}
