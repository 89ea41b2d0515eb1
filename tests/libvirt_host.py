"""A private libvirtd in a state directory of its own, for tests that run real guests; nothing of it is left behind."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from pileus.compute.drivers.base import Disk, Driver, Guest, Vif
from pileus.host import guest as guest_images
from pileus.host import libvirt, ovs
from pileus.host.command import run
from pileus.host.layout import Layout
from pileus.kernel.context import Context
from pileus.kernel.errors import RetryLater
from pileus.kernel.services import Answer, Directory

GUEST_IMAGE_ID = "00000000-0000-4000-8000-000000000001"
# Guest images are kept between runs: what they are made from decides whether they are built again.
IMAGE_CACHE = Path(tempfile.gettempdir()) / "pileus-test-guest-images"


class Quiet:
    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        yield


class FakeImages:
    """As much of the image API as drivers use."""

    def __init__(self, guest_image: Path | None) -> None:
        self._files: dict[str, bytes | Path] = {}
        self._formats: dict[str, str] = {}
        if guest_image is not None:
            self._files[GUEST_IMAGE_ID], self._formats[GUEST_IMAGE_ID] = guest_image, "qcow2"

    def add(self, path: Path, disk_format: str) -> str:
        image_id = self.create(disk_format)
        self._files[image_id] = path
        return image_id

    def create(self, disk_format: str) -> str:
        image_id = str(uuid.uuid4())
        self._formats[image_id] = disk_format
        return image_id

    def data(self, image_id: str) -> bytes:
        kept = self._files[image_id]
        return kept if isinstance(kept, bytes) else kept.read_bytes()

    def request(
        self,
        context: Context,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        image_id = path.split("/")[3]
        if method == "PUT":
            assert image_id not in self._files, "the image has its data already"
            data = body if isinstance(body, bytes) else body.read()
            assert headers is not None and int(headers.get("Content-Length", len(data))) == len(data)
            self._files[image_id] = data
            return Answer(204, {}, b"")
        status = "active" if image_id in self._files else "queued"
        shown = {"id": image_id, "status": status, "disk_format": self._formats[image_id]}
        return Answer(200, {}, msgspec.json.encode(shown))

    def download(self, context: Context, path: str) -> Iterator[bytes]:
        data = self.data(path.split("/")[3])
        return (data[at : at + (1 << 20)] for at in range(0, len(data), 1 << 20))


class TapPlugger:
    """Taps that lead nowhere, in the namespace that libvirtd runs in."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def plug(self, vif: Vif) -> None:
        ovs.make_tap(self._layout, ovs.device_name(vif.port_id), vif.mtu)

    def unplug(self, device: str) -> None:
        if device in self.devices():
            run("ip", "-n", self._layout.namespace, "link", "delete", "dev", device)

    def devices(self) -> list[str]:
        shown = run("ip", "-n", self._layout.namespace, "-br", "link", "show", "type", "tun")
        return [line.split()[0] for line in shown.splitlines()]


R = TypeVar("R")


def until_done(call: Callable[[], R], timeout: float = 90.0) -> R:
    """Makes a call again for as long as it raises RetryLater, as the engine does."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return call()
        except RetryLater as later:
            assert time.monotonic() < deadline, later.reason
            time.sleep(later.after or 0.1)


class Console:
    """A shell on a guest's serial console."""

    @classmethod
    @contextmanager
    def of(cls, driver: Driver, guest: Guest) -> Iterator["Console"]:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(driver.console_address(guest.id, "serial")["socket"])
            console = cls(connection)
            console.log_in()
            yield console

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(120)
        self._read = b""

    def log_in(self) -> None:
        self._connection.sendall(b"\r")
        self.expect(b"login:")
        self._connection.sendall(b"cirros\r")
        self.expect(b"assword:")
        self._connection.sendall(b"gocubsgo\r")
        self.expect(b"$ ")

    def run(self, command: str) -> str:
        """What a command printed."""
        mark = uuid.uuid4().hex[:12]
        self._connection.sendall(f"{command}; echo {mark[:6]}''{mark[6:]}\r".encode())
        return self.expect(mark.encode()).decode(errors="replace")

    def expect(self, text: bytes) -> bytes:
        while text not in self._read:
            piece = self._connection.recv(4096)
            assert piece, "the console was closed"
            self._read += piece
        before, _, self._read = self._read.partition(text)
        return before


class LibvirtHost:
    """``with LibvirtHost() as host``: a libvirtd with a driver on it."""

    def __init__(self) -> None:
        # Paths of unix sockets are short.
        self._state_dir = Path(tempfile.mkdtemp(prefix="plv"))
        self.layout = Layout(self._state_dir)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LibvirtHost":
        try:
            return self._begin()
        except BaseException:
            self.__exit__()
            raise

    def _begin(self) -> "LibvirtHost":
        from pileus.compute.drivers.libvirt import LibvirtDriver  # not where only fake drivers are tested

        self.guest_image = guest_images.build(IMAGE_CACHE, Quiet())[0]
        libvirt.prepare(self.layout, None, Quiet())
        self._start()
        libvirt.configure(self.layout, None, Quiet())
        self.images = FakeImages(self.guest_image)
        services = Directory()
        services.add("image", self.images)
        self.driver = LibvirtDriver(self.layout, "host1", services, TapPlugger(self.layout))
        return self

    def __exit__(self, *_: object) -> None:
        self._stop(signal.SIGTERM)
        libvirt.clean(self.layout)
        run("ip", "netns", "delete", self.layout.namespace)
        shutil.rmtree(self._state_dir)

    def _start(self) -> None:
        spec = libvirt.specs(self.layout)[0]
        with (self.layout.log / "libvirtd.out").open("ab") as out:
            self._process = subprocess.Popen(
                spec.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        assert spec.ready
        deadline = time.monotonic() + 20
        while not _accepts(spec.ready[0]):
            assert time.monotonic() < deadline, "libvirtd did not start"
            time.sleep(0.02)

    def _stop(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(20)

    def restart_libvirtd(self, *, kill: bool = False) -> None:
        self._stop(signal.SIGKILL if kill else signal.SIGTERM)
        self._start()

    def assert_nothing_is_left(self) -> None:
        assert self.driver.states() == []
        assert TapPlugger(self.layout).devices() == []
        assert {path.name for path in self.layout.instances.iterdir()} <= {"_base"}
        assert list((self.layout.run / "con").iterdir()) == []
        assert libvirt._guest_pids(self.layout) == []

    def make_volume(self, size_mb: int) -> Disk:
        path = self._state_dir / f"volume-{uuid.uuid4()}"
        with path.open("wb") as file:
            file.truncate(size_mb << 20)
        connection = {"driver_volume_type": "local", "data": {"device_path": str(path)}}
        return Disk("volume", size_mb, volume_id=str(uuid.uuid4()), connection=connection)

    def make_bootable_volume(self) -> Disk:
        disk = self.make_volume(1)
        assert disk.connection is not None
        path = disk.connection["data"]["device_path"]
        run("qemu-img", "convert", "-O", "raw", str(self.guest_image), path)
        return structs.replace(disk, boot_index=0)

    def grow_volume(self, disk: Disk, size_mb: int) -> None:
        assert disk.connection is not None
        with Path(disk.connection["data"]["device_path"]).open("r+b") as file:
            file.truncate(size_mb << 20)

    def qcow2_with_backing_file(self, folder: Path) -> Path:
        path = folder / "bad.qcow2"
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw", str(path), "1M")
        return path


def _accepts(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0
