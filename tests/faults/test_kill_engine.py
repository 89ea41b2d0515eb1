"""The engine is killed in the middle of a server's creation, at ten different moments.

Each server becomes ACTIVE, or ERROR with a reason; each can be deleted; and nothing of any is left.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.cli.client import ApiClient
from tests.leaks import admin, created, left_in_the_api
from tests.running import RunningCloud, wait_for

MOMENTS = [0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5]  # seconds after the request was answered


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    cloud = RunningCloud(tmp_path_factory.mktemp("killed"), fake=True)
    cloud.up()
    yield cloud
    cloud.down()


@pytest.fixture(scope="module")
def network(cloud: RunningCloud) -> Iterator[str]:
    api = admin(cloud)
    network = created(api, "network", "/v2.0/networks", "network", {"name": "kill"})
    subnet = {"network_id": network["id"], "ip_version": 4, "cidr": "10.77.0.0/24"}
    created(api, "network", "/v2.0/subnets", "subnet", subnet)
    yield network["id"]


def boot(api: ApiClient, network_id: str) -> str:
    flavor = api.request("compute", "GET", "/flavors")["flavors"][0]["id"]
    image = api.request("image", "GET", "/v2/images")["images"][0]["id"]
    body = {"name": "victim", "flavorRef": flavor, "imageRef": image, "networks": [{"uuid": network_id}]}
    return str(api.request("compute", "POST", "/servers", {"server": body})["server"]["id"])


def settled(api: ApiClient, server_id: str) -> dict[str, Any] | None:
    server: dict[str, Any] = api.request("compute", "GET", f"/servers/{server_id}")["server"]
    return server if server["status"] in ("ACTIVE", "ERROR") else None


def kill_engine(cloud: RunningCloud) -> None:
    pid_file: Path = cloud.state_dir / "run" / "engine.pid"
    wait_for(pid_file.exists, 20, "no engine was running")
    os.kill(int(pid_file.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_server_survives_the_death_of_the_engine(cloud: RunningCloud, network: str, moment: float) -> None:
    api = admin(cloud)
    server_id = boot(api, network)
    time.sleep(moment)
    kill_engine(cloud)
    server = wait_for(lambda: settled(api, server_id), 60, "the server did not settle")
    assert server["status"] == "ACTIVE" or server["fault"]["message"]
    assert server["OS-EXT-STS:task_state"] is None
    api.request("compute", "DELETE", f"/servers/{server_id}")
    time.sleep(moment)
    kill_engine(cloud)
    gone = lambda: api.ask("compute", "GET", f"/servers/{server_id}").status == 404  # noqa: E731
    wait_for(gone, 60, "the server was not deleted")
    wait_for(lambda: not left_in_the_api(cloud, {network}), 30, f"left: {left_in_the_api(cloud, {network})}")
