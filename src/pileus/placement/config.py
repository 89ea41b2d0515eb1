"""Options of the placement service."""

from msgspec import Struct


class Settings(Struct, frozen=True):
    """Section ``[placement]``."""
