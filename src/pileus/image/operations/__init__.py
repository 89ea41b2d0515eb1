"""Slow work of image, as durable steps."""

from pileus.image.operations.caching import CACHE
from pileus.image.operations.deletion import DELETE_DATA, REMOVE_DATA
from pileus.image.operations.importing import IMPORT
from pileus.image.operations.legacy import LEGACY_IMPORT
from pileus.image.operations.locating import ADD_LOCATION

KINDS = (DELETE_DATA, IMPORT, REMOVE_DATA, ADD_LOCATION, LEGACY_IMPORT, CACHE)
