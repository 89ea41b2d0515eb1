"""Address groups: lists of addresses that rules of security groups refer to."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from pileus.network import addresses, validators
from pileus.network.attributes import DESCRIPTION, ID, NAME, PROJECT_ID, STANDARD, Attribute, Values, table_of
from pileus.network.calls import Call
from pileus.network.errors import bad_request, fault
from pileus.network.resources.base import Clause, Resource
from pileus.network.store import sharing
from pileus.network.store.records import Records, Row
from pileus.network.tables import address_groups


def _canonical(value: Any) -> Any:
    """Addresses as networks; what is none stays for the check to refuse."""
    if not isinstance(value, list):
        return [] if value is None else value
    return [str(addresses.network_of(item)) if validators.ip_or_subnet(item) is None else item for item in value]


class AddressGroups(Resource):
    name = "address_group"
    plural = "address_groups"
    records = Records(address_groups)
    missing = ("AddressGroupNotFound", "address_group_id")
    quota = "address_group"
    object_type = "address_group"
    bulk = False
    attributes = table_of(
        ID,
        NAME,
        PROJECT_ID,
        Attribute(
            "addresses",
            post=True,
            default=UNSET,
            convert=_canonical,
            check=validators.subnet_list,
            filter=False,
            sort=False,
        ),
        Attribute("shared", filter=True, sort=False, convert=validators.to_boolean),
        DESCRIPTION,
        *STANDARD,
    )

    def filter(self, name: str, values: Sequence[Any]) -> Clause:
        if name != "shared":
            return super().filter(name, values)
        shared: Clause = sharing.shared_with_everybody("address_group", address_groups.c.id)
        return shared if values[-1] else sa.not_(shared)

    def lookups(self, call: Call, facts: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
        """None: as in Neutron, whoever may only use a shared group is told that there is none to change."""
        return {}

    def create(self, call: Call, values: Values) -> Row:
        return self.records.insert(call.tx, {"addresses": [], **values})

    def delete(self, call: Call, row: Row) -> None:
        if call.service.security_group_rules.records.of(call.tx, remote_address_group_id=row["id"]):
            raise fault("AddressGroupInUse", address_group_id=row["id"])
        super().delete(call, row)

    def change_addresses(self, call: Call, row: Row, wanted: Any, *, add: bool) -> Row:
        """Adds addresses that are not in the group yet, or takes out ones that are."""
        named = _canonical(wanted)
        reason = validators.subnet_list(named)
        if reason or not named:
            raise bad_request(f"Invalid input for addresses. Reason: {reason or 'no addresses given'}.")
        present = [address for address in named if address in row["addresses"]]
        if add:
            if present:
                raise fault("AddressesAlreadyExist", addresses=present, address_group_id=row["id"])
            kept = row["addresses"] + named
        else:
            absent = [address for address in named if address not in row["addresses"]]
            if absent:
                raise fault("AddressesNotFound", addresses=absent, address_group_id=row["id"])
            kept = [address for address in row["addresses"] if address not in named]
        for rule in call.service.security_group_rules.records.of(call.tx, remote_address_group_id=row["id"]):
            call.changed("security_group", rule["security_group_id"])
        return self.records.update(call.tx, row, {"addresses": kept})
