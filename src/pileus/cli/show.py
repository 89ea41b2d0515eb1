"""Tables of the admin command, for people."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from pileus.host.spec import Check
from pileus.kernel.config import Setting

MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "missing": "[red]✗[/]"}


def show_status(found: dict[str, Any]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    kind = "fake cloud" if found.get("fake") else "cloud"
    if not found["running"]:
        console.print(f"The {kind} in {found['state_dir']} is not running.")
        return
    health = "[green]healthy[/]" if found.get("healthy") else f"[red]not healthy[/] {found.get('reason', '')}"
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    console.print(f"Pileus {found['version']}, {kind} in {found['state_dir']}: {health}")
    console.print(f"[dim]{versions}[/]")
    table = Table(box=None, pad_edge=False)
    for column in ("process", "pid", "state", "restarts", "memory"):
        table.add_column(column, justify="right" if column in ("pid", "restarts", "memory") else "left")
    for process in found["processes"]:
        state = "[green]ready[/]" if process["ready"] else "[red]down[/]" if not process["pid"] else "starting"
        table.add_row(
            process["name"],
            str(process["pid"] or ""),
            state,
            str(process["restarts"]),
            f"{process['memory_mib']:.0f} MiB",
        )
    table.add_row("", "", "", "", f"[bold]{found['memory_mib']:.0f} MiB[/]")
    console.print(table)
    for name, url in found.get("endpoints", {}).items():
        console.print(f"  {name:12} {url}")


def show_checks(checks: Sequence[Check]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for check in checks:
        console.print(f"{MARKS[check.state]} {check.name:20} {check.detail}")
        if check.advice and check.state != "ok":
            console.print(f"    {check.advice}")


def show_settings(settings: Iterable[Setting]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for column in ("option", "value", "from", "meaning"):
        table.add_column(column)
    for setting in settings:
        origin = "[dim]default[/]" if setting.origin == "default" else setting.origin
        table.add_row(setting.name, str(setting.value), origin, setting.description)
    console.print(table)
