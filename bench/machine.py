"""The machine under the cloud: CPU time and memory of its processes, and how busy the rest is."""

import os
import time
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")  # of CPU time in a second
Trees = dict[str, list[int]]
PROC = Path("/proc")


class Processes:
    """The cloud's processes: one pid file a daemon in a directory, and everything they started."""

    def __init__(self, pid_files: Path | None) -> None:
        self.pid_files = pid_files

    def __bool__(self) -> bool:
        return self.pid_files is not None

    def trees(self) -> Trees:
        """The pids of each daemon and its descendants; each pid once."""
        if self.pid_files is None:
            return {}
        children = _children()
        seen: set[int] = set()
        found: Trees = {}
        for file in sorted(self.pid_files.glob("*.pid")):
            waiting, mine = _pids_of(file), []
            while waiting:
                pid = waiting.pop()
                if pid not in seen and (PROC / str(pid)).exists():
                    seen.add(pid)
                    mine.append(pid)
                    waiting += children.get(pid, [])
            if mine:
                found[file.stem] = mine
        return found

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far, by daemon."""
        return {name: sum(_cpu_of(pid) for pid in pids) for name, pids in self.trees().items()}

    def memory(self) -> dict[str, Any]:
        """Processes, threads, RSS and PSS (MiB), in all and by daemon."""
        by_daemon = {name: _memory_of(pids) for name, pids in self.trees().items()}
        total = {key: round(sum(row[key] for row in by_daemon.values()), 1) for key in _MEMORY_KEYS}
        return {"total": total, "by_daemon": by_daemon}


_MEMORY_KEYS = ("processes", "threads", "rss_mib", "pss_mib")


def _pids_of(file: Path) -> list[int]:
    try:
        return [int(file.read_text().split()[0])]
    except (OSError, ValueError, IndexError):
        return []


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name; none when the process is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def _cpu_of(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _memory_of(pids: list[int]) -> dict[str, float]:
    row = dict.fromkeys(_MEMORY_KEYS, 0.0)
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
            threads = len(list((PROC / str(pid) / "task").iterdir()))
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("Rss:", "Pss:"))}
        for key, value in zip(_MEMORY_KEYS, (1, threads, sizes.get("Rss", 0), sizes.get("Pss", 0)), strict=True):
            row[key] += value
    return {key: round(value, 1) for key, value in row.items()}


def cpu_line() -> tuple[int, int]:
    """(ticks in all, ticks idle) of the whole machine so far."""
    values = [int(value) for value in (PROC / "stat").read_text().splitlines()[0].split()[1:9]]
    return sum(values), values[3] + values[4]


def busy_share(seconds: float = 0.4) -> float:
    before = cpu_line()
    time.sleep(seconds)
    after = cpu_line()
    return 1 - (after[1] - before[1]) / max(1, after[0] - before[0])


def wait_until_quiet(limit: float, longest: float) -> float:
    """Waits, at most ``longest`` seconds, for the machine to be less busy than ``limit``; the share seen last."""
    deadline = time.monotonic() + longest
    share = busy_share()
    while share > limit and time.monotonic() < deadline:
        time.sleep(1)
        share = busy_share()
    return round(share, 2)
