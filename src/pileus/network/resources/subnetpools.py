"""Subnet pools and address scopes."""

from collections.abc import Mapping, Sequence
from ipaddress import collapse_addresses
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.kernel.ids import is_uuid
from pileus.network import addresses, validators
from pileus.network.attributes import (
    DESCRIPTION,
    ID,
    NAME,
    PROJECT_ID,
    STANDARD,
    TAGS,
    Attribute,
    Values,
    read_only,
    table_of,
)
from pileus.network.calls import Call
from pileus.network.errors import fault, invalid
from pileus.network.resources.base import Clause, Resource, Shown
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import address_scopes, subnetpools

LEAST_PREFIX = {4: 8, 6: 64}
LONGEST_PREFIX = {4: 32, 6: 128}
_boolean = validators.to_boolean


def _length(name: str) -> Attribute:
    return Attribute(name, post=True, put=True, default=UNSET, convert=validators.to_int, check=validators.non_negative)


def _by_sharing(object_type: str, column: Any, values: Sequence[Any]) -> Clause:
    shared: Clause = sharing.shared_with_everybody(object_type, column)
    return shared if values[-1] else sa.not_(shared)


class AddressScopes(Resource):
    name = "address_scope"
    plural = "address_scopes"
    records = Records(address_scopes)
    missing = ("AddressScopeNotFound", "address_scope_id")
    object_type = "address_scope"
    bulk = False
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        Attribute("ip_version", post=True, convert=validators.to_int, check=validators.one_of(4, 6)),
        Attribute("shared", post=True, put=True, default=False, convert=_boolean, ruled=True, sort=False),
    )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name == "shared":
            return _by_sharing("address_scope", address_scopes.c.id, values)
        return super().filter(name, values)

    def render(self, row: Row) -> Shown:
        names = ("id", "name", "ip_version", "shared", "project_id")
        return {**{name: row[name] for name in names}, "tenant_id": row["project_id"]}

    def create(self, call: Call, values: Values) -> Row:
        shared = values.pop("shared")
        row = self.records.insert(call.tx, {**values, "description": ""})
        self.set_shared(call, row, shared)
        return row

    def update(self, call: Call, row: Row, values: Values) -> Row:
        shared = values.pop("shared", None)
        if shared is False and sharing.with_everybody(call.tx, row["id"]):
            raise fault(
                "AddressScopeUpdateError", address_scope_id=row["id"], reason="Shared address scope can't be unshared"
            )
        row = super().update(call, row, values)
        self.set_shared(call, row, shared)
        return row

    def delete(self, call: Call, row: Row) -> None:
        if call.service.subnetpools.records.of(call.tx, address_scope_id=row["id"]):
            raise fault("AddressScopeInUse", address_scope_id=row["id"])
        super().delete(call, row)


