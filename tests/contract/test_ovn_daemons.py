"""OVN and Open vSwitch run privately, start fast, and start again after whatever happened to them."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.host import ovn, ovs
from tests.daemons import Steps, can_run_ovn
from tests.ovn import Ovn

pytestmark = [pytest.mark.real, pytest.mark.skipif(not can_run_ovn(), reason="needs root, OVN and Open vSwitch")]
PORT = "0ba9e5e2-6d51-4a21-8e44-0d5f6a2c9f11"


@pytest.fixture
def cloud() -> Iterator[Ovn]:
    cloud = Ovn()
    cloud.start()
    yield cloud
    cloud.close()


def chassis(cloud: Ovn) -> str:
    command = ["ovn-sbctl", f"--db={cloud.layout.southbound}", "--bare", "--columns=hostname", "list", "Chassis"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_starts_within_a_second_and_in_a_hundred_megabytes(cloud: Ovn) -> None:
    cloud.stop()
    began = time.monotonic()
    cloud.start()
    took = time.monotonic() - began
    assert took < 3, "promised: 0.6 s on an idle machine"
    assert chassis(cloud) == "host1"
    assert sum(cloud.daemons.memory().values()) < 100_000


def test_starts_again_after_everything_was_killed(cloud: Ovn) -> None:
    ovs.plug(cloud.layout, "tapkill", PORT, "fa:16:3e:00:00:01", 1442)
    cloud.daemons.kill()
    cloud.start()
    assert chassis(cloud) == "host1"
    assert [plugged.device for plugged in ovs.list_plugged(cloud.layout)] == ["tapkill"]


def test_an_unreadable_database_is_made_anew(cloud: Ovn) -> None:
    cloud.daemons.stop()
    (cloud.layout.state_dir / "ovn" / "southbound.db").write_bytes(b"\0" * 4096)
    cloud.start()
    assert chassis(cloud) == "host1"


def test_everything_may_be_done_twice(cloud: Ovn) -> None:
    for _ in range(2):
        ovn.prepare(cloud.layout, cloud.config, Steps())
        ovn.configure(cloud.layout, cloud.config, Steps())
    assert chassis(cloud) == "host1"
    assert {check.state for check in ovn.checks(cloud.layout, cloud.config)} <= {"ok", "warning"}


def test_plugging_is_idempotent(cloud: Ovn) -> None:
    for _ in range(2):
        ovs.plug(cloud.layout, "tapone", PORT, "fa:16:3e:00:00:01", 1400)
    assert ovs.list_plugged(cloud.layout) == [ovs.Plugged("tapone", PORT, "fa:16:3e:00:00:01")]
    for _ in range(2):
        ovs.unplug(cloud.layout, "tapone")
    assert ovs.list_plugged(cloud.layout) == []


def test_cleaning_leaves_no_device_and_no_namespace() -> None:
    cloud = Ovn()
    cloud.start()
    traces = [Path("/sys/class/net", cloud.layout.host_device), Path("/run/netns", cloud.layout.namespace)]
    assert all(trace.exists() for trace in traces)
    cloud.stop()
    ovn.clean(cloud.layout)
    assert not any(trace.exists() for trace in traces)
    cloud.close()
