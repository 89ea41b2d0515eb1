"""The parts of the libvirt driver that need no libvirtd: definitions, the guest's folder, the image cache, waiting."""

import threading
import time
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

pytest.importorskip("libvirt")

import libvirt

from pileus.compute.drivers.base import Disk, Guest, Image, Vif
from pileus.compute.drivers.libvirt.background import Background
from pileus.compute.drivers.libvirt.connection import bounded, translate
from pileus.compute.drivers.libvirt.disks import ROTATE_AT, ROTATE_KEEP, Folder
from pileus.compute.drivers.libvirt.domain import Devices, Place, define, volume
from pileus.compute.drivers.libvirt.images import ImageCache
from pileus.kernel.context import Context
from pileus.kernel.errors import GiveUp, NotFound, RetryLater, Unavailable
from pileus.kernel.services import Directory
from tests.libvirt_host import FakeImages

CONTEXT = Context(request_id="req-00000000-0000-0000-0000-000000000001")
ID = "0e0c7c0c-5b1e-4a0e-9a43-2f5f0f0c1d2e"


def make_guest(**changes: object) -> Guest:
    values: dict[str, object] = {
        "id": ID, "name": "<vm>", "hostname": "vm", "instance_name": "instance-00000001", "project_id": "p",
        "user_id": "u", "vcpus": 2, "memory_mb": 256, "root_gb": 1, "image": Image("i", "qcow2", 0),
        "vifs": (Vif("11111111-2222-3333-4444-555555555555", "n", "fa:16:3e:00:00:01", 1442, "ovs"),), **changes,
    }  # fmt: skip
    return Guest(**values)  # type: ignore[arg-type]


def definition(tmp_path: Path, guest: Guest, hypervisor: str = "qemu") -> Element:
    place = Place(hypervisor, Folder(tmp_path, guest.id), tmp_path, "none")  # type: ignore[arg-type]
    return fromstring(define(guest, place))


def disk_names(root: Element) -> list[tuple[str | None, str | None]]:
    found = []
    for disk in root.findall("devices/disk"):
        source, target = disk.find("source"), disk.find("target")
        assert source is not None and target is not None
        found.append((target.get("dev"), source.get("file")))
    return found


def test_a_definition_says_whose_server_it_is_and_how_large(tmp_path: Path) -> None:
    root = definition(tmp_path, make_guest())
    assert root.findtext("uuid") == ID
    assert (root.findtext("vcpu"), root.findtext("memory")) == ("2", "256")
    assert "<vm>" in [element.text for element in root.iter()]
    target = root.find("devices/interface/target")
    assert target is not None and target.attrib == {"dev": "tap11111111-22", "managed": "no"}
    host = root.find("devices/interface/driver/host")
    assert host is not None and set(host.attrib.values()) == {"off"}


@pytest.mark.parametrize(("hypervisor", "mode"), [("qemu", "maximum"), ("kvm", "host-passthrough")])
def test_a_guest_has_the_processor_of_its_hypervisor(tmp_path: Path, hypervisor: str, mode: str) -> None:
    root = definition(tmp_path, make_guest(), hypervisor)
    cpu = root.find("cpu")
    assert root.get("type") == hypervisor
    assert cpu is not None and cpu.get("mode") == mode
    assert (root.find("features/tcg") is not None) == (hypervisor == "qemu")


def test_disks_come_in_order_and_the_rescue_disk_first(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    connection = {"driver_volume_type": "local", "data": {"device_path": str(tmp_path / "data")}}
    disks = (Disk("swap", 64), Disk("volume", 1, volume_id="v", connection=connection))
    guest = make_guest(disks=disks)
    folder = Folder(tmp_path, guest.id)
    folder.path.mkdir()
    assert disk_names(definition(tmp_path, guest)) == [
        ("vda", str(folder.root)),
        ("vdb", str(tmp_path / "data")),
        ("vdc", str(folder.file("disk.swap0"))),
    ]
    folder.rescue.touch()
    root = definition(tmp_path, guest)
    assert disk_names(root)[:2] == [("vda", str(folder.rescue)), ("vdb", str(folder.root))]
    assert [disk.find("boot") is not None for disk in root.findall("devices/disk")] == [True, False, False, False]
    folder.rescue.rename(folder.stable_rescue)
    root = definition(tmp_path, guest)
    assert disk_names(root)[0] == ("vda", str(folder.root))
    assert disk_names(root)[-1] == ("vdd", str(folder.stable_rescue))
    assert [disk.find("boot") is not None for disk in root.findall("devices/disk")] == [False, False, False, True]


@pytest.mark.parametrize(("bus", "name", "drive"), [("scsi", "sda", "hda"), ("ide", "hda", "hdd")])
def test_an_image_may_ask_for_another_bus_and_network_card(tmp_path: Path, bus: str, name: str, drive: str) -> None:
    image = Image("i", "qcow2", 0, properties={"hw_disk_bus": bus, "hw_vif_model": "e1000"})
    guest = make_guest(image=image, config_drive={})
    folder = Folder(tmp_path, guest.id)
    folder.path.mkdir()
    folder.config_drive.touch()
    root = definition(tmp_path, guest)
    assert [found for found, _ in disk_names(root)] == [name, drive]
    model = root.find("devices/interface/model")
    assert model is not None and model.get("type") == "e1000"
    with pytest.raises(GiveUp, match="not supported"):
        definition(tmp_path, make_guest(image=Image("i", "qcow2", 0, properties={"hw_disk_bus": "fdc"})))


def test_a_new_disk_gets_the_first_free_name_or_the_one_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / ID).mkdir()
    devices = Devices(define(make_guest(), Place("qemu", Folder(tmp_path, ID), tmp_path, "none")))
    assert devices.next_disk_name(None) == "vdb"
    assert devices.next_disk_name("/dev/vda") == "vdb"
    assert devices.next_disk_name("/dev/vdf") == "vdf"


