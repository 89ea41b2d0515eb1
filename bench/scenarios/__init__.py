"""What is measured: a module a service, each with ``run(meter)``. Names of measurements are those of upstream.json."""

from collections.abc import Awaitable, Callable, Mapping

from bench.measuring import Meter
from bench.scenarios import (
    cli,
    compute,
    identity,
    image,
    network,
    nothing,
    object_store,
    placement,
    slow_clients,
    volume,
)

# Name -> (the service it needs, or none; what to run), in the order of running.
SCENARIOS: Mapping[str, tuple[str, Callable[[Meter], Awaitable[None]]]] = {
    "client": ("", nothing.run),
    "identity": ("identity", identity.run),
    "image": ("image", image.run),
    "compute": ("compute", compute.run),
    "placement": ("placement", placement.run),
    "object-store": ("object-store", object_store.run),
    "volume": ("volume", volume.run),
    "network": ("network", network.run),
    "cli": ("", cli.run),
    "many-servers": ("compute", compute.run_many),
    "slow-clients": ("compute", slow_clients.run),
}
