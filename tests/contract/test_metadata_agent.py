"""Guests that ask 169.254.169.254 are told about themselves, whatever other guests do."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pileus.kernel.context import Context
from pileus.kernel.errors import Unavailable
from pileus.kernel.services import Answer, Directory
from pileus.network import metadata_namespace
from pileus.network.agent import MetadataAgent
from pileus.network.drivers.base import Change, NetworkState, PortState, SubnetState
from pileus.network.drivers.ovn import OvnDriver
from tests.daemons import can_run_ovn, wait_for
from tests.guests import Guest
from tests.network_states import HOST, group, network, port, rule, subnet, want
from tests.ovn import Ovn

pytestmark = [pytest.mark.real, pytest.mark.skipif(not can_run_ovn(), reason="needs root, OVN and Open vSwitch")]
SECRET = "shared"
URL = "http://169.254.169.254"


class Mirror:
    """A metadata service that tells what it was asked."""

    def __init__(self) -> None:
        self.slow = threading.Event()
        self.down = False

    def request(
        self,
        context: Context,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if self.down:
            raise Unavailable("The metadata service is away.")
        if path == "/slow":
            self.slow.wait(10)
        seen = {
            "method": method,
            "path": path,
            "params": dict(params or {}),
            "body": (body or b"").decode(),
            "headers": dict(headers or {}),
            "service": "service" in context.roles,
        }
        return Answer(200, {"content-type": "application/json"}, json.dumps(seen).encode())


class Place:
    """Two networks with the same addresses, a guest with the same address in each, and the agent of their host."""

    def __init__(self, folder: Path) -> None:
        self.ovn = Ovn()
        layout = self.ovn.layout
        self.driver = OvnDriver(layout.northbound, layout.southbound)
        self.mirror = Mirror()
        self.services = Directory()
        self.services.add("metadata", self.mirror)
        self.agent = self.new_agent()
        self.group = group(rule("egress"), rule("ingress"))
        self.networks: list[tuple[NetworkState, SubnetState, PortState]] = []
        self.ports: list[PortState] = []
        for number in (1, 2):
            net = network(f"net{number}")
            of = subnet(net, "10.9.0.0/24", "10.9.0.1", "10.9.0.2")
            meta = port(of, number, "10.9.0.2", device_owner="network:distributed", host="", port_security=False)
            self.networks.append((net, of, meta))
            self.ports.append(port(of, 0x10 + number, "10.9.0.11", self.group.id))
        self.guests = [Guest(layout, each.id, each.mac, folder) for each in self.ports]

    def new_agent(self) -> MetadataAgent:
        return MetadataAgent(self.ovn.layout, HOST, self.services, SECRET)

    def start(self) -> None:
        self.ovn.start()
        self.agent.start()
        self.driver.apply(want(self.group, *(state for triple in self.networks for state in triple), *self.ports))
        for guest in self.guests:
            guest.start()
        wait_for(lambda: len(self.agent.networks) == 2, "both networks are served")
        for guest in self.guests:
            guest.lease()

    def close(self) -> None:
        self.agent.stop()
        for guest in self.guests:
            guest.stop()
        self.driver.close()
        self.ovn.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("guests"))
    try:
        place.start()
        yield place
    finally:
        place.close()


def ask(guest: Guest, path: str, *more: str) -> Any:
    return json.loads(guest.run("curl", "-sS", "--fail", "-m", "8", *more, URL + path))


def test_a_guest_is_told_apart_from_another_with_the_same_address(place: Place) -> None:
    for guest, state in zip(place.guests, place.ports, strict=True):
        seen = ask(guest, "/openstack/latest/meta_data.json")
        assert seen["path"] == "/openstack/latest/meta_data.json"
        assert seen["headers"]["X-Instance-ID"] == state.device_id
        assert seen["headers"]["X-Tenant-ID"] == "project"
        assert seen["headers"]["X-Forwarded-For"] == "10.9.0.11"
        expected = hmac.new(SECRET.encode(), state.device_id.encode(), hashlib.sha256).hexdigest()
        assert seen["headers"]["X-Instance-ID-Signature"] == expected
        assert seen["service"]


def test_queries_and_small_bodies_arrive_and_large_ones_do_not(place: Place) -> None:
    seen = ask(place.guests[0], "/openstack/a%20b?x=1&x=2", "-d", "a password")
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/openstack/a b", "a password")
    assert seen["params"] == {"x": ["1", "2"]}
    large = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-m", "8", "-H", "Content-Length: 9999999"]
    assert place.guests[0].run(*large, "-d", "x", URL + "/") == "413"


def test_an_unknown_sender_learns_nothing(place: Place) -> None:
    guest = place.guests[0]
    place.driver.apply(want(replace(place.ports[0], port_security=False, security_group_ids=(), revision=2)))
    guest.run("ip", "addr", "add", "10.9.0.99/24", "dev", "eth0")
    try:
        shown = guest.run("curl", "-sS", "-m", "8", "-w", "%{http_code}", "--interface", "10.9.0.99", URL + "/")
        assert shown.endswith("404")
    finally:
        guest.run("ip", "addr", "del", "10.9.0.99/24", "dev", "eth0")
        place.driver.apply(want(place.ports[0]))


def test_a_slow_guest_delays_only_itself(place: Place) -> None:
    hanging = [place.guests[0].popen("busybox", "nc", "169.254.169.254", "80") for _ in range(12)]
    try:
        for each in hanging:
            assert each.stdin is not None
            each.stdin.write("GET / HTTP/1.1\r\n")
            each.stdin.flush()
        time.sleep(0.5)
        began = time.monotonic()
        assert ask(place.guests[1], "/")["path"] == "/"
        assert time.monotonic() - began < 1
    finally:
        for each in hanging:
            each.kill()
            each.wait()
            for pipe in (each.stdin, each.stdout):
                assert pipe is not None
                pipe.close()
    wait_for(lambda: place.guests[0].can("curl", "-sS", "--fail", "-m", "2", URL + "/"), "it is served again")


def test_an_absent_service_is_said_to_be_absent(place: Place) -> None:
    place.mirror.down = True
    try:
        shown = place.guests[0].run("curl", "-sS", "-m", "8", "-o", "/dev/null", "-w", "%{http_code}", URL + "/")
        assert shown == "503"
    finally:
        place.mirror.down = False


def test_networks_come_and_go_with_their_guests(place: Place) -> None:
    gone = place.ports[1]
    place.driver.apply([Change("port", gone.id, None)])
    wait_for(lambda: place.agent.networks == {gone.network_id} ^ {p.network_id for p in place.ports}, "one is left")
    wait_for(lambda: len(metadata_namespace.devices(place.ovn.layout)) == 1, "its device is gone")
    place.driver.apply(want(gone))
    wait_for(lambda: len(place.agent.networks) == 2, "it is back")
    wait_for(lambda: place.guests[1].can("curl", "-sS", "--fail", "-m", "2", URL + "/"), "it is served again")


def test_the_next_agent_takes_over(place: Place) -> None:
    place.agent.stop()
    assert not place.guests[0].can("curl", "-sS", "--fail", "-m", "1", URL + "/")
    place.driver.apply([Change("port", place.ports[1].id, None)])
    place.agent = place.new_agent()
    place.agent.start()
    wait_for(lambda: place.agent.networks == {place.ports[0].network_id}, "what is left is served")
    assert ask(place.guests[0], "/")["headers"]["X-Instance-ID"] == place.ports[0].device_id
    assert len(metadata_namespace.devices(place.ovn.layout)) == 1
    place.driver.apply(want(place.ports[1]))
    wait_for(lambda: len(place.agent.networks) == 2, "both again")


def test_the_agent_is_listed(place: Place) -> None:
    wait_for(lambda: len(place.driver.agents()) == 2, "the metadata agent is listed")
    kinds = {agent.agent_type: agent.binary for agent in place.driver.agents()}
    assert kinds["OVN Metadata agent"] == "neutron-ovn-metadata-agent"
