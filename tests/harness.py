"""A whole fake cloud inside the test's process: real services, real database, fake drivers, no sockets.

Requests go through the services' WSGI applications with real tokens; slow work is done by ``drain()``, in the test's
own thread, so a test decides when it happens.
"""

from pathlib import Path
from typing import Any

import msgspec

from pileus.cloud import Cloud
from pileus.kernel import config
from pileus.kernel.operations.engine import Engine
from pileus.kernel.operations.tables import operations
from pileus.kernel.services import Answer, call_wsgi, make_environ
from pileus.seed import Credentials, Seeded, seed
from pileus.settings import Config

PASSWORDS = Credentials(admin="admin-secret", demo="demo-secret", service="service-secret")
URL = "http://cloud.test:8780"
TOKENS = {"admin": ("admin", PASSWORDS.admin, "admin"), "demo": ("demo", PASSWORDS.demo, "demo")}


class FakeCloud:
    """``request`` is a client, ``drain`` the engine."""

    def __init__(self, state_dir: Path, **settings: str) -> None:
        environ = {
            "PILEUS_CLOUD__FAKE": "true",
            "PILEUS_CLOUD__HOST": "host1",
            "PILEUS_DATABASE__DURABLE": "false",
            "PILEUS_IDENTITY__BCRYPT_ROUNDS": "4",
            **{name.upper(): value for name, value in settings.items()},
        }
        self.cloud = Cloud(config.load(Config, None, environ).config, state_dir)
        self.cloud.create_tables()
        self.cloud.start_agent()
        self.cloud.start_engine()
        self.ids: Seeded = seed(self.cloud, PASSWORDS, URL)
        self.engine = Engine(self.cloud.database, self.cloud.kinds, threads=4)
        self._tokens: dict[str, str] = {}
        for piece in self.cloud.periodic():
            if piece.everywhere:  # what every engine does when it starts: hosts tell what they have
                piece.work()

    def token(self, user: str) -> str:
        """A project-scoped token of ``admin`` or ``demo``."""
        if user not in self._tokens:
            name, password, project = TOKENS[user]
            self._tokens[user] = self.log_in(name, password, project={"name": project, "domain": {"id": "default"}})
        return self._tokens[user]

    def log_in(self, name: str, password: str, **scope: Any) -> str:
        user = {"name": name, "password": password, "domain": {"id": "default"}}
        identity = {"methods": ["password"], "password": {"user": user}}
        auth = {"identity": identity, **({"scope": scope} if scope else {})}
        answer = self.request("POST", "/identity/v3/auth/tokens", {"auth": auth}, user="")
        assert answer.status == 201, answer.body
        return answer.headers["x-subject-token"]

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        user: str = "admin",
        token: str | None = None,
        version: str = "",
        **headers: str,
    ) -> Answer:
        """``path`` with its mount and query; ``version`` as in ``compute 2.79``; header names with ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token or user:
            sent["X-Auth-Token"] = token or self.token(user)
        if version:
            sent["OpenStack-API-Version"] = version
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        whole, _, query = path.partition("?")
        mount, _, rest = whole.removeprefix("/").partition("/")
        environ = make_environ(method, f"/{rest}" if rest else "", query, data, sent)
        environ["HTTP_HOST"] = URL.removeprefix("http://")
        environ["SCRIPT_NAME"] = f"/{mount}"
        return call_wsgi(self.cloud.applications[mount], environ)

    def drain(self, rounds: int = 50) -> None:
        """Does all slow work there is, pauses between retries left out. Fails when it does not come to an end."""
        for _ in range(rounds):
            with self.cloud.database.transaction() as tx:
                tx.execute(operations.update().values(run_at=0))
            if not self.engine.drain():
                return
        raise AssertionError("the operations never came to an end")

    def close(self) -> None:
        self.cloud.close()
