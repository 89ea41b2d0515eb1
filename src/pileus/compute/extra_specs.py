"""What the extra specs of flavors may say, as checked since microversion 2.86.

A spec of an unknown namespace may say anything; in a known one its name and value must be right.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import os_resource_classes
import os_traits

from pileus.compute.parameters import strict_flag
from pileus.kernel.errors import BadRequest

Check = Callable[[str], None]
CPUS = r"\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"
GROUP = r"([a-zA-Z0-9_-]{1,64})?"


def check_extra_spec(name: str, value: str) -> None:
    """Raises BadRequest."""
    check = _BY_NAME.get(name) or next((check for pattern, check in _BY_PATTERN if pattern.fullmatch(name)), None)
    if check is not None:
        check(value)
        return
    namespace, colon, _ = name.partition(":")
    if colon and _NAMESPACES.fullmatch(namespace):
        raise BadRequest(f"Validation failed; extra spec '{name}' does not appear to be a valid extra spec.")


def _anything(value: str) -> None:
    return None


def _flag(value: str) -> None:
    try:
        strict_flag(value)
    except ValueError:
        raise BadRequest(f"Validation failed; '{value}' is not a valid boolean-like value.") from None


def _whole(value: str, minimum: int | None = None, maximum: int | None = None) -> None:
    try:
        number = int(value)
    except ValueError:
        raise BadRequest(f"Validation failed; '{value}' is not a valid integer value.") from None
    if maximum is not None and number > maximum:
        raise BadRequest(f"Validation failed; '{number}' is greater than the max value of '{maximum}'.")
    if minimum is not None and number < minimum:
        raise BadRequest(f"Validation failed; '{number}' is less than the min value of '{minimum}'.")


def _at_least(minimum: int, maximum: int | None = None) -> Check:
    return partial(_whole, minimum=minimum, maximum=maximum)


def _word(words: str) -> Check:
    allowed = words.split()

    def check(value: str) -> None:
        if value not in allowed:
            raise BadRequest(f"Validation failed; '{value}' is not one of: {', '.join(allowed)}.")

    return check


def _form(pattern: str) -> Check:
    def check(value: str) -> None:
        if not re.fullmatch(pattern, value):
            raise BadRequest(f"Validation failed; '{value}' is not of the format '{pattern}'.")

    return check


def _all(prefix: str, names: str, check: Check) -> dict[str, Check]:
    return {f"{prefix}:{name}": check for name in names.split()}


def _quota() -> dict[str, Check]:
    checks: dict[str, Check] = {}
    for resource in ("cpu", "memory", "disk_io", "vif"):
        checks |= {
            f"quota:{resource}_limit": _at_least(0),
            f"quota:{resource}_reservation": _whole,
            f"quota:{resource}_shares_level": _word("custom high normal low"),
            f"quota:{resource}_shares_share": _at_least(0),
        }
    checks |= _all("quota", "cpu_shares cpu_period", _at_least(0)) | {"quota:cpu_quota": _whole}
    for direction in ("read", "write", "total"):
        checks |= _all("quota", f"disk_{direction}_bytes_sec disk_{direction}_iops_sec", _at_least(0))
    for direction in ("inbound", "outbound"):
        names = f"vif_{direction}_average vif_{direction}_peak vif_{direction}_burst"
        checks |= _all("quota", names, _at_least(0))
    return checks


_BY_NAME: Mapping[str, Check] = {
    "accel:device_profile": _anything,
    **_all(
        "capabilities",
        "id uuid service_id host vcpus memory_mb local_gb vcpus_used memory_mb_used local_gb_used hypervisor_type "
        "hypervisor_version hypervisor_hostname free_ram_mb free_disk_gb current_workload running_vms "
        "disk_available_least host_ip mapped cpu_allocation_ratio ram_allocation_ratio disk_allocation_ratio "
        "total_usable_ram_mb total_usable_disk_gb disk_mb_used free_disk_mb vcpus_total num_instances num_io_ops "
        "failed_builds aggregates cell_uuid updated",
        _anything,
    ),
    **_all(
        "hw",
        "cpu_realtime hide_hypervisor_id locked_memory boot_menu vif_multiqueue_enabled mem_encryption pmu "
        "virtio_packed_ring ephemeral_encryption",
        _flag,
    ),
    **_all(
        "hw",
        "numa_nodes cpu_sockets cpu_cores cpu_threads cpu_max_sockets cpu_max_cores cpu_max_threads",
        _at_least(1),
    ),
    "hw:cpu_realtime_mask": _form(r"(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"),
    "hw:cpu_policy": _word("dedicated shared mixed"),
    "hw:cpu_thread_policy": _word("prefer isolate require"),
    "hw:emulator_threads_policy": _word("isolate share"),
    "hw:cpu_dedicated_mask": _form(CPUS),
    "hw:mem_page_size": _form(r"(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)"),
    "hw:pci_numa_affinity_policy": _word("required preferred legacy socket"),
    "hw:mem_encryption_model": _word("amd-sev amd-sev-es amd-sev-snp"),
    "hw:pmem": _form(r"([a-zA-Z0-9_]+(,)?)+"),
    "hw:serial_port_count": _at_least(0),
    "hw:tpm_model": _word("tpm-tis tpm-crb"),
    "hw:tpm_version": _word("1.2 2.0"),
    "hw:tpm_secret_security": _word("user host deployment"),
    "hw:watchdog_action": _word("none pause poweroff reset disabled"),
    "hw:viommu_model": _word("intel smmuv3 virtio auto"),
    "hw:sound_model": _word("sb16 es1370 pcspk ac97 ich6 ich9 usb virtio"),
    "hw:usb_model": _word("none nec-xhci qemu-xhci"),
    "hw:redirected_usb_ports": _at_least(0, 15),
    "hw:ephemeral_encryption_format": _word("plain luks luksv2"),
    "hw_rng:allowed": _flag,
    "hw_rng:rate_bytes": _at_least(0),
    "hw_rng:rate_period": _at_least(0),
    "hw_video:ram_max_mb": _at_least(0),
    "hide_hypervisor_id": _flag,
    "group_policy": _word("isolate none"),
    "os:secure_boot": _word("disabled required"),
    "pci_passthrough:alias": _form(r"[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*"),
    **_quota(),
    **_all("vmware", "hw_version storage_policy", _anything),
}


def _names(names: Iterable[str], custom: str) -> str:
    return f"({'|'.join([*names, custom])})"


_FILTERED = (
    "cpu_info|metrics|stats|numa_topology|supported_hv_specs|pci_device_pools|nodename|pci_stats|supported_instances|"
    "limits|instances"
)
_BY_PATTERN: list[tuple[re.Pattern[str], Check]] = [
    (re.compile(r"aggregate_instance_extra_specs:.+"), _anything),
    (re.compile(rf"capabilities:({_FILTERED})(:\w+)*"), _anything),
    (re.compile(r"hw:numa_cpus\.\d+"), _form(CPUS)),
    (re.compile(r"hw:numa_mem\.\d+"), _at_least(1)),
    (re.compile(rf"resources{GROUP}:{_names(os_resource_classes.STANDARDS, 'CUSTOM_[A-Z0-9_]+')}"), _whole),
    (
        re.compile(rf"trait{GROUP}:{_names(os_traits.get_traits(), 'CUSTOM_[A-Z0-9_]+')}"),
        _word("required forbidden"),
    ),
]
_NAMESPACES = re.compile(
    "accel|aggregate_instance_extra_specs|capabilities|hw|hw_rng|hw_video|os|pci_passthrough|quota|vmware|"
    rf"resources{GROUP}|trait{GROUP}"
)
