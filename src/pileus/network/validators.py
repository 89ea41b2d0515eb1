"""Checks and conversions of attribute values, with Neutron's words.

A check returns the reason why a value is not valid, or None. A converter returns the value in its canonical form, or
raises InvalidInput.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from pileus.kernel.ids import is_uuid
from pileus.network.errors import fault, invalid

Check = Callable[[Any], str | None]
Convert = Callable[[Any], Any]

DEVICE_OWNER_PREFIXES = ("network:", "compute:", "baremetal:", "neutron:")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}|[0-9a-fA-F]{12}|([0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.IGNORECASE)


# -- converters --------------------------------------------------------------------------------------------------


def to_boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "1"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "0"):
        return False
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise invalid(f"'{value}' cannot be converted to boolean")


def to_int(value: Any) -> int:
    try:
        return int(value)
    except (ValueError, TypeError):
        raise invalid(f"'{value}' is not an integer") from None


def to_int_or_none(value: Any) -> int | None:
    return None if value is None else to_int(value)


def to_list(value: Any) -> Any:
    return [] if value is None else value


def to_lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def to_mac(value: Any) -> Any:
    """``fa:16:3e:..`` however it was written; what is no MAC address stays for the check to refuse."""
    if isinstance(value, str) and _MAC.fullmatch(value):
        digits = re.sub(r"[^0-9a-f]", "", value.lower())
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
    return value


def to_address(value: Any) -> Any:
    """The canonical form of an IPv6 address; anything else as it is."""
    if isinstance(value, str) and ":" in value:
        try:
            return str(ip_address(value))
        except ValueError:
            return value
    return value


def to_cidr(value: Any) -> Any:
    if isinstance(value, str) and ":" in value:
        try:
            return str(ip_network(value))
        except ValueError:
            return value
    return value


def to_pools(value: Any) -> Any:
    if isinstance(value, list):
        for pool in value:
            if isinstance(pool, dict):
                pool.update({key: to_address(pool[key]) for key in ("start", "end") if key in pool})
    return value


# -- texts -------------------------------------------------------------------------------------------------------


def string(maximum: int | None = None) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"'{value}' is not a valid string"
        if maximum is not None and len(value) > maximum:
            return f"'{value}' exceeds maximum length of {maximum}"
        return None

    return check


def or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def not_empty(maximum: int | None = None) -> Check:
    plain = string(maximum)

    def check(value: Any) -> str | None:
        reason = plain(value)
        if reason is None and not value.strip():
            return f"'{value}' Blank strings are not permitted"
        return reason

    return check


def one_of(*values: Any) -> Check:
    shown = list(values)

    def check(value: Any) -> str | None:
        return None if any(value is item or value == item for item in values) else f"{value} is not in {shown}"

    return check


def integer_range(minimum: int, maximum: int) -> Check:
    def check(value: Any) -> str | None:
        try:
            number = int(value)
        except (ValueError, TypeError):
            return f"'{value}' is not an integer"
        if number < minimum:
            return f"'{value}' is too small - must be at least '{minimum}'"
        if number > maximum:
            return f"'{value}' is too large - must be no larger than '{maximum}'"
        return None

    return check


def non_negative(value: Any) -> str | None:
    try:
        number = int(value)
    except (ValueError, TypeError):
        return f"'{value}' is not an integer"
    return f"'{value}' should be non-negative" if number < 0 else None


def uuid(value: Any) -> str | None:
    return None if is_uuid(value) else f"'{value}' is not a valid UUID"


uuid_or_none = or_none(uuid)


def uuid_list(value: Any) -> str | None:
    return list_of(uuid)(value)


def list_of(item_check: Check) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return f"'{value}' is not a list"
        repeated = _repeated(value)
        if repeated:
            return f"Duplicate items in the list: '{', '.join(str(item) for item in repeated)}'"
        return next((reason for item in value if (reason := item_check(item))), None)

    return check


def dictionary(value: Any) -> str | None:
    return None if isinstance(value, dict) else f"'{value}' is not a dictionary"


def _repeated(items: Sequence[Any]) -> list[Any]:
    seen: list[Any] = []
    repeated: list[Any] = []
    for item in items:
        (repeated if item in seen else seen).append(item)
    return repeated


# -- addresses ---------------------------------------------------------------------------------------------------


def mac(value: Any) -> str | None:
    valid = isinstance(value, str) and _MAC.fullmatch(value) and to_mac(value) != "00:00:00:00:00:00"
    return None if valid else f"'{value}' is not a valid MAC address"


def ip(value: Any) -> str | None:
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return f"'{value}' is not a valid IP address"
    return None


ip_or_none = or_none(ip)


def subnet(value: Any) -> str | None:
    """A network written with its prefix, its host part zero (or, as Neutron lets pass, not)."""
    try:
        if not isinstance(value, str) or "/" not in value:
            raise ValueError
        ip_interface(value)
    except ValueError:
        return f"'{value}' is not a valid IP subnet"
    return None


subnet_or_none = or_none(subnet)


def ip_or_subnet(value: Any) -> str | None:
    if ip(value) is None or subnet(value) is None:
        return None
    return f"'{value}' is neither a valid IP address, nor is it a valid IP subnet"


def subnet_list(value: Any) -> str | None:
    return list_of(subnet)(value)


def route_destination(value: Any) -> str | None:
    try:
        network = ip_network(value if isinstance(value, str) and "/" in value else "", strict=True)
    except ValueError:
        return f"'{value}' is not a valid CIDR"
    return None if network is not None else f"'{value}' is not a routable CIDR"


def pools(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"Invalid data format for IP pool: '{value}'"
    for pool in value:
        reason = keys(("start", "end"), pool) or ip(pool["start"]) or ip(pool["end"])
        if reason:
            return reason
    return None


def fixed_ips(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"Invalid data format for fixed IP: '{value}'"
    seen: set[str] = set()
    for fixed in value:
        if not isinstance(fixed, dict):
            return f"Invalid data format for fixed IP: '{fixed}'"
        if "ip_address" in fixed:
            address = fixed["ip_address"]
            if address in seen:
                return f"Duplicate IP address '{address}'"
            reason = ip(address)
            if reason:
                return reason
            seen.add(address)
        if "subnet_id" in fixed and (reason := uuid(fixed["subnet_id"])):
            return reason
    return None


def nameservers(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"Invalid data format for nameserver: '{value}'"
    seen: list[str] = []
    for host in value:
        reason = ip(host)
        if reason:
            return f"'{host}' is not a valid nameserver. {reason}"
        if host in seen:
            return f"Duplicate nameserver '{host}'"
        seen.append(host)
    return None


def host_routes(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"Invalid data format for hostroute: '{value}'"
    seen: list[Any] = []
    for route in value:
        reason = (
            keys(("destination", "nexthop"), route) or route_destination(route["destination"]) or ip(route["nexthop"])
        )
        if reason:
            return reason
        if route in seen:
            return f"Duplicate hostroute '{route}'"
        seen.append(route)
    return None


def keys(expected: Collection[str], value: Any) -> str | None:
    """Exactly these keys."""
    if not isinstance(value, dict):
        return f"Invalid input. '{value}' must be a dictionary with keys: {list(expected)}"
    if set(value) != set(expected):
        return (
            f"Validation of dictionary's keys failed. Expected keys: {sorted(expected)} Provided keys: {sorted(value)}"
        )
    return None


def shape(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """A dictionary of these keys and no others, each value with its check."""
    checks = {**required, **optional}

    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return f"'{value}' is not a dictionary"
        missing = [key for key in required if key not in value]
        if missing:
            return (
                "Validation of dictionary's keys failed. "
                f"Expected keys: {sorted(required)} Provided keys: {sorted(value)}"
            )
        unexpected = [key for key in value if key not in checks]
        if unexpected:
            return f"Unexpected keys supplied: {', '.join(unexpected)}"
        return next((reason for key, item in value.items() if (reason := checks[key](item))), None)

    return check


# -- names of the domain name system -----------------------------------------------------------------------------


def dns_name(maximum: int = 255) -> Check:
    """A host name, with or without its domain; empty is no name."""

    def check(value: Any) -> str | None:
        reason = string(maximum)(value)
        if reason or not value:
            return reason
        if len(value.rstrip(".")) > maximum:
            return f"'{value}' exceeds the {maximum} character FQDN limit"
        return _labels(value)

    return check


def dns_domain(value: Any) -> str | None:
    """A domain: fully qualified, with its dot at the end."""
    reason = string(255)(value)
    if reason or not value:
        return reason
    if not value.endswith("."):
        return f"'{value}' is not a FQDN"
    reason = _labels(value)
    return reason if reason is None else f"Invalid data format for domain: {reason}"


def _labels(value: str) -> str | None:
    labels = value.rstrip(".").split(".")
    for label in labels:
        if not label:
            return f"'{value}' not a valid PQDN or FQDN. Reason: Encountered an empty component."
        if not _LABEL.fullmatch(label):
            return (
                f"'{value}' not a valid PQDN or FQDN. Reason: Name '{label}' must be 1-63 characters long, each of "
                "which can only be alphanumeric or a hyphen."
            )
    if len(labels) > 1 and labels[-1].isdigit():
        return f"'{value}' not a valid PQDN or FQDN. Reason: TLD '{labels[-1]}' must not be all numeric."
    return None


# -- lists of particular things ----------------------------------------------------------------------------------


def service_types(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"'{value}' is not a list"
    for item in value:
        if not isinstance(item, str):
            raise fault("InvalidInputSubnetServiceType", service_type=item)
        if not item.startswith(DEVICE_OWNER_PREFIXES):
            raise fault("InvalidSubnetServiceType", service_type=item)
    return list_of(string(255))(value)


def address_pairs(value: Any) -> str | None:
    if not isinstance(value, list):
        return "Allowed address pairs must be a list."
    seen: set[tuple[str, str]] = set()
    for pair in value:
        if not isinstance(pair, dict):
            return f"'{pair}' is not a dictionary"
        if "ip_address" not in pair:
            raise fault("AllowedAddressPairsMissingIP")
        unexpected = set(pair) - {"mac_address", "ip_address"}
        if unexpected:
            return f"Unrecognized attribute(s) '{', '.join(sorted(unexpected))}'"
        if pair.get("mac_address") is not None:
            pair["mac_address"] = to_mac(pair["mac_address"])
            reason = mac(pair["mac_address"])
            if reason:
                return reason
        reason = ip_or_subnet(pair["ip_address"])
        if reason:
            return reason
        key = (pair.get("mac_address") or "", pair["ip_address"])
        if key in seen:
            raise fault("DuplicateAddressPairInRequest", mac_address=key[0] or None, ip_address=key[1])
        seen.add(key)
    return None


_EMPTY_ALLOWED = ("router", "classless-static-route")


def extra_dhcp_options(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise invalid(f"'{value}' is not a list")
    for option in value:
        if not _is_dhcp_option(option):
            raise invalid(f"No valid key specs matched for: {option}")
    repeated = _repeated(value)
    if repeated:
        raise invalid(f"Duplicate items in the list: '{', '.join(str(item) for item in repeated)}'")
    return None


def _is_dhcp_option(option: Any) -> bool:
    if not isinstance(option, dict) or not {"opt_name", "opt_value"} <= set(option) <= {
        "opt_name",
        "opt_value",
        "ip_version",
    }:
        return False
    name, content, version = option["opt_name"], option["opt_value"], option.get("ip_version", 4)
    if str(version) not in ("4", "6") or not isinstance(name, str) or not name.strip() or len(name) > 64:
        return False
    if content is None:
        return True
    if not isinstance(content, str) or len(content) > 255:
        return False
    return name in _EMPTY_ALLOWED or (bool(content.strip()) and "\n" not in content and "\n" not in name)


def tags(value: Any) -> str | None:
    return list_of(tag)(value)


def tag(value: Any) -> str | None:
    reason = string(255)(value)
    if reason is None and (not value.strip() or "/" in value or "," in value):
        return f"'{value}' is not a valid tag" if value.strip() else f"'{value}' Blank strings are not permitted"
    return reason
