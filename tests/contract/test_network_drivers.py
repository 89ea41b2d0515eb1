"""Every network driver keeps the promises of drivers/base.py; each is a parameter of ``driver``."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pileus.network.drivers.base import Change, Driver, FixedIp, NetworkState, PortState, SubnetState
from pileus.network.drivers.fake import NOWHERE, FakeDriver
from pileus.network.drivers.ovn import OvnDriver
from tests.daemons import can_run_ovn
from tests.ovn import Ovn

REAL = [pytest.mark.real, pytest.mark.skipif(not can_run_ovn(), reason="needs root, OVN and Open vSwitch")]
NETWORK = "11111111-1111-4111-8111-111111111111"
SUBNET = "22222222-2222-4222-8222-222222222222"
PORT = "33333333-3333-4333-8333-333333333333"


@contextmanager
def fake() -> Iterator[Driver]:
    yield FakeDriver(["host1", "host2"])


@contextmanager
def ovn() -> Iterator[Driver]:
    cloud = Ovn()
    try:
        cloud.start()
        driver = OvnDriver(cloud.layout.northbound, cloud.layout.southbound)
        yield driver
        driver.close()
    finally:
        cloud.close()


@pytest.fixture(params=[pytest.param(fake, id="fake"), pytest.param(ovn, id="ovn", marks=REAL)])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with request.param() as driver:
        yield driver


def network(revision: int = 0, name: str = "net") -> Change:
    state = NetworkState(NETWORK, name, "project", 1442, "geneve", None, 7, False, revision)
    return Change("network", NETWORK, state)


def subnet() -> Change:
    state = SubnetState(
        id=SUBNET,
        network_id=NETWORK,
        project_id="project",
        ip_version=4,
        cidr="10.0.0.0/24",
        gateway_ip="10.0.0.1",
        enable_dhcp=True,
        dns_nameservers=("10.0.0.53",),
        host_routes=(),
        ipv6_ra_mode=None,
        ipv6_address_mode=None,
        mtu=1442,
        metadata_ip="10.0.0.2",
        revision=0,
    )
    return Change("subnet", SUBNET, state)


def port(host: str = "host1", revision: int = 0) -> Change:
    state = PortState(
        id=PORT,
        network_id=NETWORK,
        name="port",
        project_id="project",
        mac="fa:16:3e:00:00:01",
        fixed_ips=(FixedIp(SUBNET, "10.0.0.5", 24),),
        admin_state_up=True,
        device_owner="compute:nova",
        device_id="server",
        host=host,
        vnic_type="normal",
        port_security=True,
        security_group_ids=(),
        allowed_address_pairs=(),
        extra_dhcp_options=(),
        revision=revision,
    )
    return Change("port", PORT, state)


def test_what_was_told_is_known_with_its_revision(driver: Driver) -> None:
    driver.apply([network(3), subnet(), port()])
    known = driver.known()
    assert known["network"] == {NETWORK: 3}
    assert known["subnet"] == {SUBNET: 0}
    assert known["port"] == {PORT: 0}


def test_telling_twice_changes_nothing_and_telling_anew_replaces(driver: Driver) -> None:
    driver.apply([network(), subnet(), port()])
    driver.apply([network(), subnet(), port()])
    driver.apply([network(5, "renamed")])
    assert driver.known()["network"] == {NETWORK: 5}
    assert driver.known()["port"] == {PORT: 0}


def test_none_takes_away_also_what_never_was(driver: Driver) -> None:
    driver.apply([network(), subnet(), port()])
    for _ in range(2):
        driver.apply([Change("port", PORT, None), Change("subnet", SUBNET, None), Change("network", NETWORK, None)])
    known = driver.known()
    assert not any(known.get(kind) for kind in ("network", "subnet", "port"))


def test_a_host_of_the_cloud_can_carry_a_port(driver: Driver) -> None:
    binding = driver.binding("host1", "normal")
    assert binding is not None
    assert binding.vif_type == "ovs"


def test_agents_name_their_hosts(driver: Driver) -> None:
    assert {agent.host for agent in driver.agents()} >= {"host1"}


def test_fake_ports_with_a_host_are_up_and_watchers_begin_with_them() -> None:
    driver = FakeDriver(["host1"])
    seen: list[tuple[str, bool]] = []
    driver.watch_ports(lambda id, up: seen.append((id, up)))
    driver.apply([network(), subnet(), port("")])
    assert seen == []
    driver.apply([port("host1", 1)])
    assert seen == [(PORT, True)]
    late: list[tuple[str, bool]] = []
    driver.watch_ports(lambda id, up: late.append((id, up)))
    assert late == [(PORT, True)]
    driver.apply([port("", 2)])
    assert seen[-1] == (PORT, False)
    assert driver.binding(NOWHERE, "normal") is None
