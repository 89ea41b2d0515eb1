"""Which host a server goes to: tests of each host, one after the other, and a word about every host that failed.

Nothing here asks anybody: a snapshot of the hosts goes in, verdicts come out.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from pileus.compute.model import Host
from pileus.kernel import clock


class Wish(Struct, frozen=True, kw_only=True):
    """What a server wants of its host.

    zone, host, node  where it must be, None: anywhere.
    avoid             hosts that are out of the question (where it is now, where it failed).
    group             its server group's policy, and how many members each host has.
    same, different   hosts of the servers it must, or must not, be with.
    """

    zone: str | None = None
    host: str | None = None
    node: str | None = None
    avoid: frozenset[str] = frozenset()
    group_policy: str = ""
    group_limit: int = 1
    group_hosts: Mapping[str, int] = {}
    same: frozenset[str] | None = None
    different: frozenset[str] = frozenset()
    architecture: str | None = None
    forced: bool = False


class Verdict(Struct, frozen=True):
    """``reason``: the test a host failed, None: it is fit."""

    host: Host
    reason: str | None


Test = Callable[[Wish, Host, str], str | None]


def _is_asked_for(wish: Wish, host: Host, zone: str) -> str | None:
    if wish.host is not None and host.host != wish.host:
        return f"not the host asked for ({wish.host})"
    if wish.node is not None and host.hypervisor_hostname != wish.node:
        return f"not the node asked for ({wish.node})"
    return None


def _is_not_avoided(wish: Wish, host: Host, zone: str) -> str | None:
    return "not to be used this time" if host.host in wish.avoid else None


def _is_up(wish: Wish, host: Host, zone: str) -> str | None:
    return None if host.is_up(clock.now()) else "down"


def _is_enabled(wish: Wish, host: Host, zone: str) -> str | None:
    if not host.disabled or wish.forced:
        return None
    return f"disabled: {host.disabled_reason}" if host.disabled_reason else "disabled"


def _is_in_zone(wish: Wish, host: Host, zone: str) -> str | None:
    if wish.zone is None or wish.forced or zone == wish.zone:
        return None
    return f"in availability zone {zone}, not {wish.zone}"


def _has_architecture(wish: Wish, host: Host, zone: str) -> str | None:
    if wish.architecture is None or any(supported[0] == wish.architecture for supported in host.supported):
        return None
    return f"cannot run {wish.architecture}"


def _is_with(wish: Wish, host: Host, zone: str) -> str | None:
    if wish.same is not None and host.host not in wish.same:
        return "not where the servers of the hint same_host are"
    if host.host in wish.different:
        return "where a server of the hint different_host is"
    return None


def _keeps_group(wish: Wish, host: Host, zone: str) -> str | None:
    members = wish.group_hosts.get(host.host, 0)
    if wish.group_policy == "anti-affinity" and members >= wish.group_limit:
        return f"has {members} of the server group (anti-affinity)"
    if wish.group_policy == "affinity" and wish.group_hosts and not members:
        return "without the server group's other servers (affinity)"
    return None


TESTS: tuple[Test, ...] = (
    _is_asked_for,
    _is_not_avoided,
    _is_up,
    _is_enabled,
    _is_in_zone,
    _has_architecture,
    _is_with,
    _keeps_group,
)


def judge(wish: Wish, hosts: Sequence[Host], zones: Mapping[str, str], default_zone: str) -> list[Verdict]:
    """What is to be said of each host."""
    return [Verdict(host, _first_failure(wish, host, zones.get(host.host, default_zone))) for host in hosts]


def _first_failure(wish: Wish, host: Host, zone: str) -> str | None:
    return next((reason for test in TESTS if (reason := test(wish, host, zone)) is not None), None)


def order(wish: Wish, fit: Sequence[tuple[Host, int]]) -> list[Host]:
    """Fit hosts, the best first: by the group's soft policy, then by free memory."""

    def weight(one: tuple[Host, int]) -> tuple[int, int]:
        host, free_memory = one
        members = wish.group_hosts.get(host.host, 0)
        soft = {"soft-affinity": members, "soft-anti-affinity": -members}.get(wish.group_policy, 0)
        return soft, free_memory

    return [host for host, _ in sorted(fit, key=weight, reverse=True)]


def lacking(asked: Mapping[str, int], usage: Mapping[str, tuple[int, int]]) -> str:
    """Why a host without an allocation candidate has none."""
    if not usage:
        return "not known to placement"
    for resource, amount in asked.items():
        capacity, used = usage.get(resource, (0, 0))
        if amount > capacity - used:
            return f"with too little {resource} (asked {amount}, free {max(0, capacity - used)} of {capacity})"
    return "without the traits asked for"


def no_valid_host(reasons: Mapping[str, str]) -> tuple[str, str]:
    """The message for the user, who need not know hosts by name, and the details for operators."""
    message = "No valid host was found. There are not enough hosts available."
    if not reasons:
        return message, "There are no compute hosts."
    counts = Counter(reason.partition(" (")[0].partition(":")[0] for reason in reasons.values())
    counted = "; ".join(f"{count} {'host' if count == 1 else 'hosts'} {why}" for why, count in counts.most_common())
    return f"{message} ({counted})", "; ".join(f"{host}: {reason}" for host, reason in sorted(reasons.items()))


def hint_ids(hints: Mapping[str, Any], name: str) -> list[str]:
    """The server ids of a hint that may be one or a list."""
    value = hints.get(name)
    if not value:
        return []
    return [value] if isinstance(value, str) else list(value)
