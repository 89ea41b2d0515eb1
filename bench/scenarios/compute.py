"""Servers: one at a time, a hundred at once, a thousand in a list."""

import asyncio
import os
import statistics
from typing import Any

from bench.client import Failed
from bench.measuring import Meter, Row, Span, latencies, median_of, now, percentile, rounded
from bench.scenarios.image import new_image
from bench.scenarios.network import new_network

WAVE = 100
BATCH = 50


async def run(meter: Meter) -> None:
    servers = Servers(meter)
    try:
        await servers.prepare()
        await meter.measure_get("nova GET flavors/detail (10)", "compute", "/flavors/detail?limit=10")
        for label in ("nic none", "network") if servers.network else ("nic none",):
            await _one_by_one(meter, servers, label)
        for label in ("nic none", "network") if servers.network else ("nic none",):
            await _waves(meter, servers, label, last=label == "network" or not servers.network)
    finally:
        await servers.clean()


async def run_many(meter: Meter) -> None:
    count, servers = meter.plan.many_servers, Servers(meter)
    try:
        await servers.prepare()
        with meter.span() as span:
            for batch in range(0, count, BATCH):
                await servers.boot(f"m{batch}", "nic none", BATCH)
            await meter.until(servers.all_built, 1500, 1)
        meter.put(
            f"nova boot {count} (nic none, {BATCH} per POST)",
            total_s=rounded(span.wall),
            servers_s=rounded(count / span.wall),
            not_active=await servers.not_active(count),
            **span.costs(count),
        )
        name = f"nova GET servers/detail ({count})"
        await meter.measure_get(name, "compute", "/servers/detail?limit=1000", concurrencies=(1, 8), seconds=8)
        name = f"nova GET servers (limit 100 of {count})"
        await meter.measure_get(name, "compute", "/servers?limit=100", concurrencies=(1, 8))
        meter.found["memory_with_servers"] = meter.processes.memory()
        span, _, gone = await servers.purge()
        meter.put(f"nova delete {count} c=8", total_s=rounded(span.wall), n=gone, **span.costs(gone))
    finally:
        await servers.clean()


class Servers:
    """The servers of one measurement, and what they are made of."""

    def __init__(self, meter: Meter) -> None:
        self.meter, self.call = meter, meter.cloud.call
        self.flavors: list[str] = []
        self.image = self.network = ""

    async def prepare(self) -> None:
        for number in range(10):
            name = f"{self.meter.tag}-{number}"
            flavor = {"flavor": {"name": name, "id": name, "vcpus": 1, "ram": 64, "disk": 1}}
            await self.call("POST", "compute", "/flavors", json=flavor)
            self.flavors.append(name)
        self.image = await new_image(self.meter, "servers", os.urandom(1 << 16), 1 << 16)
        if self.meter.cloud.has("network"):
            self.network = await new_network(self.meter, "servers", "10.252.0.0/16")

    async def boot(self, name: str, label: str, count: int = 1) -> str:
        networks: Any = [{"uuid": self.network}] if label == "network" else "none"
        body: dict[str, Any] = {
            "name": f"{self.meter.tag}-{name}",
            "flavorRef": self.flavors[0],
            "imageRef": self.image,
        }
        body |= {"networks": networks}
        if count > 1:
            body |= {"min_count": count, "max_count": count}
        server: str = (await self.call("POST", "compute", "/servers", json={"server": body}))["server"]["id"]
        return server

    async def wait_active(self, server: str) -> None:
        async def active() -> bool:
            status = (await self.call("GET", "compute", f"/servers/{server}"))["server"]["status"]
            if status == "ERROR":
                raise Failed("a server in ERROR")
            return bool(status == "ACTIVE")

        await self.meter.until(active, 120, 0.03)

    async def wait_gone(self, server: str) -> None:
        url = self.meter.cloud.url("compute", f"/servers/{server}")

        async def gone() -> bool:
            answer, _ = await self.meter.cloud.send("GET", url, "compute", good=(200, 404))
            return answer.status == 404

        await self.meter.until(gone, 120, 0.03)

    async def listing(self) -> dict[str, str]:
        """Status by id, of all the servers of this measurement."""
        found: dict[str, str] = {}
        marker = ""
        while True:
            path = f"/servers/detail?name={self.meter.tag}&limit=1000" + (f"&marker={marker}" if marker else "")
            page = (await self.call("GET", "compute", path))["servers"]
            found |= {server["id"]: server["status"] for server in page}
            if len(page) < 1000:
                return found
            marker = page[-1]["id"]

    async def not_active(self, count: int) -> int:
        found = await self.listing()
        return sum(status != "ACTIVE" for status in found.values()) + count - len(found)

    async def all_built(self) -> bool:
        path = f"/servers?name={self.meter.tag}&status=BUILD&limit=1"
        return not (await self.call("GET", "compute", path))["servers"]

    async def none_left(self) -> bool:
        return not (await self.call("GET", "compute", f"/servers?name={self.meter.tag}&limit=1"))["servers"]

    async def purge(self) -> tuple[Span, list[float], int]:
        """Deletes every server; how long each DELETE took, and how many there were."""
        servers, took = list(await self.listing()), []

        async def delete(server: str) -> None:
            begun = now()
            await self.meter.cloud.delete("compute", f"/servers/{server}")
            took.append(now() - begun)

        with self.meter.span() as span:
            await self.meter.each(servers, delete)
            await self.meter.until(self.none_left, 600, 0.5)
        return span, took, len(servers)

    async def clean(self) -> None:
        delete = self.meter.cloud.delete
        left = list(await self.listing())
        await self.meter.each(left, lambda server: delete("compute", f"/servers/{server}"))
        if left:
            await asyncio.sleep(2)
        await self.meter.each(self.flavors, lambda flavor: delete("compute", f"/flavors/{flavor}"))
        if self.image:
            await delete("image", f"/images/{self.image}")
        if self.network:
            found = await self.call("GET", "network", f"/ports?network_id={self.network}")
            good = (204, 404, 409)
            await self.meter.each(found["ports"], lambda port: delete("network", f"/ports/{port['id']}", good))
            await delete("network", f"/networks/{self.network}", good)


