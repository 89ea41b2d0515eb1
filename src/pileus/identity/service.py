"""The identity service and its collaborators."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pileus.identity.access import Access
from pileus.identity.accounts import Accounts
from pileus.identity.authentication import Authentication
from pileus.identity.catalog import Catalog
from pileus.identity.compliance import Compliance
from pileus.identity.config import Settings
from pileus.identity.issuing import Issuer
from pileus.identity.lookups import Lookups
from pileus.identity.passwords import Hasher
from pileus.identity.remembered import Remembered
from pileus.identity.rendering import Renderer
from pileus.identity.rules import RULES
from pileus.identity.tables import metadata
from pileus.identity.targets import target_of, unloaded
from pileus.identity.tokens import Sealer
from pileus.identity.validation import Validator
from pileus.kernel.context import Context
from pileus.kernel.http.faults import IdentityFaults
from pileus.kernel.service import Runtime, Service


class Identity(Service):
    """Keystone's v3 API."""

    type: ClassVar[str] = "identity"
    mount: ClassVar[str] = "/identity"
    rules = RULES
    faults = IdentityFaults()
    metadata = metadata
    vary = "X-Auth-Token"
    strict_content_type = False
    refusal = "You are not authorized to perform the requested action: {rule}."

    def __init__(self, runtime: Runtime, settings: Settings) -> None:
        super().__init__(runtime)
        self.settings = settings
        self.remembered = Remembered(self.database)
        self.lookups = Lookups(self.database, self.remembered)
        self.sealer = Sealer(self.database, self.remembered)
        self.hasher = Hasher(settings.bcrypt_rounds)
        self.validator = Validator(self.database, self.remembered, self.sealer)
        self.compliance = Compliance(settings, self.hasher)
        self.accounts = Accounts(self.database, self.hasher, self.compliance)
        self.access = Access()
        self.authentication = Authentication(self.lookups, self.hasher, self.validator, self.compliance)
        self.issuer = Issuer(self.lookups, self.validator, self.sealer, settings.token_lifetime)
        self.catalog = Catalog(self.database, self.remembered)
        self.renderer = Renderer(self.catalog, self.remembered)

    def freshness(self) -> int:
        """Changes whenever the worth of any token may have changed."""
        return self.remembered.moment()

    def policy_target(self, resource: Any) -> Any:
        return target_of(resource)

    def unloaded_target(self, context: Context, parameters: Mapping[str, str]) -> Any:
        return unloaded(context, parameters)
