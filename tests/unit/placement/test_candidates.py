"""Candidates are all the ways to meet a request, and nothing that would then be refused."""

import pytest

from pileus.kernel.clock import now
from pileus.placement import candidates
from pileus.placement.tables import inventories, providers
from tests.unit.placement.client import Client

AGGREGATE = "99999999-0000-4000-8000-000000000001"
OTHER = "99999999-0000-4000-8000-000000000002"
SHARES = ["MISC_SHARES_VIA_AGGREGATE"]


def test_only_providers_with_room_for_all_of_it_are_candidates(placement: Client) -> None:
    fits = placement.provider("fits", {"VCPU": 4, "MEMORY_MB": 1024})
    placement.provider("too small", {"VCPU": 4, "MEMORY_MB": 256})
    full = placement.provider("full", {"VCPU": 4, "MEMORY_MB": 1024})
    placement.allocate("aaaaaaaa-0000-4000-8000-000000000001", {full: {"VCPU": 3}})
    found = placement.candidates("resources=VCPU:2,MEMORY_MB:512")
    assert found == [{fits: {"VCPU": 2, "MEMORY_MB": 512}}]
    assert placement.allocate("aaaaaaaa-0000-4000-8000-000000000002", found[0]).status == 204


def test_traits_and_aggregates_choose_among_providers(placement: Client) -> None:
    fast = placement.provider("fast", {"VCPU": 4}, traits=["HW_CPU_X86_AVX"], aggregates=[AGGREGATE])
    slow = placement.provider("slow", {"VCPU": 4}, traits=["HW_CPU_X86_SSE"], aggregates=[OTHER])

    def found(query: str) -> set[str]:
        return {uuid for candidate in placement.candidates("resources=VCPU:1&" + query) for uuid in candidate}

    assert found("required=HW_CPU_X86_AVX") == {fast}
    assert found("required=!HW_CPU_X86_AVX") == {slow}
    assert found("required=in:HW_CPU_X86_AVX,HW_CPU_X86_SSE") == {fast, slow}
    assert found("required=in:HW_CPU_X86_AVX,HW_CPU_X86_SSE&required=!HW_CPU_X86_SSE") == {fast}
    assert found(f"member_of={AGGREGATE}") == {fast}
    assert found(f"member_of=!{AGGREGATE}") == {slow}
    assert found(f"member_of=in:{AGGREGATE},{OTHER}") == {fast, slow}
    assert found("root_required=!HW_CPU_X86_SSE") == {fast}
    assert found(f"in_tree={slow}") == {slow}


def test_the_limit_stops_the_work_and_the_summaries(placement: Client) -> None:
    with placement.cloud.cloud.database.transaction() as tx:
        uuids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(50)]
        tx.execute(
            providers.insert(),
            [{"uuid": uuid, "name": uuid, "generation": 0, "root_uuid": uuid, "created_at": now()} for uuid in uuids],
        )
        row = {"reserved": 0, "min_unit": 1, "max_unit": 9, "step_size": 1, "allocation_ratio": 1.0, "used": 0}
        row |= {"resource_class": "VCPU", "total": 9, "created_at": now()}
        tx.execute(inventories.insert(), [{"provider_uuid": uuid, **row} for uuid in uuids])
    answer = placement("GET", "/allocation_candidates?resources=VCPU:1&limit=3").json
    assert len(answer["allocation_requests"]) == 3
    assert len(answer["provider_summaries"]) == 3
    assert len(placement.candidates("resources=VCPU:1")) == 50


def test_a_tree_gives_together_what_no_provider_of_it_has_alone(placement: Client) -> None:
    root = placement.provider("root", {"VCPU": 4})
    child = placement.provider("child", {"VGPU": 2}, parent=root)
    query = "resources=VCPU:1,VGPU:1"
    assert placement.candidates(query) == [{root: {"VCPU": 1}, child: {"VGPU": 1}}]
    assert placement.candidates(query, version="1.28") == []
    summaries = placement("GET", "/allocation_candidates?" + query).json["provider_summaries"]
    assert summaries[child]["root_provider_uuid"] == root


def test_a_provider_shares_with_the_trees_of_its_aggregate(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4}, aggregates=[AGGREGATE])
    placement.provider("elsewhere", {"VCPU": 4}, aggregates=[OTHER])
    disks = placement.provider("disks", {"DISK_GB": 100}, traits=SHARES, aggregates=[AGGREGATE])
    assert placement.candidates("resources=VCPU:1,DISK_GB:10") == [{host: {"VCPU": 1}, disks: {"DISK_GB": 10}}]
    assert placement.candidates("resources=VCPU:1&resources_DISK=DISK_GB:10") == [
        {host: {"VCPU": 1}, disks: {"DISK_GB": 10}}
    ]


