"""Clouds that the functional tests share: starting one costs seconds, and they leave nothing behind in it."""

from collections.abc import Iterator

import pytest

from tests.running import RunningCloud


@pytest.fixture(scope="session")
def fake_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    cloud = RunningCloud(tmp_path_factory.mktemp("fake-cloud"), fake=True)
    cloud.up()
    yield cloud
    cloud.down()


@pytest.fixture(scope="session")
def real_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """OVN, libvirt and QEMU, all private to this test run."""
    cloud = RunningCloud(tmp_path_factory.mktemp("real-cloud"), fake=False)
    try:
        cloud.up()
        yield cloud
    finally:
        cloud.down()
