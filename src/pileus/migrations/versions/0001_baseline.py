"""The tables that the first release begins with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "operations",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("lease_owner", sa.String(length=128), nullable=True),
        sa.Column("lease_expires", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.create_index("operations_due", ["state", "run_at"], unique=False)
        batch_op.create_index("operations_request", ["request_id"], unique=False)
        batch_op.create_index("operations_resource", ["resource_id", "sequence"], unique=False)

    op.create_table(
        "quotas",
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=64), nullable=False),
        sa.Column("hard_limit", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("service", "owner", "resource"),
    )
    op.create_table(
        "identity_access_rules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_access_rules", schema=None) as batch_op:
        batch_op.create_index("identity_access_rules_user", ["user_id"], unique=False)

    op.create_table(
        "identity_access_tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("authorizing_user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("consumer_id", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_access_tokens", schema=None) as batch_op:
        batch_op.create_index("identity_access_tokens_consumer", ["consumer_id"], unique=False)
        batch_op.create_index("identity_access_tokens_user", ["authorizing_user_id"], unique=False)

    op.create_table(
        "identity_application_credentials",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("system", sa.String(length=64), nullable=True),
        sa.Column("secret_hash", sa.String(length=255), nullable=False),
        sa.Column("unrestricted", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("access_rules", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "name"),
    )
    op.create_table(
        "identity_assignments",
        sa.Column("actor_kind", sa.String(length=8), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("target_kind", sa.String(length=8), nullable=False),
        sa.Column("target_id", sa.String(length=64), nullable=False),
        sa.Column("role_id", sa.String(length=64), nullable=False),
        sa.Column("inherited", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("actor_kind", "actor_id", "target_kind", "target_id", "role_id", "inherited"),
    )
    with op.batch_alter_table("identity_assignments", schema=None) as batch_op:
        batch_op.create_index("identity_assignments_role", ["role_id"], unique=False)
        batch_op.create_index("identity_assignments_target", ["target_kind", "target_id"], unique=False)

    op.create_table(
        "identity_consumers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_credential_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "identity_credentials",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("type", sa.String(length=255), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_credentials", schema=None) as batch_op:
        batch_op.create_index("identity_credentials_project", ["project_id"], unique=False)
        batch_op.create_index("identity_credentials_user", ["user_id"], unique=False)

    op.create_table(
        "identity_domain_options",
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("section", sa.String(length=64), nullable=False),
        sa.Column("option", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain_id", "section", "option"),
    )
    op.create_table(
        "identity_endpoint_groups",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_endpoints",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("interface", sa.String(length=8), nullable=False),
        sa.Column("region_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_endpoints", schema=None) as batch_op:
        batch_op.create_index("identity_endpoints_service", ["service_id"], unique=False)

    op.create_table(
        "identity_federation",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "parent_id", "id"),
    )
    op.create_table(
        "identity_generation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_group_members",
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "user_id"),
    )
    with op.batch_alter_table("identity_group_members", schema=None) as batch_op:
        batch_op.create_index("identity_group_members_user", ["user_id"], unique=False)

    op.create_table(
        "identity_groups",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("domain_id", "name"),
    )
    op.create_table(
        "identity_implied_roles",
        sa.Column("prior_role_id", sa.String(length=64), nullable=False),
        sa.Column("implied_role_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("prior_role_id", "implied_role_id"),
    )
    op.create_table(
        "identity_limits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("registered_limit_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("domain_id", sa.String(length=64), nullable=True),
        sa.Column("service_id", sa.String(length=255), nullable=False),
        sa.Column("region_id", sa.String(length=64), nullable=False),
        sa.Column("resource_name", sa.String(length=255), nullable=False),
        sa.Column("resource_limit", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_limits", schema=None) as batch_op:
        batch_op.create_index("identity_limits_domain", ["domain_id"], unique=False)
        batch_op.create_index("identity_limits_project", ["project_id"], unique=False)
        batch_op.create_index("identity_limits_registered", ["registered_limit_id"], unique=False)

    op.create_table(
        "identity_passwords",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=255), nullable=False),
        sa.Column("self_service", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_passwords", schema=None) as batch_op:
        batch_op.create_index("identity_passwords_user", ["user_id", "created_at"], unique=False)

    op.create_table(
        "identity_policies",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=255), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_policy_associations",
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("region_id", sa.String(length=255), nullable=False),
        sa.Column("policy_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", "service_id", "region_id"),
    )
    with op.batch_alter_table("identity_policy_associations", schema=None) as batch_op:
        batch_op.create_index("identity_policy_associations_policy", ["policy_id"], unique=False)

    op.create_table(
        "identity_project_endpoint_groups",
        sa.Column("endpoint_group_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_group_id", "project_id"),
    )
    with op.batch_alter_table("identity_project_endpoint_groups", schema=None) as batch_op:
        batch_op.create_index("identity_project_endpoint_groups_project", ["project_id"], unique=False)

    op.create_table(
        "identity_project_endpoints",
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("endpoint_id", "project_id"),
    )
    with op.batch_alter_table("identity_project_endpoints", schema=None) as batch_op:
        batch_op.create_index("identity_project_endpoints_project", ["project_id"], unique=False)

    op.create_table(
        "identity_project_tags",
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "name"),
    )
    op.create_table(
        "identity_projects",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("is_domain", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("domain_id", "name"),
    )
    with op.batch_alter_table("identity_projects", schema=None) as batch_op:
        batch_op.create_index("identity_projects_parent", ["parent_id"], unique=False)

    op.create_table(
        "identity_regions",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("parent_region_id", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_registered_limits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=255), nullable=False),
        sa.Column("region_id", sa.String(length=64), nullable=False),
        sa.Column("resource_name", sa.String(length=255), nullable=False),
        sa.Column("default_limit", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("service_id", "region_id", "resource_name"),
    )
    op.create_table(
        "identity_request_tokens",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=True),
        sa.Column("authorizing_user_id", sa.String(length=64), nullable=True),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("consumer_id", sa.String(length=64), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_request_tokens", schema=None) as batch_op:
        batch_op.create_index("identity_request_tokens_consumer", ["consumer_id"], unique=False)

    op.create_table(
        "identity_revocations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("audit_id", sa.String(length=32), nullable=True),
        sa.Column("audit_chain_id", sa.String(length=32), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("domain_id", sa.String(length=64), nullable=True),
        sa.Column("trust_id", sa.String(length=64), nullable=True),
        sa.Column("issued_before", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_revocations", schema=None) as batch_op:
        batch_op.create_index("identity_revocations_when", ["revoked_at"], unique=False)

    op.create_table(
        "identity_roles",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("domain_id", "name"),
    )
    op.create_table(
        "identity_services",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=255), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "identity_token_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "identity_trusts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("trustor_user_id", sa.String(length=64), nullable=False),
        sa.Column("trustee_user_id", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("impersonation", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("remaining_uses", sa.Integer(), nullable=True),
        sa.Column("redelegated_trust_id", sa.String(length=64), nullable=True),
        sa.Column("redelegation_count", sa.Integer(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("identity_trusts", schema=None) as batch_op:
        batch_op.create_index("identity_trusts_trustee", ["trustee_user_id"], unique=False)
        batch_op.create_index("identity_trusts_trustor", ["trustor_user_id"], unique=False)

    op.create_table(
        "identity_users",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("domain_id", sa.String(length=64), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("default_project_id", sa.String(length=64), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_active_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("domain_id", "name"),
    )
    op.create_table(
        "image_cache",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("last_accessed", sa.BigInteger(), nullable=False),
        sa.Column("last_modified", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host", "image_id"),
    )
    op.create_table(
        "image_images",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("container_format", sa.String(length=32), nullable=True),
        sa.Column("disk_format", sa.String(length=32), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("virtual_size", sa.BigInteger(), nullable=True),
        sa.Column("checksum", sa.String(length=32), nullable=True),
        sa.Column("os_hash_algo", sa.String(length=64), nullable=True),
        sa.Column("os_hash_value", sa.String(length=128), nullable=True),
        sa.Column("min_disk", sa.BigInteger(), nullable=False),
        sa.Column("min_ram", sa.BigInteger(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("os_hidden", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("locations", sa.Text(), nullable=False),
        sa.Column("staged", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("image_images", schema=None) as batch_op:
        batch_op.create_index("image_images_created", ["created_at", "id"], unique=False)
        batch_op.create_index("image_images_owner", ["owner"], unique=False)

    op.create_table(
        "image_members",
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("member_id", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("image_id", "member_id"),
    )
    with op.batch_alter_table("image_members", schema=None) as batch_op:
        batch_op.create_index("image_members_member", ["member_id"], unique=False)

    op.create_table(
        "image_metadef_namespaces",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("namespace", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("visibility", sa.String(length=8), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("namespace"),
    )
    op.create_table(
        "image_metadef_parts",
        sa.Column("namespace_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "kind", "name"),
    )
    with op.batch_alter_table("image_metadef_parts", schema=None) as batch_op:
        batch_op.create_index("image_metadef_parts_name", ["kind", "name"], unique=False)

    op.create_table(
        "image_metadef_resource_types",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "image_properties",
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("image_id", "name"),
    )
    with op.batch_alter_table("image_properties", schema=None) as batch_op:
        batch_op.create_index("image_properties_name", ["name"], unique=False)

    op.create_table(
        "image_tags",
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("image_id", "value"),
    )
    with op.batch_alter_table("image_tags", schema=None) as batch_op:
        batch_op.create_index("image_tags_value", ["value"], unique=False)

    op.create_table(
        "image_tasks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=255), nullable=True),
        sa.Column("image_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("input", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("image_tasks", schema=None) as batch_op:
        batch_op.create_index("image_tasks_image", ["image_id"], unique=False)
        batch_op.create_index("image_tasks_owner", ["owner"], unique=False)

    op.create_table(
        "image_uploads",
        sa.Column("image_id", sa.String(length=36), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("process", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("image_id"),
    )
    op.create_table(
        "placement_consumers",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=255), nullable=False),
        sa.Column("consumer_type", sa.String(length=255), nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("uuid"),
    )
    with op.batch_alter_table("placement_consumers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_consumers_project_id"), ["project_id"], unique=False)

    op.create_table(
        "placement_providers",
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("parent_uuid", sa.String(length=36), nullable=True),
        sa.Column("root_uuid", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_uuid"],
            ["placement_providers.uuid"],
        ),
        sa.PrimaryKeyConstraint("uuid"),
        sa.UniqueConstraint("name"),
    )
    with op.batch_alter_table("placement_providers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_providers_parent_uuid"), ["parent_uuid"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_providers_root_uuid"), ["root_uuid"], unique=False)

    op.create_table(
        "placement_resource_classes",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "placement_traits",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("users", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "placement_inventories",
        sa.Column("provider_uuid", sa.String(length=36), nullable=False),
        sa.Column("resource_class", sa.String(length=255), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("min_unit", sa.Integer(), nullable=False),
        sa.Column("max_unit", sa.Integer(), nullable=False),
        sa.Column("step_size", sa.Integer(), nullable=False),
        sa.Column("allocation_ratio", sa.Double(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_uuid"],
            ["placement_providers.uuid"],
        ),
        sa.PrimaryKeyConstraint("provider_uuid", "resource_class"),
    )
    with op.batch_alter_table("placement_inventories", schema=None) as batch_op:
        batch_op.create_index("placement_inventories_class", ["resource_class", "provider_uuid"], unique=False)

    op.create_table(
        "placement_provider_aggregates",
        sa.Column("provider_uuid", sa.String(length=36), nullable=False),
        sa.Column("aggregate_uuid", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_uuid"],
            ["placement_providers.uuid"],
        ),
        sa.PrimaryKeyConstraint("provider_uuid", "aggregate_uuid"),
    )
    with op.batch_alter_table("placement_provider_aggregates", schema=None) as batch_op:
        batch_op.create_index(
            "placement_provider_aggregates_aggregate", ["aggregate_uuid", "provider_uuid"], unique=False
        )

    op.create_table(
        "placement_provider_traits",
        sa.Column("provider_uuid", sa.String(length=36), nullable=False),
        sa.Column("trait", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_uuid"],
            ["placement_providers.uuid"],
        ),
        sa.PrimaryKeyConstraint("provider_uuid", "trait"),
    )
    with op.batch_alter_table("placement_provider_traits", schema=None) as batch_op:
        batch_op.create_index("placement_provider_traits_trait", ["trait", "provider_uuid"], unique=False)

    op.create_table(
        "placement_allocations",
        sa.Column("consumer_uuid", sa.String(length=36), nullable=False),
        sa.Column("provider_uuid", sa.String(length=36), nullable=False),
        sa.Column("resource_class", sa.String(length=255), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consumer_uuid"],
            ["placement_consumers.uuid"],
        ),
        sa.ForeignKeyConstraint(
            ["provider_uuid", "resource_class"],
            ["placement_inventories.provider_uuid", "placement_inventories.resource_class"],
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("consumer_uuid", "provider_uuid", "resource_class"),
    )
    with op.batch_alter_table("placement_allocations", schema=None) as batch_op:
        batch_op.create_index("placement_allocations_inventory", ["provider_uuid", "resource_class"], unique=False)

    op.create_table(
        "address_groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("addresses", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("address_groups", schema=None) as batch_op:
        batch_op.create_index("address_groups_project", ["project_id"], unique=False)

    op.create_table(
        "address_scopes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ip_version", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("address_scopes", schema=None) as batch_op:
        batch_op.create_index("address_scopes_project", ["project_id"], unique=False)

    op.create_table(
        "agent_descriptions",
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("agent_id"),
    )
    op.create_table(
        "auto_allocated_topologies",
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.Column("router_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
    op.create_table(
        "default_security_group_rules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("ethertype", sa.String(length=8), nullable=False),
        sa.Column("protocol", sa.String(length=40), nullable=True),
        sa.Column("port_range_min", sa.Integer(), nullable=True),
        sa.Column("port_range_max", sa.Integer(), nullable=True),
        sa.Column("remote_ip_prefix", sa.String(length=64), nullable=True),
        sa.Column("remote_group_id", sa.String(length=36), nullable=True),
        sa.Column("remote_address_group_id", sa.String(length=36), nullable=True),
        sa.Column("used_in_default_sg", sa.Boolean(), nullable=False),
        sa.Column("used_in_non_default_sg", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "default_security_groups",
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("security_group_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
    op.create_table(
        "fixed_ips",
        sa.Column("subnet_id", sa.String(length=36), nullable=False),
        sa.Column("ip_address", sa.String(length=64), nullable=False),
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subnet_id", "ip_address"),
    )
    with op.batch_alter_table("fixed_ips", schema=None) as batch_op:
        batch_op.create_index("fixed_ips_network", ["network_id"], unique=False)
        batch_op.create_index("fixed_ips_port", ["port_id"], unique=False)

    op.create_table(
        "floatingips",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("floating_ip_address", sa.String(length=64), nullable=False),
        sa.Column("floating_network_id", sa.String(length=36), nullable=False),
        sa.Column("floating_port_id", sa.String(length=36), nullable=False),
        sa.Column("port_id", sa.String(length=36), nullable=True),
        sa.Column("fixed_ip_address", sa.String(length=64), nullable=True),
        sa.Column("router_id", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("dns_name", sa.String(length=255), nullable=False),
        sa.Column("dns_domain", sa.String(length=255), nullable=False),
        sa.Column("qos_policy_id", sa.String(length=36), nullable=True),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("floating_network_id", "port_id", "fixed_ip_address", name="floatingips_fixed"),
    )
    with op.batch_alter_table("floatingips", schema=None) as batch_op:
        batch_op.create_index("floatingips_floating_port", ["floating_port_id"], unique=False)
        batch_op.create_index("floatingips_port", ["port_id"], unique=False)
        batch_op.create_index("floatingips_project", ["project_id"], unique=False)
        batch_op.create_index("floatingips_router", ["router_id"], unique=False)

    op.create_table(
        "network_changes",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_table(
        "networks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("admin_state_up", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("mtu", sa.Integer(), nullable=False),
        sa.Column("network_type", sa.String(length=32), nullable=False),
        sa.Column("physical_network", sa.String(length=64), nullable=True),
        sa.Column("segmentation_id", sa.BigInteger(), nullable=True),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("port_security_enabled", sa.Boolean(), nullable=False),
        sa.Column("dns_domain", sa.String(length=255), nullable=False),
        sa.Column("qos_policy_id", sa.String(length=36), nullable=True),
        sa.Column("availability_zone_hints", sa.Text(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("networks", schema=None) as batch_op:
        batch_op.create_index("networks_project", ["project_id"], unique=False)

    op.create_table(
        "port_bindings",
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("vnic_type", sa.String(length=32), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("vif_type", sa.String(length=32), nullable=False),
        sa.Column("vif_details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("port_id", "host"),
    )
    op.create_table(
        "port_security_groups",
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("security_group_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("port_id", "security_group_id"),
    )
    with op.batch_alter_table("port_security_groups", schema=None) as batch_op:
        batch_op.create_index("port_security_groups_group", ["security_group_id"], unique=False)

    op.create_table(
        "ports",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("mac_address", sa.String(length=32), nullable=False),
        sa.Column("admin_state_up", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("device_id", sa.String(length=255), nullable=False),
        sa.Column("device_owner", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("vnic_type", sa.String(length=32), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("vif_type", sa.String(length=32), nullable=False),
        sa.Column("vif_details", sa.Text(), nullable=False),
        sa.Column("port_security_enabled", sa.Boolean(), nullable=False),
        sa.Column("allowed_address_pairs", sa.Text(), nullable=False),
        sa.Column("extra_dhcp_opts", sa.Text(), nullable=False),
        sa.Column("dns_name", sa.String(length=255), nullable=False),
        sa.Column("dns_domain", sa.String(length=255), nullable=False),
        sa.Column("qos_policy_id", sa.String(length=36), nullable=True),
        sa.Column("propagate_uplink_status", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("network_id", "mac_address", name="ports_mac"),
    )
    with op.batch_alter_table("ports", schema=None) as batch_op:
        batch_op.create_index("ports_device", ["device_id"], unique=False)
        batch_op.create_index("ports_project", ["project_id"], unique=False)

    op.create_table(
        "qos_policies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("qos_policies", schema=None) as batch_op:
        batch_op.create_index("qos_policies_project", ["project_id"], unique=False)

    op.create_table(
        "qos_rules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("qos_policy_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("qos_rules", schema=None) as batch_op:
        batch_op.create_index("qos_rules_policy", ["qos_policy_id"], unique=False)

    op.create_table(
        "rbac_policies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("object_type", sa.String(length=255), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=255), nullable=False),
        sa.Column("target_project", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object_id", "action", "target_project", name="rbac_policies_once"),
    )
    with op.batch_alter_table("rbac_policies", schema=None) as batch_op:
        batch_op.create_index("rbac_policies_target", ["object_type", "target_project"], unique=False)

    op.create_table(
        "routers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("admin_state_up", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("gateway_port_id", sa.String(length=36), nullable=True),
        sa.Column("gateway_network_id", sa.String(length=36), nullable=True),
        sa.Column("enable_snat", sa.Boolean(), nullable=False),
        sa.Column("routes", sa.Text(), nullable=False),
        sa.Column("availability_zone_hints", sa.Text(), nullable=False),
        sa.Column("gateway_qos_policy_id", sa.String(length=36), nullable=True),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("routers", schema=None) as batch_op:
        batch_op.create_index("routers_gateway", ["gateway_network_id"], unique=False)
        batch_op.create_index("routers_project", ["project_id"], unique=False)

    op.create_table(
        "security_group_rules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("security_group_id", sa.String(length=36), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("ethertype", sa.String(length=8), nullable=False),
        sa.Column("protocol", sa.String(length=40), nullable=True),
        sa.Column("port_range_min", sa.Integer(), nullable=True),
        sa.Column("port_range_max", sa.Integer(), nullable=True),
        sa.Column("remote_ip_prefix", sa.String(length=64), nullable=True),
        sa.Column("remote_group_id", sa.String(length=36), nullable=True),
        sa.Column("remote_address_group_id", sa.String(length=36), nullable=True),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("security_group_rules", schema=None) as batch_op:
        batch_op.create_index("security_group_rules_group", ["security_group_id"], unique=False)
        batch_op.create_index("security_group_rules_project", ["project_id"], unique=False)
        batch_op.create_index("security_group_rules_remote", ["remote_group_id"], unique=False)

    op.create_table(
        "security_groups",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("stateful", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("security_groups", schema=None) as batch_op:
        batch_op.create_index("security_groups_project", ["project_id"], unique=False)

    op.create_table(
        "segment_allocations",
        sa.Column("network_type", sa.String(length=32), nullable=False),
        sa.Column("physical_network", sa.String(length=64), nullable=False),
        sa.Column("segmentation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("network_type", "physical_network", "segmentation_id"),
    )
    with op.batch_alter_table("segment_allocations", schema=None) as batch_op:
        batch_op.create_index("segment_allocations_network", ["network_id"], unique=False)

    op.create_table(
        "subnetpools",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ip_version", sa.Integer(), nullable=False),
        sa.Column("prefixes", sa.Text(), nullable=False),
        sa.Column("default_prefixlen", sa.Integer(), nullable=False),
        sa.Column("min_prefixlen", sa.Integer(), nullable=False),
        sa.Column("max_prefixlen", sa.Integer(), nullable=False),
        sa.Column("default_quota", sa.BigInteger(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("address_scope_id", sa.String(length=36), nullable=True),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("subnetpools", schema=None) as batch_op:
        batch_op.create_index("subnetpools_project", ["project_id"], unique=False)

    op.create_table(
        "subnets",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ip_version", sa.Integer(), nullable=False),
        sa.Column("cidr", sa.String(length=64), nullable=False),
        sa.Column("gateway_ip", sa.String(length=64), nullable=True),
        sa.Column("enable_dhcp", sa.Boolean(), nullable=False),
        sa.Column("allocation_pools", sa.Text(), nullable=False),
        sa.Column("dns_nameservers", sa.Text(), nullable=False),
        sa.Column("host_routes", sa.Text(), nullable=False),
        sa.Column("ipv6_ra_mode", sa.String(length=16), nullable=True),
        sa.Column("ipv6_address_mode", sa.String(length=16), nullable=True),
        sa.Column("subnetpool_id", sa.String(length=36), nullable=True),
        sa.Column("service_types", sa.Text(), nullable=False),
        sa.Column("dns_publish_fixed_ip", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("subnets", schema=None) as batch_op:
        batch_op.create_index("subnets_network", ["network_id"], unique=False)
        batch_op.create_index("subnets_pool", ["subnetpool_id"], unique=False)
        batch_op.create_index("subnets_project", ["project_id"], unique=False)

    op.create_table(
        "subports",
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("trunk_id", sa.String(length=36), nullable=False),
        sa.Column("segmentation_type", sa.String(length=32), nullable=False),
        sa.Column("segmentation_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("port_id"),
        sa.UniqueConstraint("trunk_id", "segmentation_type", "segmentation_id", name="subports_segment"),
    )
    op.create_table(
        "trunks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("admin_state_up", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("port_id"),
    )
    with op.batch_alter_table("trunks", schema=None) as batch_op:
        batch_op.create_index("trunks_project", ["project_id"], unique=False)

    op.create_table(
        "compute_aggregate_hosts",
        sa.Column("aggregate_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("aggregate_number", "host"),
    )
    with op.batch_alter_table("compute_aggregate_hosts", schema=None) as batch_op:
        batch_op.create_index("compute_aggregate_hosts_host", ["host"], unique=False)

    op.create_table(
        "compute_aggregates",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("metadata_json", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "compute_flavor_access",
        sa.Column("flavor_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("flavor_number", "project_id"),
    )
    with op.batch_alter_table("compute_flavor_access", schema=None) as batch_op:
        batch_op.create_index("compute_flavor_access_project", ["project_id"], unique=False)

    op.create_table(
        "compute_flavors",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("root_gb", sa.Integer(), nullable=False),
        sa.Column("ephemeral_gb", sa.Integer(), nullable=False),
        sa.Column("swap", sa.Integer(), nullable=False),
        sa.Column("rxtx_factor", sa.Float(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("extra_specs_json", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "compute_hosts",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("service_id", sa.String(length=36), nullable=False),
        sa.Column("hypervisor_hostname", sa.String(length=255), nullable=False),
        sa.Column("hypervisor_type", sa.String(length=64), nullable=False),
        sa.Column("hypervisor_version", sa.Integer(), nullable=False),
        sa.Column("host_ip", sa.String(length=45), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("disk_gb", sa.Integer(), nullable=False),
        sa.Column("memory_free_mb", sa.Integer(), nullable=False),
        sa.Column("disk_free_gb", sa.Integer(), nullable=False),
        sa.Column("cpu_info_json", sa.Text(), nullable=False),
        sa.Column("traits_json", sa.Text(), nullable=False),
        sa.Column("supported_json", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=255), nullable=True),
        sa.Column("forced_down", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("service_id"),
    )
    op.create_table(
        "compute_key_pairs",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("fingerprint", sa.String(length=255), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("user_id", "name"),
    )
    op.create_table(
        "compute_migrations",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("migration_type", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("source_host", sa.String(length=255), nullable=False),
        sa.Column("source_node", sa.String(length=255), nullable=False),
        sa.Column("dest_host", sa.String(length=255), nullable=True),
        sa.Column("dest_node", sa.String(length=255), nullable=True),
        sa.Column("dest_ip", sa.String(length=45), nullable=True),
        sa.Column("old_flavor_number", sa.Integer(), nullable=True),
        sa.Column("new_flavor_number", sa.Integer(), nullable=True),
        sa.Column("flavor_json", sa.Text(), nullable=False),
        sa.Column("vm_state", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("compute_migrations", schema=None) as batch_op:
        batch_op.create_index("compute_migrations_server", ["server_id", "created_at"], unique=False)

    op.create_table(
        "compute_server_action_events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("finish_time", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(length=16), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("compute_server_action_events", schema=None) as batch_op:
        batch_op.create_index("compute_server_action_events_server", ["server_id", "request_id"], unique=False)

    op.create_table(
        "compute_server_actions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("project_id", sa.String(length=64), nullable=True),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    with op.batch_alter_table("compute_server_actions", schema=None) as batch_op:
        batch_op.create_index("compute_server_actions_request", ["request_id"], unique=False)
        batch_op.create_index("compute_server_actions_server", ["server_id", "start_time"], unique=False)

    op.create_table(
        "compute_server_disks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("source_type", sa.String(length=16), nullable=False),
        sa.Column("destination_type", sa.String(length=16), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=True),
        sa.Column("volume_id", sa.String(length=36), nullable=True),
        sa.Column("attachment_id", sa.String(length=36), nullable=True),
        sa.Column("volume_size", sa.Integer(), nullable=True),
        sa.Column("volume_type", sa.String(length=255), nullable=True),
        sa.Column("guest_format", sa.String(length=255), nullable=True),
        sa.Column("boot_index", sa.Integer(), nullable=True),
        sa.Column("device_name", sa.String(length=255), nullable=True),
        sa.Column("device_type", sa.String(length=255), nullable=True),
        sa.Column("disk_bus", sa.String(length=255), nullable=True),
        sa.Column("delete_on_termination", sa.Boolean(), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=True),
        sa.Column("connection_json", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("compute_server_disks", schema=None) as batch_op:
        batch_op.create_index("compute_server_disks_server", ["server_id"], unique=False)
        batch_op.create_index("compute_server_disks_volume", ["volume_id"], unique=False)

    op.create_table(
        "compute_server_groups",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("policy", sa.String(length=255), nullable=False),
        sa.Column("rules_json", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("compute_server_groups", schema=None) as batch_op:
        batch_op.create_index("compute_server_groups_project", ["project_id"], unique=False)

    op.create_table(
        "compute_server_tags",
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "tag"),
    )
    with op.batch_alter_table("compute_server_tags", schema=None) as batch_op:
        batch_op.create_index("compute_server_tags_tag", ["tag"], unique=False)

    op.create_table(
        "compute_server_vifs",
        sa.Column("port_id", sa.String(length=36), nullable=False),
        sa.Column("server_id", sa.String(length=36), nullable=False),
        sa.Column("network_id", sa.String(length=36), nullable=False),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=True),
        sa.Column("vif_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("port_id"),
    )
    with op.batch_alter_table("compute_server_vifs", schema=None) as batch_op:
        batch_op.create_index("compute_server_vifs_server", ["server_id", "position"], unique=False)

    op.create_table(
        "compute_servers",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("project_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("hostname", sa.String(length=255), nullable=False),
        sa.Column("vm_state", sa.String(length=24), nullable=False),
        sa.Column("task_state", sa.String(length=40), nullable=True),
        sa.Column("power_state", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("node", sa.String(length=255), nullable=True),
        sa.Column("launched_on", sa.String(length=255), nullable=True),
        sa.Column("availability_zone", sa.String(length=255), nullable=True),
        sa.Column("pinned_availability_zone", sa.String(length=255), nullable=True),
        sa.Column("flavor_id", sa.String(length=255), nullable=False),
        sa.Column("flavor_number", sa.Integer(), nullable=False),
        sa.Column("flavor_json", sa.Text(), nullable=False),
        sa.Column("vcpus", sa.Integer(), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("root_gb", sa.Integer(), nullable=False),
        sa.Column("ephemeral_gb", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.String(length=36), nullable=True),
        sa.Column("image_json", sa.Text(), nullable=True),
        sa.Column("image_properties_json", sa.Text(), nullable=False),
        sa.Column("key_name", sa.String(length=255), nullable=True),
        sa.Column("key_data", sa.Text(), nullable=True),
        sa.Column("user_data", sa.Text(), nullable=True),
        sa.Column("config_drive", sa.Boolean(), nullable=False),
        sa.Column("metadata_json", sa.Text(), nullable=False),
        sa.Column("tags_json", sa.Text(), nullable=False),
        sa.Column("addresses_json", sa.Text(), nullable=False),
        sa.Column("volumes_json", sa.Text(), nullable=False),
        sa.Column("security_groups_json", sa.Text(), nullable=False),
        sa.Column("access_ip_v4", sa.String(length=15), nullable=True),
        sa.Column("access_ip_v6", sa.String(length=39), nullable=True),
        sa.Column("auto_disk_config", sa.Boolean(), nullable=False),
        sa.Column("locked_by", sa.String(length=8), nullable=True),
        sa.Column("locked_reason", sa.String(length=255), nullable=True),
        sa.Column("root_device_name", sa.String(length=255), nullable=True),
        sa.Column("reservation_id", sa.String(length=255), nullable=False),
        sa.Column("launch_index", sa.Integer(), nullable=False),
        sa.Column("kernel_id", sa.String(length=255), nullable=False),
        sa.Column("ramdisk_id", sa.String(length=255), nullable=False),
        sa.Column("fault_json", sa.Text(), nullable=True),
        sa.Column("trusted_certs_json", sa.Text(), nullable=True),
        sa.Column("scheduler_hints_json", sa.Text(), nullable=False),
        sa.Column("shelved_image_id", sa.String(length=36), nullable=True),
        sa.Column("server_group_id", sa.String(length=36), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("launched_at", sa.BigInteger(), nullable=True),
        sa.Column("terminated_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("compute_servers", schema=None) as batch_op:
        batch_op.create_index("compute_servers_deleted", ["deleted_at", "created_at"], unique=False)
        batch_op.create_index("compute_servers_group", ["server_group_id"], unique=False)
        batch_op.create_index("compute_servers_host", ["host", "deleted_at"], unique=False)
        batch_op.create_index("compute_servers_project", ["project_id", "deleted_at", "created_at"], unique=False)
        batch_op.create_index("compute_servers_reservation", ["reservation_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("compute_servers", schema=None) as batch_op:
        batch_op.drop_index("compute_servers_reservation")
        batch_op.drop_index("compute_servers_project")
        batch_op.drop_index("compute_servers_host")
        batch_op.drop_index("compute_servers_group")
        batch_op.drop_index("compute_servers_deleted")

    op.drop_table("compute_servers")
    with op.batch_alter_table("compute_server_vifs", schema=None) as batch_op:
        batch_op.drop_index("compute_server_vifs_server")

    op.drop_table("compute_server_vifs")
    with op.batch_alter_table("compute_server_tags", schema=None) as batch_op:
        batch_op.drop_index("compute_server_tags_tag")

    op.drop_table("compute_server_tags")
    with op.batch_alter_table("compute_server_groups", schema=None) as batch_op:
        batch_op.drop_index("compute_server_groups_project")

    op.drop_table("compute_server_groups")
    with op.batch_alter_table("compute_server_disks", schema=None) as batch_op:
        batch_op.drop_index("compute_server_disks_volume")
        batch_op.drop_index("compute_server_disks_server")

    op.drop_table("compute_server_disks")
    with op.batch_alter_table("compute_server_actions", schema=None) as batch_op:
        batch_op.drop_index("compute_server_actions_server")
        batch_op.drop_index("compute_server_actions_request")

    op.drop_table("compute_server_actions")
    with op.batch_alter_table("compute_server_action_events", schema=None) as batch_op:
        batch_op.drop_index("compute_server_action_events_server")

    op.drop_table("compute_server_action_events")
    with op.batch_alter_table("compute_migrations", schema=None) as batch_op:
        batch_op.drop_index("compute_migrations_server")

    op.drop_table("compute_migrations")
    op.drop_table("compute_key_pairs")
    op.drop_table("compute_hosts")
    op.drop_table("compute_flavors")
    with op.batch_alter_table("compute_flavor_access", schema=None) as batch_op:
        batch_op.drop_index("compute_flavor_access_project")

    op.drop_table("compute_flavor_access")
    op.drop_table("compute_aggregates")
    with op.batch_alter_table("compute_aggregate_hosts", schema=None) as batch_op:
        batch_op.drop_index("compute_aggregate_hosts_host")

    op.drop_table("compute_aggregate_hosts")
    with op.batch_alter_table("trunks", schema=None) as batch_op:
        batch_op.drop_index("trunks_project")

    op.drop_table("trunks")
    op.drop_table("subports")
    with op.batch_alter_table("subnets", schema=None) as batch_op:
        batch_op.drop_index("subnets_project")
        batch_op.drop_index("subnets_pool")
        batch_op.drop_index("subnets_network")

    op.drop_table("subnets")
    with op.batch_alter_table("subnetpools", schema=None) as batch_op:
        batch_op.drop_index("subnetpools_project")

    op.drop_table("subnetpools")
    with op.batch_alter_table("segment_allocations", schema=None) as batch_op:
        batch_op.drop_index("segment_allocations_network")

    op.drop_table("segment_allocations")
    with op.batch_alter_table("security_groups", schema=None) as batch_op:
        batch_op.drop_index("security_groups_project")

    op.drop_table("security_groups")
    with op.batch_alter_table("security_group_rules", schema=None) as batch_op:
        batch_op.drop_index("security_group_rules_remote")
        batch_op.drop_index("security_group_rules_project")
        batch_op.drop_index("security_group_rules_group")

    op.drop_table("security_group_rules")
    with op.batch_alter_table("routers", schema=None) as batch_op:
        batch_op.drop_index("routers_project")
        batch_op.drop_index("routers_gateway")

    op.drop_table("routers")
    with op.batch_alter_table("rbac_policies", schema=None) as batch_op:
        batch_op.drop_index("rbac_policies_target")

    op.drop_table("rbac_policies")
    with op.batch_alter_table("qos_rules", schema=None) as batch_op:
        batch_op.drop_index("qos_rules_policy")

    op.drop_table("qos_rules")
    with op.batch_alter_table("qos_policies", schema=None) as batch_op:
        batch_op.drop_index("qos_policies_project")

    op.drop_table("qos_policies")
    with op.batch_alter_table("ports", schema=None) as batch_op:
        batch_op.drop_index("ports_project")
        batch_op.drop_index("ports_device")

    op.drop_table("ports")
    with op.batch_alter_table("port_security_groups", schema=None) as batch_op:
        batch_op.drop_index("port_security_groups_group")

    op.drop_table("port_security_groups")
    op.drop_table("port_bindings")
    with op.batch_alter_table("networks", schema=None) as batch_op:
        batch_op.drop_index("networks_project")

    op.drop_table("networks")
    op.drop_table("network_changes")
    with op.batch_alter_table("floatingips", schema=None) as batch_op:
        batch_op.drop_index("floatingips_router")
        batch_op.drop_index("floatingips_project")
        batch_op.drop_index("floatingips_port")
        batch_op.drop_index("floatingips_floating_port")

    op.drop_table("floatingips")
    with op.batch_alter_table("fixed_ips", schema=None) as batch_op:
        batch_op.drop_index("fixed_ips_port")
        batch_op.drop_index("fixed_ips_network")

    op.drop_table("fixed_ips")
    op.drop_table("default_security_groups")
    op.drop_table("default_security_group_rules")
    op.drop_table("auto_allocated_topologies")
    op.drop_table("agent_descriptions")
    with op.batch_alter_table("address_scopes", schema=None) as batch_op:
        batch_op.drop_index("address_scopes_project")

    op.drop_table("address_scopes")
    with op.batch_alter_table("address_groups", schema=None) as batch_op:
        batch_op.drop_index("address_groups_project")

    op.drop_table("address_groups")
    with op.batch_alter_table("placement_allocations", schema=None) as batch_op:
        batch_op.drop_index("placement_allocations_inventory")

    op.drop_table("placement_allocations")
    with op.batch_alter_table("placement_provider_traits", schema=None) as batch_op:
        batch_op.drop_index("placement_provider_traits_trait")

    op.drop_table("placement_provider_traits")
    with op.batch_alter_table("placement_provider_aggregates", schema=None) as batch_op:
        batch_op.drop_index("placement_provider_aggregates_aggregate")

    op.drop_table("placement_provider_aggregates")
    with op.batch_alter_table("placement_inventories", schema=None) as batch_op:
        batch_op.drop_index("placement_inventories_class")

    op.drop_table("placement_inventories")
    op.drop_table("placement_traits")
    op.drop_table("placement_resource_classes")
    with op.batch_alter_table("placement_providers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_providers_root_uuid"))
        batch_op.drop_index(batch_op.f("ix_placement_providers_parent_uuid"))

    op.drop_table("placement_providers")
    with op.batch_alter_table("placement_consumers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_consumers_project_id"))

    op.drop_table("placement_consumers")
    op.drop_table("image_uploads")
    with op.batch_alter_table("image_tasks", schema=None) as batch_op:
        batch_op.drop_index("image_tasks_owner")
        batch_op.drop_index("image_tasks_image")

    op.drop_table("image_tasks")
    with op.batch_alter_table("image_tags", schema=None) as batch_op:
        batch_op.drop_index("image_tags_value")

    op.drop_table("image_tags")
    with op.batch_alter_table("image_properties", schema=None) as batch_op:
        batch_op.drop_index("image_properties_name")

    op.drop_table("image_properties")
    op.drop_table("image_metadef_resource_types")
    with op.batch_alter_table("image_metadef_parts", schema=None) as batch_op:
        batch_op.drop_index("image_metadef_parts_name")

    op.drop_table("image_metadef_parts")
    op.drop_table("image_metadef_namespaces")
    with op.batch_alter_table("image_members", schema=None) as batch_op:
        batch_op.drop_index("image_members_member")

    op.drop_table("image_members")
    with op.batch_alter_table("image_images", schema=None) as batch_op:
        batch_op.drop_index("image_images_owner")
        batch_op.drop_index("image_images_created")

    op.drop_table("image_images")
    op.drop_table("image_cache")
    op.drop_table("identity_users")
    with op.batch_alter_table("identity_trusts", schema=None) as batch_op:
        batch_op.drop_index("identity_trusts_trustor")
        batch_op.drop_index("identity_trusts_trustee")

    op.drop_table("identity_trusts")
    op.drop_table("identity_token_keys")
    op.drop_table("identity_services")
    op.drop_table("identity_roles")
    with op.batch_alter_table("identity_revocations", schema=None) as batch_op:
        batch_op.drop_index("identity_revocations_when")

    op.drop_table("identity_revocations")
    with op.batch_alter_table("identity_request_tokens", schema=None) as batch_op:
        batch_op.drop_index("identity_request_tokens_consumer")

    op.drop_table("identity_request_tokens")
    op.drop_table("identity_registered_limits")
    op.drop_table("identity_regions")
    with op.batch_alter_table("identity_projects", schema=None) as batch_op:
        batch_op.drop_index("identity_projects_parent")

    op.drop_table("identity_projects")
    op.drop_table("identity_project_tags")
    with op.batch_alter_table("identity_project_endpoints", schema=None) as batch_op:
        batch_op.drop_index("identity_project_endpoints_project")

    op.drop_table("identity_project_endpoints")
    with op.batch_alter_table("identity_project_endpoint_groups", schema=None) as batch_op:
        batch_op.drop_index("identity_project_endpoint_groups_project")

    op.drop_table("identity_project_endpoint_groups")
    with op.batch_alter_table("identity_policy_associations", schema=None) as batch_op:
        batch_op.drop_index("identity_policy_associations_policy")

    op.drop_table("identity_policy_associations")
    op.drop_table("identity_policies")
    with op.batch_alter_table("identity_passwords", schema=None) as batch_op:
        batch_op.drop_index("identity_passwords_user")

    op.drop_table("identity_passwords")
    with op.batch_alter_table("identity_limits", schema=None) as batch_op:
        batch_op.drop_index("identity_limits_registered")
        batch_op.drop_index("identity_limits_project")
        batch_op.drop_index("identity_limits_domain")

    op.drop_table("identity_limits")
    op.drop_table("identity_implied_roles")
    op.drop_table("identity_groups")
    with op.batch_alter_table("identity_group_members", schema=None) as batch_op:
        batch_op.drop_index("identity_group_members_user")

    op.drop_table("identity_group_members")
    op.drop_table("identity_generation")
    op.drop_table("identity_federation")
    with op.batch_alter_table("identity_endpoints", schema=None) as batch_op:
        batch_op.drop_index("identity_endpoints_service")

    op.drop_table("identity_endpoints")
    op.drop_table("identity_endpoint_groups")
    op.drop_table("identity_domain_options")
    with op.batch_alter_table("identity_credentials", schema=None) as batch_op:
        batch_op.drop_index("identity_credentials_user")
        batch_op.drop_index("identity_credentials_project")

    op.drop_table("identity_credentials")
    op.drop_table("identity_credential_keys")
    op.drop_table("identity_consumers")
    with op.batch_alter_table("identity_assignments", schema=None) as batch_op:
        batch_op.drop_index("identity_assignments_target")
        batch_op.drop_index("identity_assignments_role")

    op.drop_table("identity_assignments")
    op.drop_table("identity_application_credentials")
    with op.batch_alter_table("identity_access_tokens", schema=None) as batch_op:
        batch_op.drop_index("identity_access_tokens_user")
        batch_op.drop_index("identity_access_tokens_consumer")

    op.drop_table("identity_access_tokens")
    with op.batch_alter_table("identity_access_rules", schema=None) as batch_op:
        batch_op.drop_index("identity_access_rules_user")

    op.drop_table("identity_access_rules")
    op.drop_table("quotas")
    with op.batch_alter_table("operations", schema=None) as batch_op:
        batch_op.drop_index("operations_resource")
        batch_op.drop_index("operations_request")
        batch_op.drop_index("operations_due")

    op.drop_table("operations")
    op.drop_table("leases")
