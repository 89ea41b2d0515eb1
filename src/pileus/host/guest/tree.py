"""The guest's files: the initramfs and the root file system, as folders on this host."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from pileus.host.command import run
from pileus.host.guest.inputs import HERE, command
from pileus.kernel.errors import GiveUp

BOOT_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "ata_piix")
ROOT_MODULES = (
    *BOOT_MODULES, "virtio_net", "virtio_rng", "virtio_balloon", "virtio_console", "button", "evdev", "sr_mod", "sg",
    "isofs", "vfat", "nls_cp437", "nls_ascii", "nls_utf8", "nls_iso8859-1", "8021q", "dummy", "veth", "bridge", "loop",
    "virtiofs", "9p", "9pnet_virtio",
)  # fmt: skip
FOLDERS = (
    "bin", "lib64", "proc", "sys", "dev", "run", "tmp", "mnt", "media", "root", "boot", "opt", "home/cirros/.ssh",
    "etc/dropbear", "var/lib/cloud", "var/lib/dhcpcd", "var/log", "usr/lib",
)  # fmt: skip
# Merged into one folder: every PATH that a script sets finds everything.
LINKS = {
    "sbin": "bin", "usr/bin": "../bin", "usr/sbin": "../bin", "var/run": "/run", "etc/mtab": "/proc/mounts",
    "bin/init": "busybox", "bin/ssh": "dbclient", "bin/mkfs.ext3": "mkfs.ext4", "bin/mkfs.ext2": "mkfs.ext4",
    "bin/netcat": "nc",
}  # fmt: skip
PROGRAMS = {
    "dropbear": "dropbear", "dbclient": "dbclient", "dropbearkey": "dropbearkey", "mke2fs": "mkfs.ext4", "mkfs": "mkfs",
    "resize2fs": "resize2fs", "blkid": "blkid", "lsblk": "lsblk", "curl": "curl", "socat": "socat",
    "dhcpcd": "dhcpcd",
}  # fmt: skip
USER = 1000
# crypt(3) of "gocubsgo", as in CirrOS; a public default of a test image.
PASSWORD = "$6$pileus$1BUTPjBk5FPfSDnhPhr.l8.j.FK/bmlzy6.fpilute.N/gL0Hbwe.meiLvZecrmiAmJRgzY5w6UeUwhidSnba1"  # noqa: S105


def make_initramfs(folder: Path, kernel: str, archive: Path) -> None:
    """Writes the initramfs, packed, to ``archive``."""
    for name in ("bin", "dev", "proc", "sys", "newroot"):
        (folder / name).mkdir(parents=True)
    shutil.copy(command("busybox"), folder / "bin/busybox")
    shutil.copy(HERE / "initramfs/init", folder / "init")
    _copy_modules(folder, kernel, BOOT_MODULES)
    run(
        "sh",
        "-ec",
        'cd "$1"; find . | cpio --quiet -o -H newc -R 0:0 | gzip -6 > "$2"',
        "sh",
        str(folder),
        str(archive),
    )


def make_root(folder: Path, kernel: str, name: str, version: str) -> None:
    """Fills ``folder`` with the root file system of the image called ``name``."""
    for below in FOLDERS:
        (folder / below).mkdir(parents=True, exist_ok=True)
    for below, target in LINKS.items():
        (folder / below).symlink_to(target)
    shutil.copytree(HERE / "rootfs", folder, dirs_exist_ok=True)
    _place_busybox(folder / "bin")
    for program, placed in PROGRAMS.items():
        shutil.copy(command(program), folder / "bin" / placed)
    for library in _libraries(PROGRAMS):
        _place(Path(library).resolve(), folder / library.lstrip("/"))
    _copy_modules(folder, kernel, ROOT_MODULES)
    _write_identity(folder, name, version)
    _set_owners(folder)


def _place_busybox(folder: Path) -> None:
    """busybox and a link for each of its applets but nc.

    Its shell takes an applet before anything in PATH. So its nc, which lacks options, is renamed in the (sorted) table
    of names, for rootfs/bin/nc to come first.
    """
    program = command("busybox")
    data = program.read_bytes()
    names = b"\0nameif\0nc\0"
    if data.count(names) != 1:
        raise GiveUp(f"{program} is not the busybox that the guest images know (Debian package busybox-static).")
    placed = folder / "busybox"
    placed.write_bytes(data.replace(names, b"\0nameif\0nb\0"))
    placed.chmod(0o755)
    for applet in run(str(placed), "--list").split():
        if not os.path.lexists(folder / applet):
            (folder / applet).symlink_to("busybox")


def _write_identity(folder: Path, name: str, version: str) -> None:
    etc = folder / "etc"
    (etc / "hostname").write_text(f"{name}\n")
    (etc / "os-release").write_text(
        f'NAME="{name}"\nPRETTY_NAME="{name} {version}"\nID=pileus-guest\nVERSION_ID={version}\n'
    )
    (etc / "issue").write_text(
        f"{name} (\\r) \\n \\l\nlogin as 'cirros' user. default password: 'gocubsgo'. use 'sudo' for root.\n"
    )
    (etc / "shadow").write_text(f"root::19000:0:99999:7:::\ncirros:{PASSWORD}:19000:0:99999:7:::\n")


def _set_owners(folder: Path) -> None:
    run("chown", "-R", "0:0", str(folder))
    run("chown", "-R", f"{USER}:{USER}", str(folder / "home/cirros"))
    for below, mode in {"etc/shadow": 0o600, "home/cirros/.ssh": 0o700, "tmp": 0o1777, "bin/busybox": 0o4755}.items():
        (folder / below).chmod(mode)


def _libraries(programs: Iterable[str]) -> list[str]:
    """The shared libraries that programs of this host need, as paths."""
    found = run("ldd", *(str(command(program)) for program in programs))
    return sorted(set(re.findall(r"(/\S+\.so\S*) \(0x", found)))


def _copy_modules(folder: Path, kernel: str, names: Iterable[str]) -> None:
    """Kernel modules and what they depend on; those that are built in, or not of this kernel, are left out."""
    modprobe = str(command("modprobe"))
    script = 'k=$1; shift; for m; do "$0" -q -S "$k" --show-depends "$m"; done; true'
    shown = run("sh", "-c", script, modprobe, kernel, *names)
    for path in {line.split()[1] for line in shown.splitlines() if line.startswith("insmod ")}:
        _place(Path(path), folder / path.lstrip("/"))
    below = folder / "lib/modules" / kernel
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        _place(Path("/lib/modules") / kernel / name, below / name)
    run(str(command("depmod")), "-b", str(folder), kernel)
    for name in ("builtin.modinfo", "symbols", "symbols.bin", "devname", "softdep"):
        (below / f"modules.{name}").unlink(missing_ok=True)


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
