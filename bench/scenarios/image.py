"""Lists of images, and their data in both directions, beside `cp` on the same disk and the hashes alone."""

import hashlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
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


def put_transfer(meter: Meter, name: str, mib: int, spans: list[Span], copies: Sequence[float] = ()) -> None:
    """``copies``: MiB/s of `cp` in the same run; the share of it is of the two medians."""
    speeds = [mib / span.wall for span in spans]
    mid = statistics.median(speeds)
    beside = statistics.median(copies) if copies else None
    against = (
        {"cp_mib_s": rounded(beside), "share_of_cp": rounded(statistics.median(speeds) / beside)} if beside else {}
    )
    meter.put(
        name,
        mib_s=rounded(mid),
        mib_s_best=rounded(max(speeds)),
        **against,
        cloud_cpu_s=rounded(statistics.median(span.cloud for span in spans)),
        client_cpu_s=rounded(statistics.median(span.client for span in spans)),
        foreign=rounded(statistics.median(span.foreign or 0 for span in spans)),
    )


def copied(folder: Path, mib: int) -> tuple[float, float]:
    """MiB/s of `cp` of a file in a directory: into the page cache, and until it is on the disk as an upload is."""
    source, target = folder / "bench-source", folder / "bench-copy"
    try:
        block = os.urandom(MIB)
        with source.open("wb") as file:
            for _ in range(mib):
                file.write(block)
            os.fsync(file.fileno())
        begun = time.perf_counter()
        subprocess.run(["cp", source, target], check=True)
        in_memory = time.perf_counter()
        with target.open("rb") as file:
            os.fsync(file.fileno())
        return mib / (in_memory - begun), mib / (time.perf_counter() - begun)
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)


def hashed(algorithm: str, mib: int = 256) -> float:
    """MiB/s of a hash on one core: no upload that computes it is faster."""
    digest, block = hashlib.new(algorithm, usedforsecurity=False), os.urandom(MIB)
    begun = time.perf_counter()
    for _ in range(mib):
        digest.update(block)
    return mib / (time.perf_counter() - begun)


async def run(meter: Meter) -> None:
    images: list[str] = []
    mib = meter.plan.image_mib
    uploads, downloads, copies = [], [], []
    disk = meter.processes.pid_files.parent if meter.processes.pid_files else Path(tempfile.gettempdir())
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
            with meter.span():
                copies.append(copied(disk, mib))
            await meter.cloud.delete("image", f"/images/{images.pop()}")
        put_transfer(meter, f"glance upload {mib} MiB", mib, uploads, [on_disk for _, on_disk in copies])
        put_transfer(meter, f"glance download {mib} MiB", mib, downloads, [in_memory for in_memory, _ in copies])
        meter.put("glance hashes alone", md5_mib_s=rounded(hashed("md5")), sha512_mib_s=rounded(hashed("sha512")))
    finally:
        await meter.each(images, lambda image: meter.cloud.delete("image", f"/images/{image}"))
