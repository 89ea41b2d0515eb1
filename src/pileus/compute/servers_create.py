"""From the body of POST /servers to rows and operations: everything that is checked before a server exists."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from pileus.compute import quotas
from pileus.compute.flavors import Flavor
from pileus.compute.guests import driver_image, local_disks
from pileus.compute.images import shown_properties
from pileus.compute.model import ServerDisk, ServerFlavor, ServerVif
from pileus.compute.operations.boot import BOOT
from pileus.compute.parameters import check_description, check_name, flag
from pileus.compute.scheduling import hint_ids
from pileus.compute.servers_bodies import BlockDevice, CreateServer, NewServer
from pileus.compute.servers_checks import (
    access_ip,
    check_base64,
    check_hostname,
    check_image,
    check_metadata_quota,
    generated_password,
    given,
    parse_zone,
    reservation_id,
    sanitized_hostname,
)
from pileus.compute.servers_networks import Networks, networks_of
from pileus.compute.states import BUILDING, NO_POWER, SCHEDULING
from pileus.compute.store import aggregates, flavors, hosts, keypairs, server_actions, servers, usage
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden, NotFound, QuotaExceeded
from pileus.kernel.http.request import Request
from pileus.kernel.quotas import exceeded

PREFIX = "os_compute_api:servers:create"


class Place(Struct, frozen=True):
    """Where a server was asked to be."""

    zone: str | None = None
    host: str | None = None
    node: str | None = None
    forced: bool = False


class Made(Struct, frozen=True):
    """What was made: the first server's id answers for all."""

    server_ids: list[str]
    reservation_id: str
    password: str
    auto_disk_config: bool


