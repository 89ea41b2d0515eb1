"""Networks, subnets and ports: one after the other, many at once, and long lists."""

import asyncio

from bench.measuring import Meter, latencies, now, rounded

PARTS = ("network", "subnet", "port")


async def run(meter: Meter) -> None:
    networks: list[str] = []
    ports: list[str] = []
    try:
        await _triples(meter, networks, ports)
        await _bulk(meter, networks, ports)
        await meter.measure_get("neutron GET networks (limit 10)", "network", "/networks?limit=10")
    finally:
        deadline = now() + meter.plan.cleanup_seconds

        async def remove(port: str) -> None:
            if now() < deadline:
                await meter.cloud.delete("network", f"/ports/{port}")

        await meter.each(ports, remove)
        await meter.each(
            networks, lambda network: meter.cloud.delete("network", f"/networks/{network}", (204, 404, 409))
        )


async def new_network(meter: Meter, name: str, cidr: str) -> str:
    """A network with a subnet; its id."""
    body = {"network": {"name": f"{meter.tag}-{name}"}}
    network: str = (await meter.cloud.call("POST", "network", "/networks", json=body))["network"]["id"]
    subnet = {"subnet": {"network_id": network, "ip_version": 4, "cidr": cidr}}
    await meter.cloud.call("POST", "network", "/subnets", json=subnet)
    return network


async def _triples(meter: Meter, networks: list[str], ports: list[str]) -> None:
    took: dict[str, list[float]] = {part: [] for part in PARTS}

    async def triple(number: int) -> None:
        call, begun = meter.cloud.call, now()
        body = {"network": {"name": f"{meter.tag}-{number}"}}
        network = (await call("POST", "network", "/networks", json=body))["network"]["id"]
        networks.append(network)
        took["network"].append(now() - begun)
        begun = now()
        cidr = f"10.{number % 250}.{number // 250}.0/24"
        subnet = {"subnet": {"network_id": network, "ip_version": 4, "cidr": cidr}}
        await call("POST", "network", "/subnets", json=subnet)
        took["subnet"].append(now() - begun)
        begun = now()
        port = {"port": {"network_id": network, "name": f"{meter.tag}-{number}"}}
        ports.append((await call("POST", "network", "/ports", json=port))["port"]["id"])
        took["port"].append(now() - begun)

    for concurrency, count in ((1, 15), (8, 32), (32, 64)):
        repetitions = meter.plan.repetitions if concurrency == 1 else 1
        runs = [await meter.load(triple, concurrency, 60, count) for _ in range(repetitions)]
        meter.summarize(f"neutron create net+subnet+port c={concurrency}", runs)
        if concurrency == 1:
            for part in PARTS:
                meter.put(f"neutron create {part} c=1", **latencies(took[part]))
    begun, count = now(), len(ports)
    await meter.each(ports, lambda port: meter.cloud.delete("network", f"/ports/{port}"))
    meter.put("neutron delete ports c=8", per_s=rounded(count / (now() - begun)), n=count)
    ports.clear()


async def _bulk(meter: Meter, networks: list[str], ports: list[str]) -> None:
    network = await new_network(meter, "big", "10.251.0.0/16")
    networks.append(network)
    with meter.span() as span:
        for batch in range(20):
            new = [{"network_id": network, "name": f"{meter.tag}-{batch}-{number}"} for number in range(50)]
            made = await meter.cloud.call("POST", "network", "/ports", json={"ports": new})
            ports += [port["id"] for port in made["ports"]]
            await asyncio.sleep(0)
    meter.put(
        "neutron bulk create 1000 ports (20x50)",
        seconds=rounded(span.wall),
        ports_s=rounded(1000 / span.wall),
        **span.costs(1000),
    )
    path = f"/ports?network_id={network}"
    await meter.measure_get("neutron list 1000 ports", "network", path, concurrencies=(1, 8), seconds=6)
