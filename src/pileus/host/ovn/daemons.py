"""The processes of OVN and Open vSwitch, each in the foreground."""

from pileus.host.layout import INTEGRATION_BRIDGE, Layout
from pileus.host.ovn import switch
from pileus.host.ovn.databases import Database, databases
from pileus.host.spec import ProcessSpec

LOGGING = ["-vconsole:info", "-vsyslog:off", "-vfile:off"]
DATABASE_OF = {"northbound": "OVN_Northbound,NB_Global", "southbound": "OVN_Southbound,SB_Global"}


def specs(layout: Layout) -> list[ProcessSpec]:
    """Databases, then what works on them, then the data plane in the cloud's own network namespace."""
    inside = ["ip", "netns", "exec", layout.namespace]
    servers = [_database_server(layout, database) for database in databases(layout)]
    northd = ProcessSpec(
        name="ovn-northd",
        argv=["ovn-northd", f"--ovnnb-db={layout.northbound}", f"--ovnsb-db={layout.southbound}"]
        + [f"--unixctl={layout.run}/ovn-northd.ctl", *LOGGING],
        env=environment(layout),
        ready=[f"{layout.run}/ovn-northd.ctl"],
        after=["ovn-northbound", "ovn-southbound"],
    )
    vswitchd = ProcessSpec(
        name="ovs-vswitchd",
        argv=[*inside, *switch.command(), layout.ovs, *switch.datapath_arguments()]
        + [f"--unixctl={layout.run}/ovs-vswitchd.ctl", *LOGGING],
        env=environment(layout),
        ready=[f"{layout.run}/ovs-vswitchd.ctl", f"{layout.run}/{INTEGRATION_BRIDGE}.mgmt"],
        after=["ovs-database"],
    )
    controller = ProcessSpec(
        name="ovn-controller",
        argv=[*inside, "ovn-controller", layout.ovs, *LOGGING],
        env=environment(layout),
        after=["ovs-vswitchd", "ovn-southbound"],
    )
    return [*servers, northd, vswitchd, controller]


def environment(layout: Layout) -> dict[str, str]:
    """Keeps the daemons and their tools out of the system's own directories."""
    run, log, data = str(layout.run), str(layout.log), str(layout.state_dir / "ovn")
    return {f"{who}_{what}": where for who in ("OVS", "OVN") for what, where in
            (("RUNDIR", run), ("LOGDIR", log), ("DBDIR", data))}  # fmt: skip


def _database_server(layout: Layout, database: Database) -> ProcessSpec:
    remotes = [f"--remote=p{database.remote}"]
    if database.name in DATABASE_OF:
        remotes.append(f"--remote=db:{DATABASE_OF[database.name]},connections")
    return ProcessSpec(
        name=database.process,
        argv=["ovsdb-server", *remotes, f"--unixctl={layout.run}/{database.process}.ctl", *LOGGING, str(database.path)],
        env=environment(layout),
        ready=[database.remote.removeprefix("unix:")],
    )
