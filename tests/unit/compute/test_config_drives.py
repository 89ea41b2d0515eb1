"""What a guest reads about itself."""

import base64

import msgspec

from tests.unit.compute.world import Servers

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop a@b"


def test_a_config_drive_tells_a_guest_who_it_is(world: Servers) -> None:
    world.api("POST", "/os-keypairs", {"keypair": {"name": "k", "public_key": PUBLIC_KEY}}, expect=201)
    script = base64.b64encode(b"#!/bin/sh\n").decode()
    server_id = world.boot(name="me", config_drive=True, key_name="k", user_data=script, metadata={"role": "web"})
    drive = world.world.guests["host1", server_id].guest.config_drive
    assert drive is not None
    about = msgspec.json.decode(drive["openstack/latest/meta_data.json"])
    assert (about["uuid"], about["hostname"], about["meta"]) == (server_id, "me.novalocal", {"role": "web"})
    assert about["public_keys"] == {"k": PUBLIC_KEY}
    assert drive["openstack/latest/user_data"] == "#!/bin/sh\n"
    assert msgspec.json.decode(drive["openstack/latest/network_data.json"]) == {}
    assert world.show(server_id)["config_drive"] == "True"


def test_a_server_without_one_has_none(world: Servers) -> None:
    server_id = world.boot()
    assert world.world.guests["host1", server_id].guest.config_drive is None
    assert world.show(server_id)["config_drive"] == ""
