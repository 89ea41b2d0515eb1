"""Every effective option is validated before the start and can tell where it comes from."""

from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from pileus.kernel.config import ConfigError, load
from pileus.settings import Config


class Web(Struct, frozen=True):
    port: Annotated[int, Meta(ge=1, description="Port to listen on.")] = 80
    names: tuple[str, ...] = ("a",)
    debug: bool = False


class Schema(Struct, frozen=True):
    web: Web


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pileus.toml"
    path.write_text(text)
    return path


def test_defaults_file_and_environment_win_in_this_order(tmp_path: Path) -> None:
    path = write(tmp_path, "[web]\nport = 81\ndebug = true\n")
    loaded = load(Schema, path, {"PILEUS_WEB__PORT": "82", "OTHER": "1"})
    assert loaded.config.web == Web(port=82, names=("a",), debug=True)
    origins = {setting.name: setting.origin for setting in loaded.settings()}
    assert origins == {"web.port": "PILEUS_WEB__PORT", "web.names": "default", "web.debug": str(path)}
    assert next(s.description for s in loaded.settings() if s.name == "web.port") == "Port to listen on."


def test_lists_and_flags_from_the_environment() -> None:
    loaded = load(Schema, None, {"PILEUS_WEB__NAMES": "x, y", "PILEUS_WEB__DEBUG": "true"})
    assert loaded.config.web == Web(names=("x", "y"), debug=True)


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("[web]\nport = 0\n", {}, "port = 0"),
        ("[web]\nport = 'x'\n", {}, "port = 'x'"),
        ("[web]\nprot = 1\n", {}, "no option prot"),
        ("[wed]\nport = 1\n", {}, r"no section \[wed\]"),
        ("port = 1\n", {}, "no section"),
        ("[web\n", {}, "pileus.toml"),
        ("", {"PILEUS_WEB__PORT": "many"}, "PILEUS_WEB__PORT"),
        ("", {"PILEUS_WEB__NOPE": "1"}, "PILEUS_WEB__NOPE"),
        ("", {"PILEUS_NOPE__PORT": "1"}, "PILEUS_NOPE__PORT"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(Schema, write(tmp_path, text), environ)


def test_every_option_of_pileus_has_a_description() -> None:
    silent = [setting.name for setting in load(Config, None, {}).settings() if not setting.description]
    assert silent == []
