"""Configuration: one TOML file and environment variables over one typed schema.

The schema is a msgspec Struct whose fields are sections, each a Struct of options with defaults; an option's docstring
is its ``Meta(description=...)``. Environment variables are named ``PILEUS_<SECTION>__<OPTION>`` and win over the file.
Every effective value keeps its origin, so that ``pileus config show`` can tell where it comes from.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec

C = TypeVar("C", bound=msgspec.Struct)
PREFIX = "PILEUS_"


class ConfigError(Exception):
    """The configuration cannot be used; the message names the option and its origin."""


class Setting(msgspec.Struct, frozen=True):
    """One effective option."""

    name: str
    value: Any
    origin: str
    description: str


class Loaded(Generic[C]):
    """A validated configuration and the origin of each of its values."""

    def __init__(self, config: C, origins: Mapping[str, str]) -> None:
        self.config = config
        self._origins = origins

    def settings(self) -> Iterator[Setting]:
        for section_name, section in sections(type(self.config)).items():
            values = getattr(self.config, section_name)
            for option, description in options(section).items():
                name = f"{section_name}.{option}"
                yield Setting(name, getattr(values, option), self._origins.get(name, "default"), description)


def sections(schema: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """Section name -> Struct of its options."""
    return get_type_hints(schema)


def options(section: type[msgspec.Struct]) -> dict[str, str]:
    """Option name -> description, of one section."""
    found = {}
    for name, hint in get_type_hints(section, include_extras=True).items():
        metas = [m for m in get_args(hint)[1:] if isinstance(m, msgspec.Meta)] if get_origin(hint) is Annotated else []
        found[name] = next((m.description for m in metas if m.description), "")
    return found


def load(schema: type[C], path: Path | None, environ: Mapping[str, str] | None = None) -> Loaded[C]:
    """Reads, merges and validates.

    Raises ConfigError on an unreadable file, an unknown section or option, or a value of the wrong type or range.
    """
    values: dict[str, dict[str, Any]] = {}
    origins: dict[str, str] = {}
    if path is not None and path.exists():
        _read_file(schema, path, values, origins)
    _read_environ(schema, os.environ if environ is None else environ, values, origins)
    built = {}
    for name, section in sections(schema).items():
        built[name] = _convert(name, section, values.get(name, {}), origins)
    return Loaded(schema(**built), origins)


def _read_file(
    schema: type[msgspec.Struct], path: Path, values: dict[str, dict[str, Any]], origins: dict[str, str]
) -> None:
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    known = sections(schema)
    for section_name, section_values in document.items():
        if section_name not in known or not isinstance(section_values, dict):
            raise ConfigError(f"{path}: no section [{section_name}]; there are: {', '.join(known)}")
        for option, value in section_values.items():
            _check_option(known, section_name, option, str(path))
            values.setdefault(section_name, {})[option] = value
            origins[f"{section_name}.{option}"] = str(path)


def _read_environ(
    schema: type[msgspec.Struct],
    environ: Mapping[str, str],
    values: dict[str, dict[str, Any]],
    origins: dict[str, str],
) -> None:
    known = sections(schema)
    for variable, text in environ.items():
        section_name, separator, option = variable.removeprefix(PREFIX).lower().partition("__")
        if not variable.startswith(PREFIX) or not separator:
            continue
        if section_name not in known:
            raise ConfigError(f"{variable}: no section [{section_name}]; there are: {', '.join(known)}")
        _check_option(known, section_name, option, variable)
        values.setdefault(section_name, {})[option] = text
        origins[f"{section_name}.{option}"] = variable


def _check_option(known: Mapping[str, type[msgspec.Struct]], section: str, option: str, origin: str) -> None:
    names = options(known[section])
    if option not in names:
        raise ConfigError(f"{origin}: [{section}] has no option {option}; there are: {', '.join(names)}")


def _convert(
    name: str, section: type[msgspec.Struct], values: Mapping[str, Any], origins: Mapping[str, str]
) -> msgspec.Struct:
    hints = get_type_hints(section, include_extras=True)
    converted = {}
    for option, value in values.items():
        is_list = isinstance(value, str) and get_origin(_bare(hints[option])) in (list, tuple)
        raw = [part.strip() for part in value.split(",") if part.strip()] if is_list else value
        try:
            converted[option] = msgspec.convert(raw, hints[option], strict=False)
        except msgspec.ValidationError as error:
            origin = origins[f"{name}.{option}"]
            raise ConfigError(f"{origin}: [{name}] {option} = {value!r}: {error}") from error
    return section(**converted)


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint
