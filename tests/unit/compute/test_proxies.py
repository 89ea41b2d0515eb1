"""What compute passes on to the image and network APIs until 2.35, and what is gone."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pileus.kernel.services import Answer
from tests.harness import FakeCloud

API = "/compute/v2.1"
GROUP = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"


class NetworkApi:
    """A network service that knows two security groups and one network, and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.groups = {
            GROUP: self.group(GROUP, "web", [self.rule("r1", remote_group_id=OTHER)]),
            OTHER: self.group(OTHER, "db", []),
        }

    def group(self, id: str, name: str, rules: list[Any]) -> dict[str, Any]:
        return {"id": id, "name": name, "description": "", "project_id": "p", "security_group_rules": rules}

    def rule(self, id: str, **values: Any) -> dict[str, Any]:
        return {
            "id": id,
            "security_group_id": GROUP,
            "direction": "ingress",
            "protocol": "tcp",
            "port_range_min": 80,
            "port_range_max": 80,
            "remote_ip_prefix": None,
            "remote_group_id": None,
            **values,
        }

    def request(
        self,
        context: Any,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self.asked.append((method, path, body))
        status, answer = self.answer(method, path.removeprefix("/v2.0"), body, params or {})
        return Answer(status, {}, msgspec.json.encode(answer))

    def answer(self, method: str, path: str, body: Any, params: Mapping[str, Any]) -> tuple[int, Any]:
        network = {"id": OTHER, "name": "public", "router:external": bool(params.get("router:external"))}
        if path == "/networks":
            return 200, {"networks": [network]}
        if method == "POST" and path == "/floatingips":
            return 409, {"NeutronError": {"type": "OverQuota", "message": "Quota exceeded", "detail": ""}}
        if path == "/security-groups":
            wanted = params.get("id", [GROUP])
            return 200, {"security_groups": [self.groups[id] for id in wanted]}
        if method == "POST" and path == "/security-group-rules":
            return 201, {"security_group_rule": self.rule("r2", **body["security_group_rule"])}
        known = path.removeprefix("/security-groups/")
        if known in self.groups:
            return 200, {"security_group": self.groups[known]}
        return 404, {"NeutronError": {"type": "NotFound", "message": "no such thing", "detail": ""}}

    def download(self, context: Any, path: str) -> Iterator[bytes]:
        raise AssertionError("the network API has nothing to download")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


@pytest.fixture
def network(cloud: FakeCloud) -> NetworkApi:
    network = NetworkApi()
    cloud.cloud.runtime.services.add("network", network)
    return network


def image(cloud: FakeCloud, **properties: Any) -> str:
    values = {"name": "cirros", "disk_format": "raw", "container_format": "bare", **properties}
    answer = cloud.request("POST", "/image/v2/images", values, user="demo")
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def test_images_look_as_compute_showed_them(cloud: FakeCloud) -> None:
    image_id = image(cloud, min_ram=64, color="red")
    shown = cloud.request("GET", f"{API}/images/{image_id}", user="demo").json["image"]
    assert (shown["name"], shown["status"], shown["progress"], shown["minRam"]) == ("cirros", "SAVING", 25, 64)
    assert shown["metadata"] == {"color": "red"}
    assert {link["rel"] for link in shown["links"]} == {"self", "bookmark", "alternate"}
    listed = cloud.request("GET", f"{API}/images?name=cirros", user="demo").json["images"]
    assert [set(one) for one in listed] == [{"id", "name", "links"}]
    assert cloud.request("GET", f"{API}/images/detail?property-color=blue", user="demo").json["images"] == []
    assert cloud.request("GET", f"{API}/images", user="demo", version="compute 2.36").status == 404
    assert cloud.request("DELETE", f"{API}/images/{image_id}", user="demo").status == 204
    assert cloud.request("GET", f"{API}/images/{image_id}", user="demo").status == 404


def test_image_metadata_is_changed_until_238(cloud: FakeCloud) -> None:
    path = f"{API}/images/{image(cloud, color='red')}/metadata"
    assert cloud.request("GET", path, user="demo").json == {"metadata": {"color": "red"}}
    added = cloud.request("POST", path, {"metadata": {"scale": "big"}}, user="demo")
    assert added.json == {"metadata": {"color": "red", "scale": "big"}}
    assert cloud.request("PUT", f"{path}/scale", {"meta": {"scale": "small"}}, user="demo").status == 200
    assert cloud.request("GET", f"{path}/scale", user="demo").json == {"meta": {"scale": "small"}}
    assert cloud.request("DELETE", f"{path}/scale", user="demo").status == 204
    assert cloud.request("GET", f"{path}/scale", user="demo").status == 404
    assert cloud.request("PUT", path, {"metadata": {"a": "b"}}, user="demo").json == {"metadata": {"a": "b"}}
    assert cloud.request("GET", path, user="demo", version="compute 2.38").status == 200
    assert cloud.request("GET", path, user="demo", version="compute 2.39").status == 404


def test_networks_have_a_name_and_little_else(cloud: FakeCloud, network: NetworkApi) -> None:
    listed = cloud.request("GET", f"{API}/os-tenant-networks", user="demo").json["networks"]
    assert {"id": OTHER, "label": "public", "cidr": "None"} in listed
    (pool,) = cloud.request("GET", f"{API}/os-floating-ip-pools", user="demo").json["floating_ip_pools"]
    assert pool == {"name": "public"}
    full = cloud.request("GET", f"{API}/os-networks").json["networks"][0]
    assert (full["label"], full["vlan"]) == ("public", None)
    assert cloud.request("GET", f"{API}/os-networks/none", user="demo").status == 404
    assert cloud.request("GET", f"{API}/os-networks", user="demo", version="compute 2.36").status == 404


def test_a_quota_of_addresses_is_told_in_computes_words(cloud: FakeCloud, network: NetworkApi) -> None:
    refused = cloud.request("POST", f"{API}/os-floating-ips", {"pool": "public"}, user="demo")
    assert (refused.status, refused.json["forbidden"]["message"]) == (403, "IP allocation over quota in pool public.")


def test_security_groups_show_who_their_rules_let_in(cloud: FakeCloud, network: NetworkApi) -> None:
    shown = cloud.request("GET", f"{API}/os-security-groups/{GROUP}", user="demo").json["security_group"]
    assert shown["rules"] == [
        {
            "id": "r1",
            "parent_group_id": GROUP,
            "ip_protocol": "tcp",
            "from_port": 80,
            "to_port": 80,
            "group": {"name": "db", "tenant_id": "p"},
            "ip_range": {},
        }
    ]
    assert cloud.request("GET", f"{API}/os-security-groups/x", user="demo").status == 400
    gone = cloud.request("GET", f"{API}/os-security-groups/{OTHER[:-1]}3", user="demo")
    assert gone.status == 404


def test_rules_are_translated(cloud: FakeCloud, network: NetworkApi) -> None:
    rule = {"parent_group_id": GROUP, "ip_protocol": "TCP", "from_port": "22", "to_port": 22, "cidr": "10.0.0.0/8"}
    made = cloud.request("POST", f"{API}/os-security-group-rules", {"security_group_rule": rule}, user="demo")
    assert made.json["security_group_rule"]["ip_range"] == {"cidr": "10.0.0.0/8"}
    assert network.asked[-1][2]["security_group_rule"] == {
        "security_group_id": GROUP,
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 22,
        "port_range_max": 22,
        "remote_ip_prefix": "10.0.0.0/8",
        "ethertype": "IPv4",
    }
    for wrong in ({"cidr": "x"}, {"from_port": "x"}, {"ip_protocol": "sctp"}, {"from_port": 30}, {"to_port": None}):
        body = {"security_group_rule": rule | wrong}
        assert cloud.request("POST", f"{API}/os-security-group-rules", body, user="demo").status == 400, wrong


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/os-agents"),
        ("GET", "/os-cells/detail"),
        ("POST", "/os-cloudpipe"),
        ("GET", "/os-fixed-ips/1"),
        ("POST", "/os-networks/add"),
        ("DELETE", "/os-tenant-networks/1"),
        ("GET", "/os-fping"),
    ],
)
def test_what_was_removed_is_gone_under_every_version(cloud: FakeCloud, method: str, path: str) -> None:
    assert cloud.request(method, API + path).status == 410
    assert cloud.request(method, API + path, version="compute latest").status == 410