class Creation:
    """One request to make servers. Raises what the request deserves, or makes rows and operations."""

    def __init__(self, request: Request[Any]) -> None:
        body: CreateServer = request.body
        self.request, self.service, self.context = request, request.service, request.context
        self.wanted: NewServer = body.server
        self.hints: dict[str, Any] = body.hints or body.old_hints or {}
        self.version = request.microversion

    def make(self) -> Made:
        wanted = self.wanted
        self._check_body()
        least, most = self._counts()
        place = self._place()
        flavor = self._flavor()
        disks = self._block_devices()
        image = self._image(flavor, disks)
        networks = networks_of(self.request, wanted, most)
        groups = self._security_groups(networks)
        self._check_hints()
        password = given(wanted.admin_pass) or generated_password()
        values = self._values(flavor, image, place)
        reservation = reservation_id()
        with self.service.database.transaction() as tx:
            count = self._allowed_count(tx, flavor, least, most)
            group_id = self._server_group(tx, count)
            key = self._key(tx)
            rows = [
                {**values, **key, "server_group_id": group_id, **self._named(number, most)} for number in range(count)
            ]
            for row in rows:
                row["reservation_id"] = reservation
            servers.insert(tx, rows)
            self._insert_parts(tx, rows, flavor, disks, networks)
            server_actions.record(tx, self.context, [row["id"] for row in rows], "create")
            self._ask(tx, rows, networks, groups, place)
        return Made([row["id"] for row in rows], reservation, password, values["auto_disk_config"])

    # -- what is wrong with the body on its own ----------------------------------------------------------------------

    def _check_body(self) -> None:
        wanted = self.wanted
        check_name(wanted.name)
        for name in (wanted.availability_zone, wanted.key_name):
            if not isinstance(name, UnsetType):
                check_name(name)
        if not isinstance(wanted.description, UnsetType):
            check_description(wanted.description)
        check_base64(wanted.user_data, "user_data")
        for file in given(wanted.personality) or ():
            check_base64(file.contents, "personality")
        certificates = given(wanted.trusted_image_certificates)
        if certificates and len(set(certificates)) != len(certificates):
            raise BadRequest(
                f"Invalid input for field/attribute trusted_image_certificates. {certificates} has non-unique elements"
            )
        if not isinstance(wanted.hostname, UnsetType):
            check_hostname(wanted.hostname, self.version)
        for device in given(wanted.block_device_mapping_v2) or ():
            if device.tag is not UNSET and (2, 32) < self.version < (2, 42):
                raise BadRequest("Additional properties are not allowed ('tag' was unexpected)")
        image = given(wanted.image_ref)
        if image and not ids.is_uuid(image):
            raise BadRequest(f"Invalid input for field/attribute imageRef. Value: {image}. '{image}' is not a 'uuid'")

    def _counts(self) -> tuple[int, int]:
        least = int(given(self.wanted.min_count) or 1)
        most = int(given(self.wanted.max_count) or least)
        if self.wanted.min_count == "0" or self.wanted.max_count == "0":
            raise BadRequest("Invalid input for field/attribute min_count. 0 is less than the minimum of 1")
        if least > most:
            raise BadRequest("min_count must be <= max_count")
        if most > 1 and not isinstance(self.wanted.hostname, UnsetType):
            raise BadRequest("Unable to allocate a single hostname to multiple instances")
        return least, most

    def _place(self) -> Place:
        """Zone, host and node. Forcing a host needs its own right."""
        wanted, request = self.wanted, self.request
        target = {"project_id": self.context.project_id, "user_id": self.context.user_id}
        if given(wanted.trusted_image_certificates):
            request.authorize(PREFIX + ":trusted_certs", target)
        zone, host, node = parse_zone(given(wanted.availability_zone))
        with self.service.database.read() as tx:
            zones = aggregates.zones(tx) if zone or host else {}
            known = {one.host: one for one in hosts.all_hosts(tx)} if zone or host or node or wanted.host else {}
        default = self.service.settings.default_availability_zone
        if host or node:
            request.authorize(PREFIX + ":forced_host", target)
            if host and host not in known:
                raise BadRequest(f"Compute host {host} could not be found.")
            return Place(None, host, node, forced=True)
        asked = given(wanted.host), given(wanted.hypervisor_hostname)
        if any(asked):
            request.authorize("compute:servers:create:requested_destination", target)
            if asked[0] and asked[0] not in known:
                raise BadRequest(f"Compute host {asked[0]} could not be found.")
        if zone and zone != default and zone not in zones.values():
            raise BadRequest("The requested availability zone is not available")
        return Place(zone, asked[0], asked[1])

    def _flavor(self) -> Flavor:
        flavor_id = str(self.wanted.flavor_ref).rstrip("/").rpartition("/")[2]
        with self.service.database.read() as tx:
            try:
                flavor = flavors.get(tx, self.context, flavor_id)
            except NotFound as error:
                raise BadRequest(error.message) from None
        if flavor.disabled:
            raise BadRequest(f"Flavor {flavor_id} could not be found.")
        return flavor

    def _block_devices(self) -> list[BlockDevice]:
        """Local disks that were asked for. Volumes need a volume service."""
        old, new = given(self.wanted.block_device_mapping), given(self.wanted.block_device_mapping_v2)
        if old and new:
            raise BadRequest("Using different block_device_mapping syntaxes is not allowed in the same request.")
        if old or new:
            self.request.authorize(PREFIX + ":attach_volume")
        for device in old or ():
            identity = given(device.volume_id) or given(device.snapshot_id)
            kind = "volume" if given(device.volume_id) else "snapshot"
            raise BadRequest(f"Block Device Mapping is Invalid: failed to get {kind} {identity}.")
        for device in new or ():
            self._check_device(device)
        return list(new or ())

    def _check_device(self, device: BlockDevice) -> None:
        invalid = "Block Device Mapping is Invalid: "
        source, destination = given(device.source_type), given(device.destination_type)
        identity = given(device.uuid) or given(device.image_id) or given(device.volume_id) or given(device.snapshot_id)
        if source is None and given(device.volume_id) is None and given(device.image_id) is None:
            raise BadRequest("Block Device Mapping is Invalid: Unrecognized legacy format.")
        if given(device.volume_type) and destination != "volume":
            raise BadRequest(f"{invalid}Specifying a volume_type with destination_type=local is not supported.")
        if source == "image" and destination in ("local", None):
            if int(given(device.boot_index) or 0) != 0:
                raise BadRequest(
                    f"{invalid}Mapping image to local is not supported for boot_index {device.boot_index}."
                )
            return
        if source == "blank" and destination in ("local", None):
            return
        if source in ("volume", None) and destination == "local":
            raise BadRequest(f"{invalid}Mapping volume to local is not supported.")
        named = source or "volume"
        if "volume" not in self.service.runtime.services:
            what = "boot from a volume" if named in ("image", "blank") else f"get {named} {identity}"
            raise BadRequest(f"{invalid}failed to {what}: this cloud has no volume service.")

    def _image(self, flavor: Flavor, devices: list[BlockDevice]) -> Mapping[str, Any] | None:
        image_id = given(self.wanted.image_ref)
        if not image_id:
            from_device = next((device for device in devices if device.source_type == "image"), None)
            image_id = from_device and (given(from_device.uuid) or given(from_device.image_id))
        if not image_id:
            raise BadRequest(
                "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping "
                "combination is not valid."
                if devices
                else "Missing imageRef attribute"
            )
        try:
            image: Mapping[str, Any] = self.service.images.get(self.context, str(image_id))
        except NotFound:
            raise BadRequest("Can not find requested image") from None
        check_image(image, flavor.memory_mb, flavor.root_gb)
        if flavor.root_gb == 0 and not self.request.allowed(PREFIX + ":zero_disk_flavor"):
            raise Forbidden("Only volume-backed servers are allowed for flavors with zero disk.")
        if image.get("auto_disk_config") == "disabled" and self.wanted.disk_config == "AUTO":
            raise BadRequest(f"Requested image {image_id} has automatic disk resize disabled.")
        return image

    def _security_groups(self, networks: Networks) -> list[str]:
        """The ids of the groups asked for; none: every port gets its project's default group."""
        names = list(
            dict.fromkeys(name for group in given(self.wanted.security_groups) or () if (name := given(group.name)))
        )
        if not names or names == ["default"] or networks.none:
            return []
        known = self.service.networking.security_groups(self.context)
        found = []
        for name in names:
            matching = [group["id"] for group in known if name in (group["id"], group["name"])]
            if not matching:
                raise BadRequest(f"Security group {name} not found for project {self.context.project_id}.")
            found.append(matching[0])
        return found

    def _check_hints(self) -> None:
        for name in ("group", "different_host", "same_host"):
            value = self.hints.get(name)
            for one in hint_ids(self.hints, name):
                if not isinstance(one, str) or not ids.is_uuid(one):
                    raise BadRequest(
                        f"Invalid input for field/attribute {name}. Value: {value}. '{one}' is not a 'uuid'"
                    )

    # -- what needs the transaction ------------------------------------------------------------------------------------

    def _allowed_count(self, tx: Tx, flavor: Flavor, least: int, most: int) -> int:
        """As many as the quotas allow, between least and most. Raises QuotaExceeded when least are too many."""
        project_id = self.context.project_id or ""
        limits = quotas.limits(tx, project_id)
        self._check_content(limits)
        used = usage.servers_used(tx, project_id)
        for count in range(most, least, -1):
            asked = {"instances": count, "cores": count * flavor.vcpus, "ram": count * flavor.memory_mb}
            if not exceeded(limits, used, asked):
                return count
        asked = {"instances": least, "cores": least * flavor.vcpus, "ram": least * flavor.memory_mb}
        quotas.check_servers(limits, used, asked)
        return least

    def _check_content(self, limits: Mapping[str, int]) -> None:
        check_metadata_quota(limits, given(self.wanted.metadata) or {})
        files = given(self.wanted.personality) or ()
        if 0 <= limits["injected_files"] < len(files):
            raise QuotaExceeded("Personality file limit exceeded.")
        for file in files:
            if 0 <= limits["injected_file_path_bytes"] < len(given(file.path) or ""):
                raise QuotaExceeded("Personality file path exceeds maximum length.")
            if 0 <= limits["injected_file_content_bytes"] < len(base64.b64decode(given(file.contents) or "")):
                raise QuotaExceeded("Personality file content exceeds maximum size.")

    def _server_group(self, tx: Tx, count: int) -> str | None:
        group_id = next(iter(hint_ids(self.hints, "group")), None)
        if group_id is None:
            return None
        members = servers.group_members(tx, group_id)
        if members is None or (members[0] != self.context.project_id and not self.context.is_admin):
            raise BadRequest(f"Instance group {group_id} could not be found.")
        limit = quotas.limits(tx, self.context.project_id or "")["server_group_members"]
        if 0 <= limit < members[1] + count:
            raise QuotaExceeded("Quota exceeded, too many servers in group")
        return group_id

    def _key(self, tx: Tx) -> dict[str, Any]:
        name = given(self.wanted.key_name)
        if not name:
            return {"key_name": None, "key_data": None}
        pair = keypairs.find(tx, self.context.user_id or "", name)
        if pair is None:
            raise BadRequest("Invalid key_name provided.")
        return {"key_name": name, "key_data": pair.public_key}

    def _named(self, number: int, most: int) -> dict[str, Any]:
        server_id = ids.new_uuid()
        name = self.wanted.name.strip()
        hostname = given(self.wanted.hostname) or sanitized_hostname(name) or f"Server-{server_id}"
        if most > 1:
            name = f"{name}-{number + 1}"
            hostname = sanitized_hostname(name) or f"Server-{server_id}"
        description = given(self.wanted.description) if self.version >= (2, 19) else name
        return {
            "id": server_id,
            "name": name,
            "hostname": hostname,
            "description": description,
            "launch_index": number,
            "tags": sorted(set(given(self.wanted.tags) or ())),
        }

    def _values(self, flavor: Flavor, image: Mapping[str, Any] | None, place: Place) -> dict[str, Any]:
        """What all servers of the request have in common."""
        wanted, now = self.wanted, clock.now()
        config_drive = given(wanted.config_drive)
        mandatory = image is not None and image.get("img_config_drive") == "mandatory"
        return {
            **flavor_values(flavor),
            "project_id": self.context.project_id,
            "user_id": self.context.user_id,
            "vm_state": BUILDING,
            "task_state": SCHEDULING,
            "power_state": NO_POWER,
            "progress": 0,
            "host": None,
            "node": None,
            "launched_on": None,
            "availability_zone": place.zone,
            "pinned_availability_zone": place.zone,
            "image_id": image["id"] if image else None,
            "image": driver_image(image) if image else None,
            "image_properties": shown_properties(image) if image else {},
            "user_data": given(wanted.user_data),
            "config_drive": mandatory or (config_drive is not None and flag(config_drive)),
            "metadata": given(wanted.metadata) or {},
            "addresses": {},
            "volumes": [],
            "security_groups": [],
            "access_ip_v4": access_ip(wanted.access_ip_v4, 4),
            "access_ip_v6": access_ip(wanted.access_ip_v6, 6),
            "auto_disk_config": wanted.disk_config != "MANUAL",
            "locked_by": None,
            "locked_reason": None,
            "root_device_name": "/dev/vda",
            "kernel_id": (image or {}).get("kernel_id") or "",
            "ramdisk_id": (image or {}).get("ramdisk_id") or "",
            "fault": None,
            "trusted_certs": given(wanted.trusted_image_certificates),
            "scheduler_hints": self.hints,
            "shelved_image_id": None,
            "password": None,
            "created_at": now,
            "updated_at": now,
            "launched_at": None,
            "terminated_at": None,
            "deleted_at": None,
        }

    def _insert_parts(
        self,
        tx: Tx,
        rows: list[dict[str, Any]],
        flavor: Flavor,
        devices: list[BlockDevice],
        networks: Networks,
    ) -> None:
        for row in rows:
            disks = local_disks(row["id"], ids.new_uuid, flavor.ephemeral_gb, flavor.swap)
            disks += [_blank(row["id"], device) for device in devices if device.source_type == "blank"]
            if disks:
                servers.put_disks(tx, row["id"], disks)
            ports = [want for want in networks.wants if want.get("port")]
            if ports:
                servers.put_vifs(tx, row["id"], [_given_port(row["id"], n, want) for n, want in enumerate(ports)])

    def _ask(self, tx: Tx, rows: list[dict[str, Any]], networks: Networks, groups: list[str], place: Place) -> None:
        wish = {"host": place.host, "node": place.node, "forced": place.forced}
        asked = {
            "networks": networks.wants,
            "security_groups": groups,
            "wish": {name: value for name, value in wish.items() if value},
        }
        queue = self.service.runtime.operations
        for row in rows:
            queue.ask(tx, BOOT, row["id"], self.context, asked)


