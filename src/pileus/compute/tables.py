"""Tables of compute. Times are microseconds since the epoch; columns named ``..._json`` hold JSON as text."""

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.String(36)
Owner = sa.String(64)  # a project or user of identity
Name = sa.String(255)
Time = sa.BigInteger
Json = sa.Text
# SQLite only makes a rowid alias, and so an automatic number, of a column declared INTEGER.
Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# -- hosts -------------------------------------------------------------------------------------------------------------

hosts = sa.Table(
    # One row a compute host, written by its agent's heartbeat (compute/hosts.py). ``id`` is the hypervisor's id, and
    # that of its resource provider in placement; ``service_id`` that of its nova-compute service.
    "compute_hosts",
    metadata,
    sa.Column("host", Name, primary_key=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("service_id", Id, nullable=False, unique=True),
    sa.Column("hypervisor_hostname", Name, nullable=False),
    sa.Column("hypervisor_type", sa.String(64), nullable=False),
    sa.Column("hypervisor_version", sa.Integer, nullable=False),
    sa.Column("host_ip", sa.String(45), nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("disk_gb", sa.Integer, nullable=False),
    sa.Column("memory_free_mb", sa.Integer, nullable=False),
    sa.Column("disk_free_gb", sa.Integer, nullable=False),
    sa.Column("cpu_info_json", Json, nullable=False),
    sa.Column("traits_json", Json, nullable=False),
    sa.Column("supported_json", Json, nullable=False),  # [[architecture, hypervisor, vm mode], ...]
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("disabled_reason", Name),
    sa.Column("forced_down", sa.Boolean, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),  # of disabled, forced_down and the resources
    sa.Column("seen_at", Time, nullable=False),  # of the last heartbeat
)

# -- servers -----------------------------------------------------------------------------------------------------------

servers = sa.Table(
    # Deleted servers stay for a while, with ``deleted_at``. What lists show is here, pre-rendered where it comes from
    # elsewhere (addresses_json, volumes_json, tags_json): a list is one query.
    "compute_servers",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),  # of instance-%08x
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("project_id", Owner, nullable=False),
    sa.Column("user_id", Owner, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("description", Name),
    sa.Column("hostname", Name, nullable=False),
    sa.Column("vm_state", sa.String(24), nullable=False),
    sa.Column("task_state", sa.String(40)),
    sa.Column("power_state", sa.Integer, nullable=False),
    sa.Column("progress", sa.Integer, nullable=False),
    sa.Column("host", Name),
    sa.Column("node", Name),
    sa.Column("launched_on", Name),
    sa.Column("availability_zone", Name),
    sa.Column("pinned_availability_zone", Name),
    sa.Column("flavor_id", Name, nullable=False),  # the flavor's flavorid, as it was
    sa.Column("flavor_number", sa.Integer, nullable=False),
    sa.Column("flavor_json", Json, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("root_gb", sa.Integer, nullable=False),
    sa.Column("ephemeral_gb", sa.Integer, nullable=False),
    sa.Column("image_id", Id),
    sa.Column("image_json", Json),  # drivers.base.Image, None when it boots from a volume
    sa.Column("image_properties_json", Json, nullable=False),  # those that the API shows
    sa.Column("key_name", Name),
    sa.Column("key_data", sa.Text),
    sa.Column("user_data", sa.Text),
    sa.Column("config_drive", sa.Boolean, nullable=False),
    sa.Column("metadata_json", Json, nullable=False),
    sa.Column("tags_json", Json, nullable=False),
    sa.Column("addresses_json", Json, nullable=False),
    sa.Column("volumes_json", Json, nullable=False),
    sa.Column("security_groups_json", Json, nullable=False),  # names
    sa.Column("access_ip_v4", sa.String(15)),
    sa.Column("access_ip_v6", sa.String(39)),
    sa.Column("auto_disk_config", sa.Boolean, nullable=False),
    sa.Column("locked_by", sa.String(8)),  # owner, admin
    sa.Column("locked_reason", Name),
    sa.Column("root_device_name", Name),
    sa.Column("reservation_id", Name, nullable=False),
    sa.Column("launch_index", sa.Integer, nullable=False),
    sa.Column("kernel_id", Name, nullable=False),
    sa.Column("ramdisk_id", Name, nullable=False),
    sa.Column("fault_json", Json),
    sa.Column("trusted_certs_json", Json),
    sa.Column("scheduler_hints_json", Json, nullable=False),
    sa.Column("shelved_image_id", Id),  # the snapshot that a shelved server comes back from
    sa.Column("server_group_id", Id),  # membership of a server group is this column, of servers not deleted
    sa.Column("password", sa.Text),  # encrypted by the guest, posted to the metadata service
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("launched_at", Time),
    sa.Column("terminated_at", Time),
    sa.Column("deleted_at", Time),
    sa.Index("compute_servers_project", "project_id", "deleted_at", "created_at"),
    sa.Index("compute_servers_host", "host", "deleted_at"),
    sa.Index("compute_servers_deleted", "deleted_at", "created_at"),
    sa.Index("compute_servers_group", "server_group_id"),
    sa.Index("compute_servers_reservation", "reservation_id"),
)

server_tags = sa.Table(
    "compute_server_tags",
    metadata,
    sa.Column("server_id", Id, primary_key=True),
    sa.Column("tag", sa.String(60), primary_key=True),
    sa.Index("compute_server_tags_tag", "tag"),
)

server_vifs = sa.Table(
    # The server's interfaces in their order. ``ours``: the port was made for the server and goes with it.
    "compute_server_vifs",
    metadata,
    sa.Column("port_id", Id, primary_key=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("network_id", Id, nullable=False),
    sa.Column("mac", sa.String(17), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("ours", sa.Boolean, nullable=False),
    sa.Column("tag", sa.String(60)),
    sa.Column("vif_json", Json, nullable=False),  # drivers.base.Vif
    sa.Index("compute_server_vifs_server", "server_id", "position"),
)

server_disks = sa.Table(
    # Block device mappings besides the image's local root disk.
    "compute_server_disks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("source_type", sa.String(16), nullable=False),  # blank, image, volume, snapshot
    sa.Column("destination_type", sa.String(16), nullable=False),  # local, volume
    sa.Column("source_id", Id),
    sa.Column("volume_id", Id),
    sa.Column("attachment_id", Id),
    sa.Column("volume_size", sa.Integer),
    sa.Column("volume_type", Name),
    sa.Column("guest_format", Name),
    sa.Column("boot_index", sa.Integer),
    sa.Column("device_name", Name),
    sa.Column("device_type", Name),
    sa.Column("disk_bus", Name),
    sa.Column("delete_on_termination", sa.Boolean, nullable=False),
    sa.Column("tag", sa.String(60)),
    sa.Column("connection_json", Json),
    sa.Index("compute_server_disks_server", "server_id"),
    sa.Index("compute_server_disks_volume", "volume_id"),
)

server_actions = sa.Table(
    "compute_server_actions",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("user_id", Owner),
    sa.Column("project_id", Owner),
    sa.Column("start_time", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("message", sa.Text),
    sa.Index("compute_server_actions_server", "server_id", "start_time"),
    sa.Index("compute_server_actions_request", "request_id"),
)

server_action_events = sa.Table(
    "compute_server_action_events",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("start_time", Time, nullable=False),
    sa.Column("finish_time", Time),
    sa.Column("result", sa.String(16)),  # Success, Error
    sa.Column("traceback", sa.Text),
    sa.Column("host", Name),
    sa.Column("details", sa.Text),
    sa.Index("compute_server_action_events_server", "server_id", "request_id"),
)

migrations = sa.Table(
    # ``flavor_json`` and ``vm_state`` are what the server goes back to when the move is reverted.
    "compute_migrations",
    metadata,
    sa.Column("number", Number, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("server_id", Id, nullable=False),
    sa.Column("project_id", Owner, nullable=False),
    sa.Column("user_id", Owner, nullable=False),
    sa.Column("migration_type", sa.String(24), nullable=False),  # resize, migration, live-migration, evacuation
    sa.Column("status", sa.String(24), nullable=False),
    sa.Column("source_host", Name, nullable=False),
    sa.Column("source_node", Name, nullable=False),
    sa.Column("dest_host", Name),
    sa.Column("dest_node", Name),
    sa.Column("dest_ip", sa.String(45)),
    sa.Column("old_flavor_number", sa.Integer),
    sa.Column("new_flavor_number", sa.Integer),
    sa.Column("flavor_json", Json, nullable=False),
    sa.Column("vm_state", sa.String(24), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Index("compute_migrations_server", "server_id", "created_at"),
)
