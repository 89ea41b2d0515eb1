"""Requests for every line of every service's table, most of them wrong in one place, some in many."""

import json
import re
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from pileus.kernel.http.routes import Route
from tests.fuzz import values
from tests.fuzz.samples import QUERIES, SAMPLES, Sample
from tests.fuzz.world import World, _singular

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")
MAXIMA = {"compute": 100, "placement": 39}
PROTECTED = frozenset({"admin", "default"})
_TYPES = (
    "application/json", "application/octet-stream", "text/plain", "application/json; charset=utf-16", "", "x", "a/b;c",
    "application/x-www-form-urlencoded", "multipart/form-data", "application/openstack-images-v2.1-json-patch",
    "application/openstack-images-v2.0-json-patch", "application/xml", "\xff\xfe",
)  # fmt: skip
_ACCEPTS = (
    "application/json", "text/html", "*/*", "", "text/plain;q=0.5", "application/json;q=x", ",,;;", "\xff", "a" * 9000,
    "image/png", "text/html,application/json",
)  # fmt: skip
_HEADERS = (
    "X-Service-Token", "X-Subject-Token", "Range", "Content-Range", "If-Match", "If-None-Match", "X-OpenStack-Request-Id",
    "X-Image-Meta-Store", "X-OpenStack-Image-Size", "X-Image-Cache-Clear-Target", "OpenStack-Identity-Access-Rules",
    "Openstack-Auth-Receipt", "Authorization", "Requested-Project-Id", "X-Instance-ID", "X-Instance-ID-Signature",
    "X-Tenant-ID", "Host", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "Cookie", "X-Roles", "X-Auth-Token",
    "X-OpenStack-Nova-API-Version", "OpenStack-API-Version", "Transfer-Encoding", "If-Modified-Since", "X-Project-Id",
)  # fmt: skip
_HEADER_VALUES = (
    "bytes=0-", "bytes=5-1", "bytes=-1", "bytes=9999999999999999999999-", "bytes=a-b", "bytes 0-5/10", "bytes */*",
    "bytes=0-1,3-4", "chunked", "*", "W/\"x\"", "a.b.c", "gAAAAAB", "[::1", "compute 2.79", "placement 1.39",
    "compute 99999999999999999999999.1", "latest", "compute latest,placement latest", "compute 2.\xb2", "a,b,,c",
    "OAuth realm=\"x\",oauth_consumer_key=\"a\",oauth_nonce=", "Basic !!!", "Mon, 31 Feb 2020 25:00:00 GMT", "file",
)  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One line of a service's table, and the schema of its body."""

    mount: str
    route: Route
    schema: Any
    components: dict[str, Any]


def lines_of(world: World, mount: str) -> list[Line]:
    found = []
    for route in world.cloud.cloud.applications[mount].routes:
        schema, components = None, {}
        if route.body is not None:
            (schema,), components = msgspec.json.schema_components([route.body])
        found.append(Line(mount, route, schema, components))
    return found


