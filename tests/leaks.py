"""What a cloud must not keep once everything that users made is deleted; found through the public API and the host."""

import subprocess
from pathlib import Path
from typing import Any

from pileus.cli.client import ApiClient
from pileus.cli.credentials import ADMIN_CLOUD
from pileus.cli.place import find
from pileus.host.layout import Layout
from tests.running import RunningCloud

# Ports that the cloud makes by itself, as long as their network is there.
OWN_PORTS = ("network:distributed",)


def admin(cloud: RunningCloud) -> ApiClient:
    return ApiClient(find(cloud.state_dir), ADMIN_CLOUD)


def left_in_the_api(cloud: RunningCloud, network_ids: set[str] | None = None) -> list[str]:
    """Servers, ports and allocations; of the ports only those of ``network_ids`` when given."""
    api = admin(cloud)
    servers = api.request("compute", "GET", "/servers", params={"all_tenants": "1"})["servers"]
    ports = [
        port
        for port in api.request("network", "GET", "/v2.0/ports")["ports"]
        if port["device_owner"] not in OWN_PORTS and (network_ids is None or port["network_id"] in network_ids)
    ]
    found = [f"server {server['id']}" for server in servers]
    found += [f"port {port['id']} of {port['device_owner'] or 'nobody'}" for port in ports]
    for provider in api.request("placement", "GET", "/resource_providers")["resource_providers"]:
        path = f"/resource_providers/{provider['uuid']}/allocations"
        allocations = api.request("placement", "GET", path)["allocations"]
        found += [f"allocation of {consumer} on {provider['name']}" for consumer in allocations]
    return found


def left_on_the_host(cloud: RunningCloud) -> list[str]:
    """Guests' domains, taps, folders and logical ports."""
    layout = Layout(cloud.state_dir)
    found = [f"domain {name}" for name in _domains(layout)]
    found += [f"device {name}" for name in _taps(layout)]
    folders = [path for path in layout.instances.glob("*") if path.is_dir() and not path.name.startswith("_")]
    found += [f"folder {path.name}" for path in folders]
    return found


def _domains(layout: Layout) -> list[str]:
    import libvirt

    connection = libvirt.open(layout.libvirt_uri)
    try:
        return [domain.name() for domain in connection.listAllDomains()]
    finally:
        connection.close()


def _taps(layout: Layout) -> list[str]:
    command = ["ip", "netns", "exec", layout.namespace, "ls", "/sys/class/net"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in names if name.startswith("tap")]


def logical_ports(cloud: RunningCloud) -> set[str]:
    """Names of the logical switch ports of OVN's northbound database."""
    database = Layout(cloud.state_dir).northbound
    command = ["ovn-nbctl", f"--db={database}", "--bare", "--columns=name", "list", "Logical_Switch_Port"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def guest_processes(cloud: RunningCloud) -> list[int]:
    """QEMU processes whose command line names this cloud's directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "qemu-system" in command.split("\0")[0] and str(cloud.state_dir) in command:
            found.append(int(path.parent.name))
    return found


def created(api: ApiClient, service: str, path: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = api.request(service, "POST", path, {kind: body})[kind]
    return made
