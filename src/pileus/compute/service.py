"""The compute service and its collaborators."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from pileus.compute import paths
from pileus.compute.agent import Agent
from pileus.compute.config import Settings
from pileus.compute.drivers.fake import FakeDriver, World
from pileus.compute.guest_metadata import config_drive_files
from pileus.compute.hosts import HEARTBEAT, HostReports
from pileus.compute.images import Images
from pileus.compute.metadata_facts import facts_of
from pileus.compute.model import Server, ServerDisk, ServerVif
from pileus.compute.networking import Networking
from pileus.compute.placing import Placing
from pileus.compute.reconciling import INTERVAL, RECONCILE, Reconciler
from pileus.compute.rules import RULES
from pileus.compute.tables_resources import metadata
from pileus.host.layout import Layout
from pileus.kernel.context import Context
from pileus.kernel.http.faults import ComputeFaults
from pileus.kernel.http.microversions import Microversions
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.rpc import Methods
from pileus.kernel.service import Runtime, Service, StartResponse

log = logging.getLogger(__name__)


class Compute(Service):
    """Servers and what they run on (Nova's v2.1 API)."""

    type: ClassVar[str] = "compute"
    mount: ClassVar[str] = "/compute"
    rules = RULES
    faults = ComputeFaults()
    microversions = Microversions("compute", (2, 1), (2, 104), legacy_header="X-OpenStack-Nova-API-Version")
    metadata = metadata
    request_id_header = "X-Compute-Request-Id"
    strict_slashes = True

    def __init__(self, runtime: Runtime, settings: Settings, *, fake: bool = False) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.fake = fake
        self.networking = Networking(runtime.services)
        self.placing = Placing(runtime.services)
        self.images = Images(runtime.services)
        self.hosts = HostReports(self)
        self.reconciler = Reconciler(self)
        self.agents: dict[str, Agent] = {}  # of the hosts whose agent is this process

    def routed_path(self, path: str) -> str:
        return paths.routed(path)

    def reroute(self, environ: dict[str, Any], start_response: StartResponse) -> StartResponse:
        return paths.without_versions(environ, start_response)

    def admit(self, context: Context, environ: Mapping[str, Any]) -> None:
        paths.check_project(context, environ)

    def config_drive(
        self, server: Server, vifs: Sequence[ServerVif], disks: Sequence[ServerDisk]
    ) -> Mapping[str, str] | None:
        """The files of a server's config drive: path -> content."""
        return config_drive_files(facts_of(self.runtime.services, self.settings, server, vifs, disks))

    def periodic(self) -> Sequence[Periodic]:
        beats = (Periodic(f"compute-host:{host}", HEARTBEAT, self._beat(host), everywhere=True) for host in self.agents)
        return (*beats, Periodic(RECONCILE, INTERVAL, self.reconciler.run))

    def _beat(self, host: str) -> Callable[[], None]:
        return lambda: self.hosts.beat(host)

    def agent_methods(self) -> Mapping[str, Callable[..., Any]]:
        """Makes this process the agent of this host, and of all hosts that the fake driver plays."""
        here = self.runtime.host
        if not self.fake:
            return self._real_agent(here)
        world = World()
        for host in (here, *self.settings.fake_hosts):
            self.agents[host] = Agent(host, FakeDriver(host, world, self.runtime.services))
            if host != here:
                methods = Methods()
                methods.add(self.type, self.agents[host].methods())
                self.runtime.rpc.serve_here(host, methods)
        return self.agents[here].methods()

    def _real_agent(self, host: str) -> Mapping[str, Callable[..., Any]]:
        try:
            from pileus.compute.drivers.libvirt import LibvirtDriver
        except ImportError as error:
            log.warning("this host runs no servers: %s", error)
            return {}
        driver = LibvirtDriver(Layout(self.runtime.state_dir), host, self.runtime.services)
        self.agents[host] = Agent(host, driver)
        return self.agents[host].methods()