class Walk:
    """One random walk over some services."""

    def __init__(self, world: World, random: Random, mounts: list[str]) -> None:
        self.world, self.random, self.mounts = world, random, mounts
        self.lines = [line for mount in mounts for line in lines_of(world, mount)]
        self.samples = [sample for mount in mounts for sample in SAMPLES.get(mount, [])]
        self.begin()

    def begin(self) -> None:
        """Makes one of each thing."""
        for mount in ("identity", "image", "placement", "network", "compute"):
            for collection in _COLLECTIONS[mount]:
                self.world.send("GET", mount, collection, headers=self._plain(mount))
            for method, where, path, body in SAMPLES[mount]:
                if mount in self.mounts or mount != "compute":
                    self._sample((method, where, path, body))
        self.world.work()

    def _plain(self, mount: str) -> dict[str, str]:
        headers = {"X-Auth-Token": self.world.tokens["admin"]}
        if mount in MAXIMA:
            headers["OpenStack-API-Version"] = f"{mount} latest"
        return headers

    def _sample(self, sample: Sample) -> None:
        method, mount, path, body = sample
        headers = self._plain(mount)
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/octet-stream"
        data = body if isinstance(body, bytes) else json.dumps(self._filled(body)).encode()
        answer = self.world.send(method, mount, self._filled(path), "", data, headers)
        if answer.status == 403:
            headers["X-Auth-Token"] = self.world.tokens["service"]
            self.world.send(method, mount, self._filled(path), "", data, headers)
        if path.endswith("/servers"):
            self.world.work()

    def run(self, count: int, *, pause: int = 60) -> None:
        """Sends ``count`` requests; every ``pause`` of them, slow work is done and the cloud looked after."""
        for number in range(1, count + 1):
            self.step()
            if number % pause == 0:
                self.world.work()
                if not self.world.alive():
                    self.world.rebuild()
                    self.begin()

    def step(self) -> None:
        kind = self.random.random()
        if self.samples and kind < 0.3:
            self._changed_sample()
        elif kind < 0.97:
            self._line(self.random.choice(self.lines))
        else:
            self._odd_path()

    def _changed_sample(self) -> None:
        random = self.random
        method, mount, path, body = random.choice(self.samples)
        if isinstance(body, bytes):
            self._sample((method, mount, path, body))
            return
        body = self._filled(body)
        if random.random() < 0.85:
            body = values.mutated(random, body, self.world.any_ids())
        if random.random() < 0.2 and "/action" not in path:
            body = json.loads(json.dumps(body).replace("fuzz", f"fuzz{random.randrange(99)}"))
        data = values.encoded(random, body)
        self.world.send(method, mount, self._filled(path), self._query_string(mount, 0.05), data, self._headers(mount))

    def _line(self, line: Line) -> None:
        random, route = self.random, line.route
        data = b""
        if line.schema is not None:
            document = values.of_schema(random, line.schema, line.components, self.world.any_ids())
            data = values.encoded(random, document)
        elif route.action is not None:
            data = values.encoded(random, {route.action: None if random.random() < 0.7 else values.anything(random)})
        elif route.raw_body:
            data = self._raw(line)
        elif random.random() < 0.05:
            data = values.encoded(random, values.anything(random))
        method = route.method if random.random() < 0.97 else random.choice(("PUT", "HEAD", "OPTIONS", "PATCH", "TRACE"))
        chance = 0.8 if route.method == "GET" else 0.1
        self.world.send(
            method, line.mount, self._path(route), self._query_string(line.mount, chance, route), data,
            self._headers(line.mount, route), self._lies(data),
        )  # fmt: skip

    def _raw(self, line: Line) -> bytes:
        random = self.random
        if line.mount == "image" and line.route.method == "PATCH":
            return values.encoded(random, self._json_patch())
        if line.mount == "network":
            kind = _singular(line.route.path.split("/")[2].replace("-", "_")) if line.route.path.count("/") > 1 else ""
            fields = sorted(self.world.fields.get(kind, {"name"}))
            chosen = random.sample(fields, min(len(fields), random.randrange(1, 5)))
            return values.encoded(
                random, {kind: {name: values.anything(random, self.world.any_ids()) for name in chosen}}
            )
        return random.choice((b"", b"x" * 10, values.encoded(random, values.anything(random)), b"\0" * 100_000))

    def _json_patch(self) -> Any:
        random = self.random
        fields = [
            *sorted(self.world.fields.get("image", {"name"})),
            "locations",
            "tags/-",
            "a~1b",
            "~",
            "",
            "os_x",
            "a/b/c",
        ]
        return [
            {
                random.choice(("op", "op", "op", "add")): random.choice(("add", "replace", "remove", "move", "test", 1)),
                "path": random.choice(("/", "/", "/", "")) + random.choice(fields),
                "value": values.anything(random),
            }
            for _ in range(random.choice((0, 1, 1, 2)))
        ]  # fmt: skip

    def _path(self, route: Route) -> str:
        path = _PARAMETER.sub(lambda match: self._parameter(route, match), route.path)
        return path if self.random.random() < 0.97 else path + "/"

    def _parameter(self, route: Route, match: re.Match[str]) -> str:
        random = self.random
        kind = match[1].removesuffix("_id").removesuffix("_uuid")
        before = _singular(
            route.path[: match.start()].rstrip("/").rpartition("/")[2].replace("-", "_").removeprefix("os_")
        )
        known = self.world.ids(kind) or self.world.ids(before)
        draw = random.random()
        if known and draw < 0.85:
            return quote(random.choice(known), safe="")
        if draw < 0.93:
            return quote(random.choice(self.world.any_ids() or ["x"]), safe="")
        return quote(values.text(random)[:3000], safe=random.choice(("", "/"))) or "%20"

    def _query_string(self, mount: str, chance: float, route: Route | None = None) -> str:
        random = self.random
        if random.random() >= chance:
            return ""
        if random.random() < 0.03:
            return random.choice(
                ("&&=&", "%", "%zz=%f", "a=%ff%fe", "=", "limit", "limit=&limit=1", "a=b;c=d", "%00=%00")
            )
        kind = _singular(route.path.rstrip("/").rpartition("/")[2].replace("-", "_")) if route else ""
        fields = sorted(self.world.fields.get(kind, ()))
        pairs = []
        for _ in range(random.choice((1, 1, 2, 3))):
            name = random.choice(fields) if fields and random.random() < 0.5 else random.choice(QUERIES)
            if name.startswith("sort") and fields and random.random() < 0.6:
                value = random.choice(fields) + random.choice(("", ":asc", ":desc", ",id"))
            elif name == "marker" and random.random() < 0.7:
                value = random.choice(self.world.ids(kind) or ["x"])
            elif random.random() < 0.3:
                value = str(random.choice(values.NUMBERS[:13]))
            else:
                value = values.text(random, self.world.any_ids())[:5000]
            pairs.append(f"{quote_plus(name)}={quote_plus(value)}")
        return "&".join(pairs)

    def _headers(self, mount: str, route: Route | None = None) -> dict[str, str]:
        random = self.random
        headers = {}
        draw = random.random()
        if draw < 0.7:
            headers["X-Auth-Token"] = self.world.tokens["admin"]
        elif draw < 0.8:
            headers["X-Auth-Token"] = self.world.tokens["service"]
        elif draw < 0.97:
            headers["X-Auth-Token"] = self.world.tokens["demo"]
        elif draw < 0.985:
            headers["X-Auth-Token"] = values.text(random)[:200].encode("utf-8").decode("latin-1")
        if mount in MAXIMA and random.random() < 0.8:
            minor = random.choice((1, MAXIMA[mount], random.randrange(MAXIMA[mount] + 2), *_edges(route)))
            major = 2 if mount == "compute" else 1
            headers["OpenStack-API-Version"] = (
                f"{mount} {major}.{minor}" if random.random() < 0.7 else f"{mount} latest"
            )
        if route is not None and route.streams and random.random() < 0.9:
            headers["Content-Type"] = "application/octet-stream"
        elif mount == "image" and route is not None and route.method == "PATCH" and random.random() < 0.95:
            headers["Content-Type"] = "application/openstack-images-v2.1-json-patch"
        elif random.random() < 0.03:
            headers["Content-Type"] = random.choice(_TYPES)
        if random.random() < 0.1:
            headers["Accept"] = random.choice(_ACCEPTS)
        if mount == "identity" and "tokens" in (route.path if route else ""):
            headers["X-Subject-Token"] = random.choice((self.world.tokens["demo"], "x", ""))
        if random.random() < 0.06:
            value = random.choice(_HEADER_VALUES) if random.random() < 0.7 else values.text(random)[:3000]
            headers[random.choice(_HEADERS)] = (
                value.encode("utf-8").decode("latin-1").translate({10: 32, 13: 32, 0: 32})
            )
        return headers

    def _lies(self, data: bytes) -> dict[str, Any]:
        if self.random.random() > 0.02:
            return {}
        length = self.random.choice(
            ("", "-1", "x", "0", str(len(data) + 10), str(max(0, len(data) - 1)), "9" * 30, "1.5")
        )
        return {"CONTENT_LENGTH": length}

    def _odd_path(self) -> None:
        random = self.random
        mount = random.choice([*self.mounts, ""])
        route = random.choice(self.lines).route
        path = self._path(route)
        place = random.randrange(len(path) + 1)
        odd = random.choice(
            ("%00", "%ff", "%2f", "//", "/../", "%e2%82", "%F0%9F%98%80", "%", ";x", "%0d%0a", "*", "a" * 5000)
        )
        if random.random() < 0.1:
            path = random.choice(("", "/", "//", "/openapi/x.json", "/openapi/%00.json", "/healthcheck", "/metrics"))
        self.world.send(
            random.choice(("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "FOO")),
            mount, path[:place] + odd + path[place:], "", b"", self._headers(mount),
        )  # fmt: skip

    def _filled(self, value: Any) -> Any:
        """``$kind`` replaced by the id of one of them."""
        if isinstance(value, dict):
            return {self._filled(name): self._filled(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        if isinstance(value, str) and "$" in value:
            return re.sub(r"\$(\w+)(?::([\w-]+))?", lambda match: self._id(match[1], match[2]), value)
        return value

    def _id(self, kind: str, name: str | None) -> str:
        if kind == "token":
            return self.world.tokens["demo"]
        if name is not None and (kind, name) in self.world.named:
            return self.world.named[kind, name]
        known = self.world.ids(kind)
        return self.random.choice(known[-6:]) if known else "00000000-0000-0000-0000-000000000000"


def _edges(route: Route | None) -> list[int]:
    """The microversions at which a line begins and ends."""
    if route is None:
        return []
    return [minor for minor in (route.minimum[1], route.maximum[1], route.maximum[1] + 1) if 0 < minor < 200]


_COLLECTIONS = {
    "identity": (
        "/v3/users",
        "/v3/projects",
        "/v3/roles",
        "/v3/services",
        "/v3/regions",
        "/v3/endpoints",
        "/v3/groups",
    ),
    "image": ("/v2/images",),
    "placement": ("/resource_providers", "/resource_classes", "/traits"),
    "network": ("/v2.0/networks", "/v2.0/subnets", "/v2.0/security-groups", "/v2.0/ports", "/v2.0/routers"),
    "compute": ("/v2.1/flavors/detail", "/v2.1/servers/detail", "/v2.1/os-hypervisors/detail", "/v2.1/os-services"),
}
