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
    metadata_secret: Annotated[
        str,
        Meta(description="Shared secret that signs a server's id in requests to a metadata service elsewhere."),
    ] = ""
    physical_networks: Annotated[
        tuple[str, ...],
        Meta(description="Physical networks, NAME or NAME:FIRST_VLAN:LAST_VLAN, as the hosts' bridges map them."),
    ] = ("public:1:4094",)
    geneve_ids: Annotated[str, Meta(pattern=r"^\d+:\d+$", description="FIRST:LAST number of a project's network.")] = (
        "1:65536"
    )
    mtu: Annotated[int, Meta(ge=68, le=65535, description="MTU of the physical networks.")] = 1500
    dns_domain: Annotated[str, Meta(description="Domain of the names of ports.")] = "pileus.internal."
    quota_network: Annotated[int, Meta(ge=-1, description="Networks a project may have; -1: no limit.")] = 100
    quota_subnet: Annotated[int, Meta(ge=-1, description="Subnets a project may have.")] = 100
    quota_port: Annotated[int, Meta(ge=-1, description="Ports a project may have.")] = 500
    quota_router: Annotated[int, Meta(ge=-1, description="Routers a project may have.")] = 10
    quota_floatingip: Annotated[int, Meta(ge=-1, description="Floating IPs a project may have.")] = 50
    quota_security_group: Annotated[int, Meta(ge=-1, description="Security groups a project may have.")] = 10
    quota_security_group_rule: Annotated[int, Meta(ge=-1, description="Rules of security groups of a project.")] = 100
    quota_rbac_policy: Annotated[int, Meta(ge=-1, description="RBAC policies a project may have.")] = 10

    def vlan_ranges(self) -> dict[str, tuple[int, int] | None]:
        """Physical network -> its VLANs for projects, None for none."""
        ranges: dict[str, tuple[int, int] | None] = {}
        for entry in self.physical_networks:
            name, _, span = entry.partition(":")
            first, _, last = span.partition(":")
            ranges[name] = (int(first), int(last)) if span else None
        return ranges

    def quota_defaults(self) -> dict[str, int]:
        prefix = "quota_"
        named = {name[len(prefix) :]: getattr(self, name) for name in self.__struct_fields__ if name.startswith(prefix)}
        return {**named, "subnetpool": -1, "trunk": -1, "address_group": -1}
