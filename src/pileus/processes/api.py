"""The api process: every service's API on one port."""

import asyncio
import signal
from pathlib import Path

from pileus import __version__
from pileus.cloud import Cloud
from pileus.kernel import log
from pileus.kernel.http.index import Index
from pileus.kernel.http.server import Front, serve
from pileus.migrations import wait_for_upgrade
from pileus.settings import Config, split_listen

NETWORK_DATABASE_THREADS = 8


def run(config: Config, state_dir: Path) -> None:
    """Serves until SIGTERM."""
    log.setup("api", state_dir / "log" / "api.log", config.log.level)
    cloud = Cloud(config, state_dir)
    wait_for_upgrade(cloud.database)
    threads = config.api.threads or (0 if cloud.database.embedded else NETWORK_DATABASE_THREADS)
    index = Index(__version__, cloud.database, cloud.applications)
    front = Front({**cloud.applications, **cloud.pages, "": index}, pooled=threads, websockets=cloud.websockets)
    address, port = split_listen(config.api.listen)
    asyncio.run(_serve(front, address, port))


async def _serve(front: Front, address: str, port: int) -> None:
    serving = asyncio.create_task(serve(front, address=address, port=port))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return
