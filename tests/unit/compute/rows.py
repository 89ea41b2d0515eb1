"""Servers and hosts put into the database as they are, for tests of what looks at them."""

from typing import Any

from pileus.compute.model import Host
from pileus.compute.store import hosts, servers
from pileus.kernel import clock, ids
from tests.harness import FakeCloud


def server_row(cloud: FakeCloud, **values: Any) -> str:
    """A server that is ACTIVE unless ``values`` say otherwise; its id."""
    now = clock.now()
    row: dict[str, Any] = {
        "id": ids.new_uuid(),
        "project_id": cloud.ids.demo_project_id,
        "user_id": cloud.ids.demo_user_id,
        "name": "web",
        "description": None,
        "hostname": "web",
        "vm_state": "active",
        "task_state": None,
        "power_state": 1,
        "progress": 0,
        "host": "host1",
        "node": "host1",
        "launched_on": "host1",
        "availability_zone": "nova",
        "pinned_availability_zone": None,
        "flavor_id": "1",
        "flavor_number": 3,
        "flavor": {"vcpus": 1, "ram": 512, "disk": 1, "ephemeral": 0, "swap": 0, "original_name": "m1.tiny"},
        "vcpus": 1,
        "memory_mb": 512,
        "root_gb": 1,
        "ephemeral_gb": 0,
        "image_id": None,
        "image": None,
        "image_properties": {},
        "key_name": None,
        "key_data": None,
        "user_data": None,
        "config_drive": False,
        "metadata": {},
        "tags": [],
        "addresses": {},
        "volumes": [],
        "security_groups": ["default"],
        "access_ip_v4": None,
        "access_ip_v6": None,
        "auto_disk_config": True,
        "locked_by": None,
        "locked_reason": None,
        "root_device_name": "/dev/vda",
        "reservation_id": "r-1",
        "launch_index": 0,
        "kernel_id": "",
        "ramdisk_id": "",
        "fault": None,
        "trusted_certs": None,
        "scheduler_hints": {},
        "server_group_id": None,
        "password": None,
        "created_at": now,
        "updated_at": now,
        "launched_at": now,
        "terminated_at": None,
        "deleted_at": None,
    }
    with cloud.cloud.database.transaction() as tx:
        servers.insert(tx, [row | values])
    return str((row | values)["id"])


def no_hosts(cloud: FakeCloud) -> None:
    """Forgets the hosts that a cloud begins with."""
    with cloud.cloud.database.transaction() as tx:
        for host in hosts.all_hosts(tx):
            hosts.delete(tx, host.host)


def host_row(cloud: FakeCloud, name: str = "host1", **values: Any) -> Host:
    """A host that is up."""
    now = clock.now()
    row: dict[str, Any] = {
        "host": name,
        "id": ids.new_uuid(),
        "service_id": ids.new_uuid(),
        "hypervisor_hostname": name,
        "hypervisor_type": "fake",
        "hypervisor_version": 1000,
        "host_ip": "127.0.0.1",
        "vcpus": 8,
        "memory_mb": 8192,
        "disk_gb": 100,
        "memory_free_mb": 4096,
        "disk_free_gb": 60,
        "cpu_info": {"arch": "x86_64"},
        "traits": [],
        "supported": [],
        "disabled": False,
        "disabled_reason": None,
        "forced_down": False,
        "created_at": now,
        "updated_at": now,
        "seen_at": now,
    }
    host = Host(**(row | values))
    with cloud.cloud.database.transaction() as tx:
        hosts.insert(tx, host)
    return host
