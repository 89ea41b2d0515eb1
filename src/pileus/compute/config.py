"""Options of the compute service."""

from msgspec import Struct


class Settings(Struct, frozen=True):
    """Section ``[compute]``."""
