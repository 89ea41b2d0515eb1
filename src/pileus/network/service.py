"""The network service and its collaborators."""

from typing import ClassVar

from pileus.kernel.http.faults import NetworkFaults
from pileus.kernel.service import Runtime, Service
from pileus.network.config import Settings
from pileus.network.rules import RULES
from pileus.network.tables import metadata


class Network(Service):
    """networks, subnets, ports, routers, security (Neutron's v2.0 API)."""

    type: ClassVar[str] = "network"
    mount: ClassVar[str] = "/network"
    rules = RULES
    faults = NetworkFaults()
    metadata = metadata

    def __init__(self, runtime: Runtime, settings: Settings, *, fake: bool = False) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.fake = fake
