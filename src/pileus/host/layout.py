"""Where everything of one cloud on this host is, worked out from its state directory.

The data plane (OVS, guests' taps, QEMU) lives in a network namespace of its own: a userspace datapath allows one
ovs-vswitchd a namespace, so several clouds can run side by side, and deleting the namespace leaves no device behind.
"""

import hashlib
from pathlib import Path

from msgspec import Struct

PHYSICAL_NETWORK = "public"
INTEGRATION_BRIDGE = "br-int"
EXTERNAL_BRIDGE = "br-ex"


class Layout(Struct, frozen=True):
    """Paths and names of one cloud on this host."""

    state_dir: Path

    @property
    def tag(self) -> str:
        """Six letters that tell this cloud's devices and namespaces from another cloud's."""
        return hashlib.sha256(str(self.state_dir.resolve()).encode()).hexdigest()[:6]

    @property
    def run(self) -> Path:
        """Sockets and pid files."""
        return self.state_dir / "run"

    @property
    def log(self) -> Path:
        return self.state_dir / "log"

    @property
    def namespace(self) -> str:
        return f"pileus-{self.tag}"

    @property
    def metadata_namespace(self) -> str:
        """Where 169.254.169.254 is served to guests, apart from the data plane's own namespace."""
        return f"{self.namespace}-meta"

    @property
    def host_device(self) -> str:
        """The host's end of the veth pair to the external bridge; it has the external network's gateway address."""
        return f"plx{self.tag}"

    @property
    def northbound(self) -> str:
        return f"unix:{self.run}/ovnnb.sock"

    @property
    def southbound(self) -> str:
        return f"unix:{self.run}/ovnsb.sock"

    @property
    def ovs(self) -> str:
        return f"unix:{self.run}/ovsdb.sock"

    @property
    def libvirt_socket(self) -> Path:
        return self.run / "libvirt" / "libvirt-sock"

    @property
    def libvirt_uri(self) -> str:
        return f"qemu+unix:///system?socket={self.libvirt_socket}"

    @property
    def instances(self) -> Path:
        """Guests' disks; ``_base`` holds the image cache."""
        return self.state_dir / "instances"

    @property
    def guest_images(self) -> Path:
        """Guest images that were built here."""
        return self.state_dir / "guest-images"
