"""Which ovs-vswitchd runs here, on which datapath, and what it and ovn-controller are told about this host."""

import functools
import re
import uuid
from pathlib import Path

from pileus.host.command import run, succeeds
from pileus.host.layout import EXTERNAL_BRIDGE, INTEGRATION_BRIDGE, PHYSICAL_NETWORK, Layout
from pileus.host.ovn import private
from pileus.host.ovn.external import UPLINK
from pileus.host.ovs import vsctl

SYSTEM_SCHEMA = Path("/usr/share/openvswitch/vswitch.ovsschema")
CHASSIS = uuid.UUID("5d1c5b0e-6b8c-4c55-9c39-21c6a8a3b1f4")


@functools.cache
def datapath_type() -> str:
    """``system`` where the kernel has Open vSwitch, else ``netdev``, in user space."""
    there = Path("/sys/module/openvswitch").exists() or succeeds("modprobe", "--quiet", "openvswitch")
    return "system" if there else "netdev"


def datapath_arguments() -> list[str]:
    return ["--disable-system"] if datapath_type() == "netdev" else []


def uses_private() -> bool:
    """Whether the privately unpacked ovs-vswitchd runs: only in user space is the system's a danger."""
    return datapath_type() == "netdev" and private.unpacked() is not None and too_old()


def command() -> list[str]:
    """The beginning of ovs-vswitchd's command line."""
    tree = private.unpacked()
    return private.command(tree) if uses_private() and tree is not None else ["ovs-vswitchd"]


def schema() -> Path:
    tree = private.unpacked()
    if uses_private() and tree is not None:
        return tree / SYSTEM_SCHEMA.relative_to("/")
    return SYSTEM_SCHEMA


@functools.cache
def system_version() -> tuple[int, ...]:
    """Of the installed ovs-vswitchd; raises Unavailable without one."""
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", run("ovs-vswitchd", "--version"))
    return tuple(int(part) for part in found.groups()) if found else (0,)


def too_old() -> bool:
    """Connection tracking in user space aborts the installed version under load."""
    return system_version() < private.SOUND


def chassis_name(layout: Layout, host: str) -> str:
    """This host's name in the southbound database: a UUID, as the API's agents have, and always the same."""
    return str(uuid.uuid5(CHASSIS, f"{layout.state_dir.resolve()}:{host}"))


def configured(layout: Layout, host: str) -> list[str]:
    """The ovs-vsctl command line that makes the bridges and tells both daemons what they need of this host."""
    kind = datapath_type()
    told = {
        "system-id": chassis_name(layout, host),
        "hostname": host,
        "ovn-remote": layout.southbound,
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": "127.0.0.1",
        "ovn-bridge": INTEGRATION_BRIDGE,
        "ovn-bridge-datapath-type": kind,
        "ovn-bridge-mappings": f"{PHYSICAL_NETWORK}:{EXTERNAL_BRIDGE}",
        "ovn-cms-options": "enable-chassis-as-gw",
        "ovn-monitor-all": "true",
        "rundir": str(layout.run),
    }
    return [
        "set", "Open_vSwitch", ".", *(f'external_ids:{key}="{value}"' for key, value in told.items()),
        "--", "--may-exist", "add-br", INTEGRATION_BRIDGE,
        "--", "set", "Bridge", INTEGRATION_BRIDGE, f"datapath_type={kind}", "fail_mode=secure",
        "other-config:disable-in-band=true",
        "--", "--may-exist", "add-br", EXTERNAL_BRIDGE,
        "--", "set", "Bridge", EXTERNAL_BRIDGE, f"datapath_type={kind}",
        "--", "--may-exist", "add-port", EXTERNAL_BRIDGE, UPLINK,
    ]  # fmt: skip


def configure(layout: Layout, host: str) -> None:
    """Brings a running switch up to date; returns once this host answers the northbound database."""
    vsctl(layout, *configured(layout, host))
    run("ovn-nbctl", f"--db={layout.northbound}", "--timeout=20", "--wait=hv", "sync")
