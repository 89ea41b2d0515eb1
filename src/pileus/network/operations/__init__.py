"""Slow work of network as durable steps."""

from pileus.kernel.operations.model import Kind

KINDS: tuple[Kind, ...] = ()
