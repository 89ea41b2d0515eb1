"""Slow work of image, as durable steps."""

from pileus.image.operations.deletion import DELETE_DATA

KINDS = (DELETE_DATA,)
