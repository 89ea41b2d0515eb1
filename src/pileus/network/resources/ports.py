"""Ports: a plug in a network, with its addresses, its host and what may pass."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pileus.kernel.ids import is_uuid
from pileus.network import addresses, validators
from pileus.network.attributes import Values
from pileus.network.calls import Call
from pileus.network.errors import fault, invalid
from pileus.network.resources import allocation
from pileus.network.resources.allocation import Allocator, Fixed
from pileus.network.resources.base import Clause, Resource, Shown, with_owner
from pileus.network.resources.port_attributes import PORT_ATTRIBUTES
from pileus.network.resources.subnets import automatic
from pileus.network.store.records import Records, Row
from pileus.network.tables import fixed_ips, networks, port_bindings, port_security_groups, ports

UNBOUND, FAILED = "unbound", "binding_failed"
ACTIVE, DOWN = "ACTIVE", "DOWN"
DISTRIBUTED = "network:distributed"
MOST_PAIRS = 10
# Ports that only the cloud itself removes, with what they belong to.
SERVICE_OWNERS = (*allocation.ROUTER_OWNERS, "network:floatingip", "network:ha_router_replicated_interface")

_GROUPS_OF = sa.select(port_security_groups.c.port_id, port_security_groups.c.security_group_id).where(
    port_security_groups.c.port_id.in_(sa.bindparam("ids", expanding=True))
)
_KEEP_GROUPS = port_security_groups.insert()
_DROP_BINDINGS = port_bindings.delete().where(port_bindings.c.port_id == sa.bindparam("at"))
_DROP_GROUPS = port_security_groups.delete().where(port_security_groups.c.port_id == sa.bindparam("at"))
_MAC_TAKEN = sa.select(ports.c.id).where(
    ports.c.network_id == sa.bindparam("network_id"), ports.c.mac_address == sa.bindparam("mac")
)
_COUNT = (
    sa.select(sa.func.count())
    .select_from(ports)
    .where(ports.c.project_id == sa.bindparam("project_id"), ports.c.device_owner != DISTRIBUTED)
)


class Ports(Resource):
    name = "port"
    plural = "ports"
    records = Records(ports)
    missing = ("PortNotFound", "port_id")
    quota = "port"
    attributes = PORT_ATTRIBUTES

    # -- finding -----------------------------------------------------------------------------------------------

    def scope(self) -> Clause:
        of_networks = sa.select(networks.c.id).where(networks.c.project_id == sa.bindparam("me"))
        return sa.or_(ports.c.project_id == sa.bindparam("me"), ports.c.network_id.in_(of_networks))

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name == "fixed_ips":
            return self._by_fixed_ips(values)
        if name == "security_groups":
            return ports.c.id.in_(
                sa.select(port_security_groups.c.port_id).where(
                    port_security_groups.c.security_group_id.in_(list(values))
                )
            )
        if name == "mac_address" and any(len(str(value)) < 17 for value in values):
            return sa.or_(*(ports.c.mac_address.like(f"%{value}%") for value in values))
        return super().filter(name, values)

    @staticmethod
    def _by_fixed_ips(values: Sequence[Any]) -> Clause:
        """``fixed_ips=ip_address=10.0.0.3``: each key narrows, several values of one key widen."""
        wanted: dict[str, list[str]] = {}
        for value in values:
            key, _, content = str(value).partition("=")
            wanted.setdefault(key, []).append(content)
        found: Clause = sa.true()
        for key, contents in wanted.items():
            matching = sa.select(fixed_ips.c.port_id)
            if key == "ip_address_substr":
                matching = matching.where(sa.or_(*(fixed_ips.c.ip_address.like(f"%{part}%") for part in contents)))
            elif key in ("ip_address", "subnet_id"):
                matching = matching.where(fixed_ips.c[key].in_([validators.to_address(part) for part in contents]))
            else:
                raise invalid(f"'{key}' is not a key of fixed_ips")
            found = sa.and_(found, ports.c.id.in_(matching))
        return found

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        return call.service.network_lookups(call, facts)

    def part_rules(self, action: str, name: str, value: Any) -> Iterable[str]:
        if name in ("fixed_ips", "allowed_address_pairs") and isinstance(value, list):
            return dict.fromkeys(key for item in value for key in item)
        return ()

    def before_create(self, call: Call, values: Values) -> None:
        call.service.check_network_owner(call, values)

    def count(self, call: Call, project_id: str) -> int:
        return int(call.tx.scalar(_COUNT, {"project_id": project_id}) or 0)

    # -- showing -----------------------------------------------------------------------------------------------

    def expand(self, call: Call, rows: Sequence[Row]) -> None:
        missing = [row for row in rows if "fixed" not in row]
        if missing:
            fixed = allocation.of_ports(call, (row["id"] for row in missing))
            groups: dict[str, list[str]] = {row["id"]: [] for row in missing}
            for port_id, group_id in call.tx.execute(_GROUPS_OF, {"ids": list(groups)}).all():
                groups[port_id].append(group_id)
            for row in missing:
                row["fixed"], row["security_groups"] = fixed[row["id"]], groups[row["id"]]
        domain = call.service.settings.dns_domain
        trunks = call.service.trunks.details_of(call, rows)
        for row in rows:
            row["domain"] = domain
            if row["id"] in trunks:
                row["trunk_details"] = trunks[row["id"]]

    def render(self, row: Row) -> Shown:
        fixed: list[Fixed] = row["fixed"]
        shown: Shown = {
            "id": row["id"],
            "name": row["name"],
            "network_id": row["network_id"],
            "mac_address": row["mac_address"],
            "admin_state_up": row["admin_state_up"],
            "status": row["status"],
            "device_id": row["device_id"],
            "device_owner": row["device_owner"],
            "fixed_ips": [{"subnet_id": subnet_id, "ip_address": address} for subnet_id, address in fixed],
            "security_groups": row["security_groups"],
            "port_security_enabled": row["port_security_enabled"],
            "allowed_address_pairs": row["allowed_address_pairs"],
            "extra_dhcp_opts": row["extra_dhcp_opts"],
            "binding:vnic_type": row["vnic_type"],
            "binding:host_id": row["host"],
            "binding:profile": row["profile"],
            "binding:vif_type": row["vif_type"],
            "binding:vif_details": row["vif_details"],
            "dns_name": row["dns_name"],
            "dns_domain": row["dns_domain"],
            "dns_assignment": [_assignment(row["dns_name"], address, row["domain"]) for _, address in fixed],
            "qos_policy_id": row["qos_policy_id"],
            "propagate_uplink_status": row["propagate_uplink_status"],
            "ip_allocation": "immediate",
            "description": row["description"],
            "tags": row["tags"],
        }
        if "trunk_details" in row:
            shown["trunk_details"] = row["trunk_details"]
        return with_owner(shown, row)

    # -- creating ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        network = call.service.networks.get(call, values["network_id"])
        owner, device_id = values["device_owner"], values["device_id"]
        call.service.routers.check_device(call, owner, device_id, values["project_id"])
        mac = self._mac(call, network["id"], values.get("mac_address"))
        allocator = Allocator(call, network, owner, mac)
        wanted = values.get("fixed_ips")
        fixed = allocator.unasked() if wanted is None else allocator.asked(wanted)
        own = owner.startswith("network:")
        secured = bool(values.get("port_security_enabled", network["port_security_enabled"] and not own))
        groups = self._groups(call, values, secured=secured, own=own, fixed=fixed)
        pairs = self._pairs(values.get("allowed_address_pairs", []), mac, secured=secured)
        call.service.check_qos_policy(call, values["qos_policy_id"])
        host, vnic = values.get("binding:host_id") or "", values["binding:vnic_type"]
        row = self.records.insert(
            call.tx,
            {
                "project_id": values["project_id"],
                "network_id": network["id"],
                "name": values["name"],
                "description": values["description"],
                "mac_address": mac,
                "admin_state_up": values["admin_state_up"],
                "status": "N/A" if owner == "network:floatingip" else DOWN,
                "device_id": device_id,
                "device_owner": owner,
                "host": host,
                "vnic_type": vnic,
                "profile": values.get("binding:profile", {}),
                **self.bound(call, host, vnic),
                "port_security_enabled": secured,
                "allowed_address_pairs": pairs,
                "extra_dhcp_opts": _options([], values["extra_dhcp_opts"]),
                "dns_name": values["dns_name"],
                "dns_domain": values["dns_domain"],
                "qos_policy_id": values["qos_policy_id"],
                "propagate_uplink_status": values["propagate_uplink_status"],
                "tags": values.get("tags", []),
            },
        )
        allocation.add(call, row, fixed)
        self._keep_groups(call, row["id"], groups)
        row["fixed"], row["security_groups"] = fixed, groups
        if owner != "network:floatingip":
            call.changed("port", row["id"])
        return row

    def plug(self, call: Call, network_id: str, project_id: str, owner: str, device_id: str, **values: Any) -> Row:
        """A port that the cloud itself makes: of a router, a floating IP, the metadata service."""
        complete = {
            "project_id": project_id,
            "network_id": network_id,
            "name": "",
            "description": "",
            "admin_state_up": True,
            "device_owner": owner,
            "device_id": device_id,
            "port_security_enabled": False,
            "security_groups": [],
            "binding:vnic_type": "normal",
            "extra_dhcp_opts": None,
            "dns_name": "",
            "dns_domain": "",
            "qos_policy_id": None,
            "propagate_uplink_status": True,
            **values,
        }
        return self.create(call, complete)

    def _mac(self, call: Call, network_id: str, asked: str | None) -> str:
        if asked is not None:
            if self._mac_taken(call, network_id, asked):
                raise fault("MacAddressInUse", net_id=network_id, mac=asked)
            return asked
        mac = addresses.new_mac()
        while self._mac_taken(call, network_id, mac):
            mac = addresses.new_mac()
        return mac

    @staticmethod
    def _mac_taken(call: Call, network_id: str, mac: str) -> bool:
        return call.tx.execute(_MAC_TAKEN, {"network_id": network_id, "mac": mac}).first() is not None

    def _groups(self, call: Call, values: Values, *, secured: bool, own: bool, fixed: Sequence[Fixed]) -> list[str]:
        asked = values.get("security_groups")
        if asked is None:
            if not secured or own:
                return []
            return [call.service.security_groups.default_of(call, values["project_id"])]
        if asked and not secured:
            raise fault("PortSecurityAndIPRequiredForSecurityGroups")
        call.service.security_groups.check_usable(call, asked, values["project_id"])
        return list(asked)

    @staticmethod
    def _pairs(pairs: Sequence[dict[str, Any]], mac: str, *, secured: bool) -> list[dict[str, str]]:
        if pairs and not secured:
            raise fault("AddressPairAndPortSecurityRequired")
        if len(pairs) > MOST_PAIRS:
            raise fault("AllowedAddressPairExhausted", quota=MOST_PAIRS)
        return [{"mac_address": pair.get("mac_address") or mac, "ip_address": pair["ip_address"]} for pair in pairs]

    @staticmethod
    def _keep_groups(call: Call, port_id: str, groups: Sequence[str]) -> None:
        if groups:
            rows = [{"port_id": port_id, "security_group_id": group} for group in groups]
            call.tx.execute(_KEEP_GROUPS, rows)

    @staticmethod
    def bound(call: Call, host: str, vnic_type: str) -> Row:
        """How the port is plugged on its host: the columns ``vif_type`` and ``vif_details``."""
        if not host:
            return {"vif_type": UNBOUND, "vif_details": {}}
        binding = call.service.driver.binding(host, vnic_type)
        if binding is None:
            return {"vif_type": FAILED, "vif_details": {}}
        return {"vif_type": binding.vif_type, "vif_details": dict(binding.vif_details)}

    # -- changing ----------------------------------------------------------------------------------------------

    def update(self, call: Call, row: Row, values: Values) -> Row:
        self.expand(call, [row])
        changed = {self.attributes[name].key: value for name, value in values.items()}
        fixed_wanted, groups_wanted = changed.pop("fixed_ips", None), changed.pop("security_groups", None)
        owner = str(changed.get("device_owner", row["device_owner"]))
        if "device_id" in changed or "device_owner" in changed:
            call.service.routers.check_device(
                call, owner, str(changed.get("device_id", row["device_id"])), row["project_id"]
            )
        network = call.service.networks.get(call, row["network_id"])
        mac = self._changed_mac(call, row, changed)
        fixed, groups = row["fixed"], row["security_groups"]
        if fixed_wanted is not None or mac != row["mac_address"]:
            wanted = self._readdressed(fixed, fixed_wanted, call, mac, row["mac_address"])
            fixed = Allocator(call, network, owner, mac, row["fixed"]).asked(wanted)
            call.service.floatingips.check_addresses(call, row, fixed)
        secured = bool(changed.get("port_security_enabled", row["port_security_enabled"]))
        if groups_wanted is not None:
            if groups_wanted and not secured:
                raise fault("PortSecurityAndIPRequiredForSecurityGroups")
            added = [group for group in groups_wanted if group not in groups]
            call.service.security_groups.check_usable(call, added, row["project_id"])
            groups = list(groups_wanted)
        if not secured and groups and row["port_security_enabled"]:
            raise fault("PortSecurityPortHasSecurityGroup")
        if "allowed_address_pairs" in changed or not secured:
            pairs: list[Row] = {**row, **changed}["allowed_address_pairs"]
            changed["allowed_address_pairs"] = self._pairs(pairs, mac, secured=secured)
        if "extra_dhcp_opts" in changed:
            changed["extra_dhcp_opts"] = _options(row["extra_dhcp_opts"], changed["extra_dhcp_opts"])
        if "qos_policy_id" in changed:
            call.service.check_qos_policy(call, changed["qos_policy_id"])
        self._rebind(call, row, changed)
        new = self.records.update(call.tx, row, changed)
        if fixed != row["fixed"]:
            allocation.keep(call, new, fixed)
            call.tell_compute("network-changed", row)
        if groups != row["security_groups"]:
            call.tx.execute(_DROP_GROUPS, {"at": row["id"]})
            self._keep_groups(call, row["id"], groups)
        new["fixed"], new["security_groups"] = fixed, groups
        self.changed(call, new)
        return new

    def _changed_mac(self, call: Call, row: Row, changed: Row) -> str:
        if "mac_address" in changed and changed["mac_address"] is None:
            changed["mac_address"] = addresses.new_mac()
        mac = str(changed.get("mac_address", row["mac_address"]))
        if mac != row["mac_address"]:
            if row["host"] and row["vif_type"] not in (UNBOUND, FAILED) and row["vnic_type"] == "normal":
                raise fault(
                    "PortBound",
                    port_id=row["id"],
                    vif_type=row["vif_type"],
                    old_mac=row["mac_address"],
                    new_mac=mac,
                )
            self._mac(call, row["network_id"], mac)
        return mac

    @staticmethod
    def _readdressed(
        fixed: Sequence[Fixed], wanted: Sequence[dict[str, Any]] | None, call: Call, mac: str, old_mac: str
    ) -> list[dict[str, Any]]:
        """What to ask for: what the client wants, or the present addresses, those made of the old MAC left out."""
        if wanted is not None:
            return list(wanted)
        subnets = call.service.subnets.records.many(call.tx, (subnet_id for subnet_id, _ in fixed))
        return [
            {"subnet_id": id, **({} if mac != old_mac and automatic(subnets[id]) else {"ip_address": address})}
            for id, address in fixed
        ]

    def _rebind(self, call: Call, row: Row, changed: Row) -> None:
        """Binds the port anew when its host or kind of plug changes, or when it could not be bound before."""
        if "host" in changed and changed["host"] is None:
            changed["host"] = ""
        host = str(changed.get("host", row["host"]))
        vnic = str(changed.get("vnic_type", row["vnic_type"]))
        if (host, vnic) == (row["host"], row["vnic_type"]) and not (host and row["vif_type"] == FAILED):
            return
        changed.update(self.bound(call, host, vnic))
        if host != row["host"]:
            changed["status"] = DOWN
            call.tx.execute(
                port_bindings.delete().where(port_bindings.c.port_id == row["id"], port_bindings.c.host == host)
            )

    def changed(self, call: Call, row: Row) -> None:
        """Tells the driver about a port, and about the router or floating IPs that show its addresses."""
        call.changed("port", row["id"])
        if row["device_owner"] in allocation.ROUTER_OWNERS and is_uuid(row["device_id"]):
            call.changed("router", row["device_id"])

    def delete(self, call: Call, row: Row) -> None:
        if row["device_owner"] in SERVICE_OWNERS and call.service.owns_service_port(call, row):
            raise fault("ServicePortInUse", port_id=row["id"], reason=f"has device owner {row['device_owner']}")
        call.service.trunks.check_port_free(call, row["id"])
        self.remove(call, row)

    def remove(self, call: Call, row: Row) -> None:
        """Deletes a port and whatever refers to it."""
        call.tell_compute("network-vif-deleted", row)
        call.service.floatingips.disassociate(call, row["id"])
        allocation.release(call, row["id"])
        call.tx.execute(_DROP_GROUPS, {"at": row["id"]})
        call.tx.execute(_DROP_BINDINGS, {"at": row["id"]})
        self.records.delete(call.tx, row["id"])
        if row["device_owner"] != "network:floatingip":
            call.changed("port", row["id"])

    # -- subnets that come and go ------------------------------------------------------------------------------

    def subnet_added(self, call: Call, network: Row, subnet: Row) -> None:
        """Ports get their automatic address of a new subnet; a DHCP subnet its metadata address."""
        if automatic(subnet):
            self.expand(call, found := self.records.of(call.tx, network_id=network["id"]))
            for port in found:
                if port["device_owner"] in (*allocation.ROUTER_OWNERS, "network:floatingip", DISTRIBUTED):
                    continue
                fixed = (subnet["id"], addresses.eui64(subnet["cidr"], port["mac_address"]))
                allocation.add(call, port, [fixed], len(port["fixed"]))
                self.records.touch(call.tx, port["id"])
                call.changed("port", port["id"])
        self.ensure_distributed(call, network, subnet)

    def ensure_distributed(self, call: Call, network: Row, subnet: Row) -> None:
        """The network's port of the metadata service has an address in each IPv4 subnet with DHCP."""
        if subnet["ip_version"] != 4 or not subnet["enable_dhcp"]:
            return
        port = self.distributed(call, network["id"])
        if port is None:
            device = f"ovnmeta-{network['id']}"
            asked = [{"subnet_id": subnet["id"]}]
            self.plug(call, network["id"], network["project_id"], DISTRIBUTED, device, fixed_ips=asked)
            return
        self.expand(call, [port])
        if all(subnet_id != subnet["id"] for subnet_id, _ in port["fixed"]):
            allocator = Allocator(call, network, DISTRIBUTED, port["mac_address"])
            allocation.add(call, port, allocator.asked([{"subnet_id": subnet["id"]}])[:1], len(port["fixed"]))
            self.records.touch(call.tx, port["id"])
            call.changed("port", port["id"])

    def distributed(self, call: Call, network_id: str) -> Row | None:
        found = self.records.of(call.tx, device_id=f"ovnmeta-{network_id}", device_owner=DISTRIBUTED)
        return found[0] if found else None

    def subnet_removed(self, call: Call, subnet: Row) -> None:
        """The metadata port goes with the last subnet that it serves."""
        port = self.distributed(call, subnet["network_id"])
        if port is not None:
            self.expand(call, [port])
            if not port["fixed"]:
                self.remove(call, port)


def _options(present: Sequence[dict[str, Any]], wanted: Sequence[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Extra DHCP options: those given take the place of what was there; a value of None removes an option."""
    options = {(option["opt_name"], option["ip_version"]): option for option in present}
    for option in wanted or ():
        key = (option["opt_name"], int(option.get("ip_version", 4)))
        if option["opt_value"] is None:
            options.pop(key, None)
        else:
            options[key] = {"opt_name": key[0], "opt_value": option["opt_value"], "ip_version": key[1]}
    return list(options.values())


def _assignment(name: str, address: str, domain: str) -> dict[str, str]:
    hostname = name or f"host-{address.replace('.', '-').replace(':', '-')}"
    fqdn = hostname if hostname.endswith(".") else f"{hostname}.{domain}"
    return {"hostname": hostname.split(".")[0], "ip_address": address, "fqdn": fqdn}
