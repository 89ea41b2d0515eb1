"""The identity service and its collaborators."""

from collections.abc import Mapping, Sequence
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
from pileus.identity.store import oauth, tokens
from pileus.identity.tables import metadata
from pileus.identity.targets import target_of, unloaded
from pileus.identity.tokens import Sealer, rotate
from pileus.identity.validation import Validator
from pileus.identity.vault import Vault
from pileus.kernel import clock
from pileus.kernel.context import Context
from pileus.kernel.http.faults import IdentityFaults
from pileus.kernel.operations.periodic import Periodic
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
        self.vault = Vault(self.database)
        self.authentication = Authentication(
            self.lookups, self.hasher, self.validator, self.compliance, self.sealer, self.vault
        )
        self.issuer = Issuer(self.lookups, self.validator, self.sealer, settings.token_lifetime)
        self.catalog = Catalog(self.database, self.remembered)
        self.renderer = Renderer(self.database, self.catalog, self.remembered)

    def freshness(self) -> int:
        """Changes whenever the worth of any token may have changed."""
        return self.remembered.moment()

    def rotate_keys(self) -> None:
        """Stages a new token key; the one staged before signs from now on, in every process at once."""
        with self.database.transaction() as tx:
            rotate(tx, keep=self._longest_life)

    @property
    def _longest_life(self) -> float:
        """Seconds after which a token is surely of no use to anyone."""
        return float(self.settings.token_lifetime + self.settings.expired_window)

    def _rotate_when_due(self) -> None:
        with self.database.transaction() as tx:
            keys = tokens.keys(tx)
            due = clock.now() - self.settings.key_rotation * clock.SECOND
            if keys and keys[0].created_at <= due:
                rotate(tx, keep=self._longest_life)

    def _forget_what_is_over(self) -> None:
        now = clock.now()
        with self.database.transaction() as tx:
            tokens.forget_revocations(tx, now - int(self._longest_life * clock.SECOND))
            oauth.forget_expired(tx, now)

    def periodic(self) -> Sequence[Periodic]:
        tidy = Periodic("identity: forget expired revocations", 3600, self._forget_what_is_over)
        if not self.settings.key_rotation:
            return (tidy,)
        interval = min(self.settings.key_rotation / 4, 600.0)
        return tidy, Periodic("identity: rotate token keys", interval, self._rotate_when_due)

    def policy_target(self, resource: Any) -> Any:
        return target_of(resource)

    def unloaded_target(self, context: Context, parameters: Mapping[str, str]) -> Any:
        return unloaded(context, parameters)
