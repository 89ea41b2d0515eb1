"""A real machine, from `openstack server create` to a shell in it; and nothing is left once it is deleted."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.cli.client import ApiClient
from pileus.cli.credentials import USER_CLOUD
from pileus.cli.place import find
from tests.leaks import created, guest_processes, left_in_the_api, left_on_the_host, logical_ports
from tests.running import RunningCloud, wait_for

pytestmark = pytest.mark.real
SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "ConnectTimeout=5", "-o", "BatchMode=yes"]  # fmt: skip
BOOT = 240.0


class Guests:
    """What the tests of this file share: a network with a router, and two servers on it, made by a plain user."""

    def __init__(self, cloud: RunningCloud, directory: Path) -> None:
        self.cloud, self.directory = cloud, directory
        self.api = ApiClient(find(cloud.state_dir), USER_CLOUD)
        self.key = directory / "key"
        self.addresses: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def openstack(self, *arguments: str) -> object:
        return self.cloud.openstack(*arguments, cloud=USER_CLOUD)

    def make(self) -> None:
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)
        self.openstack("keypair", "create", "--public-key", f"{self.key}.pub", "guest-key")
        self.openstack("security", "group", "create", "guest-group")
        self.openstack("security", "group", "rule", "create", "--protocol", "tcp", "--dst-port", "22", "guest-group")
        self.openstack("network", "create", "guest-net")
        self.openstack("subnet", "create", "--network", "guest-net", "--subnet-range", "10.30.0.0/24", "guest-subnet")
        self.openstack("router", "create", "guest-router")
        self.openstack("router", "set", "--external-gateway", "public", "guest-router")
        self.openstack("router", "add", "subnet", "guest-router", "guest-subnet")
        image = json.loads(json.dumps(self.openstack("image", "list", "-f", "json")))[0]["ID"]
        for name in ("one", "two"):
            self.openstack(
                "server", "create", "--flavor", "m1.nano", "--image", image, "--network", "guest-net",
                "--key-name", "guest-key", "--security-group", "guest-group", name,
            )  # fmt: skip
        for name in ("one", "two"):
            self._settle(name)

    def _settle(self, name: str) -> None:
        server = self.api.request("compute", "GET", "/servers", params={"name": f"^{name}$"})["servers"][0]
        self.ids[name] = server["id"]

        def active() -> bool:
            shown = self.api.request("compute", "GET", f"/servers/{server['id']}")["server"]
            assert shown["status"] != "ERROR", shown["fault"]
            return bool(shown["status"] == "ACTIVE")

        wait_for(active, BOOT, f"{name} did not become ACTIVE")
        port = self.api.request("network", "GET", "/v2.0/ports", params={"device_id": server["id"]})["ports"][0]
        external = self.api.request("network", "GET", "/v2.0/networks", params={"name": "public"})["networks"][0]["id"]
        body = {"floating_network_id": external, "port_id": port["id"]}
        floating = created(self.api, "network", "/v2.0/floatingips", "floatingip", body)
        self.addresses[name] = floating["floating_ip_address"]

    def ssh(self, name: str, command: str) -> str:
        return self._ssh(name, command).stdout.strip()

    def _ssh(self, name: str, command: str) -> subprocess.CompletedProcess[str]:
        arguments = ["ssh", "-i", str(self.key), *SSH, f"cirros@{self.addresses[name]}", command]
        return subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)

    def answers(self, name: str) -> bool:
        return self._ssh(name, "true").returncode == 0

    def fixed_address(self, name: str) -> str:
        server = self.api.request("compute", "GET", f"/servers/{self.ids[name]}")["server"]
        kinds = {entry["OS-EXT-IPS:type"]: entry["addr"] for entry in server["addresses"]["guest-net"]}
        return str(kinds["fixed"])

    def remove(self) -> None:
        for name in self.ids:
            self.openstack("server", "delete", "--wait", name)
        for address in self.addresses.values():
            self.openstack("floating", "ip", "delete", address)
        self.openstack("router", "remove", "subnet", "guest-router", "guest-subnet")
        self.openstack("router", "delete", "guest-router")
        self.openstack("network", "delete", "guest-net")
        self.openstack("security", "group", "delete", "guest-group")
        self.openstack("keypair", "delete", "guest-key")


@pytest.fixture(scope="module")
def before(real_cloud: RunningCloud) -> set[str]:
    return logical_ports(real_cloud)


@pytest.fixture(scope="module")
def guests(real_cloud: RunningCloud, before: set[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guests]:
    guests = Guests(real_cloud, tmp_path_factory.mktemp("guests"))
    guests.make()
    yield guests


def test_a_key_login_over_the_floating_ip(guests: Guests) -> None:
    for name in ("one", "two"):
        wait_for(lambda name=name: guests.answers(name), BOOT, f"{name} did not answer SSH")
        assert guests.ssh(name, "hostname") == name


def test_the_address_came_by_dhcp_and_the_identity_by_metadata(guests: Guests) -> None:
    assert guests.fixed_address("one") in guests.ssh("one", "ip -4 addr show eth0")
    assert "mtu 1442" in guests.ssh("one", "ip link show eth0")
    shown = guests.ssh("one", "curl -s http://169.254.169.254/openstack/latest/meta_data.json")
    assert json.loads(shown)["uuid"] == guests.ids["one"]


def test_guests_reach_each_other_only_as_the_security_group_says(guests: Guests) -> None:
    two = guests.fixed_address("two")
    ping = f"ping -c 2 -W 3 {two} >/dev/null && echo reached || echo blocked"
    assert guests.ssh("one", ping) == "blocked"
    guests.openstack("security", "group", "rule", "create", "--protocol", "icmp", "guest-group")
    wait_for(lambda: guests.ssh("one", ping) == "reached", 20, "the new rule was not enforced")


def test_the_console_log_shows_the_boot(guests: Guests) -> None:
    shown = guests.openstack("console", "log", "show", "one")
    assert "login:" in str(shown)


def test_a_reboot_and_a_stop_and_a_start(guests: Guests) -> None:
    booted = guests.ssh("one", "cut -d. -f1 /proc/uptime")
    guests.openstack("server", "reboot", "--hard", "--wait", "one")
    wait_for(lambda: guests.answers("one"), BOOT, "the guest did not come back")
    assert int(guests.ssh("one", "cut -d. -f1 /proc/uptime")) < int(booted) + 60
    guests.openstack("server", "stop", "two")
    status = lambda: guests.api.request("compute", "GET", f"/servers/{guests.ids['two']}")["server"]["status"]  # noqa: E731
    wait_for(lambda: status() == "SHUTOFF", 120, "the guest did not stop")
    guests.openstack("server", "start", "two")
    wait_for(lambda: guests.answers("two"), BOOT, "the guest did not start")


def test_guests_run_on_when_the_control_plane_is_killed_and_started_again(
    guests: Guests, real_cloud: RunningCloud
) -> None:
    running = set(guest_processes(real_cloud))
    assert len(running) == 2
    for pid_file in (real_cloud.state_dir / "run").glob("*.pid"):
        try:
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        except ProcessLookupError:
            continue
    real_cloud.up()
    assert set(guest_processes(real_cloud)) == running
    wait_for(lambda: guests.answers("one"), 60, "the guest was not reachable again")
    status = guests.api.request("compute", "GET", f"/servers/{guests.ids['one']}")["server"]["status"]
    assert status == "ACTIVE"


def test_nothing_is_left_once_everything_is_deleted(guests: Guests, real_cloud: RunningCloud, before: set[str]) -> None:
    guests.remove()
    wait_for(lambda: not left_on_the_host(real_cloud), 30, f"left on the host: {left_on_the_host(real_cloud)}")
    assert not left_in_the_api(real_cloud)
    assert not guest_processes(real_cloud)
    wait_for(lambda: logical_ports(real_cloud) == before, 10, "logical ports were left in OVN")
