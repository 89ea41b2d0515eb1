"""Where operations and leases are kept."""

import sqlalchemy as sa

metadata = sa.MetaData()

# SQLite only makes a rowid alias, and so an automatic number, of a column declared INTEGER.
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("sequence", Number, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("resource_id", sa.String(64), nullable=False),
    sa.Column("project_id", sa.String(64)),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("input", sa.Text, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("run_at", sa.BigInteger, nullable=False),
    sa.Column("deadline", sa.BigInteger, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    sa.Column("lease_owner", sa.String(128)),
    sa.Column("lease_expires", sa.BigInteger),
    sa.Column("error", sa.Text),
    sa.Column("error_code", sa.Integer),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Index("operations_due", "state", "run_at"),
    sa.Index("operations_resource", "resource_id", "sequence"),
    sa.Index("operations_request", "request_id"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("owner", sa.String(128), nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
)
