"""A guest on a real OVN network: its lease, the metadata service, an interface plugged while it runs, IPv6."""

import http.server
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator

import pytest

from pileus.compute.drivers.base import Guest, Image, Vif
from pileus.compute.drivers.libvirt import LibvirtDriver
from pileus.host import guest as guest_images
from pileus.host import libvirt, ovs
from pileus.host.command import run
from pileus.kernel.context import Context
from pileus.kernel.services import Directory
from tests.daemons import Daemons, Steps
from tests.libvirt_host import GUEST_IMAGE_ID, IMAGE_CACHE, Console, FakeImages, until_done
from tests.ovn import Ovn

pytestmark = pytest.mark.real
CONTEXT = Context(request_id="req-00000000-0000-0000-0000-000000000001")
SERVER = "fa:16:3e:ff:00:01"
OPTIONS = (
    f'"server_id"="10.1.0.1" "server_mac"="{SERVER}" "lease_time"="43200" "router"="10.1.0.1" "mtu"="1390" '
    '"dns_server"="{9.9.9.9}" "classless_static_route"="{169.254.169.254/32,10.1.0.2, 0.0.0.0/0,10.1.0.1}"'
)
EC2 = {
    "/latest/meta-data/instance-id": "i-00000009",
    "/latest/meta-data/hostname": "by-ec2.novalocal",
    "/latest/meta-data/public-keys/0/openssh-key": "ssh-ed25519 AAAA someone",
    "/latest/user-data": "#!/bin/sh\necho user-data by $(hostname)\n",
}


class Metadata(http.server.BaseHTTPRequestHandler):
    answers: dict[str, str] = {}

    def do_GET(self) -> None:
        body = self.answers.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


class Network:
    """OVN, libvirtd and a driver; a logical switch with DHCP and a router, and who answers at 169.254.169.254."""

    def __init__(self) -> None:
        self.ovn = Ovn()
        self.ovn.start()
        self.layout = self.ovn.layout
        libvirt.prepare(self.layout, None, Steps())
        self.daemons = Daemons(libvirt.specs(self.layout), self.layout.log)
        self.daemons.start()
        services = Directory()
        services.add("image", FakeImages(guest_images.build(IMAGE_CACHE, Steps())[0]))
        self.driver = LibvirtDriver(self.layout, "host1", services)
        self.image = Image(GUEST_IMAGE_ID, "qcow2", 0)
        until_done(lambda: self.driver.prepare_image(CONTEXT, self.image))
        self.guests: list[Guest] = []
        self.options = self.nbctl(f"create DHCP_Options cidr=10.1.0.0/24 options='{OPTIONS}'").strip()
        six = '"server_id"="fa:16:3e:ff:00:02" "dns_server"="{2001:db8::53}"'
        self.options6 = self.nbctl(f"create DHCP_Options cidr=\"2001\\:db8\\:1\\:\\:/64\" options='{six}'").strip()
        self.nbctl(
            "ls-add net -- lr-add r -- lrp-add r r-net fa:16:3e:ff:00:03 10.1.0.1/24 2001:db8:1::1/64 -- "
            "set logical_router_port r-net ipv6_ra_configs:address_mode=dhcpv6_stateful "
            "ipv6_ra_configs:send_periodic=true "
            "ipv6_ra_configs:max_interval=4 ipv6_ra_configs:min_interval=3 ipv6_ra_configs:mtu=1390 -- "
            "lsp-add net net-r -- lsp-set-type net-r router -- lsp-set-addresses net-r router -- "
            "lsp-set-options net-r router-port=r-net"
        )
        self._serve_metadata()

    def nbctl(self, arguments: str) -> str:
        return run("sh", "-ec", f"ovn-nbctl --db={self.layout.northbound} --wait=hv {arguments}")

    def _serve_metadata(self) -> None:
        """A local port with an interface in a namespace of its own."""
        self.metadata_namespace = f"{self.layout.namespace}-md"
        self.nbctl("lsp-add net md -- lsp-set-type md localport -- lsp-set-addresses md 'fa:16:3e:ff:00:09 10.1.0.2'")
        enter = f"ip netns exec {self.metadata_namespace}"
        run("sh", "-ec", f"""
            ip netns add {self.metadata_namespace}
            ip -n {self.layout.namespace} link add mdouter type veth peer name eth0 netns {self.metadata_namespace}
            {enter} ethtool -K eth0 tx off >/dev/null
            ip -n {self.metadata_namespace} link set eth0 address fa:16:3e:ff:00:09 up
            ip -n {self.metadata_namespace} link set lo up
            ip -n {self.metadata_namespace} addr add 10.1.0.2/24 dev eth0
            ip -n {self.metadata_namespace} addr add 169.254.169.254/32 dev eth0
            ip -n {self.layout.namespace} link set mdouter up""")  # fmt: skip
        ovs.attach(self.layout, "mdouter", "md", "fa:16:3e:ff:00:09", 1500)
        self._relay = subprocess.Popen(
            [*enter.split(), "socat", "TCP-LISTEN:80,fork,reuseaddr", f"UNIX-CONNECT:{self.layout.run}/md.sock"],
            stderr=subprocess.DEVNULL,
        )
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._relay2 = subprocess.Popen(
            ["socat", f"UNIX-LISTEN:{self.layout.run}/md.sock,fork", f"TCP:127.0.0.1:{self._server.server_port}"],
            stderr=subprocess.DEVNULL,
        )

    def port(self, last: int, *, six: bool = False) -> Vif:
        port_id, mac = str(uuid.uuid4()), f"fa:16:3e:00:00:{last:02x}"
        addresses = f"{mac} 10.1.0.{last}" + (f" 2001:db8:1::{last}" if six else "")
        self.nbctl(
            f"lsp-add net {port_id} -- lsp-set-addresses {port_id} '{addresses}' -- "
            f"lsp-set-dhcpv4-options {port_id} {self.options}"
            + (f" -- lsp-set-dhcpv6-options {port_id} {self.options6}" if six else "")
        )
        return Vif(port_id, "net", mac, 1390, "ovs")

    def spawn(self, vif: Vif) -> Guest:
        number = str(uuid.uuid4())
        guest = Guest(number, "vm", "vm", f"instance-{number[:8]}", "p", "u", 1, 128, 1, self.image, (vif,))
        self.guests.append(guest)
        until_done(lambda: self.driver.spawn(CONTEXT, guest))
        return guest

    def wait(self, guest: Guest, text: str, timeout: float = 180.0) -> str:
        deadline = time.monotonic() + timeout
        while text not in (log := self.driver.console_log(guest.id)):
            assert time.monotonic() < deadline, log[-2000:]
            time.sleep(0.05)
        return log

    def close(self) -> None:
        for guest in self.guests:
            self.driver.destroy(guest)
        taps = [one.device for one in ovs.list_plugged(self.layout)]
        for process in (self._relay, self._relay2):
            process.kill()
            process.wait()
        self._server.shutdown()
        self._server.server_close()
        self.daemons.stop()
        libvirt.clean(self.layout)
        run("ip", "netns", "delete", self.metadata_namespace)
        self.ovn.close()
        assert taps == ["mdouter"]


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