def test_the_rest_answers_as_the_reference_without_its_parts(cloud: FakeCloud) -> None:
    assert cloud.request("GET", f"{API}/os-baremetal-nodes").status == 501
    assert cloud.request("POST", f"{API}/os-baremetal-nodes", {}).status == 400
    assert cloud.request("GET", f"{API}/os-console-auth-tokens/x").status == 400
    assert cloud.request("GET", f"{API}/os-console-auth-tokens/x", version="compute 2.31").status == 404
    assert cloud.request("GET", f"{API}/os-console-auth-tokens/x", user="demo", version="compute 2.31").status == 403
    snapshot = {"volume_id": "v", "create_info": {"snapshot_id": "s", "type": "qcow2", "new_file": "f"}}
    assert cloud.request("POST", f"{API}/os-assisted-volume-snapshots", {"snapshot": snapshot}).status == 400
    aliases = {one["alias"] for one in cloud.request("GET", f"{API}/extensions", user="demo").json["extensions"]}
    assert {"os-keypairs", "OS-DCF", "NMN"} <= aliases
    assert cloud.request("GET", f"{API}/extensions/os-hosts", user="demo").json["extension"]["name"] == "Hosts"
    assert cloud.request("GET", f"{API}/extensions/none", user="demo").status == 404
    audit = cloud.request("GET", f"{API}/os-instance_usage_audit_log/2026-03-10 01:00:00").json
    assert audit["instance_usage_audit_log"]["period_beginning"] == "2026-02-01 00:00:00"
    assert cloud.request("GET", f"{API}/os-instance_usage_audit_log/x").status == 400
