from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.network.seed import seed_default_rules
from pileus.network.service import Network
from tests.harness import FakeCloud

PATH = "/network/v2.0/default-security-group-rules"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    made = FakeCloud(tmp_path)
    yield made
    made.close()


def _rules(cloud: FakeCloud) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = cloud.request("GET", PATH).json["default_security_group_rules"]
    return rules


def _seed(cloud: FakeCloud) -> None:
    network = cloud.cloud.services["network"]
    assert isinstance(network, Network)
    seed_default_rules(network)


def test_a_new_cloud_has_the_usual_rules_once(cloud: FakeCloud) -> None:
    _seed(cloud)
    assert sorted((rule["direction"], rule["ethertype"], rule["remote_group_id"] or "") for rule in _rules(cloud)) == [
        ("egress", "IPv4", ""),
        ("egress", "IPv6", ""),
        ("ingress", "IPv4", "PARENT"),
        ("ingress", "IPv6", "PARENT"),
    ]


def test_rules_that_an_operator_deleted_stay_away(cloud: FakeCloud) -> None:
    assert cloud.request("GET", "/network/v2.0/security-groups").json["security_groups"]
    for rule in _rules(cloud):
        assert cloud.request("DELETE", f"{PATH}/{rule['id']}").status == 204
    _seed(cloud)
    assert _rules(cloud) == []
