"""Converting staged data to another disk format, with qemu-img, after our own look at what it is."""

import json
import resource
import secrets
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from pileus.image.inspection import format_of
from pileus.kernel.errors import UnsupportedMediaType

VMDK_TYPES = ("streamOptimized", "monolithicSparse")
MEMORY = 1 << 30  # bytes qemu-img may take to look at an image
SECONDS = 30  # of CPU


class Converted(msgspec.Struct, frozen=True):
    path: Path
    virtual_size: int


def converted(source: Path, claimed: str, wanted: str) -> Converted | None:
    """Another file with the data in the wanted format; None when it stays as it is (an ISO).

    Raises UnsupportedMediaType when the data is not what it claims, refers to other files, or cannot be converted.
    """
    found = format_of(str(source))
    if found == "iso":
        if claimed == "iso":
            return None
        raise UnsupportedMediaType("Image has disallowed configuration")
    if found != claimed:
        raise UnsupportedMediaType("Image format mismatch")
    facts = _information(source, claimed)
    target = source.parent / f"{source.name.rpartition('-')[0]}-{secrets.token_hex(4)}"
    try:
        _run(["qemu-img", "convert", "-f", claimed, "-O", wanted, str(source), str(target)])
        if format_of(str(target)) != wanted:
            raise UnsupportedMediaType("Converted image in unexpected format")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Converted(target, int(facts.get("virtual-size", 0)))


def _information(path: Path, claimed: str) -> dict[str, Any]:
    output = _run(["qemu-img", "info", "-f", claimed, "--output=json", str(path)], limited=True)
    facts: dict[str, Any] = json.loads(output)
    details = facts.get("format-specific", {}).get("data", {})
    if facts.get("format") != claimed:
        raise UnsupportedMediaType("Image metadata disagrees about format")
    if "backing-filename" in facts or details.get("data-file") is not None:
        raise UnsupportedMediaType("Images that refer to other files are not allowed")
    if claimed == "vmdk" and details.get("create-type") not in VMDK_TYPES:
        raise UnsupportedMediaType("Invalid VMDK create-type specified")
    return facts


def _run(command: list[str], *, limited: bool = False) -> str:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit if limited else None)
    if done.returncode != 0:
        raise UnsupportedMediaType(f"{command[0]} {command[1]}: {done.stderr.strip() or done.returncode}")
    return done.stdout
