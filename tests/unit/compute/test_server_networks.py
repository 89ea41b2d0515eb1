"""Servers in networks: their ports are made, adopted, shown, moved and given back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.compute.operations.boot import BOOT
from pileus.compute.store import servers
from tests.unit.compute.test_server_crashes import BOOT_STEPS, die, dying, failing, use
from tests.unit.compute.world import Servers


class Networked(Servers):
    """With a network ``net`` (10.1.0.0/24) of project demo."""

    def __init__(self, state_dir: Path, **options: Any) -> None:
        super().__init__(state_dir, networks=True, **options)
        self.network_id = self.make_network("net", "10.1.0.0/24")

    def net(self, method: str, path: str, body: Any = None, *, user: str = "demo", expect: int = 0) -> Any:
        answer = self.cloud.request(method, f"/network/v2.0{path}", body, user=user)
        if expect:
            assert answer.status == expect, (answer.status, answer.body)
        return answer.json

    def make_network(self, name: str, cidr: str) -> str:
        network_id = self.net("POST", "/networks", {"network": {"name": name}}, expect=201)["network"]["id"]
        pool = {"start": cidr.replace(".0/24", ".100"), "end": cidr.replace(".0/24", ".200")}
        subnet = {"network_id": network_id, "cidr": cidr, "ip_version": 4, "allocation_pools": [pool]}
        self.net("POST", "/subnets", {"subnet": subnet}, expect=201)
        return str(network_id)

    def make_port(self, network_id: str = "", **values: Any) -> dict[str, Any]:
        port = {"network_id": network_id or self.network_id, **values}
        return dict(self.net("POST", "/ports", {"port": port}, expect=201)["port"])

    def port(self, port_id: str) -> dict[str, Any]:
        return dict(self.net("GET", f"/ports/{port_id}", user="admin", expect=200)["port"])

    def plugged(self, **values: Any) -> str:
        """A server in the network."""
        return self.boot(networks=[{"uuid": self.network_id}], **values)

    def addresses(self, server_id: str, label: str = "net") -> list[str]:
        return [ip["addr"] for ip in self.show(server_id)["addresses"].get(label, ())]


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Networked]:
    world = Networked(tmp_path)
    yield world
    world.close()


@pytest.fixture
def net2(tmp_path: Path) -> Iterator[Networked]:
    world = Networked(tmp_path, hosts=2)
    yield world
    world.close()


def test_a_port_is_made_bound_and_goes_with_the_server(net: Networked) -> None:
    server_id = net.plugged()
    (port_id,) = net.ports()
    port = net.port(port_id)
    assert port["device_id"] == server_id
    assert port["device_owner"] == "compute:nova"
    assert port["binding:host_id"] == "host1"
    assert port["status"] == "ACTIVE"
    server = net.show(server_id)
    assert server["addresses"]["net"] == [
        {
            "version": 4,
            "addr": port["fixed_ips"][0]["ip_address"],
            "OS-EXT-IPS:type": "fixed",
            "OS-EXT-IPS-MAC:mac_addr": port["mac_address"],
        }
    ]
    assert server["security_groups"] == [{"name": "default"}]
    guest = net.world.guests["host1", server_id].guest
    assert [(vif.port_id, vif.mac) for vif in guest.vifs] == [(port_id, port["mac_address"])]
    assert net.api("GET", f"/servers/{server_id}/ips").json["addresses"]["net"][0]["version"] == 4
    net.api("DELETE", f"/servers/{server_id}", expect=204)
    net.cloud.drain()
    assert net.ports() == {}
    net.check_no_leaks()


def test_a_given_port_is_adopted_and_given_back(net: Networked) -> None:
    port = net.make_port()
    server_id = net.boot(networks=[{"port": port["id"], "tag": "nic"}])
    assert net.addresses(server_id) == [port["fixed_ips"][0]["ip_address"]]
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": net.image_id, "networks": [{"port": port["id"]}]}}
    assert net.api("POST", "/servers", body).status == 409
    net.api("DELETE", f"/servers/{server_id}", expect=204)
    net.cloud.drain()
    after = net.port(port["id"])
    assert (after["device_id"], after["device_owner"], after["binding:host_id"]) == ("", "", "")


def test_a_fixed_address_and_security_groups_are_asked_for(net: Networked) -> None:
    group = net.net("POST", "/security-groups", {"security_group": {"name": "web"}}, expect=201)["security_group"]
    server_id = net.boot(
        networks=[{"uuid": net.network_id, "fixed_ip": "10.1.0.77"}], security_groups=[{"name": "web"}]
    )
    assert net.addresses(server_id) == ["10.1.0.77"]
    assert net.show(server_id)["security_groups"] == [{"name": "web"}]
    (port_id,) = net.ports()
    assert net.port(port_id)["security_groups"] == [group["id"]]
    net.act(server_id, "addSecurityGroup", {"name": "default"})
    assert net.show(server_id)["security_groups"] == [{"name": "default"}, {"name": "web"}]
    net.act(server_id, "removeSecurityGroup", {"name": "web"})
    net.act(server_id, "removeSecurityGroup", {"name": "web"}, expect=404)
    groups = net.api("GET", f"/servers/{server_id}/os-security-groups").json["security_groups"]
    assert [one["name"] for one in groups] == ["default"]


@pytest.mark.parametrize(
    ("networks", "status"),
    [
        ([{"uuid": "11111111-1111-1111-1111-111111111111"}], 400),
        ([{"port": "11111111-1111-1111-1111-111111111111"}], 400),
        ([{"fixed_ip": "10.1.0.5"}], 400),
        ("auto", 202),
        ("none", 202),
        ([], 202),
    ],
)
def test_which_networks_may_be_asked_for(net: Networked, networks: Any, status: int) -> None:
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": net.image_id, "networks": networks}}
    net.api("POST", "/servers", body, expect=status)


def test_with_several_networks_one_must_be_named(net: Networked) -> None:
    net.make_network("other", "10.2.0.0/24")
    body = {"server": {"name": "s", "flavorRef": "1", "imageRef": net.image_id, "networks": "auto"}}
    net.api("POST", "/servers", body, expect=409)
    old = {"server": {"name": "s", "flavorRef": "1", "imageRef": net.image_id}}
    net.api("POST", "/servers", old, version="compute 2.1", expect=409)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", BOOT_STEPS)
def test_another_engine_finishes_a_boot_with_one_port(net: Networked, at: str, when: str) -> None:
    use(net, dying(BOOT, at, when))
    server_id = net.new(networks=[{"uuid": net.network_id}])
    die(net)
    net.cloud.drain()
    assert net.show(server_id)["status"] == "ACTIVE"
    assert list(net.ports().values()) == [server_id]
    net.check_no_leaks()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", BOOT_STEPS)
def test_a_delete_leaves_no_port_whatever_died(net: Networked, at: str, when: str) -> None:
    given = net.make_port()
    use(net, dying(BOOT, at, when))
    server_id = net.new(networks=[{"uuid": net.network_id}, {"port": given["id"]}])
    die(net)
    net.api("DELETE", f"/servers/{server_id}", expect=204)
    net.cloud.drain()
    assert net.gone(server_id)
    assert net.ports() == {}
    assert net.port(given["id"])["device_id"] == ""
    net.check_no_leaks()


@pytest.mark.parametrize("at", BOOT_STEPS[:-1])
def test_a_failed_boot_gives_its_ports_back(net: Networked, at: str) -> None:
    given = net.make_port()
    use(net, failing(BOOT, at))
    server_id = net.new(networks=[{"uuid": net.network_id}, {"port": given["id"]}])
    net.cloud.drain()
    server = net.show(server_id)
    assert (server["status"], server["addresses"]) == ("ERROR", {})
    assert net.ports() == {}
    assert net.port(given["id"])["device_id"] == ""
    net.check_no_leaks()


def test_interfaces_are_attached_and_detached(net: Networked) -> None:
    server_id = net.plugged()
    other = net.make_network("other", "10.2.0.0/24")
    made = net.api(
        "POST", f"/servers/{server_id}/os-interface", {"interfaceAttachment": {"net_id": other}}, expect=200
    ).json["interfaceAttachment"]
    net.cloud.drain()
    shown = net.api("GET", f"/servers/{server_id}/os-interface/{made['port_id']}", expect=200).json
    assert shown["interfaceAttachment"]["port_state"] == "ACTIVE"
    assert len(net.api("GET", f"/servers/{server_id}/os-interface").json["interfaceAttachments"]) == 2
    assert net.addresses(server_id, "other") == [made["fixed_ips"][0]["ip_address"]]
    net.api("DELETE", f"/servers/{server_id}/os-interface/{made['port_id']}", expect=202)
    net.cloud.drain()
    assert len(net.api("GET", f"/servers/{server_id}/os-interface").json["interfaceAttachments"]) == 1
    assert net.addresses(server_id, "other") == []
    given = net.make_port(other)
    body = {"interfaceAttachment": {"port_id": given["id"]}}
    net.api("POST", f"/servers/{server_id}/os-interface", body, expect=200)
    net.cloud.drain()
    assert net.port(given["id"])["device_id"] == server_id
    net.api("DELETE", f"/servers/{server_id}/os-interface/{given['id']}", expect=202)
    net.cloud.drain()
    assert net.port(given["id"])["device_id"] == ""
    net.api("DELETE", f"/servers/{server_id}/os-interface/{given['id']}", expect=404)
    net.check_no_leaks()


def test_ports_move_with_their_server(net2: Networked) -> None:
    server_id = net2.plugged()
    (port_id,) = net2.ports()
    source = net2.port(port_id)["binding:host_id"]
    net2.do(server_id, "migrate", user="admin")
    target = net2.show(server_id)["OS-EXT-SRV-ATTR:host"]
    assert net2.port(port_id)["binding:host_id"] == target != source
    net2.do(server_id, "revertResize")
    assert net2.port(port_id)["binding:host_id"] == source
    net2.do(server_id, "shelve")
    assert net2.port(port_id)["binding:host_id"] == ""
    assert net2.addresses(server_id)
    net2.do(server_id, "unshelve")
    assert net2.port(port_id)["binding:host_id"] == net2.show(server_id)["OS-EXT-SRV-ATTR:host"]
    net2.check_no_leaks()


def test_floating_ips_show_up_in_the_servers_addresses(net: Networked) -> None:
    external = {"network": {"name": "public", "router:external": True}}
    public = net.net("POST", "/networks", external, user="admin", expect=201)["network"]["id"]
    subnet = {"network_id": public, "cidr": "203.0.113.0/24", "ip_version": 4}
    net.net("POST", "/subnets", {"subnet": subnet}, user="admin", expect=201)
    router = {"router": {"name": "r", "external_gateway_info": {"network_id": public}}}
    router_id = net.net("POST", "/routers", router, expect=201)["router"]["id"]
    (subnet_id,) = net.net("GET", f"/networks/{net.network_id}")["network"]["subnets"]
    net.net("PUT", f"/routers/{router_id}/add_router_interface", {"subnet_id": subnet_id}, expect=200)
    server_id = net.plugged()
    port_id = next(port for port, owner in net.ports().items() if owner == server_id)
    wanted = {"floatingip": {"floating_network_id": public, "port_id": port_id}}
    made = net.net("POST", "/floatingips", wanted, expect=201)["floatingip"]
    net.cloud.drain()
    assert made["floating_ip_address"] in net.addresses(server_id)
    net.net("DELETE", f"/floatingips/{made['id']}", expect=204)
    net.cloud.drain()
    assert made["floating_ip_address"] not in net.addresses(server_id)


def test_a_port_that_is_deleted_behind_its_server_is_unplugged(net: Networked) -> None:
    server_id = net.plugged()
    (port_id,) = net.ports()
    net.net("DELETE", f"/ports/{port_id}", expect=204)
    net.cloud.drain()
    assert net.addresses(server_id) == []
    net.check_no_leaks()


def test_addresses_are_put_right_also_when_nobody_told(net: Networked) -> None:
    server_id = net.plugged()
    shown = net.addresses(server_id)
    with net.cloud.cloud.database.transaction() as tx:
        servers.update(tx, server_id, addresses={})
    net.compute.reconciler.run()
    assert net.addresses(server_id) == shown
