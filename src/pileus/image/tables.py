"""Tables of image.

An image is one row: its tags, properties and locations are JSON in it, so that a list is one query. The tables of
tags and properties beside it are for finding images by them.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.String(64)
Uuid = sa.String(36)
Name = sa.String(255)

images = sa.Table(
    "image_images",
    metadata,
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("name", Name),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("visibility", sa.String(10), nullable=False),
    sa.Column("owner", Name),
    sa.Column("container_format", sa.String(32)),
    sa.Column("disk_format", sa.String(32)),
    sa.Column("size", sa.BigInteger),
    sa.Column("virtual_size", sa.BigInteger),
    sa.Column("checksum", sa.String(32)),
    sa.Column("os_hash_algo", sa.String(64)),
    sa.Column("os_hash_value", sa.String(128)),
    sa.Column("min_disk", sa.BigInteger, nullable=False),
    sa.Column("min_ram", sa.BigInteger, nullable=False),
    sa.Column("protected", sa.Boolean, nullable=False),
    sa.Column("os_hidden", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("deleted_at", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("properties", sa.Text, nullable=False),
    sa.Column("locations", sa.Text, nullable=False),
    sa.Column("staged", Name),
    sa.Index("image_images_created", "created_at", "id"),
    sa.Index("image_images_owner", "owner"),
)

image_tags = sa.Table(
    "image_tags",
    metadata,
    sa.Column("image_id", Uuid, primary_key=True),
    sa.Column("value", Name, primary_key=True),
    sa.Index("image_tags_value", "value"),
)

image_properties = sa.Table(
    "image_properties",
    metadata,
    sa.Column("image_id", Uuid, primary_key=True),
    sa.Column("name", Name, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Index("image_properties_name", "name"),
)

members = sa.Table(
    "image_members",
    metadata,
    sa.Column("image_id", Uuid, primary_key=True),
    sa.Column("member_id", Name, primary_key=True),
    sa.Column("status", sa.String(10), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Index("image_members_member", "member_id"),
)

uploads = sa.Table(
    # Who is receiving data for an image now: when that process dies, the image can be uploaded again.
    "image_uploads",
    metadata,
    sa.Column("image_id", Uuid, primary_key=True),
    sa.Column("token", sa.String(16), nullable=False),
    sa.Column("process", sa.String(128), nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

tasks = sa.Table(
    "image_tasks",
    metadata,
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("status", sa.String(12), nullable=False),
    sa.Column("owner", Name),
    sa.Column("image_id", Uuid),
    sa.Column("user_id", Id),
    sa.Column("request_id", Id),
    sa.Column("input", sa.Text, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Index("image_tasks_image", "image_id"),
    sa.Index("image_tasks_owner", "owner"),
)

namespaces = sa.Table(
    "image_metadef_namespaces",
    metadata,
    sa.Column("id", Uuid, primary_key=True),
    sa.Column("namespace", sa.String(80), nullable=False, unique=True),
    sa.Column("display_name", sa.String(80)),
    sa.Column("description", sa.Text),
    sa.Column("visibility", sa.String(8), nullable=False),
    sa.Column("protected", sa.Boolean, nullable=False),
    sa.Column("owner", Name),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)

parts = sa.Table(
    # What a namespace holds: objects, properties, tags, and associations with resource types.
    "image_metadef_parts",
    metadata,
    sa.Column("namespace_id", Uuid, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Index("image_metadef_parts_name", "kind", "name"),
)

resource_types = sa.Table(
    "image_metadef_resource_types",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)

cache = sa.Table(
    # The copies that each host keeps of images, or is asked to make (no name yet).
    "image_cache",
    metadata,
    sa.Column("host", Name, primary_key=True),
    sa.Column("image_id", Uuid, primary_key=True),
    sa.Column("name", Name),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("hits", sa.BigInteger, nullable=False),
    sa.Column("last_accessed", sa.BigInteger, nullable=False),
    sa.Column("last_modified", sa.BigInteger, nullable=False),
)
