"""Lists of images, and their data in both directions."""

import os
import statistics
from collections.abc import AsyncIterator
from typing import Any

from bench.client import BYTES, Failed
from bench.measuring import Meter, Span, rounded

MIB = 1 << 20


async def new_image(meter: Meter, name: str, data: Any, size: int) -> str:
    """A raw image with this data; its id."""
    body = {"name": f"{meter.tag}-{name}", "disk_format": "raw", "container_format": "bare"}
    image: str = (await meter.cloud.call("POST", "image", "/images", json=body))["id"]
    headers = {**BYTES, "Content-Length": str(size)}
    await meter.cloud.call("PUT", "image", f"/images/{image}/file", data=data, headers=headers)
    return image


async def blocks(mib: int) -> AsyncIterator[bytes]:
    block = os.urandom(MIB)
    for _ in range(mib):
        yield block


async def download(meter: Meter, url: str, size: int) -> None:
    """Raises Failed when not all of it comes."""
    got = 0
    async with meter.cloud.session.get(url, headers={"X-Auth-Token": meter.cloud.token}) as answer:
        async for chunk in answer.content.iter_chunked(MIB):
            got += len(chunk)
    if got != size:
        raise Failed(f"{got} bytes instead of {size}")


def put_transfer(meter: Meter, name: str, mib: int, spans: list[Span]) -> None:
    speeds = [mib / span.wall for span in spans]
    meter.put(
        name,
        mib_s=rounded(statistics.median(speeds)),
        mib_s_best=rounded(max(speeds)),
        cloud_cpu_s=rounded(statistics.median(span.cloud for span in spans)),
        client_cpu_s=rounded(statistics.median(span.client for span in spans)),
        foreign=rounded(statistics.median(span.foreign or 0 for span in spans)),
    )


async def run(meter: Meter) -> None:
    images: list[str] = []
    mib = meter.plan.image_mib
    uploads, downloads = [], []
    try:
        for number in range(10):
            images.append(await new_image(meter, str(number), os.urandom(1 << 16), 1 << 16))
        await meter.measure_get("glance GET images (10)", "image", "/images?limit=10&sort=created_at:desc")
        for repetition in range(meter.plan.repetitions):
            with meter.span() as up:
                image = await new_image(meter, f"big{repetition}", blocks(mib), mib * MIB)
            images.append(image)
            with meter.span() as down:
                await download(meter, meter.cloud.url("image", f"/images/{image}/file"), mib * MIB)
            uploads.append(up)
            downloads.append(down)
            await meter.cloud.delete("image", f"/images/{images.pop()}")
        put_transfer(meter, f"glance upload {mib} MiB", mib, uploads)
        put_transfer(meter, f"glance download {mib} MiB", mib, downloads)
    finally:
        await meter.each(images, lambda image: meter.cloud.delete("image", f"/images/{image}"))
