"""Every option of Pileus: the kernel's and each service's."""

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from pileus.compute.config import Settings as ComputeSettings
from pileus.identity.config import Settings as IdentitySettings
from pileus.image.config import Settings as ImageSettings
from pileus.kernel.config import ConfigError
from pileus.network.config import Settings as NetworkSettings
from pileus.placement.config import Settings as PlacementSettings


class Cloud(Struct, frozen=True):
    region: Annotated[str, Meta(min_length=1, description="Name of the region in the catalogue.")] = "RegionOne"
    host: Annotated[str, Meta(description="Name of this host in the cloud; empty: its hostname.")] = ""
    fake: Annotated[bool, Meta(description="Use the fake drivers: the whole API, no real machines.")] = False
    services: Annotated[tuple[str, ...], Meta(description="The services that run in this cloud's processes.")] = (
        "identity",
        "image",
        "placement",
        "network",
        "compute",
        "metadata",
    )


class Api(Struct, frozen=True):
    listen: Annotated[str, Meta(description="ADDRESS:PORT of the API.")] = "127.0.0.1:8780"
    public_url: Annotated[str, Meta(description="URL under which clients reach the API; empty: http://LISTEN.")] = ""
    threads: Annotated[
        int,
        Meta(ge=0, description="Threads for short requests; 0: none with SQLite, 8 with a database over a network."),
    ] = 0


class Database(Struct, frozen=True):
    url: Annotated[str, Meta(description="SQLAlchemy URL; empty: SQLite in the state directory.")] = ""
    durable: Annotated[
        bool, Meta(description="SQLite: every commit survives a power cut, for one disk flush each.")
    ] = True
    pool_size: Annotated[int, Meta(ge=1, description="Connections kept open by a process.")] = 16


class Engine(Struct, frozen=True):
    threads: Annotated[int, Meta(ge=1, description="Operations that one engine runs at once.")] = 16


class Log(Struct, frozen=True):
    level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$", description="Least level written.")] = "info"


class Config(Struct, frozen=True):
    """Sections of pileus.toml."""

    cloud: Cloud
    api: Api
    database: Database
    engine: Engine
    log: Log
    identity: IdentitySettings
    image: ImageSettings
    placement: PlacementSettings
    network: NetworkSettings
    compute: ComputeSettings


def split_listen(listen: str) -> tuple[str, int]:
    """``127.0.0.1:8780`` or ``[::1]:8780`` -> (address, port). Raises ConfigError."""
    address, separator, port = listen.rpartition(":")
    if not separator or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError(f"[api] listen = {listen!r} is not ADDRESS:PORT")
    return address.strip("[]") or "0.0.0.0", int(port)  # noqa: S104


def public_url(config: Config) -> str:
    if config.api.public_url:
        return config.api.public_url.rstrip("/")
    address, port = split_listen(config.api.listen)
    shown = "127.0.0.1" if address in ("0.0.0.0", "::") else address  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def database_url(config: Config, state_dir: Path) -> str:
    return config.database.url or f"sqlite:///{state_dir}/pileus.db"
