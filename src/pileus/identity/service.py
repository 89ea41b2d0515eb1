"""The identity service and its collaborators."""

from typing import Any, ClassVar

from pileus.identity.authentication import Authentication
from pileus.identity.catalog import Catalog
from pileus.identity.config import Settings
from pileus.identity.issuing import Issuer
from pileus.identity.lookups import Lookups
from pileus.identity.passwords import Hasher
from pileus.identity.remembered import Remembered
from pileus.identity.rendering import Renderer
from pileus.identity.rules import RULES
from pileus.identity.tables import metadata
from pileus.identity.tokens import Sealer
from pileus.identity.validation import Valid, Validator
from pileus.kernel.http.faults import IdentityFaults
from pileus.kernel.service import Runtime, Service


class Identity(Service):
    """Keystone's v3 API. Its routes are attached in __init__.py, which knows the handlers."""

    type: ClassVar[str] = "identity"
    mount: ClassVar[str] = "/identity"
    rules = RULES
    faults = IdentityFaults()
    metadata = metadata
    vary = "X-Auth-Token"
    policy_before_body = True
    strict_content_type = False

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.remembered = Remembered(self.database)
        self.lookups = Lookups(self.database, self.remembered)
        self.sealer = Sealer(self.database, self.remembered)
        self.hasher = Hasher(settings.bcrypt_rounds)
        self.validator = Validator(self.database, self.remembered, self.sealer)
        self.authentication = Authentication(self.lookups, self.hasher, self.validator)
        self.issuer = Issuer(self.lookups, self.validator, self.sealer, settings.token_lifetime)
        self.catalog = Catalog(self.database, self.remembered)
        self.renderer = Renderer(self.catalog, self.remembered)

    def freshness(self) -> int:
        """Changes whenever the worth of any token may have changed."""
        return self.remembered.moment()

    def policy_target(self, resource: Any) -> Any:
        if isinstance(resource, Valid):
            return {"target.token.user_id": resource.payload.user_id}
        return resource
