"""The engine process: does operations and periodic work, and holds the agent of this host."""

import asyncio
import signal
import socket
import threading
from pathlib import Path

from pileus.cloud import Cloud
from pileus.kernel import log
from pileus.kernel.http.server import Front, serve
from pileus.kernel.operations.engine import Engine
from pileus.kernel.operations.periodic import Clockwork
from pileus.kernel.rpc.server import RpcApplication
from pileus.migrations import wait_for_upgrade
from pileus.settings import Config


def run(config: Config, state_dir: Path) -> None:
    """Works until SIGTERM."""
    log.setup("engine", state_dir / "log" / "engine.log", config.log.level)
    cloud = Cloud(config, state_dir)
    wait_for_upgrade(cloud.database)
    methods = cloud.start_agent()
    cloud.start_engine()
    engine = Engine(cloud.database, cloud.kinds, threads=config.engine.threads)
    engine.release_dead()
    clockwork = Clockwork(cloud.database, cloud.periodic(), engine.owner)
    hints = threading.Thread(
        target=_listen, args=(state_dir / "run" / "engine.sock", engine), name="hints", daemon=True
    )
    working = threading.Thread(target=engine.run, name="engine")
    hints.start()
    working.start()
    clockwork.start()
    front = Front({"": RpcApplication(methods)})
    try:
        asyncio.run(_serve(front, state_dir / "run" / "agent.sock"))
    finally:
        clockwork.stop()
        engine.stop()
        working.join()
        cloud.stop()


async def _serve(front: Front, path: Path) -> None:
    path.unlink(missing_ok=True)
    serving = asyncio.create_task(serve(front, unix=path))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return


def _listen(path: Path, engine: Engine) -> None:
    """Wakes the engine whenever another process of this host has asked for an operation."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hints:
        hints.bind(str(path))
        while True:
            hints.recv(16)
            engine.wake()
