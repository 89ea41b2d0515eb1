"""Small guest images, made here from this host's Debian packages: CirrOS in kind, with what Tempest runs in guests."""

from pileus.host.guest.build import NAMES, build, checks

__all__ = ["NAMES", "build", "checks"]
