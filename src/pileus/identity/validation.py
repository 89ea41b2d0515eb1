"""What a token is worth now: nothing of it but its payload is taken on trust.

Roles, names and enabled flags are looked up when a token is validated, so disabling a user or taking a role away
needs no revocation. All of it is remembered until identity's data changes (remembered.py).
"""

from collections.abc import Sequence

from msgspec import Struct

from pileus.identity.model import ON_SYSTEM, ApplicationCredential, Project, RoleName, Target, User
from pileus.identity.remembered import Remembered
from pileus.identity.store import application_credentials, assignments, projects, tokens, users
from pileus.identity.tokens import DOMAIN, PROJECT, SYSTEM, UNSCOPED, Payload, Sealer
from pileus.kernel import clock
from pileus.kernel.database import Database, Tx
from pileus.kernel.errors import NotFound


class Standing(Struct, frozen=True):
    """What a user is on a scope now, whatever the token."""

    user: User
    user_domain: Project
    password_expires_at: int | None
    project: Project | None
    domain: Project | None
    roles: list[RoleName]
    application_credential: ApplicationCredential | None
    access_rules: list[dict[str, str]] | None


class Valid(Struct, frozen=True):
    """A token that is worth something, and what."""

    payload: Payload
    standing: Standing


class Revocation(Struct, frozen=True):
    """Voids tokens issued until ``issued_before`` that match all that is set."""

    audit_id: str | None
    audit_chain_id: str | None
    user_id: str | None
    project_id: str | None
    domain_id: str | None
    trust_id: str | None
    issued_before: int

    def voids(self, payload: Payload, standing: Standing) -> bool:
        if payload.issued_at > self.issued_before:
            return False
        project, domain = standing.project, standing.domain
        domains = {standing.user.domain_id, domain.id if domain else None}
        return (
            self.audit_id in (None, payload.audit_ids[0])
            and self.audit_chain_id in (None, payload.audit_ids[-1])
            and self.user_id in (None, payload.user_id)
            and self.project_id in (None, project.id if project else "")
            and (self.domain_id is None or self.domain_id in domains)
            and self.trust_id in (None, payload.trust_id)
        )


class Validator:
    def __init__(self, database: Database, remembered: Remembered, sealer: Sealer) -> None:
        self._database, self._remembered, self._sealer = database, remembered, sealer

    def validate(self, token: str, moment: int, *, window: float = 0) -> Valid:
        """``window``: seconds for which an expired token still counts. Raises NotFound for any other token."""
        valid = self._remembered.get(
            moment, ("valid", token), lambda: self.look_up(self._sealer.open(token, moment), moment)
        )
        if valid.payload.expires_at + int(window * clock.SECOND) <= clock.now():
            raise NotFound("Failed to validate token")
        return valid

    def look_up(self, payload: Payload, moment: int) -> Valid:
        """Raises NotFound when the token is revoked, or its user, scope or roles are no longer what it needs."""
        standing = self._remembered.get(
            moment,
            ("standing", payload.user_id, payload.scope, payload.scope_id, payload.application_credential_id),
            lambda: self._standing(payload),
        )
        if any(event.voids(payload, standing) for event in self._revocations(moment)):
            raise NotFound("Could not find token.")
        return Valid(payload, standing)

    def _standing(self, payload: Payload) -> Standing:
        with self._database.read() as tx:
            user = users.get(tx, payload.user_id)
            user_domain = projects.get_domain(tx, user.domain_id) if user else None
            if user is None or user_domain is None or not user.enabled or not user_domain.enabled:
                raise NotFound("Could not find token.")
            project, domain = self._scope(tx, payload)
            credential = self._credential(tx, payload)
            roles = self.roles(tx, user.id, payload.scope, payload.scope_id)
            password = users.password(tx, user.id)
            rules = None
            if credential is not None and credential.access_rules is not None:
                rules = application_credentials.rules(tx, credential.access_rules)
        if credential is not None:
            roles = [role for role in roles if role.id in credential.roles]
        if not roles and payload.scope != UNSCOPED:
            raise NotFound("Could not find token.")
        expires_at = password.expires_at if password else None
        return Standing(user, user_domain, expires_at, project, domain, roles, credential, rules)

    def _scope(self, tx: Tx, payload: Payload) -> tuple[Project | None, Project | None]:
        """The project scoped to and its domain, or the domain scoped to alone."""
        if payload.scope == PROJECT:
            project = projects.get(tx, payload.scope_id)
            domain = projects.get(tx, project.domain_id or project.id) if project else None
            if project is None or domain is None or not project.enabled or not domain.enabled:
                raise NotFound("Could not find token.")
            return project, domain
        if payload.scope == DOMAIN:
            domain = projects.get_domain(tx, payload.scope_id)
            if domain is None or not domain.enabled:
                raise NotFound("Could not find token.")
            return None, domain
        return None, None

    def _credential(self, tx: Tx, payload: Payload) -> ApplicationCredential | None:
        if payload.application_credential_id is None:
            return None
        found = application_credentials.get(tx, payload.application_credential_id)
        if found is None:
            raise NotFound("Could not find token.")
        return found

    def roles(self, tx: Tx, user_id: str, scope: str, scope_id: str) -> list[RoleName]:
        """The roles a user holds on a scope, by itself and by its groups."""
        if scope == UNSCOPED:
            return []
        actors = [user_id, *users.group_ids(tx, user_id)]
        if scope == SYSTEM:
            return assignments.effective(tx, actors, ON_SYSTEM)
        ancestors: Sequence[str] = ()
        if scope == PROJECT:
            project = projects.get(tx, scope_id)
            if project is not None:
                ancestors = [above.id for above in projects.ancestors(tx, project)]
        return assignments.effective(tx, actors, Target(scope, scope_id), ancestors)

    def _revocations(self, moment: int) -> list[Revocation]:
        return self._remembered.get(moment, "revocations", self._load_revocations)

    def _load_revocations(self) -> list[Revocation]:
        with self._database.read() as tx:
            rows = tokens.all_revocations(tx)
        return [Revocation(*(getattr(row, name) for name in Revocation.__struct_fields__)) for row in rows]
