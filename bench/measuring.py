"""Measuring: how much of a thing a cloud does in a second, how long one takes, and what it costs the cloud.

Each figure is the median of several runs, with the best beside it. The CPU time of the cloud a request
(``cloud_cpu_ms``) is the one to compare: it holds on a machine that does other things too.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.client import Cloud, Failed
from bench.machine import TICKS, Processes, cpu_line, wait_until_quiet

now = time.perf_counter
Work = Callable[[int], Awaitable[Any]]
Row = dict[str, Any]
CONCURRENCIES = (1, 8, 32)
TOO_MANY_ERRORS = 50
TROUBLES = (Failed, aiohttp.ClientError, asyncio.TimeoutError, KeyError)
WRK_DONE = (
    'done=function(s,l,r) io.write(string.format("RES %d %d %d %d %d %d %d\\n",s.requests,s.duration,'
    "s.errors.connect+s.errors.read+s.errors.write+s.errors.timeout+s.errors.status,"
    "l.min,l:percentile(50),l:percentile(99),l.mean)) end"
)


@dataclass(frozen=True)
class Plan:
    """How much to measure."""

    repetitions: int = 3
    seconds: float = 3.0
    image_mib: int = 256
    providers: int = 1000
    many_servers: int = 1000
    waves: int = 2
    cleanup_seconds: float = 600.0
    quiet: float = 0.25  # busy share of the machine below which a run begins
    quiet_wait: float = 20.0  # seconds to wait for that at the most
    wrk: bool = True
    openstack: str = ""  # path of the openstack client


def rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]


def latencies(seconds: Sequence[float]) -> Row:
    """Figures of how long things took, in ms."""
    if not seconds:
        return {"n": 0}
    figures = {
        "min_ms": min(seconds),
        "p50_ms": statistics.median(seconds),
        "p99_ms": percentile(seconds, 0.99),
        "mean_ms": statistics.fmean(seconds),
    }
    return {"n": len(seconds), **{name: rounded(value * 1e3) for name, value in figures.items()}}


def median_of(rows: Iterable[Row], key: str) -> float | None:
    found = [row[key] for row in rows if row.get(key) is not None]
    return rounded(statistics.median(found)) if found else None


class Span:
    """A stretch of work, begun when the machine is quiet: its wall time, and the CPU that the cloud and we spent."""

    def __init__(self, processes: Processes, plan: Plan) -> None:
        self._processes, self._plan = processes, plan
        self.wall = self.cloud = self.client = 0.0
        self.by_daemon: dict[str, float] = {}
        self.foreign: float | None = None

    def __enter__(self) -> Span:
        self.busy_before = wait_until_quiet(self._plan.quiet, self._plan.quiet_wait)
        self._cpu, self._own, self._line = self._processes.cpu(), _own_cpu(), cpu_line()
        self.started = now()
        return self

    def __exit__(self, *exception: object) -> None:
        self.wall = now() - self.started
        line, own, cpu = cpu_line(), _own_cpu(), self._processes.cpu()
        self.client = own - self._own
        spent = {name: value - self._cpu.get(name, 0) for name, value in cpu.items()}
        self.by_daemon = {name: round(value, 3) for name, value in spent.items() if value > 0.005}
        self.cloud = sum(self.by_daemon.values())
        if self._processes:
            total, idle = ((after - before) / TICKS for before, after in zip(self._line, line, strict=True))
            self.foreign = max(0.0, (total - idle - self.cloud - self.client) / max(total, 1e-9))

    def costs(self, count: int) -> Row:
        """CPU for each of ``count`` things done."""
        each = max(count, 1)
        row: Row = {"client_cpu_ms": rounded(self.client / each * 1e3), "busy_before": self.busy_before}
        if self.foreign is not None:
            row |= {"cloud_cpu_ms": rounded(self.cloud / each * 1e3), "foreign": round(self.foreign, 2)}
        return row


def _own_cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Meter:
    """Measures a cloud and keeps what it found, in a file that is whole at any moment."""

    def __init__(self, cloud: Cloud, processes: Processes, plan: Plan, output: Path, label: str) -> None:
        self.cloud, self.processes, self.plan, self.output = cloud, processes, plan, output
        self.wrk = shutil.which("wrk") if plan.wrk else None
        self.tag = "bench-" + uuid.uuid4().hex[:6]
        meta: Row = {"label": label, "started": time.strftime("%F %T"), "platform": platform.platform()}
        meta |= {"cpus": os.cpu_count(), "python": platform.python_version(), "wrk": bool(self.wrk)}
        self.found: dict[str, Any] = {"meta": meta, "figures": {}, "errors": []}

    def span(self) -> Span:
        return Span(self.processes, self.plan)

    def put(self, name: str, **figures: Any) -> None:
        """Keeps and prints a measurement."""
        self.found["figures"][name] = figures
        shown = " ".join(f"{key}={value}" for key, value in figures.items() if key not in ("runs", "cpu_by_daemon"))
        print(f"{name:44s} {shown}", flush=True)
        self.save()

    def save(self) -> None:
        self.found["meta"]["finished"] = time.strftime("%F %T")
        whole = self.output.with_suffix(".tmp")
        whole.write_text(json.dumps(self.found, indent=1))
        whole.replace(self.output)

    def note(self, error: BaseException | str) -> None:
        self.found["errors"].append(str(error)[:300] if isinstance(error, str) else repr(error)[:300])

    # -- load

    async def load(self, work: Work, concurrency: int, seconds: float, count: int | None = None) -> Row:
        """``concurrency`` workers call ``work(i)`` until the time, or the count, is up."""
        took: list[float] = []
        errors: list[BaseException] = []
        numbers = iter(range(count if count is not None else 10**9))

        async def worker() -> None:
            for number in numbers:
                if now() > deadline or len(errors) > TOO_MANY_ERRORS:
                    return
                begun = now()
                try:
                    await work(number)
                except TROUBLES as error:
                    errors.append(error)
                else:
                    took.append(now() - begun)

        with self.span() as span:
            deadline = now() + seconds
            await asyncio.gather(*(worker() for _ in range(concurrency)))
        if errors:
            self.note(errors[0])
        row = {"rps": rounded(len(took) / span.wall), "errors": len(errors), **latencies(took)}
        return {**row, **span.costs(len(took)), "cpu_by_daemon": span.by_daemon}

    async def measure(
        self,
        name: str,
        work: Work,
        *,
        concurrencies: Sequence[int] = CONCURRENCIES,
        seconds: float | None = None,
    ) -> None:
        for concurrency in concurrencies:
            runs = [
                await self.load(work, concurrency, seconds or self.plan.seconds) for _ in range(self.plan.repetitions)
            ]
            self.summarize(f"{name} c={concurrency}", runs)

    async def measure_get(
        self,
        name: str,
        service: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        concurrencies: Sequence[int] = CONCURRENCIES,
        seconds: float | None = None,
    ) -> None:
        """A plain GET, by aiohttp and, where it is installed, by wrk, which costs next to nothing itself."""
        url, sent = self.cloud.url(service, path), dict(headers or {})
        _, body = await self.cloud.send("GET", url, service, headers=sent)
        self.found["figures"][name + " size"] = {"bytes": len(body)}
        await self.measure(
            name,
            lambda _: self.cloud.send("GET", url, service, headers=sent),
            concurrencies=concurrencies,
            seconds=seconds,
        )
        await self.measure_with_wrk(name, url, {**self.cloud.headers(service), **sent}, concurrencies, seconds)

    async def measure_with_wrk(
        self,
        name: str,
        url: str,
        headers: Mapping[str, str],
        concurrencies: Sequence[int] = CONCURRENCIES,
        seconds: float | None = None,
    ) -> None:
        for concurrency in concurrencies if self.wrk else ():
            length = max(1, round(seconds or self.plan.seconds))
            runs = [self._run_wrk(url, headers, concurrency, length) for _ in range(max(1, self.plan.repetitions - 1))]
            self.summarize(f"{name} wrk c={concurrency}", runs)

    def _run_wrk(self, url: str, headers: Mapping[str, str], concurrency: int, seconds: int) -> Row:
        sent = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        command = [str(self.wrk), *sent, "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
        with self.span() as span:
            done = subprocess.run(
                [*command, "-s", "/dev/stdin", url], input=WRK_DONE, capture_output=True, text=True, check=True
            )
        line = next(line for line in done.stdout.splitlines() if line.startswith("RES"))
        requests, duration, errors, *times = (int(part) for part in line.split()[1:])
        shown = (rounded(value / 1e3) for value in times)
        row = {"rps": rounded(requests / (duration / 1e6)), "errors": errors, "n": requests}
        row |= dict(zip(("min_ms", "p50_ms", "p99_ms", "mean_ms"), shown, strict=True))
        return {**row, **span.costs(requests), "cpu_by_daemon": span.by_daemon}

    def summarize(self, name: str, runs: list[Row]) -> None:
        good = [run for run in runs if run.get("n")]
        if not good:
            self.put(name, error="no successful run", runs=runs)
            return
        figures = {key: median_of(good, key) for key in ("rps", "p50_ms", "p99_ms", "cloud_cpu_ms", "client_cpu_ms")}
        self.put(
            name,
            **figures,
            rps_best=max(run["rps"] for run in good),
            p50_best_ms=min(run["p50_ms"] for run in good),
            foreign=median_of(good, "foreign"),
            n=sum(run["n"] for run in runs),
            errors=sum(run["errors"] for run in runs),
            runs=runs,
        )

    # -- what scenarios are made of

    async def until(self, look: Callable[[], Awaitable[Any]], timeout: float, pause: float) -> Any:
        """What ``look`` returned, once that is true. Raises Failed after ``timeout`` seconds."""
        deadline = now() + timeout
        while now() < deadline:
            found = await look()
            if found:
                return found
            await asyncio.sleep(pause)
        raise Failed(f"nothing after {timeout:.0f} s")

    async def each(
        self, items: Iterable[Any], work: Callable[[Any], Awaitable[Any]], concurrency: int = 8
    ) -> list[Any]:
        """Does ``work`` to every item, several at a time; what fails is noted, not raised."""
        left, done = iter(list(items)), []

        async def worker() -> None:
            for item in left:
                try:
                    done.append(await work(item))
                except TROUBLES as error:
                    self.note(error)

        await asyncio.gather(*(worker() for _ in range(concurrency)))
        return done
