"""What the guest images are made from, and whether it is here."""

import hashlib
import shutil
from pathlib import Path

from pileus.host.command import run
from pileus.host.spec import Check
from pileus.kernel.errors import GiveUp

HERE = Path(__file__).parent
MASTER_BOOT_RECORD = Path("/usr/lib/syslinux/mbr/mbr.bin")

# Debian package -> a command of it that is used here or goes into the images.
PACKAGES = {
    "busybox-static": "busybox",
    "cpio": "cpio",
    "curl": "curl",
    "dhcpcd-base": "dhcpcd",
    "dosfstools": "mkfs.fat",
    "dropbear-bin": "dropbear",
    "e2fsprogs": "mke2fs",
    "kmod": "modprobe",
    "mtools": "mcopy",
    "qemu-utils": "qemu-img",
    "socat": "socat",
    "syslinux": "syslinux",
    "util-linux": "lsblk",
}
KERNEL_PACKAGE = "linux-image-cloud-amd64"
BOOT_PACKAGE = "syslinux-common"

SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def command(name: str) -> Path:
    """Where a command of this host is. Raises GiveUp when it is not installed."""
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        package = next((p for p, c in PACKAGES.items() if c == name), name)
        raise GiveUp(f"{name} is not installed on this host (Debian package {package}).")
    return Path(found)


def kernel_version() -> str:
    """The newest of this host's kernels for guests. Raises GiveUp when there is none."""
    found = [path.name.removeprefix("vmlinuz-") for path in Path("/boot").glob("vmlinuz-*cloud-amd64")]
    if not found:
        raise GiveUp(f"There is no kernel for guests on this host (Debian package {KERNEL_PACKAGE}).")
    return max(found, key=_numbers)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.replace("-", ".").split(".") if part.isdigit()]


def key() -> str:
    """Changes whenever the images must be built again: with a package's version or a file of this folder."""
    digest = hashlib.sha256(kernel_version().encode())
    packages = sorted([*PACKAGES, BOOT_PACKAGE, f"linux-image-{kernel_version()}"])
    for package in packages:
        digest.update(run("dpkg-query", "--show", "--showformat=${Package} ${Version}\n", package).encode())
    for path in sorted(path for path in HERE.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        digest.update(f"{path.relative_to(HERE)} {path.stat().st_mode & 0o111}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def checks() -> list[Check]:
    """What `pileus doctor` shows about building the guest images."""
    missing = [package for package, name in PACKAGES.items() if shutil.which(name, path=SYSTEM_PATH) is None]
    if not MASTER_BOOT_RECORD.exists():
        missing.append(BOOT_PACKAGE)
    if not list(Path("/boot").glob("vmlinuz-*cloud-amd64")):
        missing.append(KERNEL_PACKAGE)
    if missing:
        advice = "apt-get install --no-install-recommends " + " ".join(missing)
        return [Check("guest images", "missing", f"packages are missing: {', '.join(missing)}", advice)]
    return [Check("guest images", "ok", f"can be built, with Linux {kernel_version()}")]
