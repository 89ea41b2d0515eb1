"""What the load generator costs by itself: against a constant answer of another process."""

import subprocess
import sys

from bench.measuring import Meter

SERVER = """
import asyncio
BODY = b'{"x":"' + b'y' * 1000 + b'"}'
ANSWER = b'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(BODY) + BODY

class Constant(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        for _ in range(data.count(b'\\r\\n\\r\\n')):
            self.transport.write(ANSWER)

async def main():
    server = await asyncio.get_running_loop().create_server(Constant, '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


async def run(meter: Meter) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/"
        await meter.measure("client null GET", lambda _: meter.cloud.send("GET", url), seconds=2)
        await meter.measure_with_wrk("client null GET", url, {}, seconds=2)
    finally:
        server.kill()
        server.wait()
