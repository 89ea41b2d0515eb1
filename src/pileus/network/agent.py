"""The metadata agent of a host: guests ask 169.254.169.254, this finds out who they are and asks the compute service.

It follows the southbound database: a network is served here from when a port of it is bound to this host until the last
one is gone. Whatever an earlier process has left behind is taken over or removed.
"""

import hashlib
import hmac
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from pileus.host.layout import Layout
from pileus.kernel import ids
from pileus.kernel.context import service_context
from pileus.kernel.errors import DomainError, Unavailable
from pileus.kernel.services import Directory
from pileus.network import metadata_namespace as namespace
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.chassis import METADATA_AGENT, METADATA_ID
from pileus.network.drivers.ovn.connection import Connection, Refused
from pileus.network.drivers.ovn.view import View
from pileus.network.metadata_namespace import Endpoint
from pileus.network.metadata_proxy import Answered, Asked, Proxy

log = logging.getLogger(__name__)

TABLES = {
    "Port_Binding": ("logical_port", "type", "chassis", "mac", "external_ids"),
    "Chassis": ("name", "hostname"),
    "Chassis_Private": ("name", "external_ids"),
}
KEYS = {"Chassis": lambda row: str(row.hostname), "Chassis_Private": lambda row: str(row.name)}
SETTLE_SECONDS = 0.02
RETRY_SECONDS = 1.0


class Owner(Struct, frozen=True):
    """Who has an address: the server and its project."""

    device_id: str
    project_id: str


class Bound(Struct, frozen=True):
    """What is bound to this host: the networks to serve, and who has which address of them."""

    endpoints: Mapping[str, Endpoint]
    owners: Mapping[tuple[str, str], Owner]  # (network id, address)


class MetadataAgent:
    """``start`` and ``stop``; what it does in between is for this host's guests only.

    ``secret`` signs the server's id for a metadata service that is not in this process; empty: no signature.
    """

    def __init__(self, layout: Layout, host: str, services: Directory, secret: str = "") -> None:
        self._layout, self._host, self._services, self._secret = layout, host, services, secret
        self._connection = Connection(layout.southbound, "OVN_Southbound", TABLES, KEYS, self._notice)
        self._proxy = Proxy(self.serve)
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._bound = Bound({}, {})
        self._served: dict[str, Endpoint] = {}
        self._thread = threading.Thread(target=self._follow, name="metadata agent", daemon=True)

    def start(self) -> None:
        self._proxy.start()
        self._connection.start()
        self._changed.set()
        self._thread.start()

    def stop(self) -> None:
        """Guests' networks stay plugged: the next process takes them over."""
        self._stopping.set()
        self._changed.set()
        self._thread.join()
        self._connection.stop()
        self._proxy.stop()

    @property
    def networks(self) -> set[str]:
        """The ids of the networks that are served now."""
        return set(self._served)

    def _notice(self, event: str, table: str, row: Any, old: Any) -> None:
        if table != "Chassis_Private":
            self._changed.set()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait()
            self._stopping.wait(SETTLE_SECONDS)
            self._changed.clear()
            if self._stopping.is_set():
                return
            try:
                self._refresh()
                self._serve_exactly(self._bound.endpoints)
                self._register()
            except (Unavailable, Refused) as error:
                log.warning("the metadata of guests' networks is not served yet: %s", error)
                self._changed.set()
                self._stopping.wait(RETRY_SECONDS)

    def _refresh(self) -> None:
        self._bound = self._connection.read(lambda view: bound_here(view, self._host))

    def _serve_exactly(self, wanted: Mapping[str, Endpoint]) -> None:
        namespace.prepare(self._layout)
        keep = {endpoint.inner for endpoint in wanted.values()}
        for network_id in self._served.keys() - wanted.keys():
            self._proxy.remove(network_id)
            del self._served[network_id]
        for inner in namespace.devices(self._layout) - keep:
            namespace.unplug(self._layout, inner)
        for network_id, endpoint in wanted.items():
            if self._served.get(network_id) == endpoint:
                continue
            self._proxy.remove(network_id)
            namespace.plug(self._layout, endpoint)
            self._proxy.add(network_id, namespace.listen(self._layout, endpoint))
            self._served[network_id] = endpoint

    def _register(self) -> None:
        """Lets the API list this agent beside its host's ovn-controller."""

        def write(view: View) -> None:
            chassis = view.find("Chassis", self._host)
            private = None if chassis is None else view.find("Chassis_Private", chassis.name)
            if private is not None:
                view.merge(private, "external_ids", {METADATA_ID: agent_id(chassis.name)})

        self._connection.transact(write)

    def serve(self, asked: Asked) -> Answered:
        """The answer to a guest."""
        owner = self._owner(asked.network_id, asked.address)
        if owner is None:
            log.info("no port of network %s has the address %s", asked.network_id, asked.address)
            return Answered(404, "text/plain; charset=UTF-8", b"404 Not Found\n")
        target = urlsplit(asked.path)
        headers = self._headers(owner, asked)
        try:
            answer = self._services["metadata"].request(
                service_context(ids.new_request_id()),
                asked.method,
                unquote(target.path),
                asked.body or None,
                params=parse_qs(target.query, keep_blank_values=True),
                headers=headers,
            )
        except DomainError as error:
            return Answered(error.status, "text/plain; charset=UTF-8", f"{error.message}\n".encode())
        return Answered(answer.status, answer.headers.get("content-type", "text/plain; charset=UTF-8"), answer.body)

    def _headers(self, owner: Owner, asked: Asked) -> dict[str, str]:
        headers = {
            "X-Instance-ID": owner.device_id,
            "X-Tenant-ID": owner.project_id,
            "X-Forwarded-For": asked.address,
        }
        if self._secret:
            digest = hmac.new(self._secret.encode(), owner.device_id.encode(), hashlib.sha256)
            headers["X-Instance-ID-Signature"] = digest.hexdigest()
        if asked.content_type:
            headers["Content-Type"] = asked.content_type
        return headers

    def _owner(self, network_id: str, address: str) -> Owner | None:
        found = self._bound.owners.get((network_id, address))
        if found is None:
            # A guest may be faster than the news of its port.
            try:
                self._refresh()
            except Unavailable:
                return None
            found = self._bound.owners.get((network_id, address))
        return found


