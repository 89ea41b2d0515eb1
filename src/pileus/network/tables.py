"""Tables of network. A column is named as the API's attribute, or in the words of drivers/base.py."""

from typing import Any

import msgspec
import sqlalchemy as sa

metadata = sa.MetaData()

# SQLite only makes a rowid alias, and so an automatic number, of a column declared INTEGER.
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.encode


class Json(sa.types.TypeDecorator[Any]):
    """A list or dictionary, as JSON text in every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else _encode(value).decode()

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else _decode(value)


def _id(name: str = "id", **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(36), **options)


def _text(name: str, length: int = 255, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Json, nullable=nullable)


def _resource(name: str, *columns: Any, tagged: bool = True) -> sa.Table:
    """A table with what every resource has: an owner, a description, a revision, its times, its tags."""
    return sa.Table(
        name,
        metadata,
        _id(primary_key=True),
        _text("project_id"),
        *columns,
        _text("description", 1024),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        *([_json("tags")] if tagged else []),
        sa.Index(f"{name}_project", "project_id"),
    )


networks = _resource(
    "networks",
    _text("name"),
    _flag("admin_state_up"),
    _text("status", 16),
    sa.Column("mtu", sa.Integer, nullable=False),
    _text("network_type", 32),
    _text("physical_network", 64, nullable=True),
    sa.Column("segmentation_id", sa.BigInteger),
    _flag("external"),
    _flag("is_default"),
    _flag("port_security_enabled"),
    _text("dns_domain"),
    _id("qos_policy_id"),
    _json("availability_zone_hints"),
)

# Who has which tunnel number or VLAN; a flat network has number 0 of its physical network.
segment_allocations = sa.Table(
    "segment_allocations",
    metadata,
    sa.Column("network_type", sa.String(32), primary_key=True),
    sa.Column("physical_network", sa.String(64), primary_key=True),
    sa.Column("segmentation_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _id("network_id", nullable=False),
    sa.Index("segment_allocations_network", "network_id"),
)

subnets = _resource(
    "subnets",
    _id("network_id", nullable=False),
    _text("name"),
    sa.Column("ip_version", sa.Integer, nullable=False),
    _text("cidr", 64),
    _text("gateway_ip", 64, nullable=True),
    _flag("enable_dhcp"),
    _json("allocation_pools"),
    _json("dns_nameservers"),
    _json("host_routes"),
    _text("ipv6_ra_mode", 16, nullable=True),
    _text("ipv6_address_mode", 16, nullable=True),
    _id("subnetpool_id"),
    _json("service_types"),
    _flag("dns_publish_fixed_ip"),
    sa.Index("subnets_network", "network_id"),
    sa.Index("subnets_pool", "subnetpool_id"),
)

ports = _resource(
    "ports",
    _id("network_id", nullable=False),
    _text("name"),
    _text("mac_address", 32),
    _flag("admin_state_up"),
    _text("status", 16),
    _text("device_id"),
    _text("device_owner"),
    _text("host"),
    _text("vnic_type", 32),
    _json("profile"),
    _text("vif_type", 32),
    _json("vif_details"),
    _flag("port_security_enabled"),
    _json("allowed_address_pairs"),
    _json("extra_dhcp_opts"),
    _text("dns_name"),
    _text("dns_domain"),
    _id("qos_policy_id"),
    _flag("propagate_uplink_status"),
    sa.UniqueConstraint("network_id", "mac_address", name="ports_mac"),
    sa.Index("ports_device", "device_id"),
)

fixed_ips = sa.Table(
    "fixed_ips",
    metadata,
    sa.Column("subnet_id", sa.String(36), primary_key=True),
    sa.Column("ip_address", sa.String(64), primary_key=True),
    _id("port_id", nullable=False),
    _id("network_id", nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index("fixed_ips_port", "port_id"),
    sa.Index("fixed_ips_network", "network_id"),
)

# Bindings of a port to further hosts, made for a migration; the active one is in the port itself.
port_bindings = sa.Table(
    "port_bindings",
    metadata,
    sa.Column("port_id", sa.String(36), primary_key=True),
    sa.Column("host", sa.String(255), primary_key=True),
    _text("vnic_type", 32),
    _json("profile"),
    _text("vif_type", 32),
    _json("vif_details"),
)

port_security_groups = sa.Table(
    "port_security_groups",
    metadata,
    sa.Column("port_id", sa.String(36), primary_key=True),
    sa.Column("security_group_id", sa.String(36), primary_key=True),
    sa.Index("port_security_groups_group", "security_group_id"),
)

security_groups = _resource("security_groups", _text("name"), _flag("stateful"))

default_security_groups = sa.Table(
    "default_security_groups",
    metadata,
    sa.Column("project_id", sa.String(255), primary_key=True),
    _id("security_group_id", nullable=False),
)


def _rule_columns() -> list[Any]:
    return [
        _text("direction", 8),
        _text("ethertype", 8),
        _text("protocol", 40, nullable=True),
        sa.Column("port_range_min", sa.Integer),
        sa.Column("port_range_max", sa.Integer),
        _text("remote_ip_prefix", 64, nullable=True),
        _id("remote_group_id"),
        _id("remote_address_group_id"),
    ]


security_group_rules = _resource(
    "security_group_rules",
    _id("security_group_id", nullable=False),
    *_rule_columns(),
    sa.Index("security_group_rules_group", "security_group_id"),
    sa.Index("security_group_rules_remote", "remote_group_id"),
    tagged=False,
)

# The rules that new security groups begin with; a remote_group_id "PARENT" is the new group itself.
default_security_group_rules = sa.Table(
    "default_security_group_rules",
    metadata,
    _id(primary_key=True),
    *_rule_columns(),
    _flag("used_in_default_sg"),
    _flag("used_in_non_default_sg"),
    _text("description", 1024),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)

routers = _resource(
    "routers",
    _text("name"),
    _flag("admin_state_up"),
    _text("status", 16),
    _id("gateway_port_id"),
    _id("gateway_network_id"),
    _flag("enable_snat"),
    _json("routes"),
    _json("availability_zone_hints"),
    _id("gateway_qos_policy_id"),
    sa.Index("routers_gateway", "gateway_network_id"),
)

floatingips = _resource(
    "floatingips",
    _text("floating_ip_address", 64),
    _id("floating_network_id", nullable=False),
    _id("floating_port_id", nullable=False),
    _id("port_id"),
    _text("fixed_ip_address", 64, nullable=True),
    _id("router_id"),
    _text("status", 16),
    _text("dns_name"),
    _text("dns_domain"),
    _id("qos_policy_id"),
    sa.UniqueConstraint("floating_network_id", "port_id", "fixed_ip_address", name="floatingips_fixed"),
    sa.Index("floatingips_port", "port_id"),
    sa.Index("floatingips_router", "router_id"),
    sa.Index("floatingips_floating_port", "floating_port_id"),
)

rbac_policies = sa.Table(
    "rbac_policies",
    metadata,
    _id(primary_key=True),
    _text("project_id"),
    _text("object_type"),
    _id("object_id", nullable=False),
    _text("action"),
    _text("target_project"),
    sa.UniqueConstraint("object_id", "action", "target_project", name="rbac_policies_once"),
    sa.Index("rbac_policies_target", "object_type", "target_project"),
)

subnetpools = _resource(
    "subnetpools",
    _text("name"),
    sa.Column("ip_version", sa.Integer, nullable=False),
    _json("prefixes"),
    sa.Column("default_prefixlen", sa.Integer, nullable=False),
    sa.Column("min_prefixlen", sa.Integer, nullable=False),
    sa.Column("max_prefixlen", sa.Integer, nullable=False),
    sa.Column("default_quota", sa.BigInteger),
    _flag("is_default"),
    _id("address_scope_id"),
)

address_scopes = _resource(
    "address_scopes", _text("name"), sa.Column("ip_version", sa.Integer, nullable=False), tagged=False
)

address_groups = _resource("address_groups", _text("name"), _json("addresses"), tagged=False)

qos_policies = _resource("qos_policies", _text("name"), _flag("is_default"))

qos_rules = sa.Table(
    "qos_rules",
    metadata,
    _id(primary_key=True),
    _id("qos_policy_id", nullable=False),
    _text("type", 32),
    _json("values"),
    sa.Index("qos_rules_policy", "qos_policy_id"),
)

trunks = _resource(
    "trunks",
    _text("name"),
    _id("port_id", nullable=False, unique=True),
    _flag("admin_state_up"),
    _text("status", 16),
)

subports = sa.Table(
    "subports",
    metadata,
    sa.Column("port_id", sa.String(36), primary_key=True),
    _id("trunk_id", nullable=False),
    _text("segmentation_type", 32),
    sa.Column("segmentation_id", sa.Integer, nullable=False),
    sa.UniqueConstraint("trunk_id", "segmentation_type", "segmentation_id", name="subports_segment"),
)

auto_allocated_topologies = sa.Table(
    "auto_allocated_topologies",
    metadata,
    sa.Column("project_id", sa.String(255), primary_key=True),
    _id("network_id", nullable=False),
    _id("router_id", nullable=False),
)

agent_descriptions = sa.Table(
    "agent_descriptions", metadata, _id("agent_id", primary_key=True), _text("description", nullable=True)
)

# What the driver has still to be told, in the order of the changes.
network_changes = sa.Table(
    "network_changes",
    metadata,
    sa.Column("sequence", Number, primary_key=True, autoincrement=True),
    _text("kind", 16),
    _id("resource_id", nullable=False),
)
