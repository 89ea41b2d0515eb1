"""A fake cloud that is fuzzed: it remembers what it has seen, and stands up again when a request took it apart."""

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from pileus.kernel.http.index import Index
from pileus.kernel.services import Answer, call_wsgi, make_environ
from tests.fuzz import promises
from tests.harness import PASSWORDS, URL, FakeCloud

MOST_KNOWN = 40


class Broken(msgspec.Struct):
    """A promise that was broken, and how to break it again."""

    what: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    answer: bytes
    log: str

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return (
            f"{self.what}: {self.method} {self.path}{query} {self.headers}\n"
            f"  sent {self.body[:2000]!r}\n  got {self.answer[:500]!r}\n{self.log[-3000:]}"
        )


class World:
    """Sends requests, holds the answers against the promises, keeps ids for later requests."""

    def __init__(self) -> None:
        self.errors = promises.Errors()
        self.sent = 0
        self.statuses: dict[int, int] = {}
        self.found: list[Broken] = []
        self.known: dict[str, list[str]] = {}
        self.named: dict[tuple[str, str], str] = {}
        self.fields: dict[str, set[str]] = {}
        logging.getLogger().addHandler(self.errors)
        self.cloud = self._build()

    def _build(self) -> FakeCloud:
        self.folder = tempfile.TemporaryDirectory(prefix="pileus-fuzz-", ignore_cleanup_errors=True)
        cloud = FakeCloud(Path(self.folder.name), pileus_image__size_cap=str(64 << 20))
        self.index = Index("0", cloud.cloud.database, cloud.cloud.applications)
        self.known.clear()
        self.named.clear()
        self.tokens = _tokens(cloud)
        return cloud

    def rebuild(self) -> None:
        self.cloud.close()
        self.folder.cleanup()
        self.cloud = self._build()

    def close(self) -> None:
        logging.getLogger().removeHandler(self.errors)
        self.cloud.close()
        self.folder.cleanup()

    def document(self, mount: str) -> Any:
        """The OpenAPI document of a service."""
        environ = make_environ("GET", f"/openapi/{mount}.json", "", b"", {})
        return call_wsgi(self.index, environ).json

    def ids(self, kind: str) -> list[str]:
        return self.known.get(kind, [])

    def any_ids(self) -> list[str]:
        return [id for ids in self.known.values() for id in ids[-5:]]

    def send(
        self,
        method: str,
        mount: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        lies: Mapping[str, Any] | None = None,
    ) -> Answer:
        """``path`` percent-encoded, as it comes over the wire; ``lies``: what the WSGI environment says instead."""
        sent = dict(headers or {})
        environ = make_environ(method, "", query, body, sent)
        environ.update(PATH_INFO=unquote_to_bytes(path).decode("latin-1"), HTTP_HOST=URL.removeprefix("http://"))
        if "Host" in sent:
            environ["HTTP_HOST"] = sent["Host"]
        environ["SCRIPT_NAME"] = f"/{mount}" if mount else ""
        environ.update(lies or {})
        application: Any = self.cloud.cloud.applications[mount] if mount else self.index
        seen = len(self.errors.seen)
        try:
            answer = call_wsgi(application, environ)
            what = promises.broken(mount, method, answer)
        except Exception as error:
            logging.getLogger("fuzz").exception("the application raised")
            answer, what = Answer(599, {}, b""), f"the application raised {type(error).__name__}"
        logged = "\n".join(self.errors.seen[seen:])
        if what or logged:
            whole = f"/{mount}{path}" if mount else path
            self.found.append(
                Broken(what or "an error in the log", method, whole, query, sent, body, answer.body, logged)
            )
        self.sent += 1
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if 200 <= answer.status < 300:
            self._learn(answer)
        return answer

    def work(self) -> None:
        """Does the slow work that there is; what it logs as an error counts too."""
        seen = len(self.errors.seen)
        what = "an error in slow work"
        try:
            self.cloud.drain(200)
        except AssertionError as error:
            what = str(error)
        if self.errors.seen[seen:] or what != "an error in slow work":
            logged = "\n".join(self.errors.seen[seen:])
            self.found.append(Broken(what, "", "", "", {}, b"", b"", logged))

    def alive(self) -> bool:
        """Whether the administrator can still work: no request took away the account, its roles or its project."""
        if self.cloud.request("GET", "/identity/v3/users?limit=1", token=self.tokens["admin"]).status == 200:
            return True
        try:
            self.cloud._tokens.clear()
            self.tokens = _tokens(self.cloud)
        except AssertionError:
            return False
        return self.cloud.request("GET", "/identity/v3/users?limit=1", token=self.tokens["admin"]).status == 200

    def _learn(self, answer: Answer) -> None:
        if "json" not in answer.headers.get("content-type", "") or not 2 < len(answer.body) < 100_000:
            return
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            return
        if not isinstance(document, dict):
            return
        for key, value in document.items():
            for item in (value if isinstance(value, list) else [value])[:10]:
                if isinstance(item, dict):
                    self._keep(_singular(key), item)
        if isinstance(document.get("id"), str):
            self._keep("image", document)

    def _keep(self, kind: str, item: dict[str, Any]) -> None:
        fields = self.fields.setdefault(kind, set())
        if len(fields) < 60:
            fields.update(name for name in item if len(name) < 40)
        if isinstance(item.get("name"), str):
            self.named.setdefault((kind, item["name"]), str(item.get("id") or item.get("uuid")))
        for name in ("id", "uuid", "name", "resource"):
            value = item.get(name)
            if isinstance(value, str) and 0 < len(value) < 300:
                ids = self.known.setdefault(kind, [])
                if value not in ids:
                    ids.append(value)
                if len(ids) > MOST_KNOWN:
                    del ids[1]
                if name in ("id", "uuid"):
                    return


def _tokens(cloud: FakeCloud) -> dict[str, str]:
    project = {"name": "service", "domain": {"id": "default"}}
    service = cloud.log_in("pileus", PASSWORDS.service, project=project)
    return {"admin": cloud.token("admin"), "demo": cloud.token("demo"), "service": service}


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
