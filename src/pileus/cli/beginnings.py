"""What a new cloud begins with, beyond its users: images, flavors, a network to the outside. Done once, found later."""

import io
import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from pileus.cli.place import Place, cache_dir
from pileus.cli.progress import ConsoleProgress
from pileus.cli.secrets import Secrets
from pileus.cloud import Cloud
from pileus.host.empty_image import empty_qcow2
from pileus.host.layout import PHYSICAL_NETWORK
from pileus.kernel import ids
from pileus.kernel.context import service_context
from pileus.migrations import upgrade
from pileus.seed import Credentials, seed
from pileus.settings import Config, public_url

EXTERNAL_NETWORK = "public"
FAKE_IMAGES = ("cirros", "cirros-alternate")
PLACEHOLDER_SIZE = 1 << 20  # bytes, of the virtual disk
FAKE_EXTERNAL_CIDR = "172.24.4.0/24"  # as DevStack's
DEFAULT_POOL = "shared-default-subnetpool-v4"  # DevStack's name; what `--network auto` takes subnets from
DEFAULT_POOL_PREFIX, DEFAULT_POOL_PREFIX_LENGTH = "10.128.0.0/12", 26


@contextmanager
def opened(place: Place, config: Config) -> Iterator[Cloud]:
    """The cloud's services in this process."""
    cloud = Cloud(config, place.state_dir)
    try:
        yield cloud
    finally:
        cloud.close()


def prepare_database(cloud: Cloud, progress: ConsoleProgress) -> None:
    """Brings the database's tables up to date, for which the processes wait."""
    with progress.step("Preparing the database"):
        upgrade(cloud.database)


def sow(cloud: Cloud, secrets: Secrets, progress: ConsoleProgress) -> None:
    """Users, the catalogue and flavors, which the processes do not need to start."""
    credentials = Credentials(admin=secrets.admin, demo=secrets.demo, service=secrets.service)
    with progress.step("Making users and the catalogue"):
        seed(cloud, credentials, public_url(cloud.config))


def fill(cloud: Cloud, place: Place, progress: ConsoleProgress) -> None:
    """Two guest images, the external network and the default subnet pool, through the services' own APIs."""
    if "image" in cloud.services:
        _images(cloud, cloud.config, progress)
    if "network" in cloud.services:
        _external_network(cloud, place, cloud.config, progress)
        _default_pool(cloud)


def _context(cloud: Cloud) -> Any:
    """The cloud's own context, in the name of the admin project, which owns what is made here."""
    base = service_context(ids.new_request_id())
    params = {"name": "admin", "domain_id": "default"}
    found = cloud.runtime.services["identity"].request(base, "GET", "/v3/projects", params=params).expect(200)
    project_id = found["projects"][0]["id"] if found["projects"] else None
    return msgspec.structs.replace(base, project_id=project_id)


def _images(cloud: Cloud, config: Config, progress: ConsoleProgress) -> None:
    context, image = _context(cloud), cloud.runtime.services["image"]
    there = image.request(context, "GET", "/v2/images", params={"visibility": "public"}).expect(200)["images"]
    names = {found["name"] for found in there if found["status"] == "active"}
    for name, source in _guest_images(config, progress, names).items():
        body = {
            "name": name,
            "visibility": "public",
            "disk_format": "qcow2",
            "container_format": "bare",
            "min_disk": 1,
            "hw_rng_model": "virtio",
        }
        with progress.step(f"Uploading the image {name}"), source() as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            made = image.request(context, "POST", "/v2/images", body).expect(201)
            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
            image.request(context, "PUT", f"/v2/images/{made['id']}/file", file, headers=headers).expect(204)


Source = Callable[[], BinaryIO]


def _guest_images(config: Config, progress: ConsoleProgress, there: set[str]) -> dict[str, Source]:
    """Name -> how to open it, of each guest image that the cloud has not."""
    if config.cloud.fake:
        # Nothing boots from them, but clients and tests expect two images that differ.
        sizes = {name: number * PLACEHOLDER_SIZE for number, name in enumerate(FAKE_IMAGES, 1) if name not in there}
        return {name: partial(_placeholder, size) for name, size in sizes.items()}
    from pileus.host import guest

    missing = [name for name in guest.NAMES if name not in there]
    if not missing:
        return {}
    with progress.step("Building the guest images"):
        built = guest.build(cache_dir() / "guest-images", progress)
    return {path.stem: partial(_opened, path) for path in built if path.stem in missing}


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _placeholder(size: int) -> BinaryIO:
    return io.BytesIO(empty_qcow2(size))


def _outside(place: Place, config: Config) -> ipaddress.IPv4Interface:
    """The host's own address in the external network, which is its gateway."""
    if config.cloud.fake:
        network = ipaddress.IPv4Network(config.network.external_cidr or FAKE_EXTERNAL_CIDR)
        return ipaddress.IPv4Interface((network[1], network.prefixlen))
    from pileus.host.ovn.external import external_interface

    return external_interface(place.layout, config.network)


def _external_network(cloud: Cloud, place: Place, config: Config, progress: ConsoleProgress) -> None:
    context, network = _context(cloud), cloud.runtime.services["network"]
    params = {"name": EXTERNAL_NETWORK, "router:external": "true"}
    if network.request(context, "GET", "/v2.0/networks", params=params).expect(200)["networks"]:
        return
    outside = _outside(place, config)
    with progress.step("Making the external network"):
        body = {
            "name": EXTERNAL_NETWORK,
            "router:external": True,
            "is_default": True,
            "provider:network_type": "flat",
            "provider:physical_network": PHYSICAL_NETWORK,
        }
        made = network.request(context, "POST", "/v2.0/networks", {"network": body}).expect(201)["network"]
        subnet = {
            "network_id": made["id"],
            "name": f"{EXTERNAL_NETWORK}-subnet",
            "ip_version": 4,
            "cidr": str(outside.network),
            "gateway_ip": str(outside.ip),
            "enable_dhcp": False,
        }
        network.request(context, "POST", "/v2.0/subnets", {"subnet": subnet}).expect(201)


def _default_pool(cloud: Cloud) -> None:
    context, network = _context(cloud), cloud.runtime.services["network"]
    params = {"is_default": "true"}
    if network.request(context, "GET", "/v2.0/subnetpools", params=params).expect(200)["subnetpools"]:
        return
    pool = {
        "name": DEFAULT_POOL,
        "prefixes": [DEFAULT_POOL_PREFIX],
        "default_prefixlen": DEFAULT_POOL_PREFIX_LENGTH,
        "shared": True,
        "is_default": True,
    }
    network.request(context, "POST", "/v2.0/subnetpools", {"subnetpool": pool}).expect(201)
