"""Key pairs over the API."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.harness import FakeCloud

PAIRS = "/compute/v2.1/os-keypairs"
PUBLIC = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDx8nkQv/zgGgB4rMYmIf+6A4l6Rr+o/6lHBQdW5aYd44bd8JttDCE/F/pNRr0l"
    "RE+PiqSPO8nDPHw0010JeMH9gYgnnFlyY3/OcJ02RhIPyyxYpv9FhY+2YiUkpwFOcLImyrxEsYXpD/0d3ac30bNH6Sw9JD9UZHYc"
    "pSxsIbECHw== Generated-by-Nova"
)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FakeCloud]:
    cloud = FakeCloud(tmp_path)
    yield cloud
    cloud.close()


def test_an_imported_key_has_the_fingerprint_of_the_reference(cloud: FakeCloud) -> None:
    made = cloud.request("POST", PAIRS, {"keypair": {"name": "mine", "public_key": PUBLIC}}, user="demo")
    assert made.status == 200
    assert made.json["keypair"] == {
        "name": "mine",
        "public_key": PUBLIC,
        "fingerprint": "1e:2c:9b:56:79:4b:45:77:f9:ca:7a:98:2c:b0:d5:3c",
        "user_id": cloud.ids.demo_user_id,
    }
    shown = cloud.request("GET", PAIRS + "/mine", user="demo", version="compute 2.2").json["keypair"]
    assert shown["type"] == "ssh"
    assert {"created_at", "updated_at", "deleted", "deleted_at", "id"} < set(shown)
    assert cloud.request("GET", PAIRS + "/mine").status == 404


def test_keys_are_made_until_291(cloud: FakeCloud) -> None:
    body = {"keypair": {"name": "made", "type": "ssh"}}
    made = cloud.request("POST", PAIRS, body, user="demo", version="compute 2.91")
    assert made.status == 201
    pair = made.json["keypair"]
    private = serialization.load_pem_private_key(pair["private_key"].encode(), None)
    public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    assert pair["public_key"].startswith(public.decode())
    assert pair["private_key"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert "private_key" not in cloud.request("GET", PAIRS + "/made", user="demo").json["keypair"]
    assert cloud.request("POST", PAIRS, body, user="demo", version="compute 2.92").status == 400


def test_a_windows_key_is_a_certificate(cloud: FakeCloud) -> None:
    body = {"keypair": {"name": "win", "type": "x509"}}
    pair = cloud.request("POST", PAIRS, body, user="demo", version="compute 2.2").json["keypair"]
    _, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(pair["private_key"]), None)
    assert certificate is not None
    assert certificate.public_bytes(serialization.Encoding.PEM).decode() == pair["public_key"]
    assert len(pair["fingerprint"].split(":")) == 20
    again = {"keypair": {"name": "again", "type": "x509", "public_key": pair["public_key"]}}
    imported = cloud.request("POST", PAIRS, again, user="demo", version="compute 2.2").json["keypair"]
    assert imported["fingerprint"] == pair["fingerprint"]


def test_modern_keys_are_taken(cloud: FakeCloud) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    public = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    answer = cloud.request("POST", PAIRS, {"keypair": {"name": "ed", "public_key": public}}, user="demo")
    assert answer.status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "key!"},
        {"name": ""},
        {"name": " key"},
        {"name": "key@host"},
        {"public_key": "ssh-rsa nonsense"},
        {"public_key": ""},
        {"public_key": None},
        {"type": "ssh"},
    ],
)
def test_a_key_that_makes_no_sense_is_refused(cloud: FakeCloud, fields: dict[str, str]) -> None:
    body = {"keypair": {"name": "key", "public_key": PUBLIC} | fields}
    assert cloud.request("POST", PAIRS, body, user="demo").status == 400


def test_more_names_since_292(cloud: FakeCloud) -> None:
    body = {"keypair": {"name": "me@host.example", "public_key": PUBLIC}}
    assert cloud.request("POST", PAIRS, body, user="demo", version="compute 2.92").status == 201
    assert cloud.request("DELETE", PAIRS + "/me@host.example", user="demo", version="compute 2.92").status == 204


def test_names_are_unique_for_a_user_and_lists_are_paged(cloud: FakeCloud) -> None:
    for name in ("b", "a", "c"):
        cloud.request("POST", PAIRS, {"keypair": {"name": name, "public_key": PUBLIC}}, user="demo")
    twice = cloud.request("POST", PAIRS, {"keypair": {"name": "a", "public_key": PUBLIC}}, user="demo")
    assert (twice.status, twice.json["conflictingRequest"]["message"]) == (409, "Key pair 'a' already exists.")
    listed = cloud.request("GET", PAIRS + "?limit=1", user="demo").json["keypairs"]
    assert [set(pair["keypair"]) for pair in listed] == [{"name", "public_key", "fingerprint"}] * 3
    page = cloud.request("GET", PAIRS + "?limit=2", user="demo", version="compute 2.35").json
    assert [pair["keypair"]["name"] for pair in page["keypairs"]] == ["a", "b"]
    assert page["keypairs_links"][0]["href"].endswith("/v2.1/os-keypairs?limit=2&marker=b")
    rest = cloud.request("GET", PAIRS + "?marker=b", user="demo", version="compute 2.35").json
    assert [pair["keypair"]["name"] for pair in rest["keypairs"]] == ["c"]
    assert cloud.request("GET", PAIRS + "?marker=none", user="demo", version="compute 2.35").status == 400


def test_administrators_look_after_other_users_keys_since_210(cloud: FakeCloud) -> None:
    demo, admin = cloud.ids.demo_user_id, cloud.ids.admin_user_id
    body = {"keypair": {"name": "given", "public_key": PUBLIC, "user_id": demo}}
    assert cloud.request("POST", PAIRS, body).status == 400
    assert cloud.request("POST", PAIRS, body, version="compute 2.10").status == 201
    assert cloud.request("GET", f"{PAIRS}/given?user_id={demo}", version="compute 2.10").status == 200
    assert cloud.request("GET", f"{PAIRS}?user_id={admin}", user="demo", version="compute 2.10").status == 403
    assert cloud.request("DELETE", f"{PAIRS}/given?user_id={demo}", version="compute 2.10").status == 204
    assert cloud.request("DELETE", f"{PAIRS}/given", user="demo").status == 404


def test_there_is_a_quota(cloud: FakeCloud) -> None:
    quota = "/compute/v2.1/os-quota-class-sets/default"
    assert cloud.request("PUT", quota, {"quota_class_set": {"key_pairs": 1}}).status == 200
    answers = [
        cloud.request("POST", PAIRS, {"keypair": {"name": name, "public_key": PUBLIC}}, user="demo")
        for name in ("one", "two")
    ]
    assert [answer.status for answer in answers] == [200, 403]
    assert answers[1].json["forbidden"]["message"] == "Quota exceeded, too many key pairs."
