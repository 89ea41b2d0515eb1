"""Options of the network service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[network]``."""

    external_cidr: Annotated[
        str,
        Meta(description="IPv4 network `public`, whose first address is this host's; empty: a free 172.24.N.0/24."),
    ] = ""
    external_nat: Annotated[
        bool,
        Meta(description="Guests reach beyond this host with its address: turns on the host's IP forwarding."),
    ] = False
