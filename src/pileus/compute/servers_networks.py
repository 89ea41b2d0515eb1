"""Which networks and ports a new server gets: what the body asks for, held against the network service."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from pileus.compute.servers_bodies import NetworkWanted, NewServer
from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from pileus.kernel.http.request import Request

PREFIX = "os_compute_api:servers:create"


class Networks(Struct, frozen=True):
    """``wants``: an interface each: ``uuid`` of its network, and what is given of ``port``, ``fixed_ip``, ``tag``."""

    wants: list[dict[str, Any]]

    @property
    def none(self) -> bool:
        return not self.wants


def networks_of(request: Request[Any], wanted: NewServer, count: int) -> Networks:
    """Raises BadRequest, Forbidden for an external network, Conflict for a port in use or too many networks."""
    asked, version = wanted.networks, request.microversion
    if version >= (2, 37):
        if asked is UNSET:
            raise BadRequest("'networks' is a required property")
        if isinstance(asked, str):
            if asked not in ("auto", "none"):
                raise BadRequest(f"Invalid input for field/attribute networks. Value: {asked}.")
            return Networks([]) if asked == "none" else _automatic(request, allocate=True)
    elif isinstance(asked, str):
        raise BadRequest(
            f"Invalid input for field/attribute networks. Value: {asked}. '{asked}' is not of type 'array'"
        )
    if asked is UNSET or asked == []:
        return _automatic(request, allocate=False)
    assert isinstance(asked, list)
    _check_each(asked, version)
    request.authorize(PREFIX + ":attach_network")
    if count > 1:
        _check_count(asked)
    return Networks(_found(request, asked))


def _automatic(request: Request[Any], *, allocate: bool) -> Networks:
    networking, context = request.service.networking, request.context
    if not networking.present:
        return Networks([])
    available = networking.available(context)
    if len(available) > 1:
        raise Conflict("Multiple possible networks found, use a Network ID to be more specific.")
    if available:
        return Networks([_want(available[0])] if available[0].get("subnets") else [])
    if allocate:
        network_id = networking.auto_allocated(context)
        return Networks([_want(networking.networks(context, [network_id])[network_id])])
    return Networks([])


def _want(network: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    want = {"uuid": network["id"], "port_security": network.get("port_security_enabled", True), **more}
    return {name: value for name, value in want.items() if value is not None}


def _check_each(asked: list[NetworkWanted], version: tuple[int, int]) -> None:
    ports: set[str] = set()
    for network in asked:
        if network.tag is not UNSET and (2, 37) <= version < (2, 42):
            raise BadRequest("Additional properties are not allowed ('tag' was unexpected)")
        if network.port is not UNSET and network.port is not None:
            if network.port in ports:
                raise BadRequest(
                    f"Port ID '{network.port}' was specified twice: you cannot attach a port multiple times."
                )
            if network.fixed_ip is not UNSET:
                raise BadRequest(
                    f"Specified Fixed IP '{network.fixed_ip}' cannot be used with port '{network.port}': the two "
                    "cannot be specified together."
                )
            ports.add(str(network.port))
        elif network.uuid is UNSET:
            raise BadRequest("Bad network format: missing 'uuid'")
        elif not ids.is_uuid(network.uuid):
            raise BadRequest(f"Bad networks format: network uuid is not in proper format ({network.uuid})")


def _check_count(asked: list[NetworkWanted]) -> None:
    for network in asked:
        if network.port not in (UNSET, None):
            raise BadRequest(
                "Failed to launch multiple instances with the same port ID: Unable to launch multiple instances with "
                "a single configured port ID. Please launch your instance one by one with different ports."
            )
        if network.fixed_ip is not UNSET:
            raise BadRequest(
                "Invalid fixed IP and max count: Unable to launch multiple instances with a single fixed IP address."
            )


def _found(request: Request[Any], asked: list[NetworkWanted]) -> list[dict[str, Any]]:
    networking, context = request.service.networking, request.context
    ports = {
        str(network.port): _free_port(request, str(network.port))
        for network in asked
        if network.port not in (UNSET, None)
    }
    wanted = {str(network.uuid) for network in asked if network.port in (UNSET, None)}
    networks = networking.networks(context, wanted)
    found = []
    for network in asked:
        tag = None if network.tag is UNSET else network.tag
        if network.port not in (UNSET, None):
            port = ports[str(network.port)]
            found.append(
                {
                    "uuid": port["network_id"],
                    "port": port["id"],
                    "mac": port["mac_address"],
                    **({"tag": tag} if tag else {}),
                }
            )
            continue
        known = networks.get(str(network.uuid))
        if known is None:
            raise BadRequest(f"Network {network.uuid} could not be found.")
        _check_network(request, known)
        fixed_ip = None if network.fixed_ip is UNSET else network.fixed_ip
        found.append(_want(known, fixed_ip=fixed_ip, tag=tag))
    return found


def _check_network(request: Request[Any], network: Mapping[str, Any]) -> None:
    if not network.get("subnets"):
        raise BadRequest(f"Network {network['id']} requires a subnet in order to boot instances on.")
    closed = network.get("router:external") and not network.get("shared")
    if closed and not request.allowed("network:attach_external_network"):
        raise Forbidden(f"It is not allowed to create an interface on external network {network['id']}")


def _free_port(request: Request[Any], port_id: str) -> Mapping[str, Any]:
    try:
        port: Mapping[str, Any] = request.service.networking.port(request.context, port_id)
    except NotFound as error:
        raise BadRequest(error.message) from None
    if port.get("device_id"):
        raise Conflict(f"Port {port_id} is still in use.")
    if not port.get("fixed_ips") and port.get("ip_allocation") not in ("deferred", "none"):
        raise BadRequest(f"Port {port_id} requires a FixedIP in order to be used.")
    return port
