"""KVM is believed only after a guest really ran, and asked once a boot."""

import json
from pathlib import Path

import pytest

from pileus.host import kvm


@pytest.fixture
def device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kvm"
    path.touch()
    monkeypatch.setattr(kvm, "DEVICE", path)
    return path


def test_a_device_that_runs_nothing_is_no_kvm(tmp_path: Path, device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm, "runs_guests", lambda accelerator: False)
    assert kvm.hypervisor(tmp_path) == "qemu"


def test_the_answer_is_kept_until_the_next_boot(tmp_path: Path, device: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(kvm, "runs_guests", lambda accelerator: bool(asked.append(accelerator)) or True)
    assert [kvm.hypervisor(tmp_path) for _ in range(3)] == ["kvm"] * 3
    assert asked == ["kvm"]
    (tmp_path / "kvm.json").write_text(json.dumps({"boot_id": "another boot", "hypervisor": "qemu"}))
    assert kvm.hypervisor(tmp_path) == "kvm"


def test_a_host_without_the_device_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm, "DEVICE", tmp_path / "absent")
    monkeypatch.setattr(kvm, "runs_guests", lambda accelerator: pytest.fail("was asked"))
    assert kvm.hypervisor(tmp_path) == "qemu"


def test_a_kept_answer_that_cannot_be_read_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kvm, "DEVICE", tmp_path / "absent")
    (tmp_path / "kvm.json").write_text("{broken")
    assert kvm.hypervisor(tmp_path) == "qemu"


@pytest.mark.real
def test_the_probe_guest_runs_without_kvm() -> None:
    assert kvm.runs_guests("tcg", timeout=20.0)
