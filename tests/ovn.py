"""A real OVN of the tests' own."""

import shutil
import tempfile
from pathlib import Path

from pileus.host import ovn
from pileus.host.layout import Layout
from pileus.kernel import config
from pileus.settings import Config
from tests.daemons import Daemons, Steps
from tests.network_states import HOST


class Ovn:
    """OVN and Open vSwitch below a directory of their own, from nothing; ``close`` leaves nothing behind."""

    def __init__(self) -> None:
        self.layout = Layout(Path(tempfile.mkdtemp(prefix="pileus-ovn-")))
        self.config = config.load(Config, None, {"PILEUS_CLOUD__HOST": HOST}).config
        self.daemons = Daemons([], self.layout.log)

    def start(self) -> None:
        ovn.prepare(self.layout, self.config, Steps())
        self.daemons = Daemons(ovn.specs(self.layout, self.config), self.layout.log)
        self.daemons.start()
        ovn.configure(self.layout, self.config, Steps())

    def stop(self) -> None:
        self.daemons.stop()
        ovn.clean(self.layout)

    def close(self) -> None:
        self.stop()
        switch_log = (self.layout.log / "ovs-vswitchd.out").read_text()
        shutil.rmtree(self.layout.state_dir)
        assert "EMER" not in switch_log, switch_log[-3000:]
