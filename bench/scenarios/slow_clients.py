"""Short requests while many clients move images very slowly and an agent never answers: nothing may wait for them.

The agent is made silent by stopping (SIGSTOP) the process it is in, so this needs a cloud of this machine (--proc-dir).
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from bench.client import BYTES
from bench.measuring import Meter
from bench.scenarios.compute import Servers
from bench.scenarios.image import new_image

SLOW_CLIENTS = 25  # in each direction
PIECE = 1024  # bytes a second
WAITING_CALLS = 16
SECONDS = 10.0
IMAGE_SIZE = 8 << 20


async def run(meter: Meter) -> None:
    servers = Servers(meter)
    try:
        await servers.prepare()
        server = await servers.boot("listed", "nic none")
        await servers.wait_active(server)
        image = await new_image(meter, "slow", os.urandom(IMAGE_SIZE), IMAGE_SIZE)
        await meter.measure_get("GET servers, nobody slow", "compute", "/servers", concurrencies=(4,), seconds=SECONDS)
        slow = [asyncio.create_task(_upload(meter, number)) for number in range(SLOW_CLIENTS)]
        slow += [asyncio.create_task(_download(meter, image)) for _ in range(SLOW_CLIENTS)]
        with _silent_agent(meter):
            slow += [asyncio.create_task(_console(meter, server)) for _ in range(WAITING_CALLS)]
            await asyncio.sleep(2)
            name = f"GET servers, {2 * SLOW_CLIENTS} slow clients and a silent agent"
            await meter.measure_get(name, "compute", "/servers", concurrencies=(4,), seconds=SECONDS)
            meter.found["memory_with_slow_clients"] = meter.processes.memory()
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await meter.cloud.delete("image", f"/images/{image}")
    finally:
        await servers.clean()


@contextlib.contextmanager
def _silent_agent(meter: Meter) -> Iterator[None]:
    pid_file = meter.processes.pid_files / "engine.pid" if meter.processes.pid_files else None
    if pid_file is None or not pid_file.exists():
        meter.note("slow-clients: no engine of this machine to make silent")
        yield
        return
    pid = int(pid_file.read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def _upload(meter: Meter, number: int) -> None:
    body = {"name": f"{meter.tag}-slow-{number}", "disk_format": "raw", "container_format": "bare"}
    image = (await meter.cloud.call("POST", "image", "/images", json=body))["id"]

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield bytes(PIECE)
            await asyncio.sleep(1)

    try:
        headers = {**BYTES, "Content-Length": str(IMAGE_SIZE)}
        await meter.cloud.call("PUT", "image", f"/images/{image}/file", data=drops(), headers=headers)
    finally:
        await meter.cloud.delete("image", f"/images/{image}", (204, 404, 409))


async def _download(meter: Meter, image: str) -> None:
    """A plain socket with small buffers: what is not read stays with the cloud."""
    url = urlsplit(meter.cloud.url("image", f"/images/{image}/file"))
    reader, writer = await asyncio.open_connection(url.hostname, url.port, limit=PIECE)
    try:
        lines = [f"GET {url.path} HTTP/1.1", f"Host: {url.netloc}", f"X-Auth-Token: {meter.cloud.token}", "", ""]
        writer.write("\r\n".join(lines).encode())
        while await reader.read(PIECE):
            await asyncio.sleep(1)
    finally:
        writer.close()


async def _console(meter: Meter, server: str) -> None:
    body = {"os-getConsoleOutput": {"length": 10}}
    await meter.cloud.call("POST", "compute", f"/servers/{server}/action", json=body)
