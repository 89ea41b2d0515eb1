"""A cloud a test, and short words for what the tests of identity do with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pileus.kernel.services import Answer
from tests.harness import FakeCloud


class Identity:
    """The identity API of a fake cloud: ``ok`` fails the test on any status but those expected."""

    def __init__(self, cloud: FakeCloud) -> None:
        self.cloud = cloud

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        return self.cloud.request(method, f"/identity/v3{path}", body, **options)

    def ok(self, method: str, path: str, body: Any = None, status: int = 200, **options: Any) -> Any:
        answer = self.call(method, path, body, **options)
        assert answer.status == status, (method, path, answer.status, answer.body)
        return answer.json

    def make(self, kind: str, many: str = "", **values: Any) -> Any:
        return self.ok("POST", f"/{many or kind + 's'}", {kind: values}, 201)[kind]

    def role(self, name: str) -> str:
        return self.ok("GET", f"/roles?name={name}")["roles"][0]["id"]

    def grant(self, target: str, user_id: str, role: str) -> None:
        self.ok("PUT", f"/{target}/users/{user_id}/roles/{self.role(role)}", status=204)

    def token(self, user_id: str, password: str, **scope: Any) -> str:
        answer = self.log_in(user_id, password, **scope)
        assert answer.status == 201, answer.body
        return answer.headers["x-subject-token"]

    def log_in(self, user_id: str, password: str, **scope: Any) -> Answer:
        identity = {"methods": ["password"], "password": {"user": {"id": user_id, "password": password}}}
        return self.auth(identity, **scope)

    def auth(self, identity: Any, headers: dict[str, str] | None = None, **scope: Any) -> Answer:
        body = {"auth": {"identity": identity, **({"scope": scope} if scope else {})}}
        return self.call("POST", "/auth/tokens", body, user="", **(headers or {}))


@pytest.fixture
def identity(tmp_path: Path) -> Iterator[Identity]:
    cloud = FakeCloud(tmp_path)
    yield Identity(cloud)
    cloud.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Identity]:
    """A cloud with rules for passwords."""
    cloud = FakeCloud(
        tmp_path,
        pileus_identity__lockout_failure_attempts="2",
        pileus_identity__lockout_duration="60",
        pileus_identity__unique_last_password_count="2",
        pileus_identity__password_regex=r"^.{8,}$",
        pileus_identity__password_regex_description="eight characters",
        pileus_identity__password_expires_days="30",
    )
    yield Identity(cloud)
    cloud.close()
