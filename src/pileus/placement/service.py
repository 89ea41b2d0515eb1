"""The placement service and its collaborators."""

from typing import ClassVar

from pileus.kernel.errors import BadRequest, DomainError
from pileus.kernel.http.bodies import BadBody
from pileus.kernel.http.faults import FaultFormat
from pileus.kernel.http.microversions import Microversions, Version
from pileus.kernel.service import Runtime, Service
from pileus.placement.config import Settings
from pileus.placement.faults import PlacementFaults
from pileus.placement.rules import RULES
from pileus.placement.tables import metadata

MICROVERSIONS = Microversions(
    "placement",
    (1, 0),
    (1, 39),
    header="openstack-api-version",
    unacceptable="Invalid microversion: Unacceptable version header: {asked}",
    malformed="Invalid microversion: invalid version string: {asked}",
)


class Placement(Service):
    """What each host has, and who uses it (the Placement API)."""

    type: ClassVar[str] = "placement"
    mount: ClassVar[str] = "/placement"
    rules = RULES
    microversions = MICROVERSIONS
    faults = PlacementFaults(None, MICROVERSIONS)
    unauthorized_faults = PlacementFaults(None, MICROVERSIONS)
    metadata = metadata
    policy_before_body = True
    refusal = "Policy does not allow {rule} to be performed."

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings

    def faults_at(self, version: Version | None) -> FaultFormat:
        return PlacementFaults(version, MICROVERSIONS)

    def bad_body(self, error: BadBody) -> DomainError:
        return BadRequest(f"{'Malformed JSON' if error.malformed else 'JSON does not validate'}: {error.message}")
