"""The image service and its collaborators."""

from collections.abc import Sequence
from typing import ClassVar

from pileus.image.authorization import HidingEnforcer
from pileus.image.caching import Cache
from pileus.image.config import Settings
from pileus.image.quotas import UnifiedLimits
from pileus.image.reading import Reader
from pileus.image.receiving import Receiver
from pileus.image.rules import RULES
from pileus.image.schemas.images import image_schema
from pileus.image.schemas.language import collection
from pileus.image.stores.configured import Stores
from pileus.image.sweeping import Sweeper
from pileus.image.tables import metadata
from pileus.image.views import ImageView
from pileus.kernel.http.faults import ImageFaults
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.service import Runtime, Service


class Image(Service):
    """Glance's v2 API."""

    type: ClassVar[str] = "image"
    mount: ClassVar[str] = "/image"
    rules = RULES
    faults = ImageFaults()
    metadata = metadata
    policy_before_body = True
    strict_content_type = False
    refusal = "You are not authorized to complete {rule} action."

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings
        path = runtime.state_dir / "policy" / f"{self.type}.yaml"
        self.policy = HidingEnforcer(self.rules, path, self.refusal)
        self.stores = Stores(settings, runtime.state_dir)
        self.schema = image_schema(settings)
        self.collection_schema = collection("images", self.schema)
        self.view = ImageView(self.stores, locations=settings.show_locations, direct_url=settings.show_direct_url)
        self.limits = UnifiedLimits(self.database, runtime.services)
        self.cache = Cache(self.database, runtime.state_dir / "image" / "cache", settings.cache_size)
        self.reader = Reader(self.stores, self.cache if settings.cache else None)
        self.receiver = Receiver(self.database, self.stores, settings)
        self.sweeper = Sweeper(self.database, self.stores, self.cache, settings)

    def periodic(self) -> Sequence[Periodic]:
        return self.sweeper.periodic()
