"""Guests on libvirt and QEMU."""

from pileus.compute.drivers.libvirt.driver import LibvirtDriver

__all__ = ["LibvirtDriver"]
