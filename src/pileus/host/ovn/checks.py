"""What the networks need of this host."""

import os
import shutil
from pathlib import Path

from pileus.host.layout import Layout
from pileus.host.ovn import private, switch
from pileus.host.spec import Check
from pileus.kernel.errors import Unavailable

PROGRAMS = {
    "ovsdb-server": "openvswitch-switch",
    "ovsdb-tool": "openvswitch-common",
    "ovs-vsctl": "openvswitch-switch",
    "ovs-vswitchd": "openvswitch-switch",
    "ovn-northd": "ovn-central",
    "ovn-nbctl": "ovn-common",
    "ovn-controller": "ovn-host",
    "ip": "iproute2",
    "ethtool": "ethtool",
}
MEMORY_MB = 100


def checks(layout: Layout) -> list[Check]:
    programs = _programs()
    rest = [_root(), _tun(), _namespaces(), _memory()]
    return [*programs, *(rest if programs[0].state == "missing" else [_switch(), *rest])]


def _programs() -> list[Check]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not missing:
        return [Check("OVN and Open vSwitch", "ok", "installed")]
    packages = sorted({PROGRAMS[program] for program in missing})
    advice = f"apt-get install --no-install-recommends {' '.join(packages)}"
    return [Check("OVN and Open vSwitch", "missing", f"not found: {', '.join(missing)}", advice)]


def _switch() -> Check:
    try:
        installed = ".".join(str(part) for part in switch.system_version())
        old = switch.too_old()
    except Unavailable as error:
        return Check("ovs-vswitchd", "missing", error.message)
    if switch.datapath_type() == "system":
        return Check("ovs-vswitchd", "ok", f"{installed}, on the kernel's datapath")
    if not old:
        return Check("ovs-vswitchd", "ok", f"{installed}, in user space")
    if switch.uses_private():
        return Check("ovs-vswitchd", "ok", f"from {private.folder()}, in user space; the installed {installed} crashes")
    reason = private.failure()
    detail = f"{installed} in user space: it crashes under load and is started again, which costs seconds"
    return Check(
        "ovs-vswitchd", "warning", f"{detail}; a newer one could not be fetched: {reason}" if reason else detail
    )


def _root() -> Check:
    if os.geteuid() == 0:
        return Check("root", "ok", "yes")
    return Check("root", "missing", "namespaces and devices need root", "sudo pileus up")


def _tun() -> Check:
    if Path("/dev/net/tun").is_char_device():
        return Check("tap devices", "ok", "/dev/net/tun")
    advice = "mkdir -p /dev/net && mknod /dev/net/tun c 10 200"
    return Check("tap devices", "missing", "there is no /dev/net/tun", advice)


def _namespaces() -> Check:
    if Path("/proc/self/ns/net").exists():
        return Check("network namespaces", "ok", "the kernel has them")
    return Check("network namespaces", "missing", "the kernel has none (CONFIG_NET_NS)")


def _memory() -> Check:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) // 1024
            enough = free >= MEMORY_MB
            return Check(
                "memory for the networks", "ok" if enough else "warning", f"{free} MB free, {MEMORY_MB} MB needed"
            )
    return Check("memory for the networks", "warning", "unknown")
