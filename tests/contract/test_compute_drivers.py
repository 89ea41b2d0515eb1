"""What every compute driver promises: the fake one in memory, the real one with libvirt, QEMU and a tiny guest."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from pileus.compute.drivers.base import Disk, Driver, Guest, Image, Vif
from pileus.compute.drivers.fake import FakeDriver, World
from pileus.kernel.context import Context
from pileus.kernel.errors import NotFound, NotSupported
from pileus.kernel.services import Directory
from tests.libvirt_host import GUEST_IMAGE_ID, Console, FakeImages, LibvirtHost, until_done

GOING_DOWN = "The system is going down NOW"  # said by a guest that was asked, and not cut off
CONTEXT = Context(request_id="req-00000000-0000-0000-0000-000000000001", project_id="p", user_id="u")


class Subject:
    """A driver, and how long a test may have to wait for what it does."""

    def __init__(self, driver: Driver, image: Image, images: FakeImages, host: LibvirtHost | None = None) -> None:
        self.driver, self.image, self.images, self.host = driver, image, images, host
        self.made: list[Guest] = []

    def guest(self, **changes: object) -> Guest:
        number = uuid.uuid4()
        values: dict[str, object] = {
            "id": str(number),
            "name": "vm",
            "hostname": "vm",
            "instance_name": f"instance-{number.hex[:8]}",
            "project_id": "p",
            "user_id": "u",
            "vcpus": 1,
            "memory_mb": 128,
            "root_gb": 1,
            "image": self.image,
            "vifs": (self.vif(),),
            **changes,
        }
        guest = Guest(**values)  # type: ignore[arg-type]
        self.made.append(guest)
        return guest

    def vif(self) -> Vif:
        number = uuid.uuid4()
        mac = "fa:16:3e:" + ":".join(number.hex[i : i + 2] for i in (0, 2, 4))
        return Vif(port_id=str(number), network_id="n", mac=mac, mtu=1442, vif_type="ovs")

    def spawn(self, **changes: object) -> Guest:
        guest = self.guest(**changes)
        until_done(lambda: self.driver.prepare_image(CONTEXT, self.image))
        until_done(lambda: self.driver.spawn(CONTEXT, guest))
        return guest

    def state(self, guest: Guest) -> str:
        return {one.guest_id: one.power_state for one in self.driver.states()}.get(guest.id, "absent")


@pytest.fixture(scope="module")
def libvirt_host() -> Iterator[LibvirtHost]:
    with LibvirtHost() as host:
        yield host


@pytest.fixture(params=["fake", pytest.param("libvirt", marks=pytest.mark.real)])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    image = Image(GUEST_IMAGE_ID, "qcow2", 0)
    if request.param == "fake":
        images = FakeImages(None)
        services = Directory()
        services.add("image", images)
        subject = Subject(FakeDriver("host1", World(), services), image, images)
    else:
        host = request.getfixturevalue("libvirt_host")
        subject = Subject(host.driver, image, host.images, host)
    yield subject
    for guest in subject.made:
        until_done(lambda guest=guest: subject.driver.destroy(guest))  # type: ignore[misc]
        assert subject.state(guest) == "absent"
    if subject.host is not None:
        subject.host.assert_nothing_is_left()


def test_a_host_has_something_for_guests(subject: Subject) -> None:
    resources = subject.driver.resources()
    assert resources.vcpus > 0
    assert resources.memory_mb >= resources.memory_free_mb > 0
    assert resources.disk_gb >= resources.disk_free_gb > 0
    assert resources.cpu_info["arch"] == "x86_64"
    assert resources.supported


def test_a_guest_is_made_once_and_removed_once(subject: Subject) -> None:
    guest = subject.spawn()
    assert subject.state(guest) == "running"
    until_done(lambda: subject.driver.spawn(CONTEXT, guest))
    assert subject.state(guest) == "running"
    for _ in range(2):
        until_done(lambda: subject.driver.destroy(guest))
        assert subject.state(guest) == "absent"


def test_the_power_is_cut_and_given_again(subject: Subject) -> None:
    guest = subject.spawn()
    for _ in range(2):
        until_done(lambda: subject.driver.power_off(guest.id, 0))
        assert subject.state(guest) == "shutdown"
    for _ in range(2):
        until_done(lambda: subject.driver.power_on(CONTEXT, guest))
        assert subject.state(guest) == "running"
    until_done(lambda: subject.driver.reboot(CONTEXT, guest, hard=True))
    assert subject.state(guest) == "running"


def test_a_paused_guest_goes_on(subject: Subject) -> None:
    guest = subject.spawn()
    for _ in range(2):
        subject.driver.pause(guest.id)
        assert subject.state(guest) == "paused"
    for _ in range(2):
        subject.driver.unpause(guest.id)
        assert subject.state(guest) == "running"


def test_a_suspended_guest_is_resumed(subject: Subject) -> None:
    guest = subject.spawn()
    for _ in range(2):
        until_done(lambda: subject.driver.suspend(guest.id))
        assert subject.state(guest) == "suspended"
    for _ in range(2):
        until_done(lambda: subject.driver.resume(CONTEXT, guest))
        assert subject.state(guest) == "running"


def test_interfaces_come_and_go(subject: Subject) -> None:
    guest = subject.spawn()
    vif = subject.vif()
    for _ in range(2):
        until_done(lambda: subject.driver.attach_interface(CONTEXT, guest.id, vif))
    until_done(lambda: subject.driver.power_off(guest.id, 0))
    for _ in range(2):
        until_done(lambda: subject.driver.detach_interface(guest.id, vif))


def test_volumes_come_and_go(subject: Subject, tmp_path: Path) -> None:
    guest = subject.spawn()
    (tmp_path / "volume").write_bytes(bytes(1 << 20))
    connection = {"driver_volume_type": "local", "data": {"device_path": str(tmp_path / "volume")}}
    volume = Disk("volume", 1, volume_id=str(uuid.uuid4()), connection=connection)
    for _ in range(2):
        assert subject.driver.attach_disk(CONTEXT, guest.id, volume) == "/dev/vdb"
    subject.driver.resize_disk(guest.id, volume.volume_id or "", 1 << 20)
    with pytest.raises(NotFound):
        subject.driver.resize_disk(guest.id, str(uuid.uuid4()), 1 << 20)
    until_done(lambda: subject.driver.power_off(guest.id, 0))
    for _ in range(2):
        until_done(lambda: subject.driver.detach_disk(guest.id, volume.volume_id or ""))


def test_a_running_guest_becomes_an_image(subject: Subject) -> None:
    guest = subject.spawn()
    image_id = subject.images.create("qcow2")
    for _ in range(2):
        until_done(lambda: subject.driver.snapshot(CONTEXT, guest, image_id))
    assert subject.images.data(image_id)
    assert subject.state(guest) == "running"


def test_a_guest_that_is_off_becomes_an_image(subject: Subject) -> None:
    guest = subject.spawn()
    until_done(lambda: subject.driver.power_off(guest.id, 0))
    image_id = subject.images.create("raw")
    until_done(lambda: subject.driver.snapshot(CONTEXT, guest, image_id))
    assert subject.images.data(image_id)


@pytest.mark.parametrize("properties", [{}, {"hw_rescue_bus": "virtio"}], ids=["first", "stable"])
def test_a_rescued_guest_comes_back(subject: Subject, properties: dict[str, str]) -> None:
    guest = subject.spawn()
    image = Image(subject.image.id, "qcow2", 0, properties=properties)
    for _ in range(2):
        until_done(lambda: subject.driver.rescue(CONTEXT, guest, image))
        assert subject.state(guest) == "running"
    for _ in range(2):
        until_done(lambda: subject.driver.unrescue(CONTEXT, guest))
        assert subject.state(guest) == "running"


def test_a_resize_is_kept_or_taken_back(subject: Subject) -> None:
    guest = subject.spawn()
    source = subject.driver.resources().hostname
    larger = type(guest)(
        **{name: getattr(guest, name) for name in guest.__struct_fields__} | {"root_gb": 2, "vcpus": 2}
    )
    for keep in (False, True):
        until_done(lambda: subject.driver.power_off(guest.id, 0))
        for _ in range(2):
            until_done(lambda: subject.driver.begin_move(CONTEXT, larger, source, start=True))
        assert subject.state(guest) == "running"
        assert len(subject.driver.diagnostics(guest.id)["cpus"]) == 2
        for _ in range(2):
            if keep:
                until_done(lambda: subject.driver.confirm_move(larger, moved_away=False))
            else:
                until_done(lambda: subject.driver.revert_move(CONTEXT, guest, start=True))
        assert len(subject.driver.diagnostics(guest.id)["cpus"]) == (2 if keep else 1)


def test_figures_and_consoles_are_of_guests_that_run(subject: Subject) -> None:
    guest = subject.spawn()
    figures = subject.driver.diagnostics(guest.id)
    assert figures["memory_mb"] == guest.memory_mb
    assert [nic["mac_address"] for nic in figures["nics"]] == [vif.mac for vif in guest.vifs]
    assert len(figures["cpus"]) == guest.vcpus
    assert figures["disks"]
    for kind in ("vnc", "serial"):
        address = subject.driver.console_address(guest.id, kind)  # type: ignore[arg-type]
        assert address.get("socket") or address["port"]


@pytest.mark.parametrize("call", ["pause", "unpause", "suspend", "console_log", "diagnostics"])
def test_a_guest_that_is_not_there_is_not_found(subject: Subject, call: str) -> None:
    with pytest.raises(NotFound):
        getattr(subject.driver, call)(str(uuid.uuid4()))


def test_cleaning_removes_only_what_nobody_wants(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    if subject.host is not None:
        monkeypatch.setattr("pileus.compute.drivers.libvirt.driver.YOUNG", 0.0)
    wanted, lost = subject.spawn(), subject.spawn()
    subject.driver.clean([wanted.id])
    assert subject.state(wanted) == "running"
    assert subject.state(lost) == "absent"


# --- what only a real guest can show ---


@pytest.fixture
def real(libvirt_host: LibvirtHost, request: pytest.FixtureRequest) -> Iterator[Subject]:
    subject = Subject(libvirt_host.driver, Image(GUEST_IMAGE_ID, "qcow2", 0), libvirt_host.images, libvirt_host)
    yield subject
    for guest in subject.made:
        until_done(lambda guest=guest: subject.driver.destroy(guest))  # type: ignore[misc]
    libvirt_host.assert_nothing_is_left()


def wait_for_console(subject: Subject, guest: Guest, text: str, timeout: float = 180.0) -> str:
    deadline = time.monotonic() + timeout
    while text not in (log := subject.driver.console_log(guest.id)):
        assert time.monotonic() < deadline, log[-2000:]
        time.sleep(0.1)
    return log


@pytest.mark.real
def test_a_real_guest_boots_reads_its_config_drive_and_shuts_down_when_asked(real: Subject) -> None:
    metadata = '{"uuid": "i-1", "hostname": "real-one.novalocal", "public_keys": {}}'
    script = "#!/bin/sh\necho user-data was here on $(hostname)\n"
    files = {"openstack/latest/meta_data.json": metadata, "openstack/latest/user_data": script}
    guest = real.spawn(config_drive=files)
    log = wait_for_console(real, guest, "user-data was here on real-one")
    assert "metadata from config-drive" in log
    log = wait_for_console(real, guest, "boot finished")
    assert str(1 << 30) in log  # the root disk, in lsblk's list
    assert len(real.driver.console_log(guest.id, 100).encode()) <= 100
    until_done(lambda: real.driver.reboot(CONTEXT, guest, hard=False))
    assert real.state(guest) == "running"
    assert real.driver.console_log(guest.id).count(GOING_DOWN) == 1
    until_done(lambda: real.driver.power_off(guest.id, 180), 200)
    assert real.state(guest) == "shutdown"
    assert real.driver.console_log(guest.id).count(GOING_DOWN) == 2
    assert real.driver.console_log(guest.id).count("running user-data") == 1


@pytest.mark.real
def test_a_real_guest_sees_devices_come_and_go(real: Subject) -> None:
    assert real.host is not None
    guest = real.spawn(config_drive={"openstack/latest/meta_data.json": '{"uuid": "i-2", "hostname": "two"}'})
    wait_for_console(real, guest, "boot finished")
    vif, disk = real.vif(), real.host.make_volume(64)
    until_done(lambda: real.driver.attach_interface(CONTEXT, guest.id, vif))
    assert [real.driver.attach_disk(CONTEXT, guest.id, disk) for _ in range(2)] == ["/dev/vdb"] * 2
    with Console.of(real.driver, guest) as console:
        assert vif.mac in console.run("sleep 1; ip -o link show eth1")
        assert str(64 << 20) in console.run("lsblk -lb --nodeps")
        serial = console.run("cat /sys/block/vdb/serial")
        assert disk.volume_id is not None and disk.volume_id[:20] in serial
        assert "ok" in console.run(
            "sudo mkfs -t ext4 -q /dev/vdb && sudo mount /dev/vdb /mnt && sudo umount /mnt && echo o''k"
        )
        real.host.grow_volume(disk, 128)
        real.driver.resize_disk(guest.id, disk.volume_id, 128 << 20)
        assert str(128 << 20) in console.run("sleep 1; lsblk -lb --nodeps")
        for _ in range(2):
            until_done(lambda: real.driver.detach_interface(guest.id, vif))
            until_done(lambda: real.driver.detach_disk(guest.id, disk.volume_id or ""))
        assert "eth1" not in console.run("ls /sys/class/net")
        assert "vdb" not in console.run("lsblk -lb --nodeps")


@pytest.mark.real
def test_a_snapshot_of_a_running_guest_boots_with_what_was_written(real: Subject) -> None:
    guest = real.spawn(config_drive={"openstack/latest/meta_data.json": '{"uuid": "i-3", "hostname": "three"}'})
    wait_for_console(real, guest, "boot finished")
    with Console.of(real.driver, guest) as console:
        console.run("echo kept > mine; sync")
    image_id = real.images.create("qcow2")
    until_done(lambda: real.driver.snapshot(CONTEXT, guest, image_id))
    image = Image(image_id, "qcow2", 0)
    until_done(lambda: real.driver.prepare_image(CONTEXT, image))
    files = {"openstack/latest/meta_data.json": '{"uuid": "i-4", "hostname": "four"}'}
    copy = real.spawn(image=image, config_drive=files)
    wait_for_console(real, copy, "boot finished")
    with Console.of(real.driver, copy) as console:
        assert "kept" in console.run("cat mine")
        assert "four" in console.run("hostname")


@pytest.mark.real
def test_a_guest_boots_from_another_bus(real: Subject) -> None:
    image = Image(GUEST_IMAGE_ID, "qcow2", 0, properties={"hw_disk_bus": "scsi"})
    guest = real.spawn(image=image, config_drive={"openstack/latest/meta_data.json": '{"uuid": "i-5"}'})
    wait_for_console(real, guest, "metadata from config-drive")


@pytest.mark.real
def test_a_guest_boots_from_a_volume(real: Subject) -> None:
    assert real.host is not None
    disk = real.host.make_bootable_volume()
    guest = real.spawn(image=None, root_gb=0, disks=(disk,), config_drive={})
    wait_for_console(real, guest, "login:")


@pytest.mark.real
def test_images_that_nobody_uses_leave_the_cache(real: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    assert real.host is not None
    guest = real.spawn()
    monkeypatch.setattr("pileus.compute.drivers.libvirt.images.UNUSED", -10.0)
    real.driver.clean([guest.id])
    assert len(list((real.host.layout.instances / "_base").iterdir())) == 1
    real.driver.destroy(guest)
    real.driver.clean([])
    assert list((real.host.layout.instances / "_base").iterdir()) == []


@pytest.mark.real
def test_guests_survive_a_restart_of_libvirtd(real: Subject) -> None:
    assert real.host is not None
    guest = real.spawn()
    before = real.driver.diagnostics(guest.id)["uptime"]
    real.host.restart_libvirtd()
    assert real.state(guest) == "running"
    assert real.driver.diagnostics(guest.id)["uptime"] >= before
    real.host.restart_libvirtd(kill=True)
    assert real.state(guest) == "running"
    until_done(lambda: real.driver.reboot(CONTEXT, guest, hard=True))
    assert real.state(guest) == "running"


@pytest.mark.real
def test_a_guest_that_was_half_made_is_finished(real: Subject) -> None:
    assert real.host is not None
    guest = real.guest()
    until_done(lambda: real.driver.prepare_image(CONTEXT, real.image))
    folder = real.host.layout.instances / guest.id
    folder.mkdir()
    (folder / "disk.new").write_bytes(b"half of a disk")
    until_done(lambda: real.driver.spawn(CONTEXT, guest))
    assert real.state(guest) == "running"
    assert not (folder / "disk.new").exists()


CALL = """
import sys, msgspec
from pathlib import Path
from pileus.compute.drivers.base import Guest
from pileus.compute.drivers.libvirt import LibvirtDriver
from pileus.host.layout import Layout
from pileus.kernel.services import Directory
from tests.contract.test_compute_drivers import CONTEXT
from tests.libvirt_host import TapPlugger
layout = Layout(Path(sys.argv[1]))
driver = LibvirtDriver(layout, "host1", Directory(), TapPlugger(layout))
guest = msgspec.json.decode(sys.argv[3], type=Guest)
print("begins", flush=True)
driver.spawn(CONTEXT, guest) if sys.argv[2] == "spawn" else driver.destroy(guest)
print("ended", flush=True)
"""


def killed_during(host: LibvirtHost, call: str, guest: Guest, seconds: float) -> None:
    """Makes a call in a process of its own, which is killed after some time."""
    argv = [sys.executable, "-c", CALL, str(host.layout.state_dir), call, msgspec.json.encode(guest).decode()]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={**os.environ, **paths}) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begins\n"
        time.sleep(seconds)
        process.kill()


@pytest.mark.real
@pytest.mark.parametrize("seconds", [0.02, 0.06, 0.12, 0.2, 0.3])
def test_a_driver_that_is_killed_anywhere_is_made_good_by_the_next(real: Subject, seconds: float) -> None:
    assert real.host is not None
    until_done(lambda: real.driver.prepare_image(CONTEXT, real.image))
    guest = real.guest(config_drive={"openstack/latest/meta_data.json": "{}"}, disks=(Disk("swap", 16),))
    killed_during(real.host, "spawn", guest, seconds)
    until_done(lambda: real.driver.spawn(CONTEXT, guest))
    assert real.state(guest) == "running"
    folder = real.host.layout.instances / guest.id
    assert not [path.name for path in folder.iterdir() if path.name.endswith(".new")]
    killed_during(real.host, "destroy", guest, seconds)
    until_done(lambda: real.driver.destroy(guest))
    real.host.assert_nothing_is_left()


@pytest.mark.real
def test_an_image_that_would_read_files_of_the_host_is_refused(real: Subject, tmp_path: Path) -> None:
    assert real.host is not None
    from pileus.kernel.errors import GiveUp

    bad = real.images.add(real.host.qcow2_with_backing_file(tmp_path), "qcow2")
    with pytest.raises(GiveUp, match="unsafe"):
        until_done(lambda: real.driver.prepare_image(CONTEXT, Image(bad, "qcow2", 0)))
    lies = real.images.add(real.host.guest_image, "raw")
    with pytest.raises(GiveUp, match="is qcow2"):
        until_done(lambda: real.driver.prepare_image(CONTEXT, Image(lies, "raw", 0)))


@pytest.mark.real
def test_what_a_host_cannot_do_is_said(real: Subject) -> None:
    guest = real.guest()
    with pytest.raises(NotSupported):
        real.driver.set_password(guest.id, "secret")
    with pytest.raises(NotSupported):
        real.driver.begin_move(CONTEXT, guest, "another-host", start=True)
    with suppress(NotFound):
        real.driver.power_off(guest.id, 0)
