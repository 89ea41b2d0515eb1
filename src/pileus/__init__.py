"""Pileus: OpenStack rebuilt as one small, fast, crash-proof program."""

__version__ = "0.1.0"
