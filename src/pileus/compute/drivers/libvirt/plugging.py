"""How guests' network interfaces get to the network."""

from typing import Protocol

from pileus.compute.drivers.base import Vif
from pileus.host import ovs
from pileus.host.layout import Layout
from pileus.kernel.errors import GiveUp


class Plugger(Protocol):
    """Makes and removes tap devices in the cloud's network namespace; each call may be made twice."""

    def plug(self, vif: Vif) -> None: ...

    def unplug(self, device: str) -> None: ...

    def devices(self) -> list[str]:
        """Every tap device that guests of this cloud have or had."""
        ...


class OvsPlugger:
    """Taps on the integration bridge."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def plug(self, vif: Vif) -> None:
        """Raises GiveUp when the port could not be bound to this host."""
        if vif.vif_type in ("binding_failed", "unbound"):
            raise GiveUp(f"Port {vif.port_id} is not bound to this host ({vif.vif_type}).")
        ovs.plug(self._layout, ovs.device_name(vif.port_id), vif.port_id, vif.mac, vif.mtu)

    def unplug(self, device: str) -> None:
        ovs.unplug(self._layout, device)

    def devices(self) -> list[str]:
        return [plugged.device for plugged in ovs.list_plugged(self._layout) if plugged.device.startswith("tap")]
