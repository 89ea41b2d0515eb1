"""A newer Open vSwitch than the distribution's, unpacked in a cache directory, run from there with its own libraries.

Debian 12's ovs-vswitchd 3.1 aborts in the connection tracking of its userspace datapath (an assertion in
conn_update_state) as soon as floating IPs, stateful security groups and reused TCP ports meet. Nothing is installed:
packages of the next Debian release are fetched from where this machine's own apt fetches its packages.
"""

import fcntl
import os
import re
import shutil
import time
from pathlib import Path

from pileus.host.command import run, succeeds
from pileus.kernel.errors import Unavailable

SOUND = (3, 5, 0)
SUITE = "trixie"
ORIGIN = "Debian"
PACKAGES = (
    "openvswitch-common", "openvswitch-switch", "libc6", "libssl3t64", "libcap-ng0", "libunbound8", "libevent-2.1-7t64",
    "libnghttp2-14", "libxdp1", "libbpf1", "libelf1t64", "zlib1g", "libzstd1", "libnuma1", "libatomic1",
)  # fmt: skip
PROGRAM = "usr/lib/openvswitch-switch/ovs-vswitchd"
RETRY_AFTER = 24 * 3600
QUICKLY = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "-o", "Acquire::https::Timeout=10"]


def folder() -> Path:
    """Shared by every cloud of this user on this machine."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "pileus" / f"openvswitch-{SUITE}"


def unpacked() -> Path | None:
    """Where the packages were unpacked, None when they are not there."""
    tree = folder() / "tree"
    return tree if (tree / PROGRAM).exists() else None


def wanted() -> bool:
    """Whether ``fetch`` should be tried: it would help, it has not been done, and has not just failed."""
    from pileus.host.ovn import switch

    if unpacked() is not None or switch.datapath_type() != "netdev" or not switch.too_old():
        return False
    failed = folder() / "failed"
    return shutil.which("apt-get") is not None and not (
        failed.exists() and time.time() - failed.stat().st_mtime < RETRY_AFTER
    )


def failure() -> str:
    """Why the last attempt failed, empty when there was none."""
    failed = folder() / "failed"
    return failed.read_text() if failed.exists() else ""


def command(tree: Path) -> list[str]:
    """Runs the unpacked ovs-vswitchd with the C library and loader it was built for."""
    loader = next(tree.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*"))
    return [str(loader), "--library-path", str(loader.parent), str(tree / PROGRAM)]


def fetch() -> bool:
    """Fetches and unpacks; False, and the reason in ``failure()``, when that cannot be done. Takes 5 to 60 seconds."""
    where = folder()
    where.mkdir(parents=True, exist_ok=True)
    with (where / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if unpacked() is not None:
            return True
        try:
            _fetch(where)
        except (Unavailable, OSError) as error:
            (where / "failed").write_text(str(error))
            return False
        finally:
            shutil.rmtree(where / "apt", ignore_errors=True)
            shutil.rmtree(where / "unpacking", ignore_errors=True)
    (where / "failed").unlink(missing_ok=True)
    return True


def _fetch(where: Path) -> None:
    apt, fresh = where / "apt", where / "unpacking"
    for path in (apt, fresh):
        shutil.rmtree(path, ignore_errors=True)
    for path in (apt / "lists/partial", apt / "archives/partial", apt / "packages", fresh):
        path.mkdir(parents=True)
    (apt / "sources.list").write_text(source_line())
    options = [
        "-o", f"Dir::Etc::sourcelist={apt}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
        "-o", f"Dir::State::lists={apt}/lists", "-o", f"Dir::Cache={apt}", "-o", "APT::Sandbox::User=root", *QUICKLY,
        "-o", "APT::Update::Post-Invoke-Success::=", "-o", "Acquire::Languages=none",
    ]  # fmt: skip
    run("apt-get", *options, "update", timeout=120)
    names = " ".join(f"{name}/{SUITE}" for name in PACKAGES)
    run("sh", "-ec", f'cd "$0"; exec apt-get "$@" download {names}', str(apt / "packages"), *options, timeout=180)
    for package in sorted((apt / "packages").glob("*.deb")):
        run("dpkg", "-x", str(package), str(fresh))
    version = command(fresh)
    if not succeeds(*version, "--version"):
        raise Unavailable("the fetched ovs-vswitchd does not run here")
    fresh.replace(where / "tree")


def source_line() -> str:
    """The line of a sources.list for the newer release, at the address and with the key of this machine's own.

    Raises Unavailable when this machine's apt has no such source.
    """
    form = "$(ORIGIN)|$(COMPONENT)|$(RELEASE)|$(REPO_URI)"
    for line in run("apt-get", "indextargets", "Created-By: Packages", "--format", form).splitlines():
        origin, component, release, address = line.split("|")
        if (origin, component) == (ORIGIN, "main") and "-" not in release:
            key = _key(address)
            return f"deb {f'[signed-by={key}] ' if key else ''}{address} {SUITE} main\n"
    raise Unavailable("apt of this machine has no source of the distribution's main packages")


def _key(address: str) -> str:
    """The key file that the machine's sources name for an address."""
    bare = address.rstrip("/")
    for path in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for stanza in path.read_text().split("\n\n"):
            if re.search(rf"^URIs:.*{re.escape(bare)}/?(\s|$)", stanza, re.MULTILINE):
                named = re.search(r"^Signed-By:\s*(/\S+)", stanza, re.MULTILINE)
                if named:
                    return named[1]
    for path in [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))]:
        text = path.read_text() if path.exists() else ""
        named = re.search(rf"^deb\s+\[[^]]*signed-by=(/[^]\s]+)[^]]*\]\s+{re.escape(bare)}", text, re.MULTILINE)
        if named:
            return named[1]
    return ""
