"""What this host has for guests."""

import shutil
import socket
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import libvirt
import os_traits

from pileus.compute.drivers.base import HostResources
from pileus.host.kvm import Hypervisor
from pileus.host.libvirt import memory_mb

GIB = 1 << 30
# A processor's flags as Linux shows them -> the standard traits of other spelling; the rest is HW_CPU_X86_<FLAG>.
FLAGS = {"pni": "SSE3", "sse4_1": "SSE41", "sse4_2": "SSE42", "sha_ni": "SHA", "pclmulqdq": "CLMUL", "fma": "FMA3"}
COMPUTE_TRAITS = (
    "COMPUTE_NODE", "COMPUTE_DEVICE_TAGGING", "COMPUTE_NET_ATTACH_INTERFACE",
    "COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG", "COMPUTE_VOLUME_ATTACH_WITH_TAG", "COMPUTE_VOLUME_EXTEND",
    "COMPUTE_RESCUE_BFV", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_IMAGE_TYPE_ISO",
    "COMPUTE_IMAGE_TYPE_AMI", "COMPUTE_IMAGE_TYPE_AKI", "COMPUTE_IMAGE_TYPE_ARI", "COMPUTE_IMAGE_TYPE_VMDK",
    "COMPUTE_NET_VIF_MODEL_VIRTIO", "COMPUTE_STORAGE_BUS_VIRTIO", "COMPUTE_GRAPHICS_MODEL_VGA",
)  # fmt: skip


def resources(connection: libvirt.virConnect, host: str, hypervisor: Hypervisor, instances: Path) -> HostResources:
    """Asks libvirt and the file system."""
    _, _, cpus, _, _, sockets, cores, threads = connection.getInfo()
    disk = shutil.disk_usage(instances)
    return HostResources(
        hypervisor_type="QEMU",
        hypervisor_version=int(connection.getVersion()),
        hostname=host,
        host_ip=_address(),
        vcpus=int(cpus),
        memory_mb=memory_mb("MemTotal"),
        disk_gb=disk.total // GIB,
        memory_free_mb=memory_mb("MemAvailable"),
        disk_free_gb=disk.free // GIB,
        cpu_info=_cpu_info(connection.getCapabilities(), sockets, cores, threads),
        traits=_traits(hypervisor),
        supported=(("x86_64", hypervisor, "hvm"), ("i686", hypervisor, "hvm")),
    )


def _address() -> str:
    """The address of this host on the way to the world; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _cpu_info(capabilities: str, sockets: int, cores: int, threads: int) -> dict[str, Any]:
    cpu = fromstring(capabilities).find("host/cpu")  # noqa: S314 -- libvirt's own
    cpu = cpu if cpu is not None else Element("cpu")
    return {
        "arch": cpu.findtext("arch") or "x86_64",
        "model": cpu.findtext("model") or "",
        "vendor": cpu.findtext("vendor") or "",
        "features": sorted(name for one in cpu.findall("feature") if (name := one.get("name"))),
        "topology": {"cells": 1, "sockets": int(sockets), "cores": int(cores), "threads": int(threads)},
    }


def _traits(hypervisor: Hypervisor) -> tuple[str, ...]:
    """Standard traits. What the processor can do counts only where guests get that processor."""
    known = set(os_traits.get_traits())
    wanted = set(COMPUTE_TRAITS)
    if hypervisor == "kvm":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                names = line.partition(":")[2].split()
                wanted |= {f"HW_CPU_X86_{FLAGS.get(name, name.upper())}" for name in names}
                break
    return tuple(sorted(wanted & known))
