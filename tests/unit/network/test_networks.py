"""The network API as its clients see it, and what the driver learns of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.services import Answer
from pileus.network import reconciling
from pileus.network.drivers.base import FloatingIpState, RouterState, SubnetState
from pileus.network.drivers.fake import NOWHERE
from tests.harness import FakeCloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def call(cloud: FakeCloud, method: str, path: str, body: Any = None, user: str = "demo", **options: Any) -> Answer:
    return cloud.request(method, f"/network/v2.0{path}", body, user=user, **options)


def make(cloud: FakeCloud, kind: str, user: str = "demo", **values: Any) -> dict[str, Any]:
    plural = "policies" if kind == "policy" else f"{kind.replace('_', '-')}s"
    answer = call(cloud, "POST", f"/{plural}", {kind: values}, user)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json[kind]
    return made


def subnet_of(cloud: FakeCloud, network: dict[str, Any], cidr: str = "10.0.0.0/24", **values: Any) -> dict[str, Any]:
    return make(cloud, "subnet", network_id=network["id"], ip_version=6 if ":" in cidr else 4, cidr=cidr, **values)


def outside(cloud: FakeCloud) -> dict[str, Any]:
    network = make(
        cloud,
        "network",
        "admin",
        name="outside",
        **{"router:external": True, "provider:network_type": "flat", "provider:physical_network": "public"},
    )
    make(cloud, "subnet", "admin", network_id=network["id"], ip_version=4, cidr="172.24.9.0/24", enable_dhcp=False)
    return network


def driver(cloud: FakeCloud) -> Any:
    network: Any = cloud.cloud.services["network"]
    return network.driver


def fault_type(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["NeutronError"]["type"]


def test_a_port_gets_an_address_a_group_and_is_up_on_its_host(cloud: FakeCloud) -> None:
    network = make(cloud, "network", name="net")
    subnet = subnet_of(cloud, network)
    port = make(cloud, "port", network_id=network["id"])
    assert [fixed["subnet_id"] for fixed in port["fixed_ips"]] == [subnet["id"]]
    assert len(port["security_groups"]) == 1
    assert port["status"] == "DOWN"
    assert "binding:host_id" not in port
    bound = {"port": {"binding:host_id": "host1", "device_id": "server", "device_owner": "compute:nova"}}
    assert call(cloud, "PUT", f"/ports/{port['id']}", bound).status == 403
    answer = call(cloud, "PUT", f"/ports/{port['id']}", bound, "admin")
    assert answer.json["port"]["binding:vif_type"] == "ovs"
    cloud.drain()
    assert call(cloud, "GET", f"/ports/{port['id']}").json["port"]["status"] == "ACTIVE"
    nowhere = {"port": {"binding:host_id": NOWHERE}}
    failed = call(cloud, "PUT", f"/ports/{port['id']}", nowhere, "admin").json["port"]
    assert failed["binding:vif_type"] == "binding_failed"
    cloud.drain()
    assert call(cloud, "GET", f"/ports/{port['id']}").json["port"]["status"] == "DOWN"


def test_the_driver_learns_everything_and_forgets_what_is_gone(cloud: FakeCloud) -> None:
    network = make(cloud, "network")
    subnet = subnet_of(cloud, network)
    port = make(cloud, "port", network_id=network["id"])
    cloud.drain()
    states = driver(cloud).states
    assert set(states["network"]) == {network["id"]}
    told = states["subnet"][subnet["id"]]
    assert isinstance(told, SubnetState)
    assert told.metadata_ip is not None
    assert set(states["port"]) > {port["id"]}
    assert call(cloud, "DELETE", f"/networks/{network['id']}").status == 409
    assert call(cloud, "DELETE", f"/ports/{port['id']}").status == 204
    assert call(cloud, "DELETE", f"/networks/{network['id']}").status == 204
    cloud.drain()
    assert not (states["network"] or states["subnet"] or states["port"])


def test_the_reconciler_repairs_both_ways(cloud: FakeCloud) -> None:
    network = make(cloud, "network")
    other = make(cloud, "network")
    cloud.drain()
    service: Any = cloud.cloud.services["network"]
    states = driver(cloud).states["network"]
    assert reconciling.reconcile(service) == 0
    states["stray"] = states.pop(network["id"])
    assert reconciling.reconcile(service) == 2
    cloud.drain()
    assert set(states) == {network["id"], other["id"]}


def test_routers_and_floating_ips(cloud: FakeCloud) -> None:
    network, external = make(cloud, "network"), outside(cloud)
    subnet = subnet_of(cloud, network)
    port = make(cloud, "port", network_id=network["id"])
    body = {"floating_network_id": external["id"], "port_id": port["id"]}
    assert fault_type(call(cloud, "POST", "/floatingips", {"floatingip": body})) == (
        404,
        "ExternalGatewayForFloatingIPNotFound",
    )
    router = make(cloud, "router", external_gateway_info={"network_id": external["id"]})
    leg = call(cloud, "PUT", f"/routers/{router['id']}/add_router_interface", {"subnet_id": subnet["id"]})
    assert leg.json["subnet_id"] == subnet["id"]
    floating = make(cloud, "floatingip", **body)
    assert (floating["router_id"], floating["status"]) == (router["id"], "ACTIVE")
    cloud.drain()
    told = driver(cloud).states["router"][router["id"]]
    assert isinstance(told, RouterState)
    assert told.gateway is not None
    assert (told.gateway.next_hops, told.snat_cidrs) == (("172.24.9.1",), ("10.0.0.0/24",))
    assert isinstance(driver(cloud).states["floating_ip"][floating["id"]], FloatingIpState)
    removal = f"/routers/{router['id']}/remove_router_interface"
    assert fault_type(call(cloud, "PUT", removal, {"subnet_id": subnet["id"]})) == (
        409,
        "RouterInterfaceInUseByFloatingIP",
    )
    assert fault_type(call(cloud, "DELETE", f"/ports/{leg.json['port_id']}")) == (409, "ServicePortInUse")
    assert call(cloud, "DELETE", f"/ports/{port['id']}").status == 204
    cloud.drain()
    assert driver(cloud).states["floating_ip"] == {}
    assert call(cloud, "PUT", removal, {"subnet_id": subnet["id"]}).status == 200
    assert call(cloud, "DELETE", f"/routers/{router['id']}").status == 204


def test_ipv6_hosts_give_themselves_addresses(cloud: FakeCloud) -> None:
    network = make(cloud, "network")
    port = make(cloud, "port", network_id=network["id"], mac_address="fa:16:3e:00:00:05")
    subnet_of(cloud, network, "2001:db8::/64", ipv6_ra_mode="slaac", ipv6_address_mode="slaac")
    shown = call(cloud, "GET", f"/ports/{port['id']}").json["port"]
    assert shown["fixed_ips"][0]["ip_address"] == "2001:db8::f816:3eff:fe00:5"


@pytest.mark.parametrize(
    ("values", "status", "type"),
    [
        ({"nonsense": 1}, 400, "HTTPBadRequest"),
        ({"status": "DOWN"}, 400, "HTTPBadRequest"),
        ({"shared": True}, 403, "PolicyNotAuthorized"),
        ({"provider:network_type": "flat"}, 403, "PolicyNotAuthorized"),
        ({"project_id": "other"}, 400, "HTTPBadRequest"),
        ({"admin_state_up": "perhaps"}, 400, "InvalidInput"),
        ({"mtu": 9000}, 400, "InvalidInput"),
    ],
)
def test_refusals_of_a_network(cloud: FakeCloud, values: dict[str, Any], status: int, type: str) -> None:
    assert fault_type(call(cloud, "POST", "/networks", {"network": values})) == (status, type)


def test_others_networks_are_not_there_until_they_are_shared(cloud: FakeCloud) -> None:
    network = make(cloud, "network", "admin", name="theirs")
    path = f"/networks/{network['id']}"
    assert fault_type(call(cloud, "GET", path)) == (404, "NetworkNotFound")
    assert call(cloud, "GET", "/networks").json["networks"] == []
    policy = {
        "object_type": "network",
        "object_id": network["id"],
        "action": "access_as_shared",
        "target_tenant": cloud.ids.demo_project_id,
    }
    made = call(cloud, "POST", "/rbac-policies", {"rbac_policy": policy}, "admin")
    assert made.status == 201
    assert call(cloud, "GET", path).json["network"]["shared"] is True
    port = make(cloud, "port", network_id=network["id"])
    gone = f"/rbac-policies/{made.json['rbac_policy']['id']}"
    assert fault_type(call(cloud, "DELETE", gone, user="admin")) == (409, "RbacPolicyInUse")
    assert call(cloud, "DELETE", f"/ports/{port['id']}").status == 204
    assert call(cloud, "DELETE", gone, user="admin").status == 204
    assert call(cloud, "GET", path).status == 404


def test_quotas_stop_a_project(cloud: FakeCloud) -> None:
    project = cloud.ids.demo_project_id
    assert call(cloud, "PUT", f"/quotas/{project}", {"quota": {"network": 1}}).status == 403
    assert call(cloud, "PUT", f"/quotas/{project}", {"quota": {"network": 1}}, "admin").json["quota"]["network"] == 1
    make(cloud, "network")
    assert fault_type(call(cloud, "POST", "/networks", {"network": {}})) == (409, "OverQuota")
    details = call(cloud, "GET", f"/quotas/{project}/details").json["quota"]["network"]
    assert details == {"limit": 1, "used": 1, "reserved": 0}


def test_pages_filters_fields_tags_and_revisions(cloud: FakeCloud) -> None:
    ids = [network["id"] for network in (make(cloud, "network", name=name) for name in ("c", "a", "b"))]
    names: list[str] = []
    path = "/networks?sort_key=name&sort_dir=asc&limit=2"
    while path:
        page = call(cloud, "GET", path).json
        names += [network["name"] for network in page["networks"]]
        following = [link["href"] for link in page["networks_links"] if link["rel"] == "next"]
        path = following[0].partition("/v2.0")[2] if following else ""
    assert names == ["a", "b", "c"]
    assert call(cloud, "PUT", f"/networks/{ids[0]}/tags/red").status == 201
    tagged = call(cloud, "GET", "/networks?tags=red&fields=id").json["networks"]
    assert tagged == [{"id": ids[0]}]
    assert len(call(cloud, "GET", "/networks?not-tags=red").json["networks"]) == 2
    current = call(cloud, "GET", f"/networks/{ids[0]}").json["network"]["revision_number"]
    rename = {"network": {"name": "z"}}
    stale = call(cloud, "PUT", f"/networks/{ids[0]}", rename, If_Match=f"revision_number={current - 1}")
    assert stale.status == 412
    assert call(cloud, "PUT", f"/networks/{ids[0]}", rename, If_Match=f"revision_number={current}").status == 200


def test_addresses_run_out(cloud: FakeCloud) -> None:
    network = make(cloud, "network")
    pools = [{"start": "10.0.0.10", "end": "10.0.0.12"}]
    subnet_of(cloud, network, allocation_pools=pools)  # one of the three is the metadata service's
    found = {make(cloud, "port", network_id=network["id"])["fixed_ips"][0]["ip_address"] for _ in range(2)}
    assert len(found) == 2
    answer = call(cloud, "POST", "/ports", {"port": {"network_id": network["id"]}})
    assert fault_type(answer) == (409, "IpAddressGenerationFailure")


def test_security_group_rules(cloud: FakeCloud) -> None:
    group = make(cloud, "security_group", name="web")
    rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
    ports = {"port_range_min": 80, "port_range_max": 80}
    made = make(cloud, "security_group_rule", **rule, **ports)
    assert made["ethertype"] == "IPv4"
    path = "/security-group-rules"
    again = call(cloud, "POST", path, {"security_group_rule": {**rule, **ports}})
    assert fault_type(again) == (409, "SecurityGroupRuleExists")
    wrong = {**rule, "port_range_min": 90, "port_range_max": 80}
    assert fault_type(call(cloud, "POST", path, {"security_group_rule": wrong}))[1] == "SecurityGroupInvalidPortRange"
    cloud.drain()
    assert len(driver(cloud).states["security_group"][group["id"]].rules) == 3
    assert call(cloud, "DELETE", f"/security-groups/{group['id']}").status == 204


def test_only_what_works_is_announced(cloud: FakeCloud) -> None:
    aliases = {extension["alias"] for extension in call(cloud, "GET", "/extensions").json["extensions"]}
    assert {"router", "security-group", "binding", "rbac-policies"} <= aliases
    assert "floating-ip-port-forwarding" not in aliases
    assert call(cloud, "GET", "/extensions/router").status == 200
    assert call(cloud, "GET", "/extensions/nonsense").status == 404


def test_a_default_external_network_stays_everybodys(cloud: FakeCloud) -> None:
    outside = {"router:external": True, "is_default": True}
    network = call(cloud, "POST", "/networks", {"network": outside}, "admin").json["network"]
    params = {"object_id": network["id"], "action": "access_as_external"}
    policies = call(cloud, "GET", "/rbac-policies", user="admin", params=params).json["rbac_policies"]
    assert [policy["target_tenant"] for policy in policies] == ["*"]
    path = f"/rbac-policies/{policies[0]['id']}"
    assert fault_type(call(cloud, "DELETE", path, user="admin")) == (409, "RbacPolicyInUse")
    assert call(cloud, "GET", path, user="admin").status == 200
