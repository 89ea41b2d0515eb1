"""The stock `openstack` client kept alive: each command saves the second and a half that importing it costs."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class ClientSession:
    """Runs commands one after the other in one process of the client; each is a new shell, with its own token."""

    def __init__(self, environ: Mapping[str, str], cloud: str) -> None:
        self._cloud = cloud
        command = [sys.executable, "-W", "ignore", str(Path(__file__))]
        self._process = subprocess.Popen(
            command, env=dict(environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "ClientSession":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(10)

    def run(self, *arguments: str, check: bool = True) -> str:
        """What the command wrote; of one that failed (``check`` off), its error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(["--os-cloud", self._cloud, *arguments]) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        if done["status"] and check:
            raise AssertionError(f"openstack {' '.join(arguments)}\n{done['output']}\n{done['error']}")
        return str(done["error"] if done["status"] else done["output"])

    def show(self, *arguments: str) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.run(*arguments, "-f", "json"))
        return shown

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self.run(*arguments, "-f", "json"))
        return listed


class SilentTerminal(io.StringIO):
    """What the client gets for its input: it would take what comes from anything else for an image's data."""

    def isatty(self) -> bool:
        return True


def main() -> None:
    from openstackclient import shell

    commands, sys.stdin = sys.stdin, SilentTerminal()
    for line in commands:
        output, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
            try:
                status = shell.OpenStackShell().run(json.loads(line))
            except SystemExit as stop:
                status = stop.code
        print(json.dumps({"status": status or 0, "output": output.getvalue(), "error": error.getvalue()}), flush=True)


if __name__ == "__main__":
    main()
