"""`pileus up` from nothing, twice, after a power cut, and what it leaves for clients."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import RunningCloud, wait_for


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunningCloud]:
    cloud = RunningCloud(tmp_path / "state", fake=True)
    yield cloud
    cloud.down()


def test_a_fake_cloud_comes_up_answers_and_goes_down(cloud: RunningCloud) -> None:
    cloud.up()
    status = cloud.status()
    assert status["running"] and status["healthy"]
    assert {process["name"] for process in status["processes"]} == {"supervisor", "api", "engine"}
    token = cloud.openstack("token", "issue", "-f", "json", cloud="pileus")
    assert token["id"] and token["project_id"]
    assert "up already" in cloud.pileus("up").stderr
    cloud.pileus("down")
    assert not cloud.status()["running"]
    assert not list((cloud.state_dir / "run").glob("*.pid"))


def test_after_a_power_cut_up_just_works_and_nothing_is_lost(cloud: RunningCloud) -> None:
    cloud.up()
    cloud.openstack("project", "create", "kept", "-f", "json")
    for name in ("supervisor", "api", "engine"):
        os.kill(cloud.pid(name), signal.SIGKILL)
    cloud.up()
    assert cloud.status()["healthy"]
    assert cloud.openstack("project", "show", "kept", "-f", "json")["name"] == "kept"


@pytest.mark.parametrize("name", ["api", "engine"])
def test_a_process_that_is_killed_comes_back_by_itself(cloud: RunningCloud, name: str) -> None:
    cloud.up()
    killed = cloud.pid(name)
    os.kill(killed, signal.SIGKILL)

    def back() -> bool:
        process = next(process for process in cloud.status()["processes"] if process["name"] == name)
        return process["ready"] and process["pid"] != killed

    wait_for(back, 10, f"{name} did not come back")


def test_without_its_supervisor_nothing_keeps_running(cloud: RunningCloud) -> None:
    cloud.up()
    api = cloud.pid("api")
    os.kill(cloud.pid("supervisor"), signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{api}").exists(), 10, "the api outlived its supervisor")


def test_everything_stays_below_the_state_directory_and_secrets_are_private(cloud: RunningCloud) -> None:
    cloud.up()
    for name in ("clouds.yaml", "openrc", "admin-openrc", "secrets.json", "pileus.toml"):
        assert stat.S_IMODE((cloud.state_dir / name).stat().st_mode) == 0o600, name
    assert "OS_USERNAME=demo" in cloud.pileus("openrc").stdout


def test_two_clouds_run_side_by_side(cloud: RunningCloud, tmp_path: Path) -> None:
    other = RunningCloud(tmp_path / "other", fake=True)
    cloud.up()
    try:
        other.up()
        assert cloud.status()["healthy"] and other.status()["healthy"]
    finally:
        other.down()
    assert cloud.status()["healthy"]


def test_a_port_that_is_taken_is_said_clearly(cloud: RunningCloud, tmp_path: Path) -> None:
    cloud.up()
    other = RunningCloud(tmp_path / "other", fake=True)
    other.port = cloud.port
    refused = other.pileus("up", "--fake", "--listen", f"127.0.0.1:{cloud.port}", check=False)
    assert refused.returncode == 1
    assert "cannot listen on" in refused.stderr and "--listen" in refused.stderr


def test_a_request_can_be_traced_through_the_processes(cloud: RunningCloud) -> None:
    cloud.up()
    cloud.openstack("project", "list", "-f", "json")
    lines = (cloud.state_dir / "log" / "api.log").read_text().splitlines()
    request_id = next(line for line in reversed(lines) if '"span":"request"' in line).split('"request_id":"')[1][:40]
    shown = cloud.pileus("trace", request_id).stdout
    assert "/identity/v3/" in shown and "ms" in shown
    unknown = cloud.pileus("trace", "req-00000000-0000-0000-0000-000000000000", check=False)
    assert unknown.returncode == 1 and "nothing is known" in unknown.stderr
