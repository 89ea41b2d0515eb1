"""The OVN driver makes real networks: packets go where the states say, and nowhere else."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from pileus.host.layout import PHYSICAL_NETWORK
from pileus.host.ovn.external import external_interface
from pileus.kernel.errors import Unavailable
from pileus.network.drivers import base
from pileus.network.drivers.base import Change, State
from pileus.network.drivers.ovn import OvnDriver
from tests.daemons import can_run_ovn, wait_for
from tests.guests import Guest
from tests.network_states import HOST, KINDS, group, network, new_id, port, rule, subnet, want
from tests.ovn import Ovn

pytestmark = [pytest.mark.real, pytest.mark.skipif(not can_run_ovn(), reason="needs root, OVN and Open vSwitch")]


class World:
    """Two networks of a project behind a router to the external network, three guests, a floating IP for the first."""

    def __init__(self, ovn: Ovn, folder: Path) -> None:
        self.ovn = ovn
        self.driver = OvnDriver(ovn.layout.northbound, ovn.layout.southbound)
        self.up: dict[str, bool] = {}
        self.host_address = external_interface(ovn.layout, ovn.config.network)
        outside = self.host_address.network
        self.gateway_address, self.floating_address = str(outside[2]), str(outside[11])
        self.ssh = rule("ingress", protocol="tcp", port_range_min=22, port_range_max=22)
        self.ping = rule("ingress", protocol="icmp")
        self.group = group(rule("egress"), self.ping, self.ssh)
        self.blue, self.red = network("blue"), network("red")
        self.blue_subnet = subnet(self.blue, "10.1.0.0/24", "10.1.0.1", "10.1.0.2")
        self.red_subnet = subnet(self.red, "10.2.0.0/24", "10.2.0.1", None)
        self.public = network("public", network_type="flat", physical_network=PHYSICAL_NETWORK, external=True, mtu=1500)
        self.public_subnet = replace(subnet(self.public, str(outside), str(outside[1]), None), enable_dhcp=False)
        self.first = port(self.blue_subnet, 0x11, "10.1.0.11", self.group.id)
        self.second = port(self.blue_subnet, 0x12, "10.1.0.12", self.group.id)
        self.third = port(self.red_subnet, 0x13, "10.2.0.13", self.group.id)
        self.guests = [Guest(ovn.layout, each.id, each.mac, folder) for each in (self.first, self.second, self.third)]

    def router_states(self) -> list[State]:
        legs = {
            "10.1.0.1": (self.blue, self.blue_subnet, "network:router_interface"),
            "10.2.0.1": (self.red, self.red_subnet, "network:router_interface"),
            self.gateway_address: (self.public, self.public_subnet, "network:router_gateway"),
        }
        ports = [
            port(of, 0xE0 + number, address, device_owner=owner, host="", port_security=False)
            for number, (address, (_, of, owner)) in enumerate(legs.items())
        ]
        nets = (self.blue, self.red, self.public)
        blue, red, public = (
            base.RouterPort(each.id, each.network_id, each.mac, each.fixed_ips, net.mtu)
            for each, net in zip(ports, nets, strict=True)
        )
        gateway = base.Gateway(public, (str(self.host_address.ip),), True)
        self.router = base.RouterState(
            new_id(), "router", "project", True, gateway, (blue, red), (), ("10.1.0.0/24", "10.2.0.0/24"), 1
        )
        self.floating = base.FloatingIpState(
            new_id(), "project", self.floating_address, self.public.id, "10.1.0.11", self.first.id, self.router.id, 1
        )
        return [*ports, self.router, self.floating]

    def start(self) -> None:
        self.ovn.start()
        self.driver.watch_ports(lambda port_id, up: self.up.update({port_id: up}))
        states = [self.blue, self.red, self.public, self.blue_subnet, self.red_subnet, self.public_subnet]
        self.states: list[State] = [*states, self.group, self.first, self.second, self.third, *self.router_states()]
        self.driver.apply(want(*self.states))
        for guest in self.guests:
            guest.start()
        wait_for(lambda: all(self.up.get(guest.port_id) for guest in self.guests), "the ports are up")

    def sync(self) -> None:
        command = ["ovn-nbctl", f"--db={self.ovn.layout.northbound}", "--timeout=20", "--wait=hv", "sync"]
        subprocess.run(command, check=True)

    def apply(self, *states: State) -> None:
        self.driver.apply(want(*states))
        self.sync()

    def close(self) -> None:
        for guest in self.guests:
            guest.stop()
        self.driver.close()
        self.ovn.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(Ovn(), tmp_path_factory.mktemp("guests"))
    try:
        world.start()
        for guest in world.guests:
            guest.lease()
        yield world
    finally:
        world.close()


class Listener:
    """A TCP server in a guest that sends back what it gets."""

    def __init__(self, guest: Guest, port: int) -> None:
        self._process = guest.popen("busybox", "nc", "-ll", "-p", str(port), "-e", "/bin/cat")
        wait_for(lambda: f":{port} " in guest.run("ss", "-tln"), "the server listens")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def test_everything_is_known_with_its_revision(world: World) -> None:
    known = world.driver.known()
    for state in world.states:
        assert known[KINDS[type(state)]].get(state.id) == 1, state
    assert sum(len(of_kind) for of_kind in known.values()) == len(world.states)


def test_a_lease_has_address_mtu_dns_and_the_route_to_metadata(world: World) -> None:
    lease = world.guests[0].lease()
    assert (lease["ip"], lease["mask"], lease["mtu"]) == ("10.1.0.11", "24", "1442")
    assert (lease["dns"], lease["lease"], lease["router"]) == ("192.0.2.53", "43200", "10.1.0.1")
    assert lease["staticroutes"] == "169.254.169.254/32 10.1.0.2 0.0.0.0/0 10.1.0.1"


def test_guests_reach_each_other_on_a_network_and_through_the_router(world: World) -> None:
    assert world.guests[0].pings("10.1.0.12")
    assert world.guests[0].pings("10.2.0.13")


def test_guests_reach_the_host_with_the_routers_address(world: World) -> None:
    server = socket.create_server((str(world.host_address.ip), 0))
    seen: list[str] = []

    def accept() -> None:
        with server, server.accept()[0] as client:
            seen.append(client.getpeername()[0])
            client.sendall(b"hello\n")

    thread = threading.Thread(target=accept)
    thread.start()
    heard = world.guests[2].run("busybox", "nc", "-w", "5", str(world.host_address.ip), str(server.getsockname()[1]))
    thread.join()
    assert heard == "hello\n"
    assert seen == [world.gateway_address]


def test_the_host_reaches_a_floating_ip(world: World) -> None:
    listener = Listener(world.guests[0], 22)
    try:
        with socket.create_connection((world.floating_address, 22), timeout=10) as client:
            client.sendall(b"through the floating IP\n")
            assert client.recv(100) == b"through the floating IP\n"
    finally:
        listener.stop()
    world.driver.apply([Change("floating_ip", world.floating.id, None)])
    world.sync()
    with pytest.raises(OSError):
        socket.create_connection((world.floating_address, 22), timeout=2)
    world.apply(world.floating)


def test_a_security_group_lets_in_only_what_its_rules_allow(world: World) -> None:
    listeners = [Listener(world.guests[1], 22), Listener(world.guests[1], 23)]
    try:
        talk = ["busybox", "nc", "-w", "2", "10.1.0.12"]
        assert world.guests[0].run(*talk, "22", given="allowed") == "allowed"
        assert not world.guests[0].can(*talk, "23")
        world.apply(replace(world.group, rules=(world.group.rules[0],), revision=2))
        assert not world.guests[0].pings("10.1.0.12"), "the rule is gone"
        peers = rule("ingress", protocol="icmp", remote_group_id=world.group.id)
        world.apply(replace(world.group, rules=(world.group.rules[0], peers), revision=3))
        assert world.guests[0].pings("10.1.0.12"), "a member of the group"
        assert subprocess.run(["ping", "-c", "1", "-W", "1", world.floating_address], capture_output=True).returncode
        assert not world.guests[0].can(*talk, "22")
    finally:
        world.apply(world.group)
        for listener in listeners:
            listener.stop()


def test_answers_come_back_without_a_rule(world: World) -> None:
    only_out = group(rule("egress"))
    world.apply(only_out, replace(world.first, security_group_ids=(only_out.id,), revision=2))
    listener = Listener(world.guests[1], 22)
    try:
        assert (
            world.guests[0].run("busybox", "nc", "-w", "3", "10.1.0.12", "22", given="out and back") == "out and back"
        )
        assert not world.guests[1].pings("10.1.0.11")
    finally:
        listener.stop()
        world.apply(world.first)
        world.driver.apply([Change("security_group", only_out.id, None)])


def test_a_guest_without_any_rule_gets_its_lease_and_nothing_else(world: World) -> None:
    world.apply(replace(world.first, security_group_ids=(), revision=3))
    try:
        assert world.guests[0].lease()["ip"] == "10.1.0.11"
        assert not world.guests[0].pings("10.1.0.12")
    finally:
        world.apply(world.first)


def test_foreign_addresses_need_a_pair_or_no_port_security(world: World) -> None:
    extra = "10.1.0.99"
    world.guests[0].run("ip", "addr", "add", f"{extra}/24", "dev", "eth0")
    reply = ["ping", "-c", "1", "-W", "1", "-I", extra, "10.1.0.12"]
    try:
        assert not world.guests[0].can(*reply)
        world.apply(replace(world.first, allowed_address_pairs=((world.first.mac, extra),), revision=4))
        assert world.guests[0].can(*reply)
        world.apply(replace(world.first, port_security=False, security_group_ids=(), revision=5))
        assert world.guests[0].can(*reply)
    finally:
        world.guests[0].run("ip", "addr", "del", f"{extra}/24", "dev", "eth0")
        world.apply(world.first)


def test_a_port_that_is_switched_off_carries_nothing(world: World) -> None:
    world.apply(replace(world.second, admin_state_up=False, revision=2))
    try:
        assert not world.guests[0].pings("10.1.0.12")
    finally:
        world.apply(world.second)
    assert world.guests[0].pings("10.1.0.12")


def test_a_ports_own_dhcp_options_and_a_changed_subnet(world: World) -> None:
    own = (("domain-name", "example.test", 4), ("unknown-to-ovn", "1", 4))
    world.apply(replace(world.first, extra_dhcp_options=own, revision=6))
    world.apply(replace(world.blue_subnet, dns_nameservers=("192.0.2.54",), revision=2))
    lease = world.guests[0].lease()
    assert (lease["domain"], lease["dns"]) == ("example.test", "192.0.2.54")
    world.apply(world.first, world.blue_subnet)
    lease = world.guests[0].lease()
    assert ("domain" in lease, lease["dns"]) == (False, "192.0.2.53")


def test_the_switch_is_told_nothing_when_nothing_changed(world: World) -> None:
    def changes() -> str:
        shown = subprocess.run(
            ["ovsdb-client", "dump", world.ovn.layout.northbound, "OVN_Northbound"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return "\n".join(line for line in shown.splitlines() if not line.startswith("_") and "nb_cfg" not in line)

    world.apply(*world.states)
    before = changes().split("NB_Global")[0]
    world.driver.apply(want(*world.states))
    assert changes().split("NB_Global")[0] == before


def test_a_port_is_up_while_it_is_plugged(world: World) -> None:
    world.guests[2].stop()
    wait_for(lambda: world.up.get(world.third.id) is False, "the port is down")
    world.guests[2].start()
    wait_for(lambda: world.up.get(world.third.id) is True, "the port is up again")
    world.guests[2].lease()
    seen: list[str] = []
    late = OvnDriver(world.ovn.layout.northbound, world.ovn.layout.southbound)
    late.watch_ports(lambda port_id, up: seen.append(port_id))
    wait_for(lambda: {world.first.id, world.third.id} <= set(seen), "a late watcher learns what is up")
    late.close()


def test_hosts_bind_ports_and_show_signs_of_life(world: World) -> None:
    binding = world.driver.binding(HOST, "normal")
    assert binding is not None
    assert binding.vif_type == "ovs"
    assert {"port_filter": True, "bridge_name": "br-int"}.items() <= binding.vif_details.items()
    assert world.driver.binding("nowhere", "normal") is None
    assert world.driver.binding(HOST, "direct") is None
    wait_for(lambda: [agent.alive for agent in world.driver.agents()] == [True], "the host is alive")
    agent = world.driver.agents()[0]
    assert (agent.host, agent.agent_type, agent.binary) == (HOST, "OVN Controller Gateway agent", "ovn-controller")


def test_one_bad_change_does_not_stop_the_others(world: World) -> None:
    bad = group(rule("ingress", protocol="no-such-protocol"))
    good = group(rule("ingress"))
    with pytest.raises(Unavailable, match="no-such-protocol"):
        world.driver.apply(want(bad, good))
    known = world.driver.known()["security_group"]
    assert good.id in known
    assert bad.id not in known
    world.driver.apply([Change("security_group", good.id, None)])


def test_the_driver_goes_on_after_the_databases_were_killed(world: World) -> None:
    names = ["ovn-northbound", "ovn-southbound"]
    world.ovn.daemons.kill(*names)
    with pytest.raises(Unavailable):
        world.driver._northbound.transact(lambda view: None, timeout=0.5)
    for name in names:
        world.ovn.daemons.start_one(name)
    extra = network("extra")
    began = time.monotonic()
    world.driver.apply(want(extra))
    assert time.monotonic() - began < 10
    assert world.driver.known()["network"][extra.id] == 1
    world.driver.apply([Change("network", extra.id, None)])
    wait_for(lambda: world.guests[0].pings("10.1.0.12"), "guests still reach each other")


def test_what_is_gone_leaves_nothing_behind(world: World) -> None:
    other = World(world.ovn, Path())
    states = [other.blue, other.blue_subnet, other.group, other.first]
    own = replace(other.first, extra_dhcp_options=(("mtu", "1300", 4),))
    world.driver.apply(want(*states, own))
    world.driver.apply([Change(KINDS[type(state)], state.id, None) for state in reversed(states)])
    known = world.driver.known()
    assert not any(state.id in known[KINDS[type(state)]] for state in states)
    rows = world.driver._northbound.read(lambda view: [row.external_ids for row in view.rows("DHCP_Options")])
    assert not [ids for ids in rows if ids["subnet_id"] == other.blue_subnet.id]
    other.driver.close()
