"""Telling compute what becomes of servers' ports: the events that Neutron sends to Nova."""

from collections.abc import Iterable

PATH = "/v2.1/os-server-external-events"
PLUGGED, UNPLUGGED = "network-vif-plugged", "network-vif-unplugged"


def events(changes: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """The events of (event, server id, port id)."""
    return [
        {"name": event, "server_uuid": server_id, "tag": port_id, "status": "completed"}
        for event, server_id, port_id in changes
    ]
