"""The JSON bodies of servers and of what is done with them."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from pileus.compute.parameters import Flag, Name, Whole
from pileus.kernel.http.bodies import between, since, until

UUID = r"^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\Z"
Uuid = Annotated[str, Meta(pattern=UUID)]
Tag = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[^,/]*\Z")]
Fqdn = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9-._]*\Z")]
Text255 = Annotated[str, Meta(max_length=255)]
Positive = Annotated[int, Meta(ge=1)] | Annotated[str, Meta(min_length=1, pattern=r"^[0-9]{1,19}\Z")]
Size = Annotated[int, Meta(ge=1, le=0x7FFFFFFF)] | Annotated[str, Meta(pattern=r"^[0-9]{1,19}\Z")]
FlavorRef = Annotated[str, Meta(min_length=1)] | int
Encoded = Annotated[str, Meta(max_length=65535)]
Certificates = Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(min_length=1, max_length=50)]
DiskConfig = Literal["AUTO", "MANUAL"]
Metadata = dict[
    Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9-_:. ]*\Z")],
    Annotated[str, Meta(max_length=255)],
]


class NetworkWanted(Struct, forbid_unknown_fields=True):
    uuid: str | UnsetType = UNSET
    port: Uuid | UnsetType | None = UNSET
    fixed_ip: str | UnsetType = UNSET
    tag: Annotated[Tag | UnsetType, since(2, 32)] = UNSET


class GroupName(Struct, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET


class OldBlockDevice(Struct, forbid_unknown_fields=True):
    virtual_name: Text255 | UnsetType = UNSET
    volume_id: Uuid | UnsetType = UNSET
    snapshot_id: Uuid | UnsetType = UNSET
    volume_size: Size | UnsetType = UNSET
    device_name: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9._/-]*\Z")] | UnsetType = UNSET
    delete_on_termination: Flag | UnsetType = UNSET
    no_device: Any = UNSET
    connection_info: str | UnsetType = UNSET


class BlockDevice(OldBlockDevice, forbid_unknown_fields=True):
    source_type: Literal["volume", "image", "snapshot", "blank"] | UnsetType = UNSET
    uuid: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9._-]*\Z")] | UnsetType = UNSET
    image_id: Uuid | UnsetType = UNSET
    destination_type: Literal["local", "volume"] | UnsetType = UNSET
    guest_format: Text255 | UnsetType = UNSET
    device_type: Text255 | UnsetType = UNSET
    disk_bus: Text255 | UnsetType = UNSET
    boot_index: int | Annotated[str, Meta(pattern=r"^-?[0-9]{1,19}\Z")] | UnsetType | None = UNSET
    tag: Annotated[Tag | UnsetType, since(2, 32)] = UNSET
    volume_type: Annotated[Text255 | UnsetType | None, since(2, 67)] = UNSET


class File(Struct, forbid_unknown_fields=True):
    path: str | UnsetType = UNSET
    contents: str | UnsetType = UNSET


class NewServer(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Name
    flavor_ref: FlavorRef = field(name="flavorRef")
    image_ref: str | UnsetType = field(name="imageRef", default=UNSET)
    admin_pass: str | UnsetType = field(name="adminPass", default=UNSET)
    metadata: Metadata | UnsetType = UNSET
    networks: list[NetworkWanted] | str | UnsetType = UNSET
    disk_config: DiskConfig | UnsetType = field(name="OS-DCF:diskConfig", default=UNSET)
    access_ip_v4: str | UnsetType = field(name="accessIPv4", default=UNSET)
    access_ip_v6: str | UnsetType = field(name="accessIPv6", default=UNSET)
    personality: Annotated[list[File] | UnsetType, until(2, 56)] = UNSET
    availability_zone: Name | UnsetType = UNSET
    block_device_mapping: list[OldBlockDevice] | UnsetType = UNSET
    block_device_mapping_v2: list[BlockDevice] | UnsetType = UNSET
    config_drive: Flag | UnsetType = UNSET
    key_name: Name | UnsetType = UNSET
    min_count: Positive | UnsetType = UNSET
    max_count: Positive | UnsetType = UNSET
    return_reservation_id: Flag | UnsetType = UNSET
    security_groups: list[GroupName] | UnsetType = UNSET
    user_data: Encoded | UnsetType = UNSET
    description: Annotated[Text255 | UnsetType | None, since(2, 19)] = UNSET
    tags: Annotated[Annotated[list[Tag], Meta(max_length=50)] | UnsetType, since(2, 52)] = UNSET
    trusted_image_certificates: Annotated[Certificates | UnsetType | None, since(2, 63)] = UNSET
    host: Annotated[Fqdn | UnsetType, since(2, 74)] = UNSET
    hypervisor_hostname: Annotated[Fqdn | UnsetType, since(2, 74)] = UNSET
    hostname: Annotated[Fqdn | UnsetType, since(2, 90)] = UNSET


class CreateServer(Struct, forbid_unknown_fields=True, kw_only=True):
    server: NewServer
    hints: dict[str, Any] | UnsetType = field(name="os:scheduler_hints", default=UNSET)
    old_hints: dict[str, Any] | UnsetType = field(name="OS-SCH-HNT:scheduler_hints", default=UNSET)


class ServerChanges(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Name | UnsetType = UNSET
    disk_config: DiskConfig | UnsetType = field(name="OS-DCF:diskConfig", default=UNSET)
    access_ip_v4: str | UnsetType = field(name="accessIPv4", default=UNSET)
    access_ip_v6: str | UnsetType = field(name="accessIPv6", default=UNSET)
    description: Annotated[Text255 | UnsetType | None, since(2, 19)] = UNSET
    hostname: Annotated[Fqdn | UnsetType, since(2, 90)] = UNSET
    pinned_availability_zone: Annotated[Name | UnsetType | None, since(2, 104)] = UNSET


class UpdateServer(Struct, forbid_unknown_fields=True):
    server: ServerChanges


# -- actions -----------------------------------------------------------------------------------------------------------


class RebootType(Struct, forbid_unknown_fields=True):
    type: Literal["HARD", "Hard", "hard", "SOFT", "Soft", "soft"]


class Reboot(Struct, forbid_unknown_fields=True):
    reboot: RebootType


class NewFlavor(Struct, forbid_unknown_fields=True):
    flavor_ref: FlavorRef = field(name="flavorRef")
    disk_config: DiskConfig | UnsetType = field(name="OS-DCF:diskConfig", default=UNSET)


class Resize(Struct, forbid_unknown_fields=True):
    resize: NewFlavor


class Rebuilt(Struct, forbid_unknown_fields=True, kw_only=True):
    image_ref: Uuid = field(name="imageRef")
    name: Name | UnsetType = UNSET
    admin_pass: str | UnsetType = field(name="adminPass", default=UNSET)
    metadata: Metadata | UnsetType = UNSET
    preserve_ephemeral: Flag | UnsetType = UNSET
    disk_config: DiskConfig | UnsetType = field(name="OS-DCF:diskConfig", default=UNSET)
    access_ip_v4: str | UnsetType = field(name="accessIPv4", default=UNSET)
    access_ip_v6: str | UnsetType = field(name="accessIPv6", default=UNSET)
    personality: Annotated[list[File] | UnsetType, until(2, 56)] = UNSET
    description: Annotated[Text255 | UnsetType | None, since(2, 19)] = UNSET
    key_name: Annotated[Name | UnsetType | None, since(2, 54)] = UNSET
    user_data: Annotated[Encoded | UnsetType | None, since(2, 57)] = UNSET
    trusted_image_certificates: Annotated[Certificates | UnsetType | None, since(2, 63)] = UNSET
    hostname: Annotated[Fqdn | UnsetType, since(2, 90)] = UNSET


class Rebuild(Struct, forbid_unknown_fields=True):
    rebuild: Rebuilt


class NewImage(Struct, forbid_unknown_fields=True):
    name: Name
    metadata: Metadata | UnsetType = UNSET


class CreateImage(Struct, forbid_unknown_fields=True):
    create_image: NewImage = field(name="createImage")


class NewBackup(Struct, forbid_unknown_fields=True):
    name: Name
    backup_type: str
    rotation: Whole
    metadata: Metadata | UnsetType = UNSET


class CreateBackup(Struct, forbid_unknown_fields=True):
    create_backup: NewBackup = field(name="createBackup")


class LockReason(Struct, forbid_unknown_fields=True):
    locked_reason: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET


class Lock(Struct, forbid_unknown_fields=True):
    lock: LockReason | None


class RescueOptions(Struct, forbid_unknown_fields=True):
    admin_pass: str | UnsetType = field(name="adminPass", default=UNSET)
    rescue_image_ref: Uuid | UnsetType = UNSET


class Rescue(Struct, forbid_unknown_fields=True):
    rescue: RescueOptions | None


class UnshelveZone(Struct, forbid_unknown_fields=True):
    availability_zone: Name


class UnshelveToZone(Struct, forbid_unknown_fields=True):
    unshelve: UnshelveZone | None


class UnshelvePlace(Struct, forbid_unknown_fields=True):
    availability_zone: str | UnsetType | None = UNSET
    host: str | UnsetType = UNSET


class Unshelve(Struct, forbid_unknown_fields=True):
    unshelve: UnshelvePlace | None


class MigrateHost(Struct, forbid_unknown_fields=True):
    host: Fqdn | UnsetType | None = UNSET


class Migrate(Struct, forbid_unknown_fields=True):
    migrate: MigrateHost | None


class OldLiveMigration(Struct, forbid_unknown_fields=True):
    host: Fqdn | None
    block_migration: Flag
    disk_over_commit: Flag


class OldMigrateLive(Struct, forbid_unknown_fields=True):
    migrate_live: OldLiveMigration = field(name="os-migrateLive")


class LiveMigration(Struct, forbid_unknown_fields=True):
    host: Fqdn | None
    block_migration: Flag | Literal["auto"]
    force: Annotated[Flag | UnsetType, between((2, 30), (2, 67))] = UNSET


class MigrateLive(Struct, forbid_unknown_fields=True):
    migrate_live: LiveMigration = field(name="os-migrateLive")


class OldEvacuation(Struct, forbid_unknown_fields=True, kw_only=True):
    host: Fqdn | UnsetType = UNSET
    on_shared_storage: Flag = field(name="onSharedStorage")
    admin_pass: str | UnsetType = field(name="adminPass", default=UNSET)


class OldEvacuate(Struct, forbid_unknown_fields=True):
    evacuate: OldEvacuation


class Evacuation(Struct, forbid_unknown_fields=True, kw_only=True):
    host: Fqdn | UnsetType = UNSET
    admin_pass: str | UnsetType = field(name="adminPass", default=UNSET)
    force: Annotated[Flag | UnsetType, between((2, 29), (2, 67))] = UNSET


class Evacuate(Struct, forbid_unknown_fields=True):
    evacuate: Evacuation


class State(Struct, forbid_unknown_fields=True):
    state: Literal["active", "error"]


class ResetState(Struct, forbid_unknown_fields=True):
    reset: State = field(name="os-resetState")


class NewPassword(Struct, forbid_unknown_fields=True):
    admin_pass: str = field(name="adminPass")


class ChangePassword(Struct, forbid_unknown_fields=True):
    change: NewPassword = field(name="changePassword")


class ConsoleLength(Struct, forbid_unknown_fields=True):
    length: Annotated[int, Meta(ge=-1)] | Annotated[str, Meta(pattern=r"^-?[0-9]{1,19}\Z")] | UnsetType | None = UNSET


class ConsoleOutput(Struct, forbid_unknown_fields=True):
    output: ConsoleLength = field(name="os-getConsoleOutput")


class NamedGroup(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1)]


class AddSecurityGroup(Struct):
    group: NamedGroup = field(name="addSecurityGroup")


class RemoveSecurityGroup(Struct):
    group: NamedGroup = field(name="removeSecurityGroup")


class FloatingIp(Struct, forbid_unknown_fields=True):
    address: str
    fixed_address: str | UnsetType = UNSET


class AddFloatingIp(Struct):
    add: FloatingIp = field(name="addFloatingIp")


class RemovedFloatingIp(Struct, forbid_unknown_fields=True):
    address: str


class RemoveFloatingIp(Struct):
    remove: RemovedFloatingIp = field(name="removeFloatingIp")


class NetworkId(Struct, forbid_unknown_fields=True):
    network_id: Annotated[str, Meta(min_length=1, max_length=36)] | int = field(name="networkId")


class AddFixedIp(Struct, forbid_unknown_fields=True):
    add: NetworkId = field(name="addFixedIp")


class OneAddress(Struct, forbid_unknown_fields=True):
    address: str


class RemoveFixedIp(Struct, forbid_unknown_fields=True):
    remove: OneAddress = field(name="removeFixedIp")


class VncType(Struct, forbid_unknown_fields=True):
    type: Literal["novnc", "xvpvnc"]


class GetVncConsole(Struct, forbid_unknown_fields=True):
    console: VncType = field(name="os-getVNCConsole")


class SpiceType(Struct, forbid_unknown_fields=True):
    type: Literal["spice-html5"]


class GetSpiceConsole(Struct, forbid_unknown_fields=True):
    console: SpiceType = field(name="os-getSPICEConsole")


class SerialType(Struct, forbid_unknown_fields=True):
    type: Literal["serial"]


class GetSerialConsole(Struct, forbid_unknown_fields=True):
    console: SerialType = field(name="os-getSerialConsole")


class CrashDump(Struct, forbid_unknown_fields=True):
    trigger_crash_dump: None


# -- below a server ----------------------------------------------------------------------------------------------------


class AllMetadata(Struct, forbid_unknown_fields=True):
    metadata: Metadata


class OneMetadata(Struct, forbid_unknown_fields=True):
    meta: Annotated[Metadata, Meta(min_length=1, max_length=1)]


class AllTags(Struct, forbid_unknown_fields=True):
    tags: Annotated[list[Tag], Meta(max_length=50)]


class FixedIp(Struct, forbid_unknown_fields=True):
    ip_address: str


class Interface(Struct, forbid_unknown_fields=True):
    net_id: Uuid | UnsetType = UNSET
    port_id: Uuid | UnsetType = UNSET
    fixed_ips: Annotated[list[FixedIp], Meta(min_length=1, max_length=1)] | UnsetType = UNSET
    tag: Annotated[Tag | UnsetType, since(2, 49)] = UNSET


class AttachInterface(Struct, forbid_unknown_fields=True):
    attachment: Interface | UnsetType = field(name="interfaceAttachment", default=UNSET)


class RemoteConsole(Struct, forbid_unknown_fields=True):
    protocol: Literal["vnc", "spice", "serial", "rdp", "mks"]
    type: Literal["novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5", "webmks", "spice-direct"]


class CreateRemoteConsole(Struct, forbid_unknown_fields=True):
    console: RemoteConsole = field(name="remote_console")


class ExternalEvent(Struct, forbid_unknown_fields=True, kw_only=True):
    name: Literal[
        "network-changed",
        "network-vif-plugged",
        "network-vif-unplugged",
        "network-vif-deleted",
        "volume-extended",
        "power-update",
        "accelerator-request-bound",
        "volume-reimaged",
    ]
    server_uuid: Uuid
    status: Literal["failed", "completed", "in-progress"] | UnsetType = UNSET
    tag: Text255 | UnsetType = UNSET


class ExternalEvents(Struct, forbid_unknown_fields=True):
    events: Annotated[list[ExternalEvent], Meta(min_length=1)]


class ForceComplete(Struct, forbid_unknown_fields=True):
    force_complete: None


class VolumeAttachment(Struct, forbid_unknown_fields=True):
    volume_id: Uuid = field(name="volumeId")
    device: str | UnsetType | None = UNSET
    tag: Annotated[Tag | UnsetType, since(2, 49)] = UNSET
    delete_on_termination: Annotated[Flag | UnsetType, since(2, 79)] = UNSET


class AttachVolume(Struct, forbid_unknown_fields=True):
    attachment: VolumeAttachment = field(name="volumeAttachment")


class ChangedAttachment(Struct, forbid_unknown_fields=True):
    volume_id: Uuid = field(name="volumeId")
    device: Annotated[str | UnsetType | None, since(2, 85)] = UNSET
    tag: Annotated[Tag | UnsetType, since(2, 85)] = UNSET
    delete_on_termination: Annotated[Flag | UnsetType, since(2, 85)] = UNSET
    server_id: Annotated[Uuid | UnsetType, since(2, 85)] = field(name="serverId", default=UNSET)
    id: Annotated[Uuid | UnsetType, since(2, 85)] = UNSET


class ChangeAttachment(Struct, forbid_unknown_fields=True):
    attachment: ChangedAttachment = field(name="volumeAttachment")


class Share(Struct, forbid_unknown_fields=True):
    share_id: Uuid
    tag: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9-]*\Z")] | UnsetType = UNSET


class AttachShare(Struct, forbid_unknown_fields=True):
    share: Share
