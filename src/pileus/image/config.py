"""Options of the image service."""

from msgspec import Struct


class Settings(Struct, frozen=True):
    """Section ``[image]``."""
