"""Options of the image service."""

from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    """Section ``[image]``."""

    stores: Annotated[
        tuple[str, ...],
        Meta(
            min_length=1,
            description="Where images are kept: NAME=file:DIRECTORY (empty: in the state directory), "
            "NAME=rbd:POOL?user=USER&conf=FILE, NAME=http: (read-only: images that stay where they are).",
        ),
    ] = ("local=file:",)
    default_store: Annotated[str, Meta(description="Store of uploads that name none; empty: the first.")] = ""
    staging: Annotated[
        str, Meta(description="Directory of data waiting for its import; empty: in the state directory.")
    ] = ""
    import_methods: Annotated[
        tuple[str, ...],
        Meta(description="Of glance-direct, web-download, copy-image; empty: no import."),
    ] = ("glance-direct", "web-download", "copy-image")
    conversion: Annotated[
        str, Meta(pattern="^(|raw|qcow2|vmdk)$", description="Disk format that imports are converted to; empty: none.")
    ] = ""
    disk_formats: Annotated[tuple[str, ...], Meta(description="Disk formats that images may have.")] = (
        "ami",
        "ari",
        "aki",
        "vhd",
        "vhdx",
        "vmdk",
        "raw",
        "qcow2",
        "vdi",
        "iso",
        "ploop",
    )
    container_formats: Annotated[tuple[str, ...], Meta(description="Container formats that images may have.")] = (
        "ami",
        "ari",
        "aki",
        "bare",
        "ovf",
        "ova",
        "docker",
        "compressed",
    )
    require_format_match: Annotated[
        bool, Meta(description="Refuse data whose format is not the disk format that the image claims.")
    ] = True
    size_cap: Annotated[int, Meta(ge=1, description="Largest image, bytes.")] = 1 << 40
    page_default: Annotated[int, Meta(ge=1, description="Images of a list that asks for no limit.")] = 25
    page_max: Annotated[int, Meta(ge=1, description="Most images of one list.")] = 1000
    property_quota: Annotated[int, Meta(description="Most properties of an image; -1: no limit.")] = 128
    tag_quota: Annotated[int, Meta(description="Most tags of an image; -1: no limit.")] = 128
    member_quota: Annotated[int, Meta(description="Most members of an image; -1: no limit.")] = 128
    location_quota: Annotated[int, Meta(description="Most locations of an image; -1: no limit.")] = 10
    show_locations: Annotated[bool, Meta(description="Show and change where an image's data is.")] = False
    show_direct_url: Annotated[bool, Meta(description="Show the address of an image's data in its store.")] = False
    secure_hash: Annotated[
        bool, Meta(description="Compute the hashes of data whose location is added, and check those given.")
    ] = True
    download_schemes: Annotated[tuple[str, ...], Meta(description="URL schemes of web downloads.")] = ("http", "https")
    download_ports: Annotated[tuple[int, ...], Meta(description="Ports of web downloads; empty: any.")] = (80, 443)
    download_hosts: Annotated[
        tuple[str, ...], Meta(description="The only hosts of web downloads; empty: any that is not refused.")
    ] = ()
    download_refused_hosts: Annotated[tuple[str, ...], Meta(description="Hosts web downloads never go to.")] = ()
    download_private: Annotated[
        bool, Meta(description="Web downloads may go to private, loopback and link-local addresses.")
    ] = False
    cache: Annotated[bool, Meta(description="Keep copies of images whose stores are elsewhere on this host.")] = True
    cache_size: Annotated[int, Meta(ge=0, description="Most bytes the cache holds.")] = 10 << 30
    task_lifetime: Annotated[int, Meta(ge=1, description="Hours a finished task can be seen.")] = 48
    deleted_lifetime: Annotated[int, Meta(ge=1, description="Days the id of a deleted image stays taken.")] = 30
    metadefs_dir: Annotated[
        str, Meta(description="Directory of metadata definitions (JSON) to load at the start; empty: none.")
    ] = ""
