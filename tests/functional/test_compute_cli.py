"""A walk with the stock client over the commands of compute."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client_session import ClientSession
from tests.running import wait_for

pytestmark = pytest.mark.functional


@pytest.fixture
def network(client: ClientSession, made: Any) -> Iterator[dict[str, Any]]:
    network = made("network", "compute-walk")
    made("subnet", "--network", network["id"], "--subnet-range", "10.40.0.0/24", "compute-walk")
    yield network


@pytest.fixture
def server(client: ClientSession, network: dict[str, Any]) -> Iterator[dict[str, Any]]:
    image = client.rows("image", "list")[0]["ID"]
    made = client.show(
        "server", "create", "--flavor", "m1.nano", "--image", image, "--network", network["id"], "--wait", "walker"
    )
    yield made
    client.run("server", "delete", "--wait", made["id"])


def status(client: ClientSession, server: dict[str, Any]) -> str:
    return str(client.show("server", "show", server["id"])["status"])


def becomes(client: ClientSession, server: dict[str, Any], wanted: str) -> None:
    wait_for(lambda: status(client, server) == wanted, 30, f"the server did not become {wanted}")


def test_flavors_and_key_pairs(client: ClientSession, made: Any) -> None:
    flavor = made("flavor", "walk", "--ram", "64", "--disk", "1", "--property", "hw:cpu_policy=shared", "--private")
    client.run("flavor", "set", "--project", "demo", flavor["id"])
    shown = client.show("flavor", "show", flavor["id"])
    assert shown["properties"] == {"hw:cpu_policy": "shared"} and len(shown["access_project_ids"]) == 1
    client.run("flavor", "unset", "--project", "demo", "--property", "hw:cpu_policy", flavor["id"])
    assert "walk" in {row["Name"] for row in client.rows("flavor", "list", "--all")}
    private = client.run("keypair", "create", "walk-key")
    assert private.startswith("-----BEGIN")
    assert client.show("keypair", "show", "walk-key")["type"] == "ssh"
    client.run("keypair", "delete", "walk-key")


def test_a_server_through_its_power_states(client: ClientSession, server: dict[str, Any]) -> None:
    assert client.show("server", "show", server["id"])["addresses"]["compute-walk"][0].startswith("10.40.0.")
    for action, wanted in (
        ("stop", "SHUTOFF"),
        ("start", "ACTIVE"),
        ("pause", "PAUSED"),
        ("unpause", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("resume", "ACTIVE"),
        ("shelve", "SHELVED_OFFLOADED"),
        ("unshelve", "ACTIVE"),
    ):
        client.run("server", action, server["id"])
        becomes(client, server, wanted)
    for kind in ("--soft", "--hard"):
        client.run("server", "reboot", kind, "--wait", server["id"])
    client.run("server", "lock", "--reason", "walking", server["id"])
    client.run("server", "unlock", server["id"])
    events = client.rows("server", "event", "list", server["id"])
    assert {"create", "stop", "reboot", "shelve"} <= {row["Action"] for row in events}


def test_a_server_is_changed(client: ClientSession, server: dict[str, Any], network: dict[str, Any]) -> None:
    name, id = "walker-2", server["id"]
    client.run("server", "set", "--name", name, "--property", "colour=blue", "--tag", "red", id)
    shown = client.show("server", "show", id)
    assert (shown["name"], shown["properties"]["colour"], shown["tags"]) == (name, "blue", ["red"])
    client.run("server", "unset", "--property", "colour", "--tag", "red", id)
    client.run("server", "resize", "--flavor", "m1.micro", "--wait", id)
    client.run("server", "resize", "confirm", id)
    becomes(client, server, "ACTIVE")
    client.run("server", "rebuild", "--wait", id)
    port = client.show("port", "create", "--network", network["id"], "walk-port")
    client.run("server", "add", "port", id, port["id"])
    client.run("server", "remove", "port", id, port["id"])
    wait_for(lambda: not client.show("port", "show", port["id"])["device_id"], 20, "the port was not let go")
    client.run("port", "delete", port["id"])
    assert client.run("console", "log", "show", id) is not None


def test_a_server_becomes_an_image(client: ClientSession, server: dict[str, Any]) -> None:
    image = client.show("server", "image", "create", "--name", "walk-snapshot", "--wait", server["id"])
    assert client.show("image", "show", image["id"])["status"] == "active"
    client.run("image", "delete", image["id"])


def test_hosts_aggregates_and_groups(client: ClientSession, made: Any) -> None:
    host = client.rows("hypervisor", "list")[0]["Hypervisor Hostname"]
    assert client.show("hypervisor", "show", host)["state"] == "up"
    aggregate = made("aggregate", "walk", "--zone", "walk-zone")
    client.run("aggregate", "add", "host", "walk", host)
    assert "walk-zone" in {row["Zone Name"] for row in client.rows("availability", "zone", "list", "--compute")}
    client.run("aggregate", "remove", "host", "walk", host)
    group = made("server group", "walk-group", "--policy", "soft-anti-affinity")
    assert client.show("server", "group", "show", group["id"])["name"] == "walk-group"
    services = {row["Binary"] for row in client.rows("compute", "service", "list")}
    assert {"nova-compute", "nova-scheduler", "nova-conductor"} <= services
    assert client.rows("limits", "show", "--absolute")
    assert client.rows("quota", "show", "--compute")
    assert aggregate["availability_zone"] == "walk-zone"
