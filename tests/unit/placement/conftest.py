"""Fixtures of the tests of placement."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import FakeCloud
from tests.unit.placement.client import Client


@pytest.fixture
def placement(tmp_path: Path) -> Iterator[Client]:
    cloud = FakeCloud(tmp_path, PILEUS_CLOUD__SERVICES="identity,placement")
    yield Client(cloud)
    cloud.close()
