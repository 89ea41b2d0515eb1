"""This machine: the native daemons (OVN, libvirt) that no init system runs, guest images, what the machine can do."""
