"""Whether KVM runs guests here, tried and not assumed.

A device /dev/kvm that opens, and virtual machines that can be created, prove nothing: where a host is itself a guest,
a virtual processor may never run its first instruction, or only with a processor model that is not the host's, at a
fraction of the speed of software; and libvirt calls such a guest "running". So a guest of 512 bytes is run with the
host's own processor model; it does nothing but tell QEMU to exit with a certain code.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

Hypervisor = Literal["kvm", "qemu"]

DEVICE = Path("/dev/kvm")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
EMULATOR = "qemu-system-x86_64"
TIMEOUT = 3.0
PROCESSOR = {"kvm": "host", "tcg": "max"}
# mov al, 0x10; out 0xf4, al; hlt; jmp $-1 -- isa-debug-exit turns the value into the exit status 2 * value + 1.
BOOT_SECTOR = bytes([0xB0, 0x10, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD]).ljust(510, b"\0") + b"\x55\xaa"
SUCCESS = 0x10 << 1 | 1


def hypervisor(state_dir: Path) -> Hypervisor:
    """``kvm`` where it really runs guests, else ``qemu`` (TCG, software). The answer is kept until the next boot."""
    kept = state_dir / "kvm.json"
    boot_id = BOOT_ID.read_text().strip()
    known = _read(kept)
    if known.get("boot_id") == boot_id and known.get("hypervisor") in ("kvm", "qemu"):
        return "kvm" if known["hypervisor"] == "kvm" else "qemu"
    found: Hypervisor = "kvm" if os.access(DEVICE, os.R_OK | os.W_OK) and runs_guests("kvm") else "qemu"
    state_dir.mkdir(parents=True, exist_ok=True)
    new = state_dir / f"kvm.json.{os.getpid()}"
    new.write_text(json.dumps({"boot_id": boot_id, "hypervisor": found}))
    new.replace(kept)
    return found


def runs_guests(accelerator: Literal["kvm", "tcg"], timeout: float = TIMEOUT) -> bool:
    """Whether a guest gets to its first instructions within ``timeout`` seconds."""
    with tempfile.NamedTemporaryFile(suffix=".img") as disk:
        disk.write(BOOT_SECTOR)
        disk.flush()
        try:
            done = subprocess.run(
                [
                    EMULATOR, "-accel", accelerator, "-cpu", PROCESSOR[accelerator], "-machine", "pc", "-m", "16",
                    "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                    "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                    "-drive", f"file={disk.name},format=raw,if=ide,snapshot=on", "-boot", "c",
                ],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                timeout=timeout, check=False,
            )  # fmt: skip
        except (FileNotFoundError, subprocess.TimeoutExpired):
            return False
    return done.returncode == SUCCESS


def _read(path: Path) -> dict[str, str]:
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
