"""The guest images: built once, built again when what they are made from changes, and what they must hold."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pileus.host import guest
from pileus.host.guest import inputs

building = sys.modules["pileus.host.guest.build"]  # the package has a function of that name


class Steps:
    def __init__(self) -> None:
        self.names: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.names.append(name)
        yield


def test_the_json_reader_of_the_guest_finds_nested_and_escaped_texts(tmp_path: Path) -> None:
    document = tmp_path / "meta_data.json"
    document.write_text(
        '{"meta": {"hostname": "not this"}, "hostname": "vm-1.novalocal", "uuid": "u1", "launch_index": 0,'
        ' "public_keys": {"my key": "ssh-rsa AAA= me\\n"}, "keys": [{"name": "my key", "data": "ssh B"}], "x": "\\"{"}'
    )
    flat = subprocess.run(
        ["busybox", "awk", "-f", inputs.HERE / "rootfs/etc/json.awk", document],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert "hostname\tvm-1.novalocal" in flat
    assert "meta/hostname\tnot this" in flat
    assert "public_keys/my key\tssh-rsa AAA= me " in flat
    assert 'x\t"{' in flat


@pytest.mark.real
def test_images_are_built_once_and_again_when_an_input_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    images = guest.build(tmp_path, steps)
    assert [image.stem for image in images] == list(guest.NAMES)
    assert images[0].read_bytes() != images[1].read_bytes()
    assert len(steps.names) == len(guest.NAMES)
    assert guest.build(tmp_path, steps) == images
    assert len(steps.names) == len(guest.NAMES)
    monkeypatch.setattr(building, "key", lambda: "another")
    again = guest.build(tmp_path, steps)
    assert all(image.exists() for image in again)
    assert [path.name for path in tmp_path.iterdir()] == ["another"]
