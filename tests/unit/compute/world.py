"""A fake cloud with an image and hosts, and short words for what tests do with servers."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pileus.compute.drivers.fake import FakeDriver, World
from pileus.compute.service import Compute
from pileus.compute.store import hosts as host_store
from pileus.compute.tables import servers
from pileus.kernel import ids
from pileus.kernel.context import service_context
from pileus.kernel.operations.engine import Engine
from pileus.kernel.operations.tables import operations
from pileus.kernel.services import Answer
from tests.harness import FakeCloud

LATEST = "compute latest"


class Servers:
    """``api`` is a client of compute; ``boot`` makes a server that runs. ``networks``: with a network service."""

    def __init__(self, state_dir: Path, *, hosts: int = 1, networks: bool = False, **settings: str) -> None:
        others = ",".join(f"host{number}" for number in range(2, hosts + 1))
        if not networks:
            settings.setdefault("PILEUS_CLOUD__SERVICES", "identity,image,placement,compute")
        self.cloud = FakeCloud(state_dir, PILEUS_COMPUTE__FAKE_HOSTS=others, **settings)
        compute = self.cloud.cloud.services["compute"]
        assert isinstance(compute, Compute)
        self.compute = compute
        self._silent: dict[str, Any] = {}
        self.image_id = self.make_image("cirros")

    def make_image(self, name: str, user: str = "admin", **properties: Any) -> str:
        values = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "public", **properties}
        made = self.cloud.request("POST", "/image/v2/images", values, user=user)
        assert made.status == 201, made.body
        image_id: str = made.json["id"]
        path = f"/image/v2/images/{image_id}/file"
        sent = self.cloud.request("PUT", path, b"disk", user=user, Content_Type="application/octet-stream")
        assert sent.status == 204, sent.body
        return image_id

    # -- the client ------------------------------------------------------------------------------------------------

    def api(
        self, method: str, path: str, body: Any = None, *, version: str = LATEST, user: str = "demo", expect: int = 0
    ) -> Answer:
        answer = self.cloud.request(method, f"/compute/v2.1{path}", body, version=version, user=user)
        if expect:
            assert answer.status == expect, (answer.status, answer.body)
        return answer

    def new(self, *, user: str = "demo", version: str = LATEST, **values: Any) -> str:
        """Asks for a server and returns its id."""
        hints = values.pop("hints", None)
        server = {"name": "s", "flavorRef": "1", "imageRef": self.image_id, "networks": "none", **values}
        body = {"server": {name: value for name, value in server.items() if value is not None}}
        if hints:
            body["os:scheduler_hints"] = hints
        answer = self.api("POST", "/servers", body, version=version, user=user, expect=202)
        return str(answer.json["server"]["id"])

    def boot(self, **values: Any) -> str:
        server_id = self.new(**values)
        self.cloud.drain()
        assert self.show(server_id)["status"] == "ACTIVE", self.show(server_id)
        return server_id

    def show(self, server_id: str, *, version: str = LATEST, user: str = "admin") -> dict[str, Any]:
        shown = self.api("GET", f"/servers/{server_id}", version=version, user=user, expect=200).json["server"]
        return dict(shown)

    def act(self, server_id: str, action: str, value: Any = None, *, expect: int = 202, **options: Any) -> Answer:
        return self.api("POST", f"/servers/{server_id}/action", {action: value}, expect=expect, **options)

    def do(self, server_id: str, action: str, value: Any = None, **options: Any) -> dict[str, Any]:
        """Acts, waits until it is done, and shows the server."""
        self.act(server_id, action, value, **options)
        self.cloud.drain()
        return self.show(server_id)

    def gone(self, server_id: str) -> bool:
        return self.api("GET", f"/servers/{server_id}", user="admin").status == 404

    def set_quota(self, project_id: str, **limits: int) -> None:
        self.api("PUT", f"/os-quota-sets/{project_id}", {"quota_set": limits}, user="admin", expect=200)

    # -- what is behind --------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        driver = self.compute.agents["host1"].driver
        assert isinstance(driver, FakeDriver)
        return driver.world

    def guests(self) -> set[tuple[str, str]]:
        """(host, server id) of every guest, those that were kept for a move included."""
        return set(self.world.guests) | set(self.world.kept)

    def consumers(self) -> dict[str, set[str]]:
        """Host -> who has something of it in placement."""
        context = service_context(ids.new_request_id())
        found = {}
        for host, provider in self.providers().items():
            found[host] = set(self.compute.placing.consumers(context, provider))
        return found

    def providers(self) -> dict[str, str]:
        providers = self.cloud.request("GET", "/placement/resource_providers").json["resource_providers"]
        return {one["name"]: one["uuid"] for one in providers}

    def used(self, host: str) -> dict[str, int]:
        path = f"/placement/resource_providers/{self.providers()[host]}/usages"
        return dict(self.cloud.request("GET", path).json["usages"])

    def ports(self) -> dict[str, str]:
        """Port id -> server id, of ports that belong to a server."""
        if "network" not in self.cloud.cloud.services:
            return {}
        answer = self.cloud.request("GET", "/network/v2.0/ports")
        return {port["id"]: port["device_id"] for port in answer.json["ports"] if "compute:" in port["device_owner"]}

    def check_no_leaks(self) -> None:
        """Guests, allocations and ports belong to the servers that are there, and every server has its own."""
        with self.cloud.cloud.database.read() as tx:
            rows = list(tx.execute(sa.select(servers.c.id, servers.c.host).where(servers.c.deleted_at.is_(None))))
        placed = {(row.host, row.id) for row in rows if row.host is not None}
        assert self.guests() == placed
        had = {(host, consumer) for host, consumers in self.consumers().items() for consumer in consumers}
        assert had == placed
        assert set(self.ports().values()) <= {row.id for row in rows}

    def next_engine(self) -> None:
        """The engine died; another one takes over."""
        with self.cloud.cloud.database.transaction() as tx:
            tx.execute(operations.update().values(lease_expires=0))
        owner = f"engine-{ids.new_hex()}"
        self.cloud.engine = Engine(self.cloud.cloud.database, self.cloud.cloud.kinds, threads=4, owner=owner)

    def down(self, host: str) -> None:
        """The host is declared down, and does not answer."""
        with self.cloud.cloud.database.transaction() as tx:
            host_store.change(tx, host, forced_down=True)
        self._silent[host] = self.cloud.cloud.runtime.rpc._local.pop(host)

    def up(self, host: str) -> None:
        with self.cloud.cloud.database.transaction() as tx:
            host_store.change(tx, host, forced_down=False)
        self.cloud.cloud.runtime.rpc._local[host] = self._silent.pop(host)

    def close(self) -> None:
        self.cloud.close()
