"""A libvirtd of our own: everything it has is below the cloud's state directory, and it runs in the cloud's namespace.

libvirt's paths are fixed when it is built, so it gets a mount namespace in which they are folders of ours. Guests are
processes of their own: they go on running while libvirtd, or all of Pileus, is restarted.
"""

import importlib.util
import os
import shutil
import signal
import time
import uuid
from pathlib import Path
from typing import Any

from pileus.host.command import run, succeeds
from pileus.host.kvm import hypervisor
from pileus.host.layout import Layout
from pileus.host.spec import Check, ProcessSpec, Progress

NAME = "libvirtd"
DAEMON = "/usr/sbin/libvirtd"
LEAST_MEMORY_MB = 1024
# Command -> Debian package.
COMMANDS = {
    DAEMON: "libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "virsh": "libvirt-clients",
    "genisoimage": "genisoimage",
    "mke2fs": "e2fsprogs",
    "mkswap": "util-linux",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ip": "iproute2",
}
# What libvirt calls it -> the folder below ``libvirt/`` of the state directory; /run/libvirt is below ``run/``.
FOLDERS = {
    "/etc/libvirt": "etc",
    "/var/lib/libvirt": "lib",
    "/var/log/libvirt": "log",
    "/var/cache/libvirt": "cache",
}
# Arguments: pairs of a folder of ours and the path that it is to be at, then the daemon and its arguments after "--".
# The folders of the host's own libvirt are not touched: only this mount namespace sees ours there.
ENTER = """
while [ "$1" != -- ]; do
  mkdir -p "$2"
  mount --bind "$1" "$2"
  shift 2
done
shift
exec "$@"
"""
DAEMON_CONF = """# Written by Pileus at every start.
listen_tls = 0
listen_tcp = 0
auth_unix_rw = "none"
auth_unix_ro = "none"
host_uuid = "{host_uuid}"
log_outputs = "3:stderr"
min_workers = 2
max_workers = 20
"""
# No control groups: they are named after guests, and two clouds on one host may use the same names. No virtlogd: QEMU
# writes the console logs itself.
QEMU_CONF = """# Written by Pileus at every start.
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
stdio_handler = "file"
namespaces = [ ]
cgroup_controllers = [ ]
"""


def _home(layout: Layout) -> Path:
    return layout.state_dir / "libvirt"


def _run_folder(layout: Layout) -> Path:
    return layout.libvirt_socket.parent


def specs(layout: Layout, config: Any = None) -> list[ProcessSpec]:
    """libvirtd, in the foreground."""
    binds = [str(_run_folder(layout)), "/run/libvirt"]
    for path, folder in FOLDERS.items():
        binds += [str(_home(layout) / folder), path]
    # nsenter and not "ip netns exec", which hides what is mounted below /sys.
    argv = [
        "nsenter", f"--net=/run/netns/{layout.namespace}", "unshare", "--mount", "--propagation", "private",
        "sh", "-ec", ENTER, "sh", *binds, "--", DAEMON,
        # Its own path of it, so that the process can be told from other clouds' by its command line.
        "--pid-file", str(_run_folder(layout) / "libvirtd.pid"),
    ]  # fmt: skip
    return [ProcessSpec(NAME, argv, ready=[str(layout.libvirt_socket)])]


def prepare(layout: Layout, config: Any, progress: Progress) -> None:
    """Folders and configuration files; the namespace, where nothing else made it yet."""
    with progress.step("Preparing libvirt"):
        home = _home(layout)
        folders = [home / folder for folder in FOLDERS.values()]
        for folder in [*folders, home / "etc/qemu", _run_folder(layout), layout.instances, layout.log]:
            folder.mkdir(parents=True, exist_ok=True)
        (home / "etc/libvirtd.conf").write_text(DAEMON_CONF.format(host_uuid=_host_uuid(home)))
        (home / "etc/qemu.conf").write_text(QEMU_CONF)
        (home / "etc/libvirt.conf").touch()
        if not Path("/run/netns", layout.namespace).exists():
            run("ip", "netns", "add", layout.namespace)
            run("ip", "-n", layout.namespace, "link", "set", "dev", "lo", "up")
        hypervisor(layout.state_dir)


