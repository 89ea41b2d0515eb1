"""Fixtures of the compute service's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.compute.world import Servers


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Servers]:
    """One host."""
    servers = Servers(tmp_path)
    yield servers
    servers.close()


@pytest.fixture
def world2(tmp_path: Path) -> Iterator[Servers]:
    """Two hosts."""
    servers = Servers(tmp_path, hosts=2)
    yield servers
    servers.close()
