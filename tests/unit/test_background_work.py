"""A service's background work begins where its engine or agent runs, and ends with the process."""

from pathlib import Path

import pytest

from pileus.network.service import Network
from tests.harness import FakeCloud


def test_background_work_is_started_and_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for hook in ("start_engine", "start_agent", "stop"):
        monkeypatch.setattr(Network, hook, lambda self, hook=hook: done.append(hook))
    cloud = FakeCloud(tmp_path)
    assert sorted(done) == ["start_agent", "start_engine"]
    cloud.close()
    assert done[2:] == ["stop"]
