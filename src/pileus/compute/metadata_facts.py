"""Collecting what a guest is told about itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pileus.compute.config import Settings
from pileus.compute.guest_metadata import Facts
from pileus.compute.model import Server, ServerDisk, ServerVif
from pileus.compute.network_data import fetch
from pileus.kernel import ids
from pileus.kernel.context import service_context
from pileus.kernel.errors import Unavailable
from pileus.kernel.services import Directory


def facts_of(
    services: Directory,
    settings: Settings,
    server: Server,
    vifs: Sequence[ServerVif],
    disks: Sequence[ServerDisk],
) -> Facts:
    """The facts of a server. Raises Unavailable when the operator's vendor data cannot be read."""
    return Facts(
        server=server,
        vifs=vifs,
        disks=disks,
        hostname=f"{server.hostname}.{settings.dhcp_domain}" if settings.dhcp_domain else server.hostname,
        vendor_data=_vendor_data(settings.vendor_data_file),
        network=lambda: fetch(services, service_context(ids.new_request_id()), server.id, vifs),
    )


def _vendor_data(path: str) -> Any:
    if not path:
        return {}
    try:
        return msgspec.json.decode(Path(path).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise Unavailable(f"The vendor data of this cloud cannot be read: {error}") from error