def _host_uuid(home: Path) -> str:
    kept = home / "host_uuid"
    if not kept.exists():
        kept.write_text(str(uuid.uuid4()))
    return kept.read_text().strip()


def configure(layout: Layout, config: Any, progress: Progress) -> None:
    """Has libvirt find out what QEMU can do, which takes seconds the first time and is kept."""
    with progress.step("Asking QEMU what it can do"):
        for question in (["version"], ["domcapabilities", "--virttype", "qemu"]):
            run("virsh", "--connect", layout.libvirt_uri, *question, timeout=120)


def clean(layout: Layout) -> None:
    """Ends every guest that still runs. Their disks stay."""
    pids = _guest_pids(layout)
    for pid in pids:
        _kill(pid, signal.SIGTERM)
    for _ in range(50):
        if not any(_is_guest(layout, pid) for pid in pids):
            break
        time.sleep(0.1)
    for pid in pids:
        if _is_guest(layout, pid):
            _kill(pid, signal.SIGKILL)
    shutil.rmtree(_run_folder(layout), ignore_errors=True)


def _guest_pids(layout: Layout) -> list[int]:
    texts = [path.read_text().strip() for path in (_run_folder(layout) / "qemu").glob("*.pid")]
    return [int(text) for text in texts if text.isdigit() and _is_guest(layout, int(text))]


def _is_guest(layout: Layout, pid: int) -> bool:
    """Whether a process is a guest of this cloud, and no other process that got its number."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"qemu-system" in arguments and os.fsencode(layout.instances) in arguments


def _kill(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def checks(layout: Layout, config: Any = None) -> list[Check]:
    """What `pileus doctor` shows about running guests here."""
    return [_check_programs(), _check_binding(), _check_root(), _check_processor(layout), _check_memory()]


def _check_programs() -> Check:
    missing = {package for command, package in COMMANDS.items() if shutil.which(command) is None}
    if missing:
        packages = " ".join(sorted(missing))
        advice = f"apt-get install --no-install-recommends {packages}"
        return Check("libvirt and QEMU", "missing", f"packages are missing: {packages}", advice)
    version = run(DAEMON, "--version").strip().rpartition(" ")[2]
    return Check("libvirt and QEMU", "ok", f"libvirt {version}")


def _check_binding() -> Check:
    if importlib.util.find_spec("libvirt") is None:
        return Check("libvirt for Python", "missing", "libvirt-python cannot be imported", "pip install libvirt-python")
    return Check("libvirt for Python", "ok", "libvirt-python is there")


def _check_root() -> Check:
    if os.geteuid() != 0 or not succeeds("unshare", "--mount", "true"):
        return Check("mount namespaces", "missing", "libvirt needs root and mount namespaces", "run Pileus as root")
    return Check("mount namespaces", "ok", "can be made")


def _check_processor(layout: Layout) -> Check:
    if hypervisor(layout.state_dir) == "kvm":
        return Check("KVM", "ok", "a guest runs on the hardware's virtualisation")
    return Check("KVM", "warning", "no guest runs with KVM here: QEMU runs guests in software, some ten times slower")


def _check_memory() -> Check:
    available = memory_mb("MemAvailable")
    enough = available >= LEAST_MEMORY_MB
    return Check("memory for guests", "ok" if enough else "warning", f"{available} MB are free")


def memory_mb(what: str) -> int:
    """A figure of /proc/meminfo: MemTotal, or MemAvailable (what could be used without swapping).

    libvirt's own figure is only what the machine had when it was started, which may have grown since.
    """
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) // 1024
    return 0
