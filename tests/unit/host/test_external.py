"""Which external network a cloud gets on its host."""

import ipaddress
from pathlib import Path

import pytest

from pileus.host.layout import Layout
from pileus.host.ovn.external import choose, external_interface
from pileus.kernel.config import ConfigError
from pileus.kernel.errors import Unavailable
from pileus.network.config import Settings


def test_two_clouds_get_different_networks() -> None:
    first = choose("000001", [])
    assert first == choose("000001", []), "the same cloud always gets the same one"
    assert choose("000002", [first]) != first
    assert choose("000001", [first]) != first, "one in use is passed over"


def test_no_network_is_left() -> None:
    with pytest.raises(Unavailable, match="external_cidr"):
        choose("000001", [ipaddress.IPv4Network("172.16.0.0/12")])


def test_the_host_has_the_first_address(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    chosen = external_interface(layout, Settings(external_cidr="203.0.113.0/25"))
    assert str(chosen) == "203.0.113.1/25"
    with pytest.raises(ConfigError, match="external_cidr"):
        external_interface(layout, Settings(external_cidr="203.0.113.9/25"))


def test_the_choice_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    layout = Layout(tmp_path)
    chosen = external_interface(layout, Settings())
    monkeypatch.setattr("pileus.host.ovn.external._used", lambda: [chosen.network])
    assert external_interface(layout, Settings()) == chosen
