"""A walk with the stock client over the commands of network."""

from typing import Any

import pytest

from tests.client_session import ClientSession

pytestmark = pytest.mark.functional


def test_networks_subnets_and_ports(client: ClientSession, made: Any) -> None:
    network = made("network", "walk-net", "--description", "a walk", "--tag", "red")
    subnet = made(
        "subnet", "--network", network["id"], "--subnet-range", "10.50.0.0/24", "--dns-nameserver", "10.50.0.2",
        "--allocation-pool", "start=10.50.0.10,end=10.50.0.20", "--host-route",
        "destination=10.60.0.0/24,gateway=10.50.0.3", "walk-subnet",
    )  # fmt: skip
    port = made("port", "--network", network["id"], "--fixed-ip", f"subnet={subnet['id']},ip-address=10.50.0.15", "p")
    assert port["fixed_ips"][0]["ip_address"] == "10.50.0.15" and port["mac_address"].startswith("fa:16:3e:")
    client.run("port", "set", "--name", "renamed", "--no-security-group", "--disable-port-security", port["id"])
    shown = client.show("port", "show", port["id"])
    assert (shown["name"], shown["security_group_ids"], shown["port_security_enabled"]) == ("renamed", [], False)
    client.run("subnet", "set", "--dns-nameserver", "10.50.0.4", subnet["id"])
    # The client puts a new one first.
    assert client.show("subnet", "show", subnet["id"])["dns_nameservers"] == ["10.50.0.4", "10.50.0.2"]
    assert [row["Name"] for row in client.rows("network", "list", "--tags", "red")] == ["walk-net"]
    client.run("network", "set", "--disable", network["id"])
    assert client.show("network", "show", network["id"])["admin_state_up"] is False


def test_a_router_to_the_outside_and_floating_ips(client: ClientSession, made: Any) -> None:
    network = made("network", "walk-inside")
    subnet = made("subnet", "--network", network["id"], "--subnet-range", "10.51.0.0/24", "walk-inside")
    router = made("router", "walk-router")
    client.run("router", "set", "--external-gateway", "public", router["id"])
    client.run("router", "add", "subnet", router["id"], subnet["id"])
    assert client.show("router", "show", router["id"])["external_gateway_info"]["enable_snat"] is True
    port = made("port", "--network", network["id"], "walk-target")
    floating = client.show("floating", "ip", "create", "--port", port["id"], "public")
    assert floating["fixed_ip_address"] == port["fixed_ips"][0]["ip_address"]
    refused = client.run("router", "remove", "subnet", router["id"], subnet["id"], check=False)
    assert "floating" in refused
    client.run("floating", "ip", "unset", "--port", floating["id"])
    client.run("floating", "ip", "delete", floating["id"])
    client.run("router", "remove", "subnet", router["id"], subnet["id"])


def test_security_groups_and_quotas(client: ClientSession, made: Any) -> None:
    group = made("security group", "walk-group")
    rule = made(
        "security group rule", "--protocol", "tcp", "--dst-port", "80:90", "--remote-ip", "10.0.0.0/8", "walk-group"
    )
    listed = {row["ID"] for row in client.rows("security", "group", "rule", "list", group["id"])}
    assert rule["id"] in listed and len(listed) == 3
    client.run("quota", "set", "--networks", "7", "demo")
    limits = {row["Resource"]: row["Limit"] for row in client.rows("quota", "show", "--network", "demo")}
    assert limits["networks"] == 7
    client.run("quota", "delete", "--network", "demo")


def test_address_scopes_pools_and_sharing(client: ClientSession, made: Any) -> None:
    scope = made("address scope", "--ip-version", "4", "walk-scope")
    pool = made("subnet pool", "--pool-prefix", "10.52.0.0/16", "--address-scope", scope["id"], "walk-pool")
    network = made("network", "walk-pooled")
    subnet = made(
        "subnet", "--network", network["id"], "--subnet-pool", pool["id"], "--prefix-length", "26", "walk-cut"
    )
    assert subnet["cidr"].startswith("10.52.") and subnet["cidr"].endswith("/26")
    project = client.show("project", "show", "demo")["id"]
    policy = made(
        "network rbac", "--type", "network", "--action", "access_as_shared", "--target-project", project, network["id"]
    )
    assert policy["target_project_id"] == project
