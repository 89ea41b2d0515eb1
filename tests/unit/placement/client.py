"""A small client of the placement API, as the tests of placement use it."""

from typing import Any

from pileus.kernel.services import Answer
from tests.harness import FakeCloud

LATEST = "1.39"


class Client:
    """Requests to a fake cloud's placement."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud

    def __call__(
        self, method: str, path: str, body: Any = None, *, version: str = LATEST, user: str = "admin", **headers: str
    ) -> Answer:
        if body is not None:
            headers.setdefault("Content_Type", "application/json")
        return self.cloud.request(
            method, "/placement" + path, body, user=user, version=f"placement {version}", **headers
        )

    def provider(
        self,
        name: str,
        stock: dict[str, Any] | None = None,
        *,
        parent: str | None = None,
        traits: list[str] | None = None,
        aggregates: list[str] | None = None,
    ) -> str:
        """Makes a provider; of stock, numbers are totals and dicts whole inventories. Its UUID."""
        new = self("POST", "/resource_providers", {"name": name, "parent_provider_uuid": parent})
        assert new.status == 200, new.body
        uuid: str = new.json["uuid"]
        if stock:
            self.stock(uuid, stock)
        if traits:
            body = {"resource_provider_generation": self.generation(uuid), "traits": traits}
            assert self("PUT", f"/resource_providers/{uuid}/traits", body).status == 200
        if aggregates:
            body = {"resource_provider_generation": self.generation(uuid), "aggregates": aggregates}
            assert self("PUT", f"/resource_providers/{uuid}/aggregates", body).status == 200
        return uuid

    def stock(self, uuid: str, stock: dict[str, Any]) -> Answer:
        inventories = {name: part if isinstance(part, dict) else {"total": part} for name, part in stock.items()}
        body = {"resource_provider_generation": self.generation(uuid), "inventories": inventories}
        return self("PUT", f"/resource_providers/{uuid}/inventories", body)

    def generation(self, uuid: str) -> int:
        return int(self("GET", f"/resource_providers/{uuid}").json["generation"])

    def allocate(
        self, consumer: str, resources: dict[str, dict[str, int]], generation: int | None = None, **more: Any
    ) -> Answer:
        """``resources``: by provider, by class."""
        body = {
            "allocations": {uuid: {"resources": part} for uuid, part in resources.items()},
            "project_id": "project",
            "user_id": "user",
            "consumer_generation": generation,
            "consumer_type": "INSTANCE",
            **more,
        }
        return self("PUT", f"/allocations/{consumer}", body)

    def usages(self, uuid: str) -> dict[str, int]:
        found: dict[str, int] = self("GET", f"/resource_providers/{uuid}/usages").json["usages"]
        return found

    def candidates(self, query: str, version: str = LATEST) -> list[dict[str, dict[str, int]]]:
        """The allocation requests, each as resources by provider."""
        answer = self("GET", "/allocation_candidates?" + query, version=version)
        assert answer.status == 200, answer.body
        return [
            {uuid: part["resources"] for uuid, part in request["allocations"].items()}
            for request in answer.json["allocation_requests"]
        ]
