"""What compute asks of the network service, and how a port becomes a server's interface."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pileus.compute.drivers.base import Vif
from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest, Conflict, Forbidden, NotFound, QuotaExceeded, Unavailable
from pileus.kernel.services import Answer, Directory, fault_message

Port = Mapping[str, Any]
OWNER = "compute:"


class Networking:
    """The network API, as compute uses it."""

    def __init__(self, services: Directory) -> None:
        self._services = services

    def _call(
        self, context: Context, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None
    ) -> Answer:
        return self._services["network"].request(context, method, "/v2.0" + path, body, params=params)

    @property
    def present(self) -> bool:
        return "network" in self._services

    def networks(self, context: Context, network_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """The networks of these ids that the caller sees, by id."""
        wanted = sorted(set(network_ids))
        if not wanted:
            return {}
        found = self._call(context, "GET", "/networks", params={"id": wanted}).expect(200)["networks"]
        return {network["id"]: network for network in found}

    def available(self, context: Context) -> list[Mapping[str, Any]]:
        """The networks a project's servers may be put into without being told: its own, then shared ones."""
        own = self._call(
            context,
            "GET",
            "/networks",
            params={"tenant_id": context.project_id, "shared": False, "admin_state_up": True},
        ).expect(200)["networks"]
        shared = self._call(context, "GET", "/networks", params={"shared": True}).expect(200)["networks"]
        return [network for network in (*own, *shared) if not network.get("router:external")]

    def auto_allocated(self, context: Context) -> str:
        """The id of the network that is made for the project, unless it was. Raises BadRequest when it cannot."""
        answer = self._call(context, "GET", f"/auto-allocated-topology/{context.project_id}")
        if answer.status != 200:
            raise BadRequest(f"Unable to automatically allocate a network for project {context.project_id}")
        return str(answer.json["auto_allocated_topology"]["id"])

    def port(self, context: Context, port_id: str) -> Port:
        """Raises NotFound."""
        answer = self._call(context, "GET", f"/ports/{port_id}")
        if answer.status == 404:
            raise NotFound(f"Port id {port_id} could not be found.")
        port: Port = answer.expect(200)["port"]
        return port

    def ports_of(self, context: Context, server_id: str) -> list[Port]:
        found: list[Port] = self._call(context, "GET", "/ports", params={"device_id": server_id}).expect(200)["ports"]
        return found

    def server_ports(self, context: Context) -> list[Port]:
        """Every port that belongs to a server."""
        params = {"fields": ["id", "network_id", "mac_address", "fixed_ips", "device_owner"]}
        found: list[Port] = self._call(context, "GET", "/ports", params=params).expect(200)["ports"]
        return [port for port in found if port["device_owner"].startswith(OWNER)]

    def network_names(self, context: Context) -> dict[str, str]:
        """Network id -> name, of all networks."""
        found = self._call(context, "GET", "/networks", params={"fields": ["id", "name"]}).expect(200)["networks"]
        return {network["id"]: network["name"] for network in found}

    def floating_ips_in_use(self, context: Context) -> list[Mapping[str, Any]]:
        params = {"fields": ["id", "port_id", "floating_ip_address"]}
        found = self._call(context, "GET", "/floatingips", params=params).expect(200)["floatingips"]
        return [floating_ip for floating_ip in found if floating_ip["port_id"]]

    def create_port(self, context: Context, values: Mapping[str, Any]) -> Port:
        answer = self._call(context, "POST", "/ports", {"port": values})
        if answer.status != 201:
            raise refusal(answer)
        port: Port = answer.json["port"]
        return port

    def update_port(self, context: Context, port_id: str, values: Mapping[str, Any]) -> Port:
        answer = self._call(context, "PUT", f"/ports/{port_id}", {"port": values})
        if answer.status == 404:
            raise NotFound(f"Port id {port_id} could not be found.")
        if answer.status != 200:
            raise refusal(answer)
        port: Port = answer.json["port"]
        return port

    def delete_port(self, context: Context, port_id: str) -> None:
        answer = self._call(context, "DELETE", f"/ports/{port_id}")
        if answer.status not in (204, 404):
            raise refusal(answer)

    def unbind_port(self, context: Context, port_id: str) -> None:
        """Gives back a port that was not made for the server."""
        values = {"device_id": "", "device_owner": "", "binding:host_id": "", "binding:profile": {}}
        try:
            self.update_port(context, port_id, values)
        except NotFound:
            return

    def security_groups(self, context: Context, **params: Any) -> list[Mapping[str, Any]]:
        params["fields"] = ["id", "name"]
        found: list[Mapping[str, Any]] = self._call(context, "GET", "/security-groups", params=params).expect(200)[
            "security_groups"
        ]
        return found

    def whole_security_groups(self, context: Context, group_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Security groups with their rules."""
        if not group_ids:
            return []
        answer = self._call(context, "GET", "/security-groups", params={"id": list(group_ids)})
        found: list[Mapping[str, Any]] = answer.expect(200)["security_groups"]
        return found

    def floating_ip(self, context: Context, address: str) -> Mapping[str, Any]:
        """Raises NotFound."""
        params = {"floating_ip_address": address}
        found = self._call(context, "GET", "/floatingips", params=params).expect(200)["floatingips"]
        if not found:
            raise NotFound(f"Floating IP not found for address {address}.")
        floating_ip: Mapping[str, Any] = found[0]
        return floating_ip

    def associate(self, context: Context, floating_ip_id: str, port_id: str | None, address: str | None) -> None:
        """Points a floating IP at a port, or (None) at nothing."""
        values = {"port_id": port_id, **({"fixed_ip_address": address} if address else {})}
        answer = self._call(context, "PUT", f"/floatingips/{floating_ip_id}", {"floatingip": values})
        if answer.status != 200:
            raise refusal(answer)

    def floating_ips(self, context: Context, port_ids: Sequence[str]) -> list[Mapping[str, Any]]:
        if not port_ids:
            return []
        answer = self._call(context, "GET", "/floatingips", params={"port_id": list(port_ids)})
        if answer.status == 404:
            return []
        found: list[Mapping[str, Any]] = answer.expect(200)["floatingips"]
        return found


def refusal(answer: Answer) -> Exception:
    """The network service's refusal, in compute's words and statuses."""
    message = fault_message(answer.body) or f"The network service answered HTTP {answer.status}."
    if answer.status >= 500:
        return Unavailable(message)
    if answer.status == 409:
        over_quota = "quota" in message.lower()
        return QuotaExceeded("Maximum number of ports exceeded") if over_quota else Conflict(message)
    if answer.status == 403:
        return Forbidden(message)
    return NotFound(message) if answer.status == 404 else BadRequest(message)


def vif_of(port: Port, network: Mapping[str, Any], tag: str | None = None) -> Vif:
    return Vif(
        port_id=port["id"],
        network_id=port["network_id"],
        mac=port["mac_address"],
        mtu=int(network.get("mtu") or 1500),
        vif_type=port.get("binding:vif_type") or "unbound",
        vif_details=port.get("binding:vif_details") or {},
        vnic_type=port.get("binding:vnic_type") or "normal",
        tag=tag,
    )


def addresses_of(
    ports: Iterable[Port], names: Mapping[str, str], floating_ips: Iterable[Mapping[str, Any]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """A server's addresses as the API shows them: network name -> addresses, floating ones after the fixed."""
    by_port: dict[str, list[str]] = {}
    for floating_ip in floating_ips:
        by_port.setdefault(floating_ip["port_id"], []).append(floating_ip["floating_ip_address"])
    fixed: dict[str, list[dict[str, Any]]] = {}
    floating: dict[str, list[dict[str, Any]]] = {}
    for port in ports:
        label, mac = names.get(port["network_id"], port["network_id"]), port["mac_address"]
        fixed.setdefault(label, []).extend(_address(ip["ip_address"], "fixed", mac) for ip in port["fixed_ips"])
        floating.setdefault(label, []).extend(_address(ip, "floating", mac) for ip in by_port.get(port["id"], ()))
    return {label: found + floating[label] for label, found in fixed.items() if found}


def _address(address: str, kind: str, mac: str) -> dict[str, Any]:
    return {
        "version": 6 if ":" in address else 4,
        "addr": address,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": mac,
    }
