"""What goes wrong reaches whoever typed the command as one sentence, never as a stack trace."""

import sys
from pathlib import Path

import pytest

from pileus.cli import commands, up
from pileus.kernel.errors import Unavailable


def test_a_daemon_that_fails_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> bool:
        raise Unavailable("ip failed: Invalid argument")

    monkeypatch.setattr(up, "up", fails)
    monkeypatch.setattr(sys, "argv", ["pileus", "up", "--fake", "--state-dir", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == "pileus: ip failed: Invalid argument"
