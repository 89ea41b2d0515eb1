"""Fixtures that every kind of test uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pileus.kernel.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database in a file, as an embedded cloud has."""
    database = Database(f"sqlite:///{tmp_path}/test.db", durable=False)
    yield database
    database.close()
