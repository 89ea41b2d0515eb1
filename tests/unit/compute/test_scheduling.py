"""Each test of a host alone, and the words about it."""

from typing import Any

import pytest

from pileus.compute.model import Host, ServerFlavor
from pileus.compute.placing import resources_of, traits_of
from pileus.compute.scheduling import Wish, judge, lacking, no_valid_host, order
from pileus.kernel import clock


def host(name: str, **values: Any) -> Host:
    now = clock.now()
    given: dict[str, Any] = {
        "host": name,
        "id": name,
        "service_id": name,
        "hypervisor_hostname": name,
        "hypervisor_type": "fake",
        "hypervisor_version": 1,
        "host_ip": "127.0.0.1",
        "vcpus": 4,
        "memory_mb": 1024,
        "disk_gb": 10,
        "memory_free_mb": 1024,
        "disk_free_gb": 10,
        "cpu_info": {},
        "traits": [],
        "supported": [("x86_64", "qemu", "hvm")],
        "disabled": False,
        "disabled_reason": None,
        "forced_down": False,
        "created_at": now,
        "updated_at": now,
        "seen_at": now,
        **values,
    }
    return Host(**given)


@pytest.mark.parametrize(
    ("wish", "values", "reason"),
    [
        (Wish(), {}, None),
        (Wish(host="b"), {}, "not the host asked for (b)"),
        (Wish(node="n"), {}, "not the node asked for (n)"),
        (Wish(avoid=frozenset({"a"})), {}, "not to be used this time"),
        (Wish(), {"seen_at": 0}, "down"),
        (Wish(), {"forced_down": True}, "down"),
        (Wish(), {"disabled": True}, "disabled"),
        (Wish(forced=True), {"disabled": True}, None),
        (Wish(zone="z1"), {}, None),
        (Wish(zone="z2"), {}, "in availability zone z1, not z2"),
        (Wish(architecture="aarch64"), {}, "cannot run aarch64"),
        (Wish(same=frozenset({"b"})), {}, "not where the servers of the hint same_host are"),
        (Wish(different=frozenset({"a"})), {}, "where a server of the hint different_host is"),
        (
            Wish(group_policy="anti-affinity", group_hosts={"a": 1}),
            {},
            "has 1 of the server group (anti-affinity)",
        ),
        (Wish(group_policy="anti-affinity", group_limit=2, group_hosts={"a": 1}), {}, None),
        (
            Wish(group_policy="affinity", group_hosts={"b": 1}),
            {},
            "without the server group's other servers (affinity)",
        ),
        (Wish(group_policy="soft-affinity", group_hosts={"b": 1}), {}, None),
    ],
)
def test_one_host_against_one_wish(wish: Wish, values: dict[str, Any], reason: str | None) -> None:
    assert judge(wish, [host("a", **values)], {"a": "z1"}, "nova")[0].reason == reason


def test_free_memory_decides_after_the_groups_soft_policy() -> None:
    fit = [(host("a"), 10), (host("b"), 20), (host("c"), 5)]
    assert [one.host for one in order(Wish(), fit)] == ["b", "a", "c"]
    near = Wish(group_policy="soft-affinity", group_hosts={"c": 2, "a": 1})
    assert [one.host for one in order(near, fit)] == ["c", "a", "b"]
    far = Wish(group_policy="soft-anti-affinity", group_hosts={"c": 2, "b": 1})
    assert [one.host for one in order(far, fit)] == ["a", "b", "c"]


def test_what_a_host_lacks() -> None:
    assert lacking({"VCPU": 1}, {}) == "not known to placement"
    assert lacking({"VCPU": 2}, {"VCPU": (4, 3)}) == "with too little VCPU (asked 2, free 1 of 4)"
    assert lacking({"VCPU": 1}, {"VCPU": (4, 3)}) == "without the traits asked for"


def test_users_learn_numbers_operators_learn_names() -> None:
    message, details = no_valid_host({"a": "down", "b": "down", "c": "disabled: x"})
    assert message.endswith("(2 hosts down; 1 host disabled)")
    assert details == "a: down; b: down; c: disabled: x"


def test_what_a_flavor_asks_of_placement() -> None:
    flavor = ServerFlavor(
        vcpus=2,
        ram=512,
        disk=1,
        ephemeral=1,
        swap=1500,
        original_name="f",
        extra_specs={
            "resources:VCPU": "3",
            "resources:CUSTOM_A": "1",
            "trait:HW_X": "required",
            "trait:Y": "forbidden",
        },
    )
    assert resources_of(flavor) == {"VCPU": 3, "MEMORY_MB": 512, "DISK_GB": 4, "CUSTOM_A": 1}
    assert traits_of(flavor, {"trait:Z": "required"}) == ["!Y", "HW_X", "Z"]
