"""Options of the compute service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[compute]``."""

    default_availability_zone: Annotated[
        str, Meta(min_length=1, description="The availability zone of hosts that no aggregate gives another one.")
    ] = "nova"
    metadata_secret: Annotated[
        str, Meta(description="Shared secret that signs a server's id in requests to the metadata service.")
    ] = ""
