"""The network service and its collaborators."""

from typing import TYPE_CHECKING, ClassVar

from pileus.host.layout import Layout
from pileus.kernel.http.faults import NetworkFaults
from pileus.kernel.service import Runtime, Service
from pileus.network.config import Settings
from pileus.network.rules import RULES
from pileus.network.tables import metadata

if TYPE_CHECKING:
    from pileus.network.agent import MetadataAgent


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
        self._metadata_agent: MetadataAgent | None = None

    def start_agent(self) -> None:
        """Serves the metadata of this host's guests."""
        if not self.fake:
            from pileus.network.agent import MetadataAgent

            layout, host = Layout(self.runtime.state_dir), self.runtime.host
            self._metadata_agent = MetadataAgent(layout, host, self.runtime.services, self.settings.metadata_secret)
            self._metadata_agent.start()

    def stop(self) -> None:
        if self._metadata_agent is not None:
            self._metadata_agent.stop()
