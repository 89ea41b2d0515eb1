"""Passwords of the seeded users: made once, kept below the state directory, readable by its owner only."""

import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct, field


def _new() -> str:
    return secrets.token_urlsafe(15)


class Secrets(Struct, frozen=True):
    admin: str = field(default_factory=_new)
    demo: str = field(default_factory=_new)
    service: str = field(default_factory=_new)


def load_or_make(state_dir: Path) -> Secrets:
    path = state_dir / "secrets.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Secrets)
    except FileNotFoundError:
        made = Secrets()
        write_private(path, msgspec.json.encode(made))
        return made


def write_private(path: Path, data: bytes) -> None:
    """Replaces a file in one go; only its owner may read it (0600), from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
