"""The image service and its collaborators."""

from typing import ClassVar

from pileus.image.config import Settings
from pileus.image.rules import RULES
from pileus.image.tables import metadata
from pileus.kernel.http.faults import ImageFaults
from pileus.kernel.service import Runtime, Service


class Image(Service):
    """what servers boot from (Glance's v2 API)."""

    type: ClassVar[str] = "image"
    mount: ClassVar[str] = "/image"
    rules = RULES
    faults = ImageFaults()
    metadata = metadata

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings
