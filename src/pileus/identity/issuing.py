"""From a proven user and a wanted scope to a new token."""

import logging

from msgspec import UNSET, UnsetType

from pileus.identity.authentication import Proven, missing, refused
from pileus.identity.bodies import Auth, Scope
from pileus.identity.lookups import Lookups
from pileus.identity.model import Trust
from pileus.identity.resources import given
from pileus.identity.store import trusts
from pileus.identity.tokens import (
    DOMAIN,
    PROJECT,
    SYSTEM,
    UNSCOPED,
    Payload,
    Sealer,
    new_audit_id,
)
from pileus.identity.validation import Valid, Validator
from pileus.kernel import clock
from pileus.kernel.errors import Forbidden, NotFound

log = logging.getLogger(__name__)
SCOPES = "system, project, domain, OS-TRUST:trust or unscoped"


class Issuer:
    def __init__(self, lookups: Lookups, validator: Validator, sealer: Sealer, lifetime: int) -> None:
        self._lookups, self._validator, self._sealer, self._lifetime = lookups, validator, sealer, lifetime

    def issue(self, auth: Auth, proven: Proven, moment: int) -> tuple[str, Valid]:
        """Raises Unauthorized when the user has no role on the scope, BadRequest when the scope makes no sense."""
        now = clock.now()
        trust = self._asked_trust(auth, proven, now)
        if trust is not None:
            scope, scope_id = (PROJECT, trust.project_id) if trust.project_id else (UNSCOPED, "")
        elif proven.access_token is not None:
            scope, scope_id = PROJECT, proven.access_token.project_id
        else:
            scope, scope_id = self._scope(auth, proven, moment)
        lives_until = (now // clock.SECOND + self._lifetime) * clock.SECOND
        if trust is not None and trust.expires_at is not None:
            lives_until = min(lives_until, trust.expires_at)
        credential = proven.application_credential
        payload = Payload(
            user_id=trust.trustor_user_id if trust is not None and trust.impersonation else proven.user.id,
            methods=proven.methods,
            scope=scope,
            scope_id=scope_id,
            audit_ids=(new_audit_id(), *proven.audit_chain),
            issued_at=now,
            expires_at=min(lives_until, proven.expires_at or lives_until),
            application_credential_id=credential.id if credential else None,
            trust_id=trust.id if trust is not None else None,
            access_token_id=proven.access_token.id if proven.access_token is not None else None,
        )
        try:
            valid = self._validator.look_up(payload, moment)
        except NotFound:
            if trust is not None:
                raise Forbidden("Trustee has no delegated roles.") from None
            raise refused(f"user {proven.user.id} has no role on {scope} {scope_id}") from None
        if trust is not None and trust.remaining_uses is not None:
            with self._lookups.database.transaction() as tx:
                if not trusts.use(tx, trust.id):
                    raise Forbidden(f"No remaining uses for trust: {trust.id}.")
        return self._sealer.seal(payload, moment), valid

    def _asked_trust(self, auth: Auth, proven: Proven, now: int) -> Trust | None:
        """The trust that is to be used. Raises Unauthorized when there is none such, Forbidden when it is another's."""
        scope = auth.scope
        if isinstance(scope, UnsetType | str) or scope.trust is UNSET:
            return None
        if sum(getattr(scope, part) is not UNSET for part in scope.__struct_fields__) != 1:
            raise missing(SCOPES, "scope")
        with self._lookups.database.read() as tx:
            trust = trusts.get(tx, given(scope.trust.id, ""))
        if trust is None or not trust.usable(now):
            raise refused("the trust does not exist, has expired or is used up")
        if proven.user.id != trust.trustee_user_id:
            raise Forbidden("You are not authorized to perform the requested action: User is not a trustee.")
        return trust

    def _scope(self, auth: Auth, proven: Proven, moment: int) -> tuple[str, str]:
        if proven.application_credential is not None:
            if auth.scope is not UNSET:
                raise refused("application credentials cannot request a scope")
            return PROJECT, proven.application_credential.project_id or ""
        if auth.scope is UNSET:
            return self._default_scope(proven)
        if isinstance(auth.scope, str):
            if auth.scope != "unscoped":
                raise missing(SCOPES, "scope")
            return UNSCOPED, ""
        return self._asked_scope(auth.scope, moment)

    def _asked_scope(self, scope: Scope, moment: int) -> tuple[str, str]:
        if sum(getattr(scope, part) is not UNSET for part in scope.__struct_fields__) != 1:
            raise missing(SCOPES, "scope")
        if scope.project is not UNSET:
            if scope.project.name is not UNSET and scope.project.domain is UNSET:
                raise missing("domain", "project")
            project = self._lookups.project(scope.project, moment)
            if project is None or not project.enabled:
                raise refused("the project does not exist or is disabled")
            return PROJECT, project.id
        if scope.domain is not UNSET:
            domain = self._lookups.domain(scope.domain, moment)
            if domain is None or not domain.enabled:
                raise refused("the domain does not exist or is disabled")
            return DOMAIN, domain.id
        if scope.system is not UNSET:
            return SYSTEM, SYSTEM
        if scope.unscoped is not UNSET:
            return UNSCOPED, ""
        raise missing(SCOPES, "scope")

    def _default_scope(self, proven: Proven) -> tuple[str, str]:
        """The user's default project if the user has a role there, else none."""
        project_id = proven.user.default_project_id
        if project_id is None:
            return UNSCOPED, ""
        with self._lookups.database.read() as tx:
            if not self._validator.roles(tx, proven.user.id, PROJECT, project_id):
                return UNSCOPED, ""
        return PROJECT, project_id
