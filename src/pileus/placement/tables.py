"""Tables of placement. Providers, classes and traits are known by the names that the API gives them."""

import sqlalchemy as sa

metadata = sa.MetaData()

UUID = sa.String(36)
NAME = sa.String(255)

providers = sa.Table(
    "placement_providers",
    metadata,
    sa.Column("uuid", UUID, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("parent_uuid", UUID, sa.ForeignKey("placement_providers.uuid"), index=True),
    sa.Column("root_uuid", UUID, nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger),
)

# What a project made besides the standard names. ``users`` counts who began to use the name, and is written whenever
# somebody does, so that a deletion and a new use of it collide instead of missing each other.
resource_classes = sa.Table(
    "placement_resource_classes",
    metadata,
    sa.Column("name", NAME, primary_key=True),
    sa.Column("users", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger),
)

traits = sa.Table(
    "placement_traits",
    metadata,
    sa.Column("name", NAME, primary_key=True),
    sa.Column("users", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger),
)

# ``used`` is the sum of the allocations of this inventory, written in the transaction that changes them: a search for
# room reads one row an inventory, however many allocations there are.
inventories = sa.Table(
    "placement_inventories",
    metadata,
    sa.Column("provider_uuid", UUID, sa.ForeignKey("placement_providers.uuid"), primary_key=True),
    sa.Column("resource_class", NAME, primary_key=True),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("reserved", sa.Integer, nullable=False),
    sa.Column("min_unit", sa.Integer, nullable=False),
    sa.Column("max_unit", sa.Integer, nullable=False),
    sa.Column("step_size", sa.Integer, nullable=False),
    sa.Column("allocation_ratio", sa.Double, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger),
    sa.Index("placement_inventories_class", "resource_class", "provider_uuid"),
)

provider_traits = sa.Table(
    "placement_provider_traits",
    metadata,
    sa.Column("provider_uuid", UUID, sa.ForeignKey("placement_providers.uuid"), primary_key=True),
    sa.Column("trait", NAME, primary_key=True),
    sa.Index("placement_provider_traits_trait", "trait", "provider_uuid"),
)

provider_aggregates = sa.Table(
    "placement_provider_aggregates",
    metadata,
    sa.Column("provider_uuid", UUID, sa.ForeignKey("placement_providers.uuid"), primary_key=True),
    sa.Column("aggregate_uuid", UUID, primary_key=True),
    sa.Index("placement_provider_aggregates_aggregate", "aggregate_uuid", "provider_uuid"),
)

consumers = sa.Table(
    "placement_consumers",
    metadata,
    sa.Column("uuid", UUID, primary_key=True),
    sa.Column("project_id", NAME, nullable=False, index=True),
    sa.Column("user_id", NAME, nullable=False),
    sa.Column("consumer_type", NAME),
    sa.Column("generation", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger),
)

allocations = sa.Table(
    "placement_allocations",
    metadata,
    sa.Column("consumer_uuid", UUID, sa.ForeignKey("placement_consumers.uuid"), primary_key=True),
    sa.Column("provider_uuid", UUID, primary_key=True),
    sa.Column("resource_class", NAME, primary_key=True),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.ForeignKeyConstraint(
        ["provider_uuid", "resource_class"],
        ["placement_inventories.provider_uuid", "placement_inventories.resource_class"],
        onupdate="CASCADE",
    ),
    sa.Index("placement_allocations_inventory", "provider_uuid", "resource_class"),
)
