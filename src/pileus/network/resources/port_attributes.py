"""What a port has, as its clients see it: who may set what, and which values are taken."""

from typing import Any

from msgspec import UNSET

from pileus.network import validators
from pileus.network.attributes import (
    ADMIN_STATE_UP,
    DESCRIPTION,
    ID,
    NAME,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    read_only,
    table_of,
)

VNIC_TYPES = (
    "normal",
    "direct",
    "macvtap",
    "baremetal",
    "direct-physical",
    "virtio-forwarder",
    "smart-nic",
    "vdpa",
    "accelerator-direct",
    "accelerator-direct-physical",
    "remote-managed",
)


def _ruled(name: str, **options: Any) -> Attribute:
    return Attribute(name, post=True, put=True, ruled=True, **options)


def _profile(value: Any) -> Any:
    return {} if value is None else value


PORT_ATTRIBUTES = table_of(
    ID,
    NAME,
    PROJECT_ID,
    Attribute("network_id", post=True, check=validators.uuid),
    ADMIN_STATE_UP,
    _ruled("mac_address", default=UNSET, convert=validators.to_mac, check=validators.or_none(validators.mac)),
    _ruled("fixed_ips", default=UNSET, check=validators.fixed_ips, sort=False),
    _ruled("device_id", default="", check=validators.string(255)),
    _ruled("device_owner", default="", check=validators.string(255)),
    read_only("status"),
    Attribute(
        "security_groups",
        post=True,
        put=True,
        default=UNSET,
        convert=validators.to_list,
        check=validators.uuid_list,
        sort=False,
    ),
    _ruled("port_security_enabled", default=UNSET, convert=validators.to_boolean, sort=False),
    _ruled(
        "allowed_address_pairs",
        default=UNSET,
        convert=validators.to_list,
        check=validators.address_pairs,
        filter=False,
        sort=False,
    ),
    Attribute(
        "extra_dhcp_opts",
        post=True,
        put=True,
        default=None,
        check=validators.extra_dhcp_options,
        filter=False,
        sort=False,
    ),
    Attribute("binding:vif_type", filter=False, sort=False, column="vif_type"),
    Attribute("binding:vif_details", filter=False, sort=False, column="vif_details"),
    _ruled(
        "binding:vnic_type",
        default="normal",
        check=validators.one_of(*VNIC_TYPES),
        sort=False,
        column="vnic_type",
    ),
    _ruled("binding:host_id", default=UNSET, check=validators.or_none(validators.string(255)), column="host"),
    _ruled(
        "binding:profile",
        default=UNSET,
        convert=_profile,
        check=validators.dictionary,
        filter=False,
        sort=False,
        column="profile",
    ),
    Attribute(
        "dns_name",
        post=True,
        put=True,
        default="",
        convert=validators.to_lower,
        check=validators.dns_name(),
        sort=False,
    ),
    Attribute(
        "dns_domain",
        post=True,
        put=True,
        default="",
        convert=validators.to_lower,
        check=validators.dns_domain,
        filter=False,
        sort=False,
    ),
    read_only("dns_assignment", filter=False, sort=False),
    _ruled("qos_policy_id", default=None, check=validators.uuid_or_none, sort=False),
    Attribute("propagate_uplink_status", post=True, put=True, default=True, convert=validators.to_boolean),
    read_only("ip_allocation", filter=False, sort=False),
    DESCRIPTION,
    TAGS,
    *STANDARD,
)
