"""A client of any OpenStack-compatible cloud: logs in, and finds the services in the catalogue."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

TYPES = {
    "identity": ("identity",),
    "image": ("image",),
    "compute": ("compute",),
    "network": ("network",),
    "placement": ("placement",),
    "volume": ("block-storage", "volumev3", "block-store"),
    "object-store": ("object-store",),
}
VERSIONS = {
    "compute": {"OpenStack-API-Version": "compute 2.79"},
    "placement": {"OpenStack-API-Version": "placement 1.36"},
    "volume": {"OpenStack-API-Version": "volume 3.59"},
}
BELOW = {"image": "/v2", "network": "/v2.0"}  # where catalogues name the root
GOOD = (200, 201, 202, 204, 300)
BYTES = {"Content-Type": "application/octet-stream"}


class Failed(Exception):
    """The cloud did not do what it was asked."""


class Cloud:
    """One user's connections to one cloud."""

    def __init__(self, auth_url: str, username: str, password: str, project: str, domain: str, region: str) -> None:
        self.auth_url = auth_url.rstrip("/")
        self.username, self.password, self.project = username, password, project
        self.domain, self.region = domain, region
        self.token = ""
        self.project_id = ""
        self.endpoints: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        assert self._session is not None, "log in first"
        return self._session

    def credentials(self) -> dict[str, Any]:
        """The body of a password login, scoped to the project."""
        domain = {"id": self.domain}
        user = {"name": self.username, "domain": domain, "password": self.password}
        scope = {"project": {"name": self.project, "domain": domain}}
        return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}

    async def log_in(self) -> None:
        """A new token and new connections. Raises Failed."""
        await self.close()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30), timeout=aiohttp.ClientTimeout(total=600)
        )
        async with self.session.post(self.auth_url + "/auth/tokens", json=self.credentials()) as answer:
            body = await answer.json()
            if answer.status != 201:
                raise Failed(f"login: {answer.status} {body}")
            self.token = answer.headers["X-Subject-Token"]
            self.project_id = body["token"]["project"]["id"]
        for service in body["token"]["catalog"]:
            for endpoint in service["endpoints"]:
                if endpoint["interface"] == "public" and self.region in ("", endpoint["region_id"]):
                    self.endpoints.setdefault(service["type"], endpoint["url"].rstrip("/"))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def has(self, service: str) -> bool:
        return any(name in self.endpoints for name in TYPES[service])

    def url(self, service: str, path: str) -> str:
        """Raises Failed when the catalogue has no such service."""
        if service == "identity":
            return self.auth_url + path
        for name in TYPES[service]:
            if name in self.endpoints:
                root, below = self.endpoints[name], BELOW.get(service, "")
                return (root if root.endswith(below) else root + below) + path
        raise Failed(f"no {service} endpoint in the catalogue")

    def headers(self, service: str) -> dict[str, str]:
        return {"X-Auth-Token": self.token, **VERSIONS.get(service, {})}

    async def send(
        self, method: str, url: str, service: str = "", good: tuple[int, ...] = GOOD, **more: Any
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        """Raises Failed unless the status is a good one."""
        headers = {**self.headers(service), **more.pop("headers", {})}
        async with self.session.request(method, url, headers=headers, **more) as answer:
            body = await answer.read()
            if answer.status not in good:
                raise Failed(f"{method} {url}: {answer.status} {body[:300]!r}")
            return answer, body

    async def call(self, method: str, service: str, path: str, **more: Any) -> Any:
        """The decoded JSON of an answer, or None. Raises Failed."""
        answer, body = await self.send(method, self.url(service, path), service, **more)
        return json.loads(body) if body and "json" in answer.headers.get("Content-Type", "") else None

    async def lift_quotas(self) -> None:
        """No limits for this project, so that a measurement is not of refusals. Needs the admin."""
        unlimited = {"instances": -1, "cores": -1, "ram": -1, "force": True}
        if self.has("compute"):
            await self.call("PUT", "compute", f"/os-quota-sets/{self.project_id}", json={"quota_set": unlimited})
        unlimited = dict.fromkeys(("network", "subnet", "port"), -1)
        if self.has("network"):
            await self.call("PUT", "network", f"/quotas/{self.project_id}", json={"quota": unlimited})

    async def delete(self, service: str, path: str, good: tuple[int, ...] = (200, 202, 204, 404)) -> None:
        await self.send("DELETE", self.url(service, path), service, good)
