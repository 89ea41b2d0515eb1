"""A bootable disk out of a kernel, an initramfs and a root file system: no mount, no loop device.

One MiB, then a FAT file system with syslinux, then ext4 up to the end, so that the root file system can grow with
the disk.
"""

import struct
from pathlib import Path

from pileus.host.command import run
from pileus.host.guest.inputs import MASTER_BOOT_RECORD, command

MIB = 1 << 20
SECTORS = MIB // 512
BOOT_MIB = 20
ROOT_MIB = 76
SLOW = 300.0
# A guest without hardware virtualisation boots a second earlier without mitigations and timer checks.
KERNEL_ARGUMENTS = (
    "console=tty1 console=ttyS0,115200 no_timer_check tsc=reliable mitigations=off random.trust_cpu=on net.ifnames=0 "
    "quiet loglevel=4 panic=10"
)
MENU = f"""SERIAL 0 115200
DEFAULT linux
PROMPT 0
TIMEOUT 0
LABEL linux
 KERNEL vmlinuz
 INITRD initrd.img
 APPEND {KERNEL_ARGUMENTS}
"""


def make_disk(root: Path, kernel: Path, initramfs: Path, work: Path, image: Path) -> None:
    """Writes a compressed qcow2 image; ``work`` is a folder for what is made on the way."""
    raw = work / "disk.raw"
    _write_partitions(raw)
    _write_boot(raw, kernel, initramfs, work)
    run(
        str(command("mke2fs")), "-q", "-F", "-t", "ext4", "-b", "4096", "-N", "4096", "-J", "size=4", "-m", "0",
        "-O", "uninit_bg,^metadata_csum,^64bit", "-L", "rootfs",
        "-E", f"offset={(1 + BOOT_MIB) * MIB},nodiscard", "-d", str(root), str(raw), f"{ROOT_MIB}M",
    )  # fmt: skip
    run(str(command("qemu-img")), "convert", "-O", "qcow2", "-c", str(raw), str(image), timeout=SLOW)
    raw.unlink()


def _write_partitions(raw: Path) -> None:
    boot = _partition(0x80, 0x0E, SECTORS, BOOT_MIB * SECTORS)
    root = _partition(0, 0x83, (1 + BOOT_MIB) * SECTORS, ROOT_MIB * SECTORS)
    code = MASTER_BOOT_RECORD.read_bytes()[:440].ljust(440, b"\0")
    with raw.open("wb") as disk:
        disk.write(code + b"pile\0\0" + boot + root + bytes(32) + b"\x55\xaa")
        disk.truncate((1 + BOOT_MIB + ROOT_MIB) * MIB)


def _partition(flag: int, kind: int, first_sector: int, sectors: int) -> bytes:
    no_geometry = b"\xfe\xff\xff"
    return struct.pack("<B3sB3sII", flag, no_geometry, kind, no_geometry, first_sector, sectors)


def _write_boot(raw: Path, kernel: Path, initramfs: Path, work: Path) -> None:
    fat, menu = work / "boot.fat", work / "syslinux.cfg"
    menu.write_text(MENU)
    with fat.open("wb") as file:
        file.truncate(BOOT_MIB * MIB)
    run(str(command("mkfs.fat")), "-F", "16", "-n", "BOOT", str(fat))
    for source, name in ((kernel, "vmlinuz"), (initramfs, "initrd.img"), (menu, "syslinux.cfg")):
        run(str(command("mcopy")), "-i", str(fat), str(source), f"::{name}")
    with fat.open("rb") as source_file, raw.open("r+b") as disk:
        disk.seek(MIB)
        disk.write(source_file.read())
    run(str(command("syslinux")), "--install", "--offset", str(MIB), str(raw))
    fat.unlink()
