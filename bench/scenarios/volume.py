"""Volumes, from the request to available and to gone."""

from bench.client import Failed
from bench.measuring import Meter, latencies, now, rounded


async def run(meter: Meter) -> None:
    call = meter.cloud.call
    volumes: list[str] = []
    posts: list[float] = []
    readies: list[float] = []

    async def make(number: int) -> None:
        begun = now()
        body = {"volume": {"size": 1, "name": f"{meter.tag}-{number}"}}
        volume = (await call("POST", "volume", "/volumes", json=body))["volume"]["id"]
        volumes.append(volume)
        posts.append(now() - begun)

        async def available() -> bool:
            status = (await call("GET", "volume", f"/volumes/{volume}"))["volume"]["status"]
            if status == "error":
                raise Failed("a volume in error")
            return bool(status == "available")

        await meter.until(available, 60, 0.03)
        readies.append(now() - begun)

    try:
        with meter.span() as span:
            for number in range(15):
                await make(number)
        meter.put("cinder create volume POST c=1", **latencies(posts))
        meter.put("cinder create volume to available c=1", **latencies(readies), **span.costs(15))
        meter.summarize("cinder create to available c=8", [await meter.load(make, 8, 60, 40) for _ in range(2)])
        await meter.measure_get("cinder GET volumes/detail (limit 50)", "volume", "/volumes/detail?limit=50")
    finally:
        begun = now()
        await meter.each(volumes, lambda volume: meter.cloud.delete("volume", f"/volumes/{volume}"))

        async def gone() -> bool:
            left = (await call("GET", "volume", f"/volumes?name~={meter.tag}"))["volumes"]
            return not any(volume["name"].startswith(meter.tag) for volume in left)

        await meter.until(gone, 120, 0.3)
        count = len(volumes)
        meter.put("cinder delete to gone c=8", per_s=rounded(count / (now() - begun)), n=count)
