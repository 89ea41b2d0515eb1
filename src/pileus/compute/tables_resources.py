"""Tables of everything but servers and hosts."""

import sqlalchemy as sa

from pileus.compute.tables import Id, Json, Name, Number, Owner, Time, metadata

__all__ = ["metadata"]

flavors = sa.Table(
    # ``number`` is the order they were made in, ``id`` the name of a flavor in the API (flavorid).
    "compute_flavors",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("id", Name, nullable=False, unique=True),
    sa.Column("name", Name, nullable=False, unique=True),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("root_gb", sa.Integer, nullable=False),
    sa.Column("ephemeral_gb", sa.Integer, nullable=False),
    sa.Column("swap", sa.Integer, nullable=False),
    sa.Column("rxtx_factor", sa.Float, nullable=False),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("extra_specs_json", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time),
)

flavor_access = sa.Table(
    "compute_flavor_access",
    metadata,
    sa.Column("flavor_number", Number, primary_key=True),
    sa.Column("project_id", Name, primary_key=True),
    sa.Index("compute_flavor_access_project", "project_id"),
)

key_pairs = sa.Table(
    "compute_key_pairs",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("user_id", Owner, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("type", sa.String(8), nullable=False),  # ssh, x509
    sa.Column("fingerprint", Name, nullable=False),
    sa.Column("public_key", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.UniqueConstraint("user_id", "name"),
)

aggregates = sa.Table(
    "compute_aggregates",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("name", Name, nullable=False, unique=True),
    sa.Column("metadata_json", Json, nullable=False),  # availability_zone included
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time),
)

aggregate_hosts = sa.Table(
    "compute_aggregate_hosts",
    metadata,
    sa.Column("aggregate_number", Number, primary_key=True),
    sa.Column("host", Name, primary_key=True),
    sa.Column("added_at", Time, nullable=False),
    sa.Index("compute_aggregate_hosts_host", "host"),
)

server_groups = sa.Table(
    # Its members are the servers that name it (servers.server_group_id).
    "compute_server_groups",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("project_id", Owner, nullable=False),
    sa.Column("user_id", Owner, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("policy", Name, nullable=False),
    sa.Column("rules_json", Json, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Index("compute_server_groups_project", "project_id"),
)

console_tokens = sa.Table(
    # ``address_json``: where the console listened when the token was given out.
    "compute_console_tokens",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("host", Name, nullable=False),
    sa.Column("type", sa.String(16), nullable=False),  # novnc, serial
    sa.Column("address_json", Json, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
)
