"""Clouds that the functional tests share: starting one costs seconds, and they leave nothing behind in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client_session import ClientSession
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


@pytest.fixture(scope="module")
def client(fake_cloud: RunningCloud) -> Iterator[ClientSession]:
    with ClientSession(fake_cloud.environ, "pileus-admin") as session:
        yield session


@pytest.fixture
def made(client: ClientSession) -> Iterator[Any]:
    """Makes things that are gone after the test, newest first."""
    gone: list[tuple[str, ...]] = []

    def make(kind: str, *arguments: str, id: str = "id") -> dict[str, Any]:
        words = tuple(kind.split())
        thing = client.show(*words, "create", *arguments)
        gone.append((*words, "delete", str(thing[id])))
        return thing

    yield make
    for command in reversed(gone):
        client.run(*command)