def _blank(server_id: str, device: BlockDevice) -> ServerDisk:
    return ServerDisk(
        id=ids.new_uuid(),
        server_id=server_id,
        source_type="blank",
        destination_type="local",
        volume_size=int(given(device.volume_size) or 1),
        guest_format=given(device.guest_format),
        device_name=given(device.device_name),
        disk_bus=given(device.disk_bus),
        delete_on_termination=True,
        tag=given(device.tag),
    )


def _given_port(server_id: str, position: int, want: Mapping[str, Any]) -> ServerVif:
    """Noted down before it is touched, so that whoever cleans up knows that it is not ours."""
    return ServerVif(
        port_id=want["port"],
        server_id=server_id,
        network_id=want["uuid"],
        mac=want["mac"],
        position=position,
        ours=False,
        tag=want.get("tag"),
        vif={
            "port_id": want["port"],
            "network_id": want["uuid"],
            "mac": want["mac"],
            "mtu": 1500,
            "vif_type": "unbound",
        },
    )


def flavor_values(flavor: Flavor) -> dict[str, Any]:
    embedded = ServerFlavor(
        vcpus=flavor.vcpus,
        ram=flavor.memory_mb,
        disk=flavor.root_gb,
        ephemeral=flavor.ephemeral_gb,
        swap=flavor.swap,
        original_name=flavor.name,
        extra_specs=flavor.extra_specs,
    )
    return {
        "flavor_id": flavor.id,
        "flavor_number": flavor.number,
        "flavor": msgspec.to_builtins(embedded),
        "vcpus": flavor.vcpus,
        "memory_mb": flavor.memory_mb,
        "root_gb": flavor.root_gb,
        "ephemeral_gb": flavor.ephemeral_gb,
    }