class SubnetPools(Resource):
    name = "subnetpool"
    plural = "subnetpools"
    records = Records(subnetpools)
    missing = ("SubnetPoolNotFound", "subnetpool_id")
    quota = "subnetpool"
    object_type = "subnetpool"
    attributes = table_of(
        ID,
        Attribute("name", post=True, put=True, check=validators.not_empty(255)),
        PROJECT_ID,
        Attribute("prefixes", post=True, put=True, check=validators.subnet_list, filter=False, sort=False),
        Attribute(
            "default_quota",
            post=True,
            put=True,
            default=UNSET,
            convert=validators.to_int_or_none,
            check=validators.or_none(validators.non_negative),
        ),
        read_only("ip_version"),
        _length("default_prefixlen"),
        _length("min_prefixlen"),
        _length("max_prefixlen"),
        Attribute("is_default", post=True, put=True, default=False, convert=_boolean, ruled=True),
        Attribute("shared", post=True, default=False, convert=_boolean, ruled=True, sort=False),
        Attribute("address_scope_id", post=True, put=True, default=UNSET, check=validators.uuid_or_none),
        DESCRIPTION,
        TAGS,
        *STANDARD,
    )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name == "shared":
            return _by_sharing("subnetpool", subnetpools.c.id, values)
        return super().filter(name, values)

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, call: Call, values: Values) -> Row:
        shared = values.pop("shared")
        row: Row = {"default_quota": None, "address_scope_id": None, "tags": [], **values}
        row["prefixes"] = _compact(values["prefixes"])
        version = row["ip_version"] = _version(row["prefixes"])
        row.setdefault("min_prefixlen", LEAST_PREFIX[version])
        row.setdefault("max_prefixlen", LONGEST_PREFIX[version])
        row.setdefault("default_prefixlen", row["min_prefixlen"])
        _check_lengths(row)
        self._check_scope(call, row, row["prefixes"], "", shared=shared)
        self._check_default(call, row)
        row = self.records.insert(call.tx, row)
        self.set_shared(call, row, shared)
        return row

    def update(self, call: Call, row: Row, values: Values) -> Row:
        new = {**row, **values}
        if "prefixes" in values:
            new["prefixes"] = values["prefixes"] = self._grown(row, values["prefixes"])
        _check_lengths(new)
        if "address_scope_id" in values or "prefixes" in values:
            shared = sharing.with_everybody(call.tx, row["id"])
            self._check_scope(call, new, new["prefixes"], row["id"], shared=shared)
        if new["is_default"] and not row["is_default"]:
            self._check_default(call, new)
        if values.get("address_scope_id", row["address_scope_id"]) != row["address_scope_id"]:
            self._check_networks(call, row)
        return super().update(call, row, values)

    @staticmethod
    def _grown(row: Row, prefixes: Sequence[str]) -> list[str]:
        if _version(prefixes) != row["ip_version"]:
            raise fault("PrefixVersionMismatch")
        wanted = _compact(prefixes)
        if not all(any(_inside(old, new) for new in wanted) for old in row["prefixes"]):
            raise fault("IllegalSubnetPoolPrefixUpdate", msg="Existing prefixes must be a subset of the new prefixes")
        return wanted

    def _check_scope(self, call: Call, row: Row, prefixes: Sequence[str], own_id: str, *, shared: bool) -> None:
        scope_id = row["address_scope_id"]
        if scope_id is None:
            return
        scope = call.service.address_scopes.find(call, scope_id)
        scope_shared = call.service.address_scopes.is_shared(call, scope)
        if scope["project_id"] != row["project_id"] and not scope_shared and not call.context.is_admin:
            raise fault("IllegalSubnetPoolAssociationToAddressScope", subnetpool_id=own_id, address_scope_id=scope_id)
        if scope["ip_version"] != row["ip_version"]:
            raise fault(
                "IllegalSubnetPoolIpVersionAssociationToAddressScope",
                subnetpool_id=own_id,
                address_scope_id=scope_id,
                ip_version=scope["ip_version"],
            )
        for other in self.records.of(call.tx, address_scope_id=scope_id):
            if other["id"] != own_id and any(
                addresses.overlap(one, two) for one in prefixes for two in other["prefixes"]
            ):
                raise fault("AddressScopePrefixConflict")

    @staticmethod
    def _check_networks(call: Call, row: Row) -> None:
        """Raises an error when subnets of other pools share a network with subnets of this one."""
        for subnet in call.service.subnets.records.of(call.tx, subnetpool_id=row["id"]):
            for other in call.service.subnets.records.of(call.tx, network_id=subnet["network_id"]):
                if other["ip_version"] == row["ip_version"] and other["subnetpool_id"] != row["id"]:
                    raise fault("IllegalSubnetPoolUpdate", reason="Network has subnets of other subnet pools")

    def _check_default(self, call: Call, row: Row) -> None:
        if not row["is_default"]:
            return
        for other in self.records.of(call.tx, is_default=True, ip_version=row["ip_version"]):
            if other["id"] != row.get("id"):
                raise invalid(
                    "A default subnetpool for this IP family has already been set. Only one default may exist per IP "
                    "family"
                )

    def delete(self, call: Call, row: Row) -> None:
        if call.service.subnets.records.of(call.tx, subnetpool_id=row["id"]):
            raise fault("SubnetPoolDeleteError", reason="Subnet pool has existing allocations")
        super().delete(call, row)

    def change_prefixes(self, call: Call, row: Row, prefixes: Any, *, add: bool) -> Row:
        """Adds prefixes to a pool, or takes out ones that no subnet is of."""
        reason = validators.subnet_list(prefixes)
        if reason:
            raise invalid(f"Invalid input for prefixes. Reason: {reason}")
        if add:
            return self.update(call, row, {"prefixes": [*row["prefixes"], *prefixes]})
        left = _without(row["prefixes"], prefixes)
        for subnet in call.service.subnets.records.of(call.tx, subnetpool_id=row["id"]):
            if not any(_inside(subnet["cidr"], prefix) for prefix in left):
                raise fault(
                    "IllegalSubnetPoolPrefixUpdate",
                    msg="One or more of the prefixes to remove is in use by a subnet",
                )
        return self.records.update(call.tx, row, {"prefixes": left})

    # -- subnets of a pool -------------------------------------------------------------------------------------

    def of_subnet(self, call: Call, values: Values) -> str | None:
        """The pool that a new subnet is to be of, None for one without a pool."""
        asked = values.get("subnetpool_id")
        if values["use_default_subnetpool"]:
            if asked is not None:
                raise fault(
                    "BadRequest",
                    resource="subnets",
                    msg="subnetpool_id and use_default_subnetpool cannot both be specified",
                )
            found = self.records.of(call.tx, is_default=True, ip_version=values["ip_version"])
            if not found:
                if values["ip_version"] == 6 and values.get("ipv6_ra_mode"):
                    raise invalid("No default IPv6 subnet pool is set")
                raise fault(
                    "BadRequest",
                    resource="subnets",
                    msg="No default subnetpool found for IPv" + str(values["ip_version"]),
                )
            return str(found[0]["id"])
        if asked is None:
            return None
        if not is_uuid(asked):
            raise invalid(f"'{asked}' is not a valid UUID")
        return str(self.find(call, asked)["id"])

    def allocate(self, call: Call, pool_id: str, network: Row, values: Values) -> str:
        """The cidr that a new subnet gets of a pool: the one asked for, or a free one of a prefix length."""
        pool = self.get(call, pool_id)
        if pool["ip_version"] != values["ip_version"]:
            raise fault("BadRequest", resource="subnets", msg="Cannot allocate subnet of another IP version")
        cidr, length = values.get("cidr"), values.get("prefixlen")
        if cidr is not None and length is not None:
            raise fault("BadRequest", resource="subnets", msg="cidr and prefixlen must not be supplied together")
        if cidr is None and values.get("allocation_pools") and length is None:
            raise fault(
                "BadRequest", resource="subnets", msg="allocation_pools allowed only for specific subnet requests."
            )
        wanted = addresses.prefix_length(cidr) if cidr else length if length is not None else pool["default_prefixlen"]
        if wanted < pool["min_prefixlen"]:
            raise fault("MinPrefixSubnetAllocationError", prefixlen=wanted, min_prefixlen=pool["min_prefixlen"])
        if wanted > pool["max_prefixlen"]:
            raise fault("MaxPrefixSubnetAllocationError", prefixlen=wanted, max_prefixlen=pool["max_prefixlen"])
        siblings = call.service.subnets.records.of(call.tx, network_id=network["id"])
        if any(s["ip_version"] == pool["ip_version"] and s["subnetpool_id"] != pool_id for s in siblings):
            raise fault("NetworkSubnetPoolAffinityError")
        taken = call.service.subnets.records.of(call.tx, subnetpool_id=pool_id)
        self._check_quota(pool, values["project_id"], taken, wanted)
        used = [addresses.network_of(subnet["cidr"]) for subnet in taken]
        if cidr is not None:
            asked = addresses.network_of(cidr)
            if not any(_inside(cidr, prefix) for prefix in pool["prefixes"]) or any(
                asked.overlaps(other) for other in used
            ):
                raise fault(
                    "SubnetAllocationError",
                    reason="Cannot allocate requested subnet from the available set of prefixes",
                )
            return str(asked)
        return _free_prefix(pool["prefixes"], used, wanted)

    @staticmethod
    def _check_quota(pool: Row, project_id: str, taken: Sequence[Row], length: int) -> None:
        quota = pool["default_quota"]
        if quota is None:
            return
        longest = 32 if pool["ip_version"] == 4 else 64
        used = sum(
            1 << max(0, longest - addresses.prefix_length(subnet["cidr"]))
            for subnet in taken
            if subnet["project_id"] == project_id
        )
        if used + (1 << max(0, longest - length)) > quota:
            raise fault("SubnetPoolQuotaExceeded")


