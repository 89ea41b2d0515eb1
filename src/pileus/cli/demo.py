"""``pileus demo``: a first server with everything it needs, made through the public API as any user would.

Everything is named ``demo`` and looked up by that name first, so a second run finds what the first one made.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from pileus.cli.beginnings import EXTERNAL_NETWORK
from pileus.cli.client import ApiClient
from pileus.cli.credentials import USER_CLOUD
from pileus.cli.failure import Failure
from pileus.cli.place import Place
from pileus.cli.progress import ConsoleProgress
from pileus.cli.secrets import write_private

NAME = "demo"
CIDR = "10.20.0.0/24"
USER = "cirros"
FLAVOR = "m1.nano"
BOOT_TIMEOUT = 180.0
SSH_TIMEOUT = 180.0
DELETE_TIMEOUT = 120.0
SSH_OPTIONS = (
    "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
    "-o", "ConnectTimeout=3", "-o", "BatchMode=yes",
)  # fmt: skip


class Demo:
    def __init__(self, place: Place, progress: ConsoleProgress) -> None:
        self.place, self.progress = place, progress
        self.api = ApiClient(place, USER_CLOUD)
        self.fake = place.load().config.cloud.fake

    @property
    def key_file(self) -> Path:
        return self.place.state_dir / "demo" / "id_ed25519"

    # -- making ----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        with self.progress.step("Making a key pair, a security group, a network and a router"):
            self._key_pair()
            group = self._security_group()
            network, subnet = self._network()
            self._router(subnet["id"])
        with self.progress.step("Booting the server"):
            server = self._server(network["id"], group["id"])
            self._wait_active(server["id"])
        address = self._floating_ip(server["id"])
        if self.fake:
            self.progress.say(f"The server {NAME} is ACTIVE at {address}; a fake cloud's servers have nobody inside.")
            return
        with self.progress.step("Waiting for SSH"):
            self._wait_ssh(address)
        login = f"ssh -i {self.key_file} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null {USER}@{address}"
        self.progress.say(f"The server {NAME} is up. Log in with\n  {login}")

    def _find(self, service: str, path: str, collection: str, **filters: str) -> dict[str, Any] | None:
        found = self.api.request(service, "GET", path, params={"name": NAME, **filters})[collection]
        return next((item for item in found if item["name"] == NAME), None)

    def _network_item(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/v2.0/{kind.replace('_', '-')}s"
        there = self._find("network", path, f"{kind}s")
        if there is not None:
            return there
        made: dict[str, Any] = self.api.request("network", "POST", path, {kind: {"name": NAME, **body}})[kind]
        return made

    def _key_pair(self) -> None:
        if not self.key_file.exists():
            key = ed25519.Ed25519PrivateKey.generate()
            formats = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
            write_private(self.key_file, key.private_bytes(*formats))
        private = serialization.load_ssh_private_key(self.key_file.read_bytes(), None)
        public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        if self.api.ask("compute", "GET", f"/os-keypairs/{NAME}").status == 404:
            self.api.request(
                "compute", "POST", "/os-keypairs", {"keypair": {"name": NAME, "public_key": public.decode()}}
            )

    def _security_group(self) -> dict[str, Any]:
        group = self._network_item("security_group", {"description": "SSH and ping"})
        there = {(rule["protocol"], rule["port_range_min"]) for rule in group["security_group_rules"]}
        for protocol, port in (("tcp", 22), ("icmp", None)):
            if (protocol, port) not in there:
                rule = {
                    "security_group_id": group["id"],
                    "direction": "ingress",
                    "protocol": protocol,
                    "port_range_min": port,
                    "port_range_max": port,
                }
                self.api.request("network", "POST", "/v2.0/security-group-rules", {"security_group_rule": rule})
        return group

    def _network(self) -> tuple[dict[str, Any], dict[str, Any]]:
        network = self._network_item("network", {})
        subnet = self._network_item("subnet", {"network_id": network["id"], "ip_version": 4, "cidr": CIDR})
        return network, subnet

    def _external_network(self) -> str:
        params = {"name": EXTERNAL_NETWORK, "router:external": "true"}
        found = self.api.request("network", "GET", "/v2.0/networks", params=params)["networks"]
        if not found:
            raise Failure(f"there is no external network named {EXTERNAL_NETWORK}", "`pileus up` makes it")
        return str(found[0]["id"])

    def _router(self, subnet_id: str) -> None:
        router = self._network_item("router", {"external_gateway_info": {"network_id": self._external_network()}})
        params = {"device_id": router["id"], "device_owner": "network:router_interface"}
        if not self.api.request("network", "GET", "/v2.0/ports", params=params)["ports"]:
            path = f"/v2.0/routers/{router['id']}/add_router_interface"
            self.api.request("network", "PUT", path, {"subnet_id": subnet_id})

    def _server(self, network_id: str, group_id: str) -> dict[str, Any]:
        there = self._find("compute", "/servers/detail", "servers")
        if there is not None:
            return there
        flavors = self.api.request("compute", "GET", "/flavors")["flavors"]
        images = self.api.request("image", "GET", "/v2/images", params={"visibility": "public", "sort": "name:asc"})
        if not images["images"]:
            raise Failure("the cloud has no public image", "`pileus up` uploads two")
        body = {
            "name": NAME,
            "flavorRef": next(flavor["id"] for flavor in flavors if flavor["name"] == FLAVOR),
            "imageRef": images["images"][0]["id"],
            "key_name": NAME,
            "networks": [{"uuid": network_id}],
            "security_groups": [{"name": group_id}],
        }
        made: dict[str, Any] = self.api.request("compute", "POST", "/servers", {"server": body})["server"]
        return made

    def _wait_active(self, server_id: str) -> None:
        def look() -> bool:
            server = self.api.request("compute", "GET", f"/servers/{server_id}")["server"]
            if server["status"] == "ERROR":
                raise Failure(f"the server is in ERROR: {server.get('fault', {}).get('message', 'no reason given')}")
            return bool(server["status"] == "ACTIVE")

        _wait(look, BOOT_TIMEOUT, "the server did not become ACTIVE")

    def _floating_ip(self, server_id: str) -> str:
        port = self.api.request("network", "GET", "/v2.0/ports", params={"device_id": server_id})["ports"][0]
        path = "/v2.0/floatingips"
        there = self.api.request("network", "GET", path, params={"port_id": port["id"]})["floatingips"]
        if there:
            return str(there[0]["floating_ip_address"])
        body = {"floating_network_id": self._external_network(), "port_id": port["id"], "description": NAME}
        made = self.api.request("network", "POST", path, {"floatingip": body})["floatingip"]
        return str(made["floating_ip_address"])

    def _wait_ssh(self, address: str) -> None:
        command = ["ssh", "-i", str(self.key_file), *SSH_OPTIONS, f"{USER}@{address}", "true"]
        has_client = shutil.which("ssh") is not None

        def look() -> bool:
            if has_client:
                return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
            return _ssh_banner(address)

        _wait(look, SSH_TIMEOUT, f"{USER}@{address} did not answer SSH")

    # -- removing --------------------------------------------------------------------------------------------------

    def clean(self) -> None:
        with self.progress.step("Removing the demo"):
            server = self._find("compute", "/servers/detail", "servers")
            if server is not None:
                self._remove_server(server["id"])
            router = self._find("network", "/v2.0/routers", "routers")
            if router is not None:
                self._remove_router(router["id"])
            for kind in ("subnet", "network", "security-group"):
                item = self._find("network", f"/v2.0/{kind}s", f"{kind.replace('-', '_')}s")
                if item is not None:
                    self.api.request("network", "DELETE", f"/v2.0/{kind}s/{item['id']}")
            if self.api.ask("compute", "GET", f"/os-keypairs/{NAME}").status == 200:
                self.api.request("compute", "DELETE", f"/os-keypairs/{NAME}")
            shutil.rmtree(self.key_file.parent, ignore_errors=True)

    def _remove_server(self, server_id: str) -> None:
        for port in self.api.request("network", "GET", "/v2.0/ports", params={"device_id": server_id})["ports"]:
            params = {"port_id": port["id"]}
            for floating in self.api.request("network", "GET", "/v2.0/floatingips", params=params)["floatingips"]:
                self.api.request("network", "DELETE", f"/v2.0/floatingips/{floating['id']}")
        self.api.request("compute", "DELETE", f"/servers/{server_id}")
        gone = lambda: self.api.ask("compute", "GET", f"/servers/{server_id}").status == 404  # noqa: E731
        _wait(gone, DELETE_TIMEOUT, "the server was not deleted")

    def _remove_router(self, router_id: str) -> None:
        params = {"device_id": router_id, "device_owner": "network:router_interface"}
        for port in self.api.request("network", "GET", "/v2.0/ports", params=params)["ports"]:
            path = f"/v2.0/routers/{router_id}/remove_router_interface"
            self.api.request("network", "PUT", path, {"port_id": port["id"]})
        self.api.request("network", "DELETE", f"/v2.0/routers/{router_id}")


def _wait(look: Callable[[], bool], timeout: float, failure: str) -> None:
    deadline = time.monotonic() + timeout
    while not look():
        if time.monotonic() > deadline:
            raise Failure(f"{failure} within {timeout:.0f} s", "`pileus logs` tells what happened")
        time.sleep(0.2)


def _ssh_banner(address: str) -> bool:
    try:
        with socket.create_connection((address, 22), timeout=3) as connection:
            return connection.recv(8).startswith(b"SSH-")
    except OSError:
        return False


def run(place: Place, progress: ConsoleProgress) -> None:
    Demo(place, progress).run()


def clean(place: Place, progress: ConsoleProgress) -> None:
    Demo(place, progress).clean()
