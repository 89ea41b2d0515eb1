"""A small client of the cloud's public API, for the admin command's own demonstrations."""

from collections.abc import Mapping
from typing import Any

import msgspec
import urllib3
from ruamel.yaml import YAML

from pileus.cli.failure import Failure
from pileus.cli.place import Place
from pileus.kernel.services import fault_message, query

VERSIONS = {"compute": "compute 2.79"}
TIMEOUT = urllib3.Timeout(connect=5, read=60)


class ApiClient:
    """Logged in with one entry of the cloud's clouds.yaml."""

    def __init__(self, place: Place, cloud: str) -> None:
        """Raises Failure when the cloud does not answer or the entry is not there."""
        document = YAML(typ="safe").load(place.clouds_yaml.read_text()) if place.clouds_yaml.exists() else {}
        entry = (document or {}).get("clouds", {}).get(cloud)
        if entry is None:
            raise Failure(f"{place.clouds_yaml} has no entry {cloud}", "`pileus up` writes it")
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
        self._token = ""
        self._endpoints: dict[str, str] = {}
        self._log_in(entry["auth"])

    def _log_in(self, auth: Mapping[str, str]) -> None:
        user = {
            "name": auth["username"],
            "password": auth["password"],
            "domain": {"id": auth["user_domain_id"]},
        }
        scope = {"project": {"name": auth["project_name"], "domain": {"id": auth["project_domain_id"]}}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
        response = self._send("POST", auth["auth_url"] + "/auth/tokens", body)
        if response.status != 201:
            raise Failure(f"cannot log in as {auth['username']}: {fault_message(response.data)}")
        self._token = response.headers["X-Subject-Token"]
        for service in response.json()["token"]["catalog"]:
            for endpoint in service["endpoints"]:
                if endpoint["interface"] == "public":
                    self._endpoints[service["type"]] = endpoint["url"]

    def request(
        self, service: str, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded answer, None when it is empty. Raises Failure with the service's words when it refuses."""
        response = self.ask(service, method, path, body, params=params)
        if response.status >= 400:
            reason = fault_message(response.data) or f"HTTP {response.status}"
            raise Failure(f"{method} {service}{path}: {reason}", f"pileus trace {_request_id(response)}")
        return response.json() if response.data else None

    def ask(
        self, service: str, method: str, path: str, body: Any = None, *, params: Mapping[str, Any] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """The answer, whatever it is."""
        url = self._endpoints[service] + path + (f"?{query(params)}" if params else "")
        headers = {"X-Auth-Token": self._token}
        if service in VERSIONS:
            headers["OpenStack-API-Version"] = VERSIONS[service]
        return self._send(method, url, body, headers)

    def _send(
        self, method: str, url: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        sent = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        data = None if body is None else msgspec.json.encode(body)
        try:
            return self._pool.request(method, url, body=data, headers=sent)
        except urllib3.exceptions.HTTPError as error:
            raise Failure(f"{url} does not answer: {error}", "is the cloud up? `pileus status` tells") from None


def _request_id(response: urllib3.BaseHTTPResponse) -> str:
    return response.headers.get("X-Openstack-Request-Id", "")
