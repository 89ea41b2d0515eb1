"""Tables of the identity service. Domains are projects with ``is_domain``, as in the reference."""

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.String(64)
Name = sa.String(255)

projects = sa.Table(
    "identity_projects",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("domain_id", Id, nullable=False),  # of a domain: model.ROOT, so that its name can be unique
    sa.Column("parent_id", Id),
    sa.Column("is_domain", sa.Boolean, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
    sa.UniqueConstraint("domain_id", "name"),
    sa.Index("identity_projects_parent", "parent_id"),
)

project_tags = sa.Table(
    "identity_project_tags",
    metadata,
    sa.Column("project_id", Id, primary_key=True),
    sa.Column("name", Name, primary_key=True),
)

users = sa.Table(
    "identity_users",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("domain_id", Id, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("default_project_id", Id),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_active_at", sa.BigInteger),
    sa.Column("failed_attempts", sa.Integer, nullable=False),
    sa.Column("failed_at", sa.BigInteger),
    sa.UniqueConstraint("domain_id", "name"),
)

passwords = sa.Table(
    "identity_passwords",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("hash", sa.String(255), nullable=False),
    sa.Column("self_service", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Index("identity_passwords_user", "user_id", "created_at"),
)

groups = sa.Table(
    "identity_groups",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("domain_id", Id, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("extra", sa.Text, nullable=False),
    sa.UniqueConstraint("domain_id", "name"),
)

group_members = sa.Table(
    "identity_group_members",
    metadata,
    sa.Column("group_id", Id, primary_key=True),
    sa.Column("user_id", Id, primary_key=True),
    sa.Index("identity_group_members_user", "user_id"),
)

roles = sa.Table(
    "identity_roles",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("domain_id", Id, nullable=False),  # of a role for every domain: model.GLOBAL
    sa.Column("description", sa.Text),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
    sa.UniqueConstraint("domain_id", "name"),
)

implied_roles = sa.Table(
    "identity_implied_roles",
    metadata,
    sa.Column("prior_role_id", Id, primary_key=True),
    sa.Column("implied_role_id", Id, primary_key=True),
)

assignments = sa.Table(
    "identity_assignments",
    metadata,
    sa.Column("actor_kind", sa.String(8), primary_key=True),  # user, group
    sa.Column("actor_id", Id, primary_key=True),
    sa.Column("target_kind", sa.String(8), primary_key=True),  # project, domain, system
    sa.Column("target_id", Id, primary_key=True),
    sa.Column("role_id", Id, primary_key=True),
    sa.Column("inherited", sa.Boolean, primary_key=True),
    sa.Index("identity_assignments_target", "target_kind", "target_id"),
    sa.Index("identity_assignments_role", "role_id"),
)

regions = sa.Table(
    "identity_regions",
    metadata,
    sa.Column("id", sa.String(255), primary_key=True),
    sa.Column("parent_region_id", sa.String(255)),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
)

services = sa.Table(
    "identity_services",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("type", Name),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
)

endpoints = sa.Table(
    "identity_endpoints",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("service_id", Id, nullable=False),
    sa.Column("interface", sa.String(8), nullable=False),
    sa.Column("region_id", sa.String(255)),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
    sa.Index("identity_endpoints_service", "service_id"),
)

application_credentials = sa.Table(
    "identity_application_credentials",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("project_id", Id),
    sa.Column("system", Id),
    sa.Column("secret_hash", sa.String(255), nullable=False),
    sa.Column("unrestricted", sa.Boolean, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("roles", sa.Text, nullable=False),  # role ids, JSON
    sa.Column("access_rules", sa.Text),  # access rule ids, JSON; null: no restriction
    sa.UniqueConstraint("user_id", "name"),
)

access_rules = sa.Table(
    "identity_access_rules",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("service", Name, nullable=False),
    sa.Column("path", sa.String(255), nullable=False),
    sa.Column("method", sa.String(16), nullable=False),
    sa.Index("identity_access_rules_user", "user_id"),
)

credentials = sa.Table(
    "identity_credentials",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("project_id", Id),
    sa.Column("type", Name, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),  # the blob, under the credential key
    sa.Column("extra", sa.Text, nullable=False),
    sa.Index("identity_credentials_user", "user_id"),
    sa.Index("identity_credentials_project", "project_id"),
)

credential_keys = sa.Table(
    "identity_credential_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

trusts = sa.Table(
    "identity_trusts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("trustor_user_id", Id, nullable=False),
    sa.Column("trustee_user_id", Id, nullable=False),
    sa.Column("project_id", Id),
    sa.Column("impersonation", sa.Boolean, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("remaining_uses", sa.Integer),
    sa.Column("redelegated_trust_id", Id),
    sa.Column("redelegation_count", sa.Integer, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # role ids, JSON
    sa.Index("identity_trusts_trustor", "trustor_user_id"),
    sa.Index("identity_trusts_trustee", "trustee_user_id"),
)

consumers = sa.Table(
    "identity_consumers",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("description", sa.Text),
    sa.Column("secret", Id, nullable=False),
    sa.Column("extra", sa.Text, nullable=False),
)

request_tokens = sa.Table(
    "identity_request_tokens",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("secret", Id, nullable=False),
    sa.Column("verifier", Id),
    sa.Column("authorizing_user_id", Id),
    sa.Column("project_id", Id, nullable=False),
    sa.Column("consumer_id", Id, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # role ids, JSON
    sa.Column("expires_at", sa.BigInteger),
    sa.Index("identity_request_tokens_consumer", "consumer_id"),
)

access_tokens = sa.Table(
    "identity_access_tokens",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("secret", Id, nullable=False),
    sa.Column("authorizing_user_id", Id, nullable=False),
    sa.Column("project_id", Id, nullable=False),
    sa.Column("consumer_id", Id, nullable=False),
    sa.Column("roles", sa.Text, nullable=False),  # role ids, JSON
    sa.Column("expires_at", sa.BigInteger),
    sa.Index("identity_access_tokens_user", "authorizing_user_id"),
    sa.Index("identity_access_tokens_consumer", "consumer_id"),
)

policies = sa.Table(
    "identity_policies",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("type", Name, nullable=False),
    sa.Column("blob", sa.Text, nullable=False),  # JSON
    sa.Column("extra", sa.Text, nullable=False),
)

policy_associations = sa.Table(
    # A policy holds for an endpoint, a service, or a service in a region; what is not named is an empty text.
    "identity_policy_associations",
    metadata,
    sa.Column("endpoint_id", Id, primary_key=True),
    sa.Column("service_id", Id, primary_key=True),
    sa.Column("region_id", sa.String(255), primary_key=True),
    sa.Column("policy_id", Id, nullable=False),
    sa.Index("identity_policy_associations_policy", "policy_id"),
)

endpoint_groups = sa.Table(
    "identity_endpoint_groups",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", Name, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("filters", sa.Text, nullable=False),  # JSON
)

project_endpoint_groups = sa.Table(
    "identity_project_endpoint_groups",
    metadata,
    sa.Column("endpoint_group_id", Id, primary_key=True),
    sa.Column("project_id", Id, primary_key=True),
    sa.Index("identity_project_endpoint_groups_project", "project_id"),
)

project_endpoints = sa.Table(
    "identity_project_endpoints",
    metadata,
    sa.Column("endpoint_id", Id, primary_key=True),
    sa.Column("project_id", Id, primary_key=True),
    sa.Index("identity_project_endpoints_project", "project_id"),
)

registered_limits = sa.Table(
    "identity_registered_limits",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("service_id", sa.String(255), nullable=False),
    sa.Column("region_id", sa.String(64), nullable=False),  # empty: no region
    sa.Column("resource_name", Name, nullable=False),
    sa.Column("default_limit", sa.Integer, nullable=False),
    sa.Column("description", sa.Text),
    sa.UniqueConstraint("service_id", "region_id", "resource_name"),
)

limits = sa.Table(
    "identity_limits",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("registered_limit_id", Id, nullable=False),
    sa.Column("project_id", Id),
    sa.Column("domain_id", Id),
    sa.Column("service_id", sa.String(255), nullable=False),
    sa.Column("region_id", sa.String(64), nullable=False),  # empty: no region
    sa.Column("resource_name", Name, nullable=False),
    sa.Column("resource_limit", sa.Integer, nullable=False),
    sa.Column("description", sa.Text),
    sa.Index("identity_limits_project", "project_id"),
    sa.Index("identity_limits_domain", "domain_id"),
    sa.Index("identity_limits_registered", "registered_limit_id"),
)

domain_options = sa.Table(
    "identity_domain_options",
    metadata,
    sa.Column("domain_id", Id, primary_key=True),
    sa.Column("section", sa.String(64), primary_key=True),
    sa.Column("option", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),  # JSON
)

federation = sa.Table(
    # Identity providers, their protocols, mappings and service providers, each as JSON.
    "identity_federation",
    metadata,
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("parent_id", Id, primary_key=True),  # of a protocol: its identity provider; else empty
    sa.Column("id", Id, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

revocations = sa.Table(
    "identity_revocations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("audit_id", sa.String(32)),
    sa.Column("audit_chain_id", sa.String(32)),
    sa.Column("user_id", Id),
    sa.Column("project_id", Id),
    sa.Column("domain_id", Id),
    sa.Column("trust_id", Id),
    sa.Column("issued_before", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, nullable=False),
    sa.Index("identity_revocations_when", "revoked_at"),
)

token_keys = sa.Table(
    "identity_token_keys",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

generation = sa.Table(
    # One row, whose value grows with every change to anything that a token's validity or contents depend on.
    "identity_generation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.BigInteger, nullable=False),
)
