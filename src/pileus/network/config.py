"""Options of the network service."""

from msgspec import Struct


class Settings(Struct, frozen=True):
    """Section ``[network]``."""