def test_volumes_over_a_network_and_those_that_no_host_can_reach() -> None:
    data = {"name": "pool/v1", "hosts": ["192.0.2.1", "192.0.2.2"], "ports": ["6789", "6789"]}
    element = volume(Disk("volume", 1, volume_id="v", connection={"driver_volume_type": "rbd", "data": data}), "vdb")
    assert [host.get("name") for host in element.findall("source/host")] == ["192.0.2.1", "192.0.2.2"]
    with pytest.raises(GiveUp, match="cannot reach"):
        volume(Disk("volume", 1, volume_id="v", connection={"driver_volume_type": "fibre_channel"}), "vdb")


def test_a_console_log_is_bounded_and_its_end_is_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path, ID)
    folder.path.mkdir()
    folder.console.write_bytes(b"x" * ROTATE_AT + b"end of the old one\n")
    folder.rotate_console()
    assert folder.console.stat().st_size == 0
    with folder.console.open("a") as file:
        file.write("new\n")
    assert folder.read_console(23).endswith("end of the old one\nnew\n")
    assert sum(path.stat().st_size for path in folder.path.iterdir()) <= ROTATE_KEEP + 4
    assert folder.read_console(2) == "w\n"


def test_a_config_drive_keeps_its_files_inside(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="no file of a config drive"):
        Folder(tmp_path, ID).make(make_guest(image=None, config_drive={"../../escape": "x"}), None)
    assert list((tmp_path / ID).iterdir()) == []


def test_a_damaged_download_leaves_nothing_in_the_cache(tmp_path: Path) -> None:
    images = FakeImages(None)
    image_id = images.create("raw")
    (tmp_path / "data").write_bytes(b"\0" * 4096)
    image_id = images.add(tmp_path / "data", "raw")
    services = Directory()
    services.add("image", images)
    cache = ImageCache(tmp_path / "_base", services)
    with pytest.raises(Unavailable, match="damaged"):
        cache.fetch(CONTEXT, Image(image_id, "raw", 4096, checksum="0" * 32))
    assert list((tmp_path / "_base").iterdir()) == []
    cache.fetch(CONTEXT, Image(image_id, "raw", 4096))
    assert cache.find(image_id) is not None


def test_slow_work_is_done_once_and_its_error_is_told_once() -> None:
    background, go_on, runs = Background(), threading.Event(), []

    def work() -> None:
        runs.append(1)
        go_on.wait(5)
        raise GiveUp("no good")

    for _ in range(3):
        with pytest.raises(RetryLater):
            background.run("key", "working", work, grace=0.01)
    go_on.set()
    with pytest.raises(GiveUp):
        background.run("key", "working", work)
    assert len(runs) == 1


def test_a_call_that_hangs_is_given_up() -> None:
    class Hanging:
        @bounded(0.05)
        def call(self) -> None:
            time.sleep(1)

    with pytest.raises(Unavailable, match="did not answer call"):
        Hanging().call()


def test_libvirt_errors_become_the_drivers_own() -> None:
    def error(code: int, domain: int) -> libvirt.libvirtError:
        made = libvirt.libvirtError("said")
        made.err = (code, domain, "said", 2, "", "", "", 0, 0)
        return made

    assert isinstance(translate(error(libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_FROM_QEMU)), NotFound)
    assert isinstance(translate(error(libvirt.VIR_ERR_OPERATION_TIMEOUT, libvirt.VIR_FROM_QEMU)), RetryLater)
    assert isinstance(translate(error(libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_FROM_RPC)), Unavailable)
    assert isinstance(translate(error(libvirt.VIR_ERR_SYSTEM_ERROR, libvirt.VIR_FROM_QEMU)), GiveUp)
    assert isinstance(translate(error(libvirt.VIR_ERR_CONFIG_UNSUPPORTED, libvirt.VIR_FROM_QEMU)), GiveUp)
