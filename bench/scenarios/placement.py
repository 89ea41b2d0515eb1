"""A thousand resource providers, and candidates among them."""

import uuid

from bench.measuring import Meter, now, rounded


def _inventory(total: int, ratio: float = 1.0) -> dict[str, float]:
    return {
        "total": total,
        "reserved": 0,
        "min_unit": 1,
        "max_unit": total,
        "step_size": 1,
        "allocation_ratio": ratio,
    }


async def run(meter: Meter) -> None:
    call, count = meter.cloud.call, meter.plan.providers
    uuids = [str(uuid.uuid4()) for _ in range(count)]
    stock = {"VCPU": _inventory(64, 4.0), "MEMORY_MB": _inventory(262144), "DISK_GB": _inventory(4000)}

    async def make(provider: str) -> None:
        new = {"uuid": provider, "name": f"{meter.tag}-{provider[:8]}"}
        await call("POST", "placement", "/resource_providers", json=new)
        body = {"resource_provider_generation": 0, "inventories": stock}
        await call("PUT", "placement", f"/resource_providers/{provider}/inventories", json=body)

    try:
        with meter.span() as span:
            await meter.each(uuids, make)
        meter.put(
            f"placement create {count} providers + inventories c=8",
            seconds=rounded(span.wall),
            providers_s=rounded(count / span.wall),
            **span.costs(count),
        )
        path = "/allocation_candidates?resources=VCPU:2,MEMORY_MB:2048,DISK_GB:20"
        for limit, query, seconds in (("no limit", path, 8), ("limit=10", path + "&limit=10", 5)):
            name = f"placement candidates ({count}, {limit})"
            await meter.measure_get(name, "placement", query, concurrencies=(1, 8), seconds=seconds)
        await meter.measure_get("placement GET provider", "placement", f"/resource_providers/{uuids[0]}")
    finally:
        begun = now()
        await meter.each(uuids, lambda provider: meter.cloud.delete("placement", f"/resource_providers/{provider}"))
        meter.put(f"placement delete {count} providers c=8", per_s=rounded(count / (now() - begun)))
