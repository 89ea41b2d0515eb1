"""What guests learn about themselves: the metadata service and the config drive."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pileus.compute.model import ServerVif
from pileus.compute.network_data import build
from pileus.compute.service import Compute
from pileus.compute.store import servers
from pileus.kernel import ids
from pileus.kernel.context import service_context
from pileus.kernel.services import Answer
from tests.harness import FakeCloud
from tests.unit.compute.rows import server_row
from tests.unit.compute.test_keypairs import PUBLIC

SECRET = "shared"
USER_DATA = b"#!/bin/sh\necho hello\n"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


@pytest.fixture
def signed(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path, PILEUS_COMPUTE__METADATA_SECRET=SECRET)
    yield cloud
    cloud.close()


def boot(cloud: FakeCloud) -> str:
    encoded = base64.b64encode(USER_DATA).decode()
    return server_row(cloud, key_name="mine", key_data=PUBLIC, user_data=encoded, metadata={"role": "web"})


def ask(cloud: FakeCloud, server_id: str, path: str, method: str = "GET", body: Any = None) -> Answer:
    """As the network agent asks, within the process."""
    headers = {"X-Instance-ID": server_id, "X-Tenant-ID": cloud.ids.demo_project_id}
    client = cloud.cloud.runtime.services["metadata"]
    return client.request(service_context(ids.new_request_id()), method, path, body, headers=headers)


def lines(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return answer.body.decode().split("\n")


def test_the_ec2_tree_is_walked_line_by_line(cloud: FakeCloud) -> None:
    server_id = boot(cloud)
    assert lines(ask(cloud, server_id, "/"))[-2:] == ["2009-04-04", "latest"]
    assert lines(ask(cloud, server_id, "/latest/")) == ["meta-data/", "user-data"]
    assert ask(cloud, server_id, "/latest/user-data").body == USER_DATA
    names = lines(ask(cloud, server_id, "/2009-04-04/meta-data"))
    assert {"ami-id", "block-device-mapping/", "hostname", "instance-id", "placement/", "public-keys/"} <= set(names)
    assert "placement/" not in lines(ask(cloud, server_id, "/2007-12-15/meta-data"))
    assert lines(ask(cloud, server_id, "/latest/meta-data/public-keys/")) == ["0=mine"]
    assert ask(cloud, server_id, "/latest/meta-data/public-keys/0/openssh-key").body.decode() == PUBLIC
    assert ask(cloud, server_id, "/latest/meta-data/hostname").body == b"web.novalocal"
    assert ask(cloud, server_id, "/latest/meta-data/instance-type").body == b"m1.tiny"
    assert ask(cloud, server_id, "/latest/meta-data/instance-id").body.startswith(b"i-0000")
    assert ask(cloud, server_id, "/latest/meta-data/nothing").status == 404
    assert ask(cloud, server_id, "/1999-01-01/meta-data").status == 404


def test_the_openstack_tree_has_documents_by_version(cloud: FakeCloud) -> None:
    server_id = boot(cloud)
    assert lines(ask(cloud, server_id, "/openstack"))[-1] == "latest"
    assert lines(ask(cloud, server_id, "/openstack/2012-08-10")) == ["meta_data.json", "user_data"]
    assert lines(ask(cloud, server_id, "/openstack/latest/")) == [
        "meta_data.json",
        "user_data",
        "password",
        "vendor_data.json",
        "network_data.json",
        "vendor_data2.json",
    ]
    answer = ask(cloud, server_id, "/openstack/latest/meta_data.json")
    data = answer.json
    assert answer.headers["content-type"] == "application/json"
    assert (data["uuid"], data["name"], data["hostname"]) == (server_id, "web", "web.novalocal")
    assert data["meta"] == {"role": "web"}
    assert data["keys"] == [{"name": "mine", "type": "ssh", "data": PUBLIC}]
    assert data["project_id"] == cloud.ids.demo_project_id
    assert len(base64.b64decode(data["random_seed"])) == 512
    old = ask(cloud, server_id, "/openstack/2012-08-10/meta_data.json").json
    assert not {"random_seed", "project_id", "devices"} & set(old)
    assert ask(cloud, server_id, "/openstack/latest/vendor_data2.json").json == {"static": {}}
    assert ask(cloud, server_id, "/openstack/latest/user_data").body == USER_DATA
    assert ask(cloud, server_id, "/openstack/2012-08-10/vendor_data.json").status == 404
    assert ask(cloud, server_id, "/openstack/latest/network_data.json").json == {}


def test_a_password_is_set_once_and_read_by_its_user(cloud: FakeCloud) -> None:
    server_id = boot(cloud)
    path = "/openstack/latest/password"
    assert ask(cloud, server_id, path).body == b""
    assert ask(cloud, server_id, path, "POST", b"x" * 1021).status == 400
    assert ask(cloud, server_id, path, "POST", b"encrypted").status == 200
    assert ask(cloud, server_id, path).body == b"encrypted"
    assert ask(cloud, server_id, path, "POST", b"again").status == 409
    assert ask(cloud, server_id, "/openstack/latest/user_data", "POST", b"x").status == 404


def test_whoever_is_not_of_the_cloud_must_sign(signed: FakeCloud) -> None:
    server_id, project_id = boot(signed), signed.ids.demo_project_id
    signature = hmac.new(SECRET.encode(), server_id.encode(), hashlib.sha256).hexdigest()

    def status(**headers: str) -> int:
        return signed.request("GET", "/metadata/latest/meta-data/hostname", user="", **headers).status

    mine = {"X_Instance_ID": server_id, "X_Tenant_ID": project_id}
    assert status(**mine, X_Instance_ID_Signature=signature) == 200
    assert status(**mine, X_Instance_ID_Signature="0" * 64) == 403
    assert status(**mine) == 400
    assert status(X_Tenant_ID=project_id) == 400
    assert status(X_Instance_ID=server_id, X_Tenant_ID="other", X_Instance_ID_Signature=signature) == 404


def test_without_a_secret_nobody_gets_in_by_signing(cloud: FakeCloud) -> None:
    server_id = boot(cloud)
    signature = hmac.new(b"", server_id.encode(), hashlib.sha256).hexdigest()
    headers = {"X_Instance_ID": server_id, "X_Tenant_ID": cloud.ids.demo_project_id}
    path = "/metadata/latest/meta-data/hostname"
    assert cloud.request("GET", path, user="", **headers, X_Instance_ID_Signature=signature).status == 403


def test_the_config_drive_has_the_same(cloud: FakeCloud) -> None:
    server_id = boot(cloud)
    compute = cloud.cloud.services["compute"]
    assert isinstance(compute, Compute)
    with cloud.cloud.database.read() as tx:
        server = servers.get(tx, server_id)
    assert server is not None
    files = compute.config_drive(server, [], [])
    assert files is not None
    assert files["openstack/latest/user_data"] == USER_DATA.decode()
    assert msgspec.json.decode(files["openstack/latest/meta_data.json"])["uuid"] == server_id
    assert msgspec.json.decode(files["ec2/latest/meta-data.json"])["public-keys"] == {"0": {"openssh-key": PUBLIC}}
    assert "openstack/latest/vendor_data2.json" in files
    assert "openstack/2012-08-10/vendor_data.json" not in files
    assert not any("password" in path for path in files)


def test_network_data_tells_links_and_networks() -> None:
    vif = ServerVif(
        port_id="11111111-2222-3333-4444-555555555555",
        server_id="s",
        network_id="n",
        mac="fa:16:3e:00:00:01",
        position=0,
        ours=True,
        tag=None,
        vif={"vif_type": "ovs", "mtu": 1442},
    )
    port = {
        "id": vif.port_id,
        "network_id": "n",
        "mac_address": vif.mac,
        "fixed_ips": [
            {"subnet_id": "v4", "ip_address": "10.0.0.5"},
            {"subnet_id": "v6", "ip_address": "fd00::5"},
        ],
    }
    subnets = {
        "v4": {
            "ip_version": 4,
            "cidr": "10.0.0.0/24",
            "gateway_ip": "10.0.0.1",
            "enable_dhcp": False,
            "dns_nameservers": ["9.9.9.9"],
            "host_routes": [{"destination": "192.168.0.0/16", "nexthop": "10.0.0.2"}],
        },
        "v6": {"ip_version": 6, "cidr": "fd00::/64", "gateway_ip": None, "enable_dhcp": True},
    }
    assert build([(vif, port)], subnets) == {
        "links": [
            {
                "id": "tap11111111-22",
                "vif_id": vif.port_id,
                "type": "ovs",
                "mtu": 1442,
                "ethernet_mac_address": vif.mac,
            }
        ],
        "networks": [
            {
                "id": "network0",
                "link": "tap11111111-22",
                "network_id": "n",
                "type": "ipv4",
                "ip_address": "10.0.0.5",
                "netmask": "255.255.255.0",
                "routes": [
                    {"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.0.0.1"},
                    {"network": "192.168.0.0", "netmask": "255.255.0.0", "gateway": "10.0.0.2"},
                ],
                "services": [{"type": "dns", "address": "9.9.9.9"}],
            },
            {"id": "network1", "link": "tap11111111-22", "network_id": "n", "type": "ipv6_dhcp"},
        ],
        "services": [{"type": "dns", "address": "9.9.9.9"}],
    }