def _version(prefixes: Sequence[str]) -> int:
    if not prefixes:
        raise fault("EmptySubnetPoolPrefixList")
    versions = {addresses.version_of(prefix) for prefix in prefixes}
    if len(versions) > 1:
        raise fault("PrefixVersionMismatch")
    return versions.pop()


def _compact(prefixes: Sequence[str]) -> list[str]:
    """The fewest prefixes that cover the same addresses."""
    _version(prefixes)
    return [str(network) for network in collapse_addresses(addresses.network_of(p) for p in prefixes)]  # type: ignore[type-var]


def _without(prefixes: Sequence[str], removed: Sequence[str]) -> list[str]:
    left: list[Any] = [addresses.network_of(prefix) for prefix in prefixes]
    for gone in (addresses.network_of(prefix) for prefix in removed):
        remaining: list[Any] = []
        for network in left:
            if not network.overlaps(gone):
                remaining.append(network)
            elif network != gone and network.supernet_of(gone):
                remaining += network.address_exclude(gone)
        left = remaining
    return [str(network) for network in sorted(left)]


def _inside(cidr: str, prefix: str) -> bool:
    one, two = addresses.network_of(cidr), addresses.network_of(prefix)
    return one.version == two.version and one.subnet_of(two)  # type: ignore[arg-type]


