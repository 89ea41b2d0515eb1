"""Putting a cloud together: the only module that knows every service.

``Cloud`` builds the services of a configuration, mounts them beside each other, and lets them call each other in
process. The api process serves ``applications``; the engine process runs ``kinds``.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pileus.kernel.auth import TokenAuthenticator
from pileus.kernel.config import ConfigError
from pileus.kernel.database import Database
from pileus.kernel.http.application import Application
from pileus.kernel.http.routes import Route
from pileus.kernel.operations import tables as operation_tables
from pileus.kernel.operations.model import Kind
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.operations.queue import Queue, SocketHint
from pileus.kernel.quotas import metadata as quota_tables
from pileus.kernel.rpc import Methods, Rpc
from pileus.kernel.service import Runtime, Service
from pileus.kernel.services import LocalClient
from pileus.settings import Config, database_url

if TYPE_CHECKING:
    from pileus.kernel.http.server import Mounted, Websockets

Part = tuple[Service, Sequence[Route], Sequence[Kind]]
Builder = Callable[[Runtime, Config], Part]


def _identity(runtime: Runtime, config: Config) -> Part:
    from pileus.identity.routes import ROUTES
    from pileus.identity.service import Identity

    return Identity(runtime, config.identity), ROUTES, ()


def _image(runtime: Runtime, config: Config) -> Part:
    from pileus.image.operations import KINDS
    from pileus.image.routes import ROUTES
    from pileus.image.service import Image

    return Image(runtime, config.image), ROUTES, KINDS


def _placement(runtime: Runtime, config: Config) -> Part:
    from pileus.placement.routes import ROUTES
    from pileus.placement.service import Placement

    return Placement(runtime, config.placement), ROUTES, ()


def _network(runtime: Runtime, config: Config) -> Part:
    from pileus.network.operations import KINDS, NOTIFIER, WRITER
    from pileus.network.routes import ROUTES
    from pileus.network.service import Network

    fake_hosts = (runtime.host, *config.compute.fake_hosts) if config.cloud.fake else ()
    network = Network(runtime, config.network, fake_hosts=fake_hosts, writer=WRITER, notifier=NOTIFIER)
    return network, ROUTES, KINDS


def _compute(runtime: Runtime, config: Config) -> Part:
    from pileus.compute.operations import KINDS
    from pileus.compute.routes import ROUTES
    from pileus.compute.service import Compute

    return Compute(runtime, config.compute, fake=config.cloud.fake), ROUTES, KINDS


def _metadata(runtime: Runtime, config: Config) -> Part:
    from pileus.compute.metadata_service import ROUTES, Metadata

    return Metadata(runtime, config.compute), ROUTES, ()


BUILDERS: Mapping[str, Builder] = {
    "identity": _identity,
    "image": _image,
    "placement": _placement,
    "network": _network,
    "compute": _compute,
    "metadata": _metadata,
}


class Cloud:
    """The services of one process."""

    def __init__(self, config: Config, state_dir: Path) -> None:
        self.config = config
        self.state_dir = state_dir
        self.host = config.cloud.host or socket.gethostname()
        self.database = Database(
            database_url(config, state_dir), durable=config.database.durable, pool_size=config.database.pool_size
        )
        self._hint = SocketHint(state_dir / "run" / "engine.sock")
        self.runtime = Runtime(
            database=self.database,
            state_dir=state_dir,
            operations=Queue(self.database, self._hint),
            rpc=Rpc(self._agent_address),
            public_url=config.api.public_url,
            region=config.cloud.region,
            host=self.host,
        )
        self.services: dict[str, Service] = {}
        self.applications: dict[str, Application] = {}
        self.kinds: dict[str, tuple[Kind, Any]] = {}
        for name in config.cloud.services:
            self._add(name)
        self._connect()

    def _agent_address(self, host: str) -> str | None:
        """Where a host's agent listens; this host's on a unix socket."""
        here = host == self.host or (self.config.cloud.fake and host in self.config.compute.fake_hosts)
        return f"unix:{self.state_dir}/run/agent.sock" if here else None

    def _add(self, name: str) -> None:
        builder = BUILDERS.get(name)
        if builder is None:
            raise ConfigError(f"[cloud] services: there is no service {name}; there are: {', '.join(BUILDERS)}")
        service, routes, kinds = builder(self.runtime, self.config)
        application = Application(service, routes)
        self.services[name] = service
        self.applications[service.mount.strip("/")] = application
        self.runtime.services.add(service.type, LocalClient(service.mount, application))
        for kind in kinds:
            self.kinds[kind.name] = (kind, service)

    @property
    def pages(self) -> "dict[str, Mounted]":
        """What stands beside the services' APIs, by its first path segment."""
        if "compute" not in self.services:
            return {}
        from pileus.compute.console_pages import ConsolePages

        return {"console": ConsolePages(Path(self.config.compute.novnc_folder))}

    @property
    def websockets(self) -> "Websockets | None":
        """What serves websockets: the consoles of servers."""
        from pileus.compute.console_proxy import ConsoleProxy
        from pileus.compute.service import Compute

        compute = self.services.get("compute")
        return ConsoleProxy(compute) if isinstance(compute, Compute) else None

    def _connect(self) -> None:
        identity = self.services.get("identity")
        if identity is not None:
            self.runtime.authenticator = TokenAuthenticator(
                self.runtime.services["identity"], getattr(identity, "freshness", None)
            )

    def start_agent(self) -> Methods:
        """Makes this process the agent of this host: its methods are served here, and calls to it stay here."""
        methods = Methods()
        for service in self.services.values():
            methods.add(service.type, service.agent_methods())
        self.runtime.rpc.serve_here(self.host, methods)
        for service in self.services.values():
            service.start_agent()
        return methods

    def start_engine(self) -> None:
        """Starts the background work of an engine process."""
        for service in self.services.values():
            service.start_engine()

    def periodic(self) -> list[Periodic]:
        return [piece for service in self.services.values() for piece in service.periodic()]

    def metadata(self) -> list[sa.MetaData]:
        """The tables of everything in this process."""
        own = [service.metadata for service in self.services.values() if service.metadata is not None]
        return list(dict.fromkeys([operation_tables.metadata, quota_tables, *own]))

    def create_tables(self) -> None:
        for metadata in self.metadata():
            self.database.create(metadata)

    def stop(self) -> None:
        """Ends the background work of this process."""
        for service in self.services.values():
            service.stop()

    def close(self) -> None:
        self.stop()
        self._hint.close()
        self.database.close()
