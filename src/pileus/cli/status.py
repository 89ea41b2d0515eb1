"""``pileus status``: processes, memory, endpoints and health."""

import sys
from pathlib import Path
from typing import Any

import urllib3

from pileus import __version__
from pileus.cli import control
from pileus.cli.place import Place
from pileus.settings import public_url


def collect(place: Place) -> dict[str, Any]:
    """Everything that `status` shows, as plain data. Memory in MiB (PSS, children included)."""
    running = control.ask(place.state_dir, "status")
    found: dict[str, Any] = {
        "running": running is not None,
        "state_dir": str(place.state_dir),
        "version": __version__,
        "versions": {"python": sys.version.split()[0]},
        "processes": [],
    }
    if place.exists:
        config = place.load().config
        url = public_url(config)
        found |= {"fake": config.cloud.fake, "url": url, "endpoints": {}, "healthy": False}
        if not config.cloud.fake:
            found["versions"] |= _native_versions()
        if running is not None:
            found |= _answers(url)
    if running is not None:
        tree = _children()
        supervisor = {"name": "supervisor", "pid": running["pid"], "ready": True, "restarts": 0, "memory_mib": 0.0}
        supervisor["memory_mib"] = _pss([running["pid"]])
        found["processes"] = [supervisor]
        for process in running["processes"]:
            pids = _tree(process["pid"], tree) if process["pid"] else []
            found["processes"].append({**process, "memory_mib": _pss(pids)})
        found["memory_mib"] = round(sum(process["memory_mib"] for process in found["processes"]), 1)
    return found


def _native_versions() -> dict[str, str]:
    from pileus.host import daemons

    return daemons.versions()


def _answers(url: str) -> dict[str, Any]:
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(5), retries=False)
    try:
        health = pool.request("GET", f"{url}/healthcheck")
        services = pool.request("GET", f"{url}/").json()["services"]
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        return {"healthy": False, "reason": str(error)}
    answered: dict[str, Any] = {
        "healthy": health.status == 200,
        "endpoints": {name: service["url"] for name, service in services.items()},
    }
    if health.status != 200:
        answered["reason"] = health.data.decode(errors="replace")
    return answered


def _children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        tree.setdefault(parent, []).append(int(stat.parent.name))
    return tree


def _tree(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid] + [below for child in children.get(pid, ()) for below in _tree(child, children)]


def _pss(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return round(total / 1024, 1)
