"""Options of the compute service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[compute]``."""

    fake_hosts: Annotated[
        tuple[str, ...], Meta(description="Names of more hosts that the fake driver plays, besides this one.")
    ] = ()
    cpu_allocation_ratio: Annotated[float, Meta(gt=0, description="Virtual CPUs sold for each CPU of a host.")] = 4.0
    memory_allocation_ratio: Annotated[float, Meta(gt=0, description="Memory sold for each MB of a host.")] = 1.0
    disk_allocation_ratio: Annotated[float, Meta(gt=0, description="Disk sold for each GB of a host.")] = 1.0
    reserved_memory_mb: Annotated[int, Meta(ge=0, description="Memory of a host that servers never get, MB.")] = 512
    default_availability_zone: Annotated[
        str, Meta(min_length=1, description="The zone of hosts that no aggregate puts into one.")
    ] = "nova"
    resize_on_same_host: Annotated[
        bool, Meta(description="A resize may stay on its host, where no other host has room.")
    ] = True
    shutdown_timeout: Annotated[
        int, Meta(ge=0, description="Seconds a guest gets to shut down by itself before its power is cut.")
    ] = 60
    shelved_offload_time: Annotated[
        int, Meta(ge=-1, description="Seconds after which a shelved server leaves its host; -1: never by itself.")
    ] = 0
    reclaim_interval: Annotated[
        int, Meta(ge=0, description="Seconds a deleted server can be restored; 0: it is deleted at once.")
    ] = 0
    keep_deleted_days: Annotated[int, Meta(ge=0, description="Days that deleted servers can be listed.")] = 30
    console_token_lifetime: Annotated[int, Meta(ge=1, description="Seconds for which a console's URL opens it.")] = 600
    novnc_folder: Annotated[
        str, Meta(description="Where noVNC's files are; without them, consoles open with other clients only.")
    ] = "/usr/share/novnc"
    dhcp_domain: Annotated[str, Meta(description="Domain of the host names that guests are told; empty: none.")] = (
        "novalocal"
    )
    vendor_data_file: Annotated[
        str, Meta(description="JSON file that every guest is given as vendor data; empty: none.")
    ] = ""
    metadata_secret: Annotated[
        str, Meta(description="Shared secret that signs a server's id in requests to the metadata service.")
    ] = ""
