"""OVN and Open vSwitch of this host: the daemons, their databases, the data plane's namespace, the external network.

    daemons.py       the processes the supervisor runs
    databases.py     the database files, made and converted
    switch.py        which ovs-vswitchd runs, and on which datapath
    private.py       a newer Open vSwitch, unpacked privately
    external.py      the namespace and the veth pair by which the host and guests reach each other
    checks.py        what this needs of the host

The functions here are the contract of pileus/host/spec.py.
"""

import socket

from pileus.host.layout import Layout
from pileus.host.ovn import checks as needs
from pileus.host.ovn import daemons, databases, external, private, switch
from pileus.host.spec import Check, ProcessSpec, Progress
from pileus.settings import Config

__all__ = ["checks", "clean", "configure", "prepare", "specs"]


def specs(layout: Layout, config: Config) -> list[ProcessSpec]:
    return daemons.specs(layout)


def prepare(layout: Layout, config: Config, progress: Progress) -> None:
    if private.wanted():
        with progress.step("Fetching a newer Open vSwitch"):
            private.fetch()
    with progress.step("Preparing the networks' databases and namespace"):
        databases.prepare(layout, switch.schema(), switch.configured(layout, _host(config)))
        external.prepare(layout, config.network)


def configure(layout: Layout, config: Config, progress: Progress) -> None:
    with progress.step("Configuring the networks of this host"):
        switch.configure(layout, _host(config))


def clean(layout: Layout) -> None:
    external.clean(layout)


def checks(layout: Layout, config: Config) -> list[Check]:
    return needs.checks(layout)


def _host(config: Config) -> str:
    return config.cloud.host or socket.gethostname()
