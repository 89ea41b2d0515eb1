"""The database files of OVN and Open vSwitch, below STATE/ovn."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from pileus.host.command import run
from pileus.host.layout import Layout
from pileus.kernel.errors import Unavailable

OVN_SCHEMAS = Path("/usr/share/ovn")


class Database(Struct, frozen=True):
    """One database: the process that serves it, where that listens, and its file."""

    name: str
    process: str
    remote: str
    path: Path


def databases(layout: Layout) -> list[Database]:
    folder = layout.state_dir / "ovn"
    return [
        Database("northbound", "ovn-northbound", layout.northbound, folder / "northbound.db"),
        Database("southbound", "ovn-southbound", layout.southbound, folder / "southbound.db"),
        Database("switch", "ovs-database", layout.ovs, folder / "switch.db"),
    ]


def prepare(layout: Layout, switch_schema: Path, switch_begins_with: Sequence[str]) -> None:
    """Makes what is missing, converts what is of another version, and clears away sockets of processes that died.

    A new database of the switch begins with the effect of an ovs-vsctl command line, so that its bridges are there when
    ovn-controller starts, which else tries again after a whole second.

    A file that cannot be read is put aside: all that is in these databases is written again from the cloud's own.
    """
    schemas = {
        "northbound": OVN_SCHEMAS / "ovn-nb.ovsschema",
        "southbound": OVN_SCHEMAS / "ovn-sb.ovsschema",
        "switch": switch_schema,
    }
    for folder in (layout.run, layout.log, layout.state_dir / "ovn"):
        folder.mkdir(parents=True, exist_ok=True)
    for stale in layout.run.glob("ovn-controller.*.ctl"):
        stale.unlink(missing_ok=True)
    for database in databases(layout):
        if database.path.exists() and not _convert(database.path, schemas[database.name]):
            database.path.replace(database.path.with_suffix(".broken"))
        if not database.path.exists():
            _create(database.path, schemas[database.name], switch_begins_with if database.name == "switch" else ())


def _create(path: Path, schema: Path, begins_with: Sequence[str]) -> None:
    fresh, socket = path.with_suffix(".new"), path.with_suffix(".sock")
    fresh.unlink(missing_ok=True)
    run("ovsdb-tool", "create", str(fresh), str(schema))
    if begins_with:
        filling = shlex.join(["ovs-vsctl", "--timeout=10", "--no-wait", f"--db=unix:{socket}", *begins_with])
        quiet = ["-vsyslog:off", "-vconsole:warn", f"--unixctl={path.with_suffix('.ctl')}"]
        run("ovsdb-server", *quiet, f"--remote=punix:{socket}", f"--run={filling}", str(fresh))
    fresh.replace(path)
    fresh.with_name(f".{fresh.name}.~lock~").unlink(missing_ok=True)


def _convert(path: Path, schema: Path) -> bool:
    """Whether the file can be used, after its conversion if it needed one."""
    try:
        if run("ovsdb-tool", "needs-conversion", str(path), str(schema)).strip() == "yes":
            run("ovsdb-tool", "convert", str(path), str(schema))
    except Unavailable:
        return False
    return True