def test_looking_at_a_few_trees_at_a_time_finds_the_same(placement: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "SMALLEST_PORTION", 1)
    placement.provider("disks", {"DISK_GB": 100}, traits=SHARES, aggregates=[AGGREGATE])
    for number in range(12):
        root = placement.provider(f"root{number}", {"VCPU": 1 + number % 4}, aggregates=[AGGREGATE])
        placement.provider(f"child{number}a", {"VGPU": 1}, parent=root)
        placement.provider(f"child{number}b", {"VGPU": 1}, parent=root, traits=["HW_CPU_X86_AVX"])
    for query in (
        "resources=VCPU:3,VGPU:1,DISK_GB:10",
        "resources=VCPU:4&resources1=VGPU:1&required1=HW_CPU_X86_AVX",
        "resources1=VCPU:2&resources2=VGPU:1&group_policy=none&same_subtree=1,2&root_required=!HW_CPU_X86_AVX",
    ):
        whole = placement.candidates(query)
        assert len(whole) >= 3
        for limit in range(1, len(whole) + 2):
            assert placement.candidates(f"{query}&limit={limit}") == whole[:limit]


def test_isolated_groups_are_of_different_providers(placement: Client) -> None:
    root = placement.provider("root", {"VCPU": 4})
    ports = {placement.provider(f"port{number}", {"SRIOV_NET_VF": 2}, parent=root) for number in (1, 2)}
    query = "resources1=SRIOV_NET_VF:1&resources2=SRIOV_NET_VF:1&group_policy="
    assert len(placement.candidates(query + "none")) == 4
    isolated = placement.candidates(query + "isolate")
    assert [set(candidate) for candidate in isolated] == [ports, ports]


def test_groups_on_one_provider_must_fit_it_together(placement: Client) -> None:
    placement.provider("host", {"SRIOV_NET_VF": 3})
    query = "resources1=SRIOV_NET_VF:{}&resources2=SRIOV_NET_VF:2&group_policy=none"
    assert placement.candidates(query.format(2)) == []
    assert [list(candidate.values()) for candidate in placement.candidates(query.format(1))] == [[{"SRIOV_NET_VF": 3}]]


def test_groups_of_a_subtree_are_at_or_below_one_of_their_providers(placement: Client) -> None:
    root = placement.provider("root")
    nodes = [
        placement.provider(f"node{number}", {"VCPU": 4}, parent=root, traits=["HW_NUMA_ROOT"]) for number in (0, 1)
    ]
    for node in nodes:
        placement.provider(f"device of {node}", {"VGPU": 1}, parent=node)
    query = "resources_CPU=VCPU:1&resources_GPU=VGPU:1&required_CPU=HW_NUMA_ROOT&group_policy=none"
    assert len(placement.candidates(query)) == 4
    assert len(placement.candidates(query + "&same_subtree=_CPU,_GPU")) == 2


def test_mappings_tell_which_provider_meets_which_group(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    path = "/allocation_candidates?resources_A=VCPU:1"
    assert placement("GET", path).json["allocation_requests"][0]["mappings"] == {"_A": [host]}
    assert "mappings" not in placement("GET", path, version="1.33").json["allocation_requests"][0]
    oldest = placement("GET", "/allocation_candidates?resources=VCPU:1", version="1.10").json
    assert oldest["allocation_requests"] == [
        {"allocations": [{"resource_provider": {"uuid": host}, "resources": {"VCPU": 1}}]}
    ]


@pytest.mark.parametrize(
    ("query", "version", "reason"),
    [
        ("resources=VCPU:0", "1.39", "requires amount >= 1"),
        ("resources=VCPU", "1.39", "Badly formed resources parameter"),
        ("resources=CUSTOM_NONE:1", "1.39", "Invalid resource class"),
        ("resources=VCPU:1&required=CUSTOM_NONE", "1.39", "No such trait(s): CUSTOM_NONE"),
        ("resources=VCPU:1&required=!CUSTOM_NONE", "1.21", "Expected 'required' parameter value"),
        ("resources=VCPU:1&limit=0", "1.16", "Invalid query string parameters"),
        ("resources=VCPU:1&limit=1", "1.15", "Invalid query string parameters"),
        ("required=HW_CPU_X86_AVX", "1.39", "at least one resources"),
        ("resources1=VCPU:1&resources2=VCPU:1", "1.39", "group_policy"),
        ("resources=VCPU:1&same_subtree=_A", "1.39", "Real suffixes"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(
    placement: Client, query: str, version: str, reason: str
) -> None:
    answer = placement("GET", "/allocation_candidates?" + query, version=version)
    assert answer.status == 400
    assert reason in answer.json["errors"][0]["detail"]