def agent_id(chassis: str) -> str:
    """The id of the metadata agent beside a chassis, always the same."""
    return str(uuid.uuid5(METADATA_AGENT, chassis))


def bound_here(view: View, host: str) -> Bound:
    """What the southbound database has bound to a host."""
    chassis = view.find("Chassis", host)
    distributed: dict[str, Endpoint] = {}
    owners: dict[tuple[str, str], Owner] = {}
    networks: set[str] = set()
    for row in view.rows("Port_Binding"):
        if row.type == "localport":
            endpoint = _endpoint(row)
            if endpoint is not None:
                distributed[endpoint.network_id] = endpoint
        elif row.type == "" and chassis is not None and row.chassis and row.chassis[0].uuid == chassis.uuid:
            facts = row.external_ids
            network_id = facts.get(n.NETWORK_NAME, "").removeprefix(n.PREFIX)
            networks.add(network_id)
            owner = Owner(facts.get(n.DEVICE_ID, ""), facts.get(n.PROJECT_ID, ""))
            owners.update({(network_id, address): owner for address in _addresses(facts)})
    return Bound({id: endpoint for id, endpoint in distributed.items() if id in networks}, owners)


def _endpoint(row: Any) -> Endpoint | None:
    facts = row.external_ids
    cidrs = tuple(facts.get(n.CIDRS, "").split())
    if facts.get(n.DEVICE_OWNER) != n.DISTRIBUTED_OWNER or not cidrs or not row.mac:
        return None
    network_id = facts.get(n.NETWORK_NAME, "").removeprefix(n.PREFIX)
    return Endpoint(network_id, row.logical_port, row.mac[0].split()[0], cidrs)


def _addresses(facts: Mapping[str, str]) -> list[str]:
    return [cidr.partition("/")[0] for cidr in facts.get(n.CIDRS, "").split()]