def test_a_guest_gets_its_lease_and_its_metadata(network: Network) -> None:
    metadata = '{"uuid": "i-1", "hostname": "by-service.novalocal", "public_keys": {"k": "ssh-ed25519 AAAA me\\n"}}'
    Metadata.answers = {
        "/openstack/latest/meta_data.json": metadata,
        "/openstack/latest/user_data": "#!/bin/sh\necho user-data by $(hostname)\n",
        "/latest/meta-data/public-ipv4": "203.0.113.5",
    }
    started = time.monotonic()
    guest = network.spawn(network.port(11))
    created = time.monotonic() - started
    network.wait(guest, "guest: eth0 10.1.0.11/24")
    leased = time.monotonic() - started
    log = network.wait(guest, "boot finished")
    print(f"created {created:.2f} s, lease {leased:.2f} s, boot finished {time.monotonic() - started:.2f} s")
    assert "metadata from openstack, instance i-1, 1 keys" in log
    assert "user-data by by-service" in log
    assert "mtu=1390" in log
    assert "169.254.169.254 via 10.1.0.2" in log
    assert "default via 10.1.0.1" in log
    assert "nameserver 9.9.9.9" in log
    network.driver.attach_interface(CONTEXT, guest.id, network.port(12))
    network.wait(guest, "guest: eth1 10.1.0.12/24")
    with Console.of(network.driver, guest) as console:
        assert console.run("curl http://169.254.169.254/latest/meta-data/public-ipv4").endswith("203.0.113.5")
        assert "by-service" in console.run("hostname")


def test_a_guest_falls_back_to_ec2_metadata(network: Network) -> None:
    Metadata.answers = EC2
    guest = network.spawn(network.port(21))
    log = network.wait(guest, "boot finished")
    assert "metadata from ec2, instance i-00000009, 1 keys" in log
    assert "user-data by by-ec2" in log


def test_a_guest_gets_its_address_by_dhcpv6(network: Network) -> None:
    Metadata.answers = EC2
    guest = network.spawn(network.port(31, six=True))
    network.wait(guest, "boot finished")
    with Console.of(network.driver, guest) as console:
        deadline = time.monotonic() + 120
        while "2001:db8:1::31" not in (shown := console.run("ip -6 -o addr show dev eth0")):
            assert time.monotonic() < deadline, shown
            time.sleep(0.5)
        assert "1 packets received" in console.run("sleep 1; ping6 -c1 -w5 2001:db8:1::1")
