"""Tokens and projects."""

from typing import Any

from bench.measuring import Meter


async def run(meter: Meter) -> None:
    cloud = meter.cloud
    password = cloud.credentials()
    by_token = {"methods": ["token"], "token": {"id": cloud.token}}
    rescope = {"auth": {"identity": by_token, "scope": password["auth"]["scope"]}}
    url = cloud.url("identity", "/auth/tokens")

    async def issue(body: dict[str, Any]) -> None:
        await cloud.send("POST", url, json=body, good=(201,))

    await meter.measure(
        "keystone token issue (password)", lambda _: issue(password), seconds=max(4, meter.plan.seconds)
    )
    await meter.measure("keystone token issue (by token)", lambda _: issue(rescope))
    await meter.measure_get(
        "keystone token validate", "identity", "/auth/tokens", headers={"X-Subject-Token": cloud.token}
    )
    await meter.measure_get("keystone GET projects", "identity", "/projects")
