"""Consumers get all of what they ask for or nothing, and never more than there is."""

import pytest

from tests.unit.placement.client import Client

A = "aaaaaaaa-0000-4000-8000-000000000001"
B = "bbbbbbbb-0000-4000-8000-000000000002"


def test_an_allocation_is_shown_to_its_consumer_its_provider_and_its_project(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4, "MEMORY_MB": 1024})
    assert placement.allocate(A, {host: {"VCPU": 2, "MEMORY_MB": 512}}).status == 204
    shown = placement("GET", f"/allocations/{A}").json
    assert shown["allocations"][host]["resources"] == {"VCPU": 2, "MEMORY_MB": 512}
    assert (shown["consumer_generation"], shown["consumer_type"]) == (1, "INSTANCE")
    assert placement("GET", f"/resource_providers/{host}/allocations").json["allocations"] == {
        A: {"resources": {"VCPU": 2, "MEMORY_MB": 512}, "consumer_generation": 1}
    }
    assert placement("GET", "/usages?project_id=project").json["usages"] == {
        "INSTANCE": {"VCPU": 2, "MEMORY_MB": 512, "consumer_count": 1}
    }
    assert placement.usages(host) == {"VCPU": 2, "MEMORY_MB": 512}


def test_more_than_there_is_is_refused_and_nothing_is_taken(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": {"total": 4, "reserved": 1}, "DISK_GB": 100})
    assert placement.allocate(A, {host: {"VCPU": 2, "DISK_GB": 10}}).status == 204
    refused = placement.allocate(B, {host: {"DISK_GB": 10, "VCPU": 2}})
    assert refused.status == 409
    assert "would exceed the capacity" in refused.json["errors"][0]["detail"]
    assert placement.usages(host) == {"VCPU": 2, "DISK_GB": 10}


@pytest.mark.parametrize("amount", [1, 5, 14])
def test_an_amount_must_be_one_that_the_inventory_allows(placement: Client, amount: int) -> None:
    host = placement.provider("host", {"DISK_GB": {"total": 100, "min_unit": 2, "max_unit": 12, "step_size": 2}})
    refused = placement.allocate(A, {host: {"DISK_GB": amount}})
    assert refused.status == 409
    assert "would violate inventory constraints" in refused.json["errors"][0]["detail"]


def test_what_a_consumer_had_counts_as_free_for_itself(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    placement.allocate(A, {host: {"VCPU": 4}})
    assert placement.allocate(A, {host: {"VCPU": 3}}, generation=1).status == 204
    assert placement.usages(host) == {"VCPU": 3}


def test_a_host_that_is_over_full_may_only_get_emptier(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 8})
    placement.allocate(A, {host: {"VCPU": 8}})
    assert placement.stock(host, {"VCPU": 2}).status == 200
    assert placement.allocate(B, {host: {"VCPU": 1}}).status == 409
    assert placement.allocate(A, {host: {"VCPU": 6}}, generation=1).status == 204


def test_a_consumer_that_changed_meanwhile_is_a_conflict(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    placement.allocate(A, {host: {"VCPU": 1}})
    for known in (None, 0, 2):
        refused = placement.allocate(A, {host: {"VCPU": 2}}, generation=known)
        assert (refused.status, refused.json["errors"][0]["code"]) == (409, "placement.concurrent_update")
    assert placement.allocate(B, {host: {"VCPU": 2}}, generation=7).status == 409


def test_a_consumer_with_nothing_is_forgotten(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    placement.allocate(A, {host: {"VCPU": 1}})
    assert placement("DELETE", f"/allocations/{A}").status == 204
    assert placement("DELETE", f"/allocations/{A}").status == 404
    assert placement("GET", f"/allocations/{A}").json == {"allocations": {}}
    placement.allocate(A, {host: {"VCPU": 1}})
    assert placement.allocate(A, {}, generation=1).status == 204
    assert placement.allocate(A, {host: {"VCPU": 1}}).status == 204
    assert placement.usages(host) == {"VCPU": 1}


def test_several_consumers_change_together_or_not_at_all(placement: Client) -> None:
    source, target = placement.provider("source", {"VCPU": 4}), placement.provider("target", {"VCPU": 4})
    placement.allocate(A, {source: {"VCPU": 4}})
    owner = {"project_id": "project", "user_id": "user", "consumer_type": "MIGRATION"}

    def move(amount: int) -> int:
        return placement(
            "POST",
            "/allocations",
            {
                B: {"allocations": {source: {"resources": {"VCPU": 4}}}, "consumer_generation": None, **owner},
                A: {"allocations": {target: {"resources": {"VCPU": amount}}}, "consumer_generation": 1, **owner},
            },
        ).status

    assert move(5) == 409
    assert (placement.usages(source), placement.usages(target)) == ({"VCPU": 4}, {"VCPU": 0})
    assert placement("GET", f"/allocations/{B}").json == {"allocations": {}}
    assert move(4) == 204
    assert (placement.usages(source), placement.usages(target)) == ({"VCPU": 4}, {"VCPU": 4})


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"00000000-0000-4000-8000-000000000000": {"VCPU": 1}}, "that does not exist"),
        ({"host": {"CUSTOM_UNHEARD_OF": 1}}, "No such resource class CUSTOM_UNHEARD_OF"),
    ],
)
def test_unknown_providers_and_classes_are_bad_requests(
    placement: Client, resources: dict[str, dict[str, int]], reason: str
) -> None:
    host = placement.provider("host", {"VCPU": 4})
    answer = placement.allocate(A, {host if uuid == "host" else uuid: part for uuid, part in resources.items()})
    assert answer.status == 400
    assert reason in answer.json["errors"][0]["detail"]


def test_the_oldest_clients_list_providers_and_tell_no_owner(placement: Client) -> None:
    host = placement.provider("host", {"VCPU": 4})
    body = {"allocations": [{"resource_provider": {"uuid": host}, "resources": {"VCPU": 1}}]}
    assert placement("PUT", f"/allocations/{A}", body, version="1.0").status == 204
    assert placement("PUT", f"/allocations/{A}", body, version="1.8").status == 400
    owned = {**body, "project_id": "p", "user_id": "u"}
    assert placement("PUT", f"/allocations/{A}", owned, version="1.8").status == 204
    assert placement("GET", f"/allocations/{A}").json["consumer_type"] == "unknown"


def test_inventory_that_moves_takes_its_allocations_along(placement: Client) -> None:
    root = placement.provider("root", {"VCPU": 4, "VGPU": 2})
    child = placement.provider("child", parent=root)
    placement.allocate(A, {root: {"VCPU": 1, "VGPU": 2}})
    body = {
        "inventories": {
            root: {
                "resource_provider_generation": placement.generation(root),
                "inventories": {"VCPU": {"total": 4}},
            },
            child: {"resource_provider_generation": 0, "inventories": {"VGPU": {"total": 2}}},
        },
        "allocations": {
            A: {
                "allocations": {root: {"resources": {"VCPU": 1}}, child: {"resources": {"VGPU": 2}}},
                "project_id": "project",
                "user_id": "user",
                "consumer_generation": 1,
                "consumer_type": "INSTANCE",
            }
        },
    }
    assert placement("POST", "/reshaper", body).status == 403
    service = placement.cloud.log_in(
        "pileus", "service-secret", project={"name": "service", "domain": {"id": "default"}}
    )
    answer = placement.cloud.request(
        "POST", "/placement/reshaper", body, token=service, version="placement 1.39", Content_Type="application/json"
    )
    assert answer.status == 204, answer.body
    assert (placement.usages(root), placement.usages(child)) == ({"VCPU": 1}, {"VGPU": 2})