def _check_lengths(row: Mapping[str, Any]) -> None:
    least, most, default = row["min_prefixlen"], row["max_prefixlen"], row["default_prefixlen"]
    version = row["ip_version"]
    if (version == 4 and least > 32) or (version == 6 and least > 128):
        raise fault("UnsupportedMinSubnetPoolPrefix", prefix=least, version=version)
    if least > most:
        raise _bounds("max_prefixlen", most, "min_prefixlen", least)
    if most > LONGEST_PREFIX[version]:
        raise _bounds("max_prefixlen", most, "ip_version_max", LONGEST_PREFIX[version])
    if default < least:
        raise _bounds("default_prefixlen", default, "min_prefixlen", least)
    if default > most:
        raise _bounds("default_prefixlen", default, "max_prefixlen", most)


def _bounds(name: str, value: int, base: str, base_value: int) -> Exception:
    return fault(
        "IllegalSubnetPoolPrefixBounds",
        prefix_type=name,
        prefixlen=value,
        base_prefix_type=base,
        base_prefixlen=base_value,
    )


def _free_prefix(prefixes: Sequence[str], used: Sequence[Any], length: int) -> str:
    """The lowest block of a prefix length that no subnet overlaps."""
    for prefix in prefixes:
        network = addresses.network_of(prefix)
        if network.prefixlen > length:
            continue
        size = 1 << (network.max_prefixlen - length)
        at, end = int(network.network_address), int(network.broadcast_address)
        inside = sorted((int(u.network_address), int(u.broadcast_address)) for u in used if u.overlaps(network))
        for low, high in inside:
            if low >= at + size:
                break
            at = max(at, -(-(high + 1) // size) * size)
        if at + size - 1 <= end:
            return f"{addresses.text(at, network.version)}/{length}"
    raise fault("SubnetAllocationError", reason=f"Insufficient prefix space to allocate subnet size /{length}")
