"""From a proven user and a wanted scope to a new token."""

import logging

from msgspec import UNSET

from pileus.identity.authentication import Proven, missing, refused
from pileus.identity.bodies import Auth, Scope
from pileus.identity.lookups import Lookups
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
from pileus.kernel.errors import BadRequest, NotFound

log = logging.getLogger(__name__)
SCOPES = "system, project, domain, OS-TRUST:trust or unscoped"


class Issuer:
    def __init__(self, lookups: Lookups, validator: Validator, sealer: Sealer, lifetime: int) -> None:
        self._lookups, self._validator, self._sealer, self._lifetime = lookups, validator, sealer, lifetime

    def issue(self, auth: Auth, proven: Proven, moment: int) -> tuple[str, Valid]:
        """Raises Unauthorized when the user has no role on the scope, BadRequest when the scope makes no sense."""
        scope, scope_id = self._scope(auth, proven, moment)
        now = clock.now()
        lives_until = (now // clock.SECOND + self._lifetime) * clock.SECOND
        credential = proven.application_credential
        payload = Payload(
            user_id=proven.user.id,
            methods=proven.methods,
            scope=scope,
            scope_id=scope_id,
            audit_ids=(new_audit_id(), *proven.audit_chain),
            issued_at=now,
            expires_at=min(lives_until, proven.expires_at or lives_until),
            application_credential_id=credential.id if credential else None,
        )
        try:
            valid = self._validator.look_up(payload, moment)
        except NotFound:
            raise refused(f"user {proven.user.id} has no role on {scope} {scope_id}") from None
        return self._sealer.seal(payload, moment), valid

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
        raise BadRequest("Trust scopes are not available.")

    def _default_scope(self, proven: Proven) -> tuple[str, str]:
        """The user's default project if the user has a role there, else none."""
        project_id = proven.user.default_project_id
        if project_id is None:
            return UNSCOPED, ""
        with self._lookups.database.read() as tx:
            if not self._validator.roles(tx, proven.user.id, PROJECT, project_id):
                return UNSCOPED, ""
        return PROJECT, project_id
