"""Telling what takes its time: a live line on a terminal, plain lines elsewhere, nothing with ``quiet``."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

WORTH_TELLING = 1.0  # seconds; shorter steps are shown on a terminal only


class ConsoleProgress:
    """Progress (host/spec.py) on standard error, so that a script can read standard output."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(file=sys.stderr, highlight=False)
        self._quiet = quiet

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        if self._quiet:
            yield
        elif self._console.is_terminal:
            yield from self._live(name)
        else:
            yield from self._plain(name)

    def _live(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        with self._console.status(name):
            try:
                yield
            except BaseException:
                self._console.print(f"[red]✗[/] {name}")
                raise
        self._console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")

    def _plain(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except BaseException:
            print(f"failed: {name}", file=sys.stderr, flush=True)
            raise
        took = time.monotonic() - started
        if took >= WORTH_TELLING:
            print(f"{name}: {took:.1f} s", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        if not self._quiet:
            self._console.print(text, soft_wrap=True)
