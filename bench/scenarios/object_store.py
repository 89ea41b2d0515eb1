"""Small objects and big ones."""

import itertools
import os
import random

from bench.client import BYTES
from bench.measuring import Meter, now, rounded
from bench.scenarios.image import MIB, blocks, download, put_transfer

BIG = 64  # MiB


async def run(meter: Meter) -> None:
    cloud = meter.cloud
    container = cloud.url("object-store", f"/{meter.tag}")
    await cloud.send("PUT", container)
    objects: set[str] = set()
    numbers = itertools.count()
    data = os.urandom(4096)

    async def put(_: int) -> None:
        url = f"{container}/o{next(numbers)}"
        await cloud.send("PUT", url, data=data, headers=BYTES)
        objects.add(url)

    try:
        await meter.measure("swift PUT 4 KiB", put)
        urls = sorted(objects)
        await meter.measure("swift GET 4 KiB", lambda _: cloud.send("GET", random.choice(urls)))
        await meter.measure_with_wrk("swift GET 4 KiB (one object)", urls[0], cloud.headers(""))
        await _big(meter, f"{container}/big", objects)
    finally:
        begun, count = now(), len(objects)
        await meter.each(objects, lambda url: cloud.send("DELETE", url, good=(204, 404)), 16)
        meter.put("swift DELETE c=16", per_s=rounded(count / (now() - begun)), n=count)
        await cloud.send("DELETE", container, good=(204, 404, 409))


async def _big(meter: Meter, url: str, objects: set[str]) -> None:
    uploads, downloads = [], []
    headers = {**BYTES, "Content-Length": str(BIG * MIB)}
    for _ in range(meter.plan.repetitions):
        with meter.span() as up:
            await meter.cloud.send("PUT", url, data=blocks(BIG), headers=headers)
        objects.add(url)
        with meter.span() as down:
            await download(meter, url, BIG * MIB)
        uploads.append(up)
        downloads.append(down)
    put_transfer(meter, f"swift PUT {BIG} MiB c=1", BIG, uploads)
    put_transfer(meter, f"swift GET {BIG} MiB c=1", BIG, downloads)
