"""Running this machine's own tools."""

import subprocess
from collections.abc import Sequence

from pileus.kernel.errors import Unavailable

TIMEOUT = 30.0


def run(*argv: str, given: str | None = None, timeout: float = TIMEOUT) -> str:
    """A command's standard output. Raises Unavailable with its complaint when it fails or takes too long."""
    try:
        done = subprocess.run(argv, input=given, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError:
        raise Unavailable(f"{argv[0]} is not installed on this host") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{_shown(argv)} took more than {timeout:g} seconds") from None
    if done.returncode:
        raise Unavailable(f"{_shown(argv)} failed: {done.stderr.strip() or done.stdout.strip() or done.returncode}")
    return done.stdout


def succeeds(*argv: str, timeout: float = TIMEOUT) -> bool:
    """Whether a command exits with 0."""
    try:
        return subprocess.run(argv, capture_output=True, timeout=timeout, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


def _shown(argv: Sequence[str]) -> str:
    return " ".join(argv[:6]) + (" ..." if len(argv) > 6 else "")
