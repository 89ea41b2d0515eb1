"""Key pairs: fingerprints of what users bring, and keys made for those who bring none."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pileus.kernel import clock
from pileus.kernel.errors import BadRequest
from pileus.kernel.http.microversions import Version

BITS = 2048
LIFETIME = timedelta(days=3650)
_PRINCIPAL_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")  # what Windows looks up the user by
_UTF8_STRING = b"\x0c"


class KeyPair(msgspec.Struct, frozen=True):
    """A public key of a user; the fields stand in the order of its table."""

    number: int
    user_id: str
    name: str
    type: str
    fingerprint: str
    public_key: str
    created_at: int


def fingerprint(public_key: str, type: str) -> str:
    """MD5 of an SSH key, SHA-1 of a certificate, as colon-separated hexadecimal. Raises BadRequest."""
    return _x509_fingerprint(public_key) if type == "x509" else _ssh_fingerprint(public_key)


def generate(type: str, user_id: str) -> tuple[str, str]:
    """(private key, public key). Takes a tenth of a second or so."""
    key = rsa.generate_private_key(65537, BITS)
    return _certificate(key, user_id) if type == "x509" else _ssh_key(key)


def listed(pair: KeyPair, version: Version) -> dict[str, Any]:
    shown = {"name": pair.name, "public_key": pair.public_key, "fingerprint": pair.fingerprint}
    if version >= (2, 2):
        shown["type"] = pair.type
    return shown


def created(pair: KeyPair, version: Version, private_key: str | None) -> dict[str, Any]:
    shown: dict[str, Any] = listed(pair, version) | {"user_id": pair.user_id}
    if private_key is not None:
        shown["private_key"] = private_key
    return shown


def detailed(pair: KeyPair, version: Version) -> dict[str, Any]:
    return listed(pair, version) | {
        "user_id": pair.user_id,
        "id": pair.number,
        "created_at": clock.iso_naive(pair.created_at),
        "updated_at": None,
        "deleted": False,
        "deleted_at": None,
    }


def _ssh_fingerprint(public_key: str) -> str:
    try:
        serialization.load_ssh_public_key(public_key.encode())
        data = base64.b64decode(public_key.split(" ")[1])
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise BadRequest("Keypair data is invalid: failed to generate fingerprint") from None
    return hashlib.md5(data, usedforsecurity=False).digest().hex(":")


def _x509_fingerprint(certificate: str) -> str:
    try:
        loaded = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError as error:
        raise BadRequest(
            f"Keypair data is invalid: failed to generate X509 fingerprint. Error message: {error}"
        ) from None
    return loaded.fingerprint(hashes.SHA1()).hex(":")  # noqa: S303


def _ssh_key(key: rsa.RSAPrivateKey) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), f"{public.decode()} Generated-by-Nova"


def _certificate(key: rsa.RSAPrivateKey, user_id: str) -> tuple[str, str]:
    """A client certificate for WinRM, and its key as PKCS #12 in base 64."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user_id)])
    now = datetime.now(UTC)
    principal = f"{user_id}@localhost".encode()
    alternative = x509.OtherName(_PRINCIPAL_NAME, _UTF8_STRING + bytes([len(principal)]) + principal)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(key, hashes.SHA256())
    )
    bundle = pkcs12.serialize_key_and_certificates(None, key, certificate, None, serialization.NoEncryption())
    public = certificate.public_bytes(serialization.Encoding.PEM)
    return base64.b64encode(bundle).decode(), public.decode()
