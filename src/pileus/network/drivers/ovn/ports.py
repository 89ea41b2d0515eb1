"""Ports as logical switch ports."""

from typing import Any

from pileus.network.drivers.base import PortState
from pileus.network.drivers.ovn import dhcp, security
from pileus.network.drivers.ovn import names as n
from pileus.network.drivers.ovn.view import View


def apply_port(view: View, port_id: str, state: PortState | None) -> None:
    port = view.find("Logical_Switch_Port", port_id)
    if state is None:
        if port is not None:
            _delete_port(view, port)
        return
    switch = view.find("Logical_Switch", n.switch_name(state.network_id))
    if switch is None:
        return
    if port is None:
        port = view.insert("Logical_Switch_Port", port_id, name=port_id)
        view.add(switch, "ports", port)
    before = dict(getattr(port, "external_ids", {}))
    copies = {row.external_ids[n.DHCP_SUBNET]: row for row in dhcp.own_rows(view, port)}
    view.set(
        port,
        type=port_type(state),
        enabled=[state.admin_state_up and state.device_owner != n.FLOATING_IP_OWNER],
        addresses=addresses(state),
        port_security=port_security(state),
        options=options(state),
        external_ids=external_ids(state),
    )
    dhcp.link(view, port)
    for subnet_id in copies.keys() - {fixed.subnet_id for fixed in state.fixed_ips}:
        view.delete(copies[subnet_id])
    security.join(view, port, before, groups_of(state))


def _delete_port(view: View, port: Any) -> None:
    for row in dhcp.own_rows(view, port):
        view.delete(row)
    security.join(view, port, dict(port.external_ids), ())
    switch = view.find("Logical_Switch", port.external_ids.get(n.NETWORK_NAME, ""))
    if switch is not None:
        view.remove(switch, "ports", port)
    view.delete(port)


def is_trusted(state: PortState) -> bool:
    """The cloud's own ports: no security groups, no port security."""
    return state.device_owner.startswith(n.TRUSTED_OWNER)


def is_guarded(state: PortState) -> bool:
    return state.port_security and not is_trusted(state)


def groups_of(state: PortState) -> tuple[str, ...]:
    """The port groups a port belongs to."""
    if not is_guarded(state):
        return ()
    return (n.DROP_GROUP, *(n.port_group_name(group) for group in state.security_group_ids))


def port_type(state: PortState) -> str:
    if state.device_owner in n.ROUTER_OWNERS:
        return "router"
    return "localport" if state.device_owner == n.DISTRIBUTED_OWNER else ""


def addresses(state: PortState) -> list[str]:
    if state.device_owner == n.FLOATING_IP_OWNER:
        return []
    if port_type(state) == "router":
        return ["router"]
    own = " ".join([state.mac, *(fixed.address for fixed in state.fixed_ips)])
    if is_trusted(state):
        return [own]
    others = sorted({mac for mac, _ in state.allowed_address_pairs if mac != state.mac})
    return [own, *(others if state.port_security else ["unknown"])]


def port_security(state: PortState) -> list[str]:
    """The sender addresses a port may use; any when empty."""
    if not is_guarded(state):
        return []
    own = [state.mac, *(fixed.address for fixed in state.fixed_ips)]
    own += [address for mac, address in state.allowed_address_pairs if mac == state.mac]
    others = {f"{mac} {address}" for mac, address in state.allowed_address_pairs if mac != state.mac}
    return [" ".join(own), *sorted(others)]


def options(state: PortState) -> dict[str, str]:
    kind = port_type(state)
    if kind == "router":
        found = {"router-port": n.router_port_name(state.id)}
        if state.device_owner == n.GATEWAY_OWNER:
            found |= {"nat-addresses": "router", "exclude-lb-vips-from-garp": "true"}
        return found
    if kind == "localport":
        return {}
    return {"requested-chassis": state.host} if state.host else {}


def external_ids(state: PortState) -> dict[str, str]:
    return {
        n.PORT_NAME: state.name,
        n.DEVICE_ID: state.device_id,
        n.DEVICE_OWNER: state.device_owner,
        n.PROJECT_ID: state.project_id,
        n.CIDRS: " ".join(f"{fixed.address}/{fixed.prefix}" for fixed in state.fixed_ips),
        n.SUBNET_IDS: " ".join(dict.fromkeys(fixed.subnet_id for fixed in state.fixed_ips)),
        n.NETWORK_NAME: n.switch_name(state.network_id),
        n.SECURITY_GROUP_IDS: " ".join(state.security_group_ids),
        n.VNIC_TYPE: state.vnic_type,
        n.REVISION: str(state.revision),
        **({n.HOST_ID: state.host} if state.host else {}),
        **({n.EXTRA_DHCP_OPTIONS: dhcp.remembered(state.extra_dhcp_options)} if state.extra_dhcp_options else {}),
    }
