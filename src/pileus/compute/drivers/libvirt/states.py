"""What libvirt says of a domain, in the words of the drivers."""

import libvirt

from pileus.compute.drivers.base import PowerState

POWER_STATES: dict[int, PowerState] = {
    libvirt.VIR_DOMAIN_RUNNING: "running",
    libvirt.VIR_DOMAIN_BLOCKED: "running",
    libvirt.VIR_DOMAIN_PAUSED: "paused",
    libvirt.VIR_DOMAIN_SHUTDOWN: "running",
    libvirt.VIR_DOMAIN_SHUTOFF: "shutdown",
    libvirt.VIR_DOMAIN_CRASHED: "crashed",
    libvirt.VIR_DOMAIN_PMSUSPENDED: "suspended",
}
# Reasons of libvirt's own for a pause, which it ends by itself.
PAUSED_FOR_A_MOMENT = (libvirt.VIR_DOMAIN_PAUSED_STARTING_UP, libvirt.VIR_DOMAIN_PAUSED_SNAPSHOT)


def is_starting(domain: libvirt.virDomain) -> bool:
    """Whether libvirtd is at it, maybe for a caller that has died."""
    return list(domain.state()) == [libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP]


def power_state(domain: libvirt.virDomain) -> PowerState:
    number, reason = domain.state()
    if number == libvirt.VIR_DOMAIN_PAUSED and reason in PAUSED_FOR_A_MOMENT:
        return "running"
    state = POWER_STATES.get(number, "none")
    return "suspended" if state == "shutdown" and domain.hasManagedSaveImage() else state