async def _one_by_one(meter: Meter, servers: Servers, label: str) -> None:
    posts, actives, deletes = [], [], []
    with meter.span() as span:
        for number in range(8):
            begun = now()
            server = await servers.boot(f"one{number}", label)
            posts.append(now() - begun)
            await servers.wait_active(server)
            actives.append(now() - begun)
            begun = now()
            await meter.cloud.delete("compute", f"/servers/{server}")
            await servers.wait_gone(server)
            deletes.append(now() - begun)
    meter.put(f"nova boot 1 ({label}) POST", **latencies(posts))
    meter.put(f"nova boot 1 ({label}) to ACTIVE", **latencies(actives))
    # The CPU of both, the boot and the delete.
    meter.put(f"nova delete 1 ({label}) to gone", **latencies(deletes), **span.costs(8))


async def _waves(meter: Meter, servers: Servers, label: str, *, last: bool) -> None:
    boots, deletes = [], []
    for number in range(meter.plan.waves):
        boots.append(await _wave(meter, servers, label))
        if number == 0 and last:
            await meter.measure_get(
                f"nova GET servers/detail ({WAVE})",
                "compute",
                "/servers/detail?limit=1000",
                concurrencies=(1, 8),
                seconds=4,
            )
        span, took, count = await servers.purge()
        row = {"servers_s": rounded(count / span.wall), "delete_p50_ms": rounded(statistics.median(took) * 1e3)}
        deletes.append({**row, "n": count, **span.costs(count)})
    keys = ("total_s", "post_phase_s", "servers_s", "post_p50_ms", "post_p99_ms", "cloud_cpu_ms", "not_active")
    meter.put(f"nova boot {WAVE} ({label}) c=8", **{key: median_of(boots, key) for key in keys}, runs=boots)
    figures = {key: median_of(deletes, key) for key in ("servers_s", "delete_p50_ms", "cloud_cpu_ms")}
    meter.put(f"nova delete {WAVE} ({label}) c=8", **figures, runs=deletes)


async def _wave(meter: Meter, servers: Servers, label: str) -> Row:
    took: list[float] = []

    async def boot(number: int) -> None:
        begun = now()
        await servers.boot(f"w{number}", label)
        took.append(now() - begun)

    with meter.span() as span:
        await meter.each(range(WAVE), boot)
        posted = now() - span.started
        await meter.until(servers.all_built, 400, 0.5)
    return {
        "total_s": rounded(span.wall),
        "post_phase_s": rounded(posted),
        "servers_s": rounded(WAVE / span.wall),
        "post_p50_ms": rounded(statistics.median(took) * 1e3),
        "post_p99_ms": rounded(percentile(took, 0.99) * 1e3),
        "not_active": await servers.not_active(WAVE),
        **span.costs(WAVE),
    }
