"""A real Ceph of the tests' own: one monitor, one OSD in a sparse file, one pool."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import free_port

PACKAGES = "ceph-mon ceph-osd python3-rados python3-rbd"
POOL = "images"
DISK = 4 << 30  # bytes, sparse
DEBIAN_PYTHON = Path("/usr/lib/python3/dist-packages")
CONF = """
[global]
fsid = {fsid}
mon_host = [v2:127.0.0.1:{port}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
keyring = {root}/$name.keyring
run_dir = {root}
admin_socket = {root}/$name.$pid.asok
pid_file =
log_file = {root}/$name.log
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_data = {root}/mon
osd_data = {root}/osd
osd_objectstore = bluestore
bluestore_block_size = {disk}
bluestore_block_db_create = false
bluestore_block_wal_create = false
bluestore_cache_autotune = false
bluestore_cache_size = 33554432
osd_memory_target = 939524096
osd_op_num_shards = 1
"""


def missing() -> str | None:
    """Why there can be no Ceph here, or None."""
    if not all(map(shutil.which, ("ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool"))):
        return f"Ceph is not installed (apt-get install --no-install-recommends {PACKAGES})"
    if os.geteuid() != 0:
        return "Ceph's daemons are started as root"
    with bindings():
        if importlib.util.find_spec("rados") is None or importlib.util.find_spec("rbd") is None:
            return f"no rados and rbd for this Python ({sys.version.split()[0]}): those of python3-rbd are Debian's"
    return None


@contextmanager
def bindings() -> Iterator[None]:
    """The modules rados and rbd of Debian's Python, and nothing else of it, on this interpreter's path."""
    before = set(sys.modules)
    with tempfile.TemporaryDirectory(prefix="pileus-rados-") as folder:
        tag = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
        for path in DEBIAN_PYTHON.glob(f"r*.{tag}-*.so"):
            if path.name.startswith(("rados.", "rbd.")):
                (Path(folder) / path.name).symlink_to(path)
        sys.path.append(folder)
        try:
            yield
        finally:
            sys.path.remove(folder)
            for name in {"rados", "rbd"} & (set(sys.modules) - before):
                del sys.modules[name]


class Ceph:
    """The cluster below a directory of its own; ``close`` leaves nothing behind."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="pileus-ceph-"))
        self.conf = self.root / "ceph.conf"
        self._daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        fsid, port = str(uuid.uuid4()), free_port()
        self.conf.write_text(CONF.format(fsid=fsid, port=port, root=self.root, disk=DISK))
        self._start_monitor(fsid, port)
        self._start_osd()
        self.ceph("osd", "pool", "create", POOL, "8", "8")
        self.ceph("osd", "pool", "application", "enable", POOL, "rbd")
        rights = ["mon", "profile rbd", "osd", f"profile rbd pool={POOL}"]
        (self.root / "client.glance.keyring").write_text(self.ceph("auth", "get-or-create", "client.glance", *rights))

    def _start_monitor(self, fsid: str, port: int) -> None:
        keys, admin = self.root / "mon.keyring", self.root / "client.admin.keyring"
        self._run("ceph-authtool", "-C", keys, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        every = [part for kind in ("mon", "osd") for part in ("--cap", kind, "allow *")]
        self._run("ceph-authtool", "-C", admin, "--gen-key", "-n", "client.admin", *every)
        self._run("ceph-authtool", keys, "--import-keyring", admin)
        monmap = self.root / "monmap"
        address = f"[v2:127.0.0.1:{port}]"
        self._run("monmaptool", "--create", "--addv", "a", address, "--fsid", fsid, monmap)
        command = ["ceph-mon", "-c", self.conf, "-i", "a", "--keyring", keys]
        self._run(*command, "--mkfs", "--monmap", monmap)
        self._daemon(*command)
        self.ceph("-s", timeout=30)

    def _start_osd(self) -> None:
        identity = str(uuid.uuid4())
        secret = self._run("ceph-authtool", "--gen-print-key").strip()
        self.ceph("osd", "new", identity, "-i", "-", given=json.dumps({"cephx_secret": secret}))
        self._run("ceph-authtool", "-C", self.root / "osd.0.keyring", "-n", "osd.0", "--add-key", secret)
        (self.root / "osd").mkdir()
        with (self.root / "osd" / "block").open("wb") as block:
            block.truncate(DISK)
        command = ["ceph-osd", "-c", self.conf, "-i", "0", "--osd-uuid", identity]
        self._run(*command, "--mkfs")
        self._daemon(*command)
        deadline = time.monotonic() + 60
        while json.loads(self.ceph("osd", "stat", "-f", "json"))["num_up_osds"] != 1:
            assert time.monotonic() < deadline, "the OSD never came up"
            time.sleep(0.2)

    def ceph(self, *arguments: str, given: str | None = None, timeout: float = 60) -> str:
        """What the admin command wrote."""
        return self._run("ceph", "-c", self.conf, *arguments, given=given, timeout=timeout)

    def _run(self, *command: str | Path, given: str | None = None, timeout: float = 60) -> str:
        done = subprocess.run(
            [str(part) for part in command], input=given, capture_output=True, text=True, timeout=timeout
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def _daemon(self, *command: str | Path) -> None:
        with (self.root / "daemons.out").open("ab") as output:
            arguments = [*(str(part) for part in command), "-f"]
            self._daemons.append(
                subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
            )

    def close(self) -> None:
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.root)
