"""Options of the network service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[network]``."""

    external_cidr: Annotated[
        str, Meta(description="Range of the external network on this host; empty: one chosen for this cloud.")
    ] = ""
