"""What a token is worth now: nothing of it but its payload is taken on trust.

Roles, names and enabled flags are looked up when a token is validated, so disabling a user or taking a role away
needs no revocation. All of it is remembered until identity's data changes (remembered.py).
"""

from collections.abc import Sequence

from msgspec import Struct

from pileus.identity.model import (
    ON_SYSTEM,
    AccessToken,
    ApplicationCredential,
    Project,
    RoleName,
    Target,
    Trust,
    User,
)
from pileus.identity.remembered import Remembered
from pileus.identity.store import application_credentials, assignments, oauth, projects, tokens, trusts, users
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
    trust: Trust | None = None
    access_token: AccessToken | None = None


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


KEYS = ("audit_id", "audit_chain_id", "trust_id", "user_id", "project_id", "domain_id")


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
            (
                "standing",
                payload.user_id,
                payload.scope,
                payload.scope_id,
                payload.application_credential_id,
                payload.trust_id,
                payload.access_token_id,
            ),
            lambda: self._standing(payload),
        )
        if self._revocations(moment).void(payload, standing):
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
            trust, access_token = self._trust(tx, payload), self._access_token(tx, payload)
            if trust is not None:
                roles = self._lent(tx, trust)
            elif access_token is not None:
                roles = self._authorized(tx, access_token)
            else:
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
        return Standing(user, user_domain, expires_at, project, domain, roles, credential, rules, trust, access_token)

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

    def _trust(self, tx: Tx, payload: Payload) -> Trust | None:
        """The trust of a token. Raises NotFound when it, or anyone in it, is gone."""
        if payload.trust_id is None:
            return None
        trust = trusts.get(tx, payload.trust_id)
        if trust is None:
            raise NotFound("Could not find token.")
        for one in trusts.pedigree(tx, trust):
            for user_id in (one.trustor_user_id, one.trustee_user_id):
                user = users.get(tx, user_id)
                domain = projects.get_domain(tx, user.domain_id) if user is not None else None
                if user is None or domain is None or not user.enabled or not domain.enabled:
                    raise NotFound("Could not find token.")
        return trust

    def _lent(self, tx: Tx, trust: Trust) -> list[RoleName]:
        """The roles of a trust with what they imply; none unless the first trustor still holds all of them."""
        if trust.project_id is None:
            return []
        trustor_id = trusts.pedigree(tx, trust)[-1].trustor_user_id
        if not self.role_ids_on_project(tx, trustor_id, trust.project_id).issuperset(trust.roles):
            return []
        return assignments.named(tx, assignments.closure(trust.roles, assignments.implications(tx)))

    def _access_token(self, tx: Tx, payload: Payload) -> AccessToken | None:
        if payload.access_token_id is None:
            return None
        found = oauth.access_tokens.get(tx, payload.access_token_id)
        if found is None:
            raise NotFound("Could not find token.")
        return found

    def _authorized(self, tx: Tx, access_token: AccessToken) -> list[RoleName]:
        held = self.role_ids_on_project(tx, access_token.authorizing_user_id, access_token.project_id)
        return assignments.named(tx, held.intersection(access_token.roles))

    def role_ids_on_project(self, tx: Tx, user_id: str, project_id: str) -> set[str]:
        """The ids of all roles that a user holds on a project, those of domains and implied ones too."""
        actors = [user_id, *users.group_ids(tx, user_id)]
        project = projects.get(tx, project_id)
        above = [one.id for one in projects.ancestors(tx, project)] if project is not None else []
        return assignments.effective_ids(tx, actors, Target(PROJECT, project_id), above)

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

    def _revocations(self, moment: int) -> "Revocations":
        return self._remembered.get(moment, "revocations", self._load_revocations)

    def _load_revocations(self) -> "Revocations":
        with self._database.read() as tx:
            rows = tokens.all_revocations(tx)
        return Revocations([Revocation(*(getattr(row, name) for name in Revocation.__struct_fields__)) for row in rows])


class Revocations:
    """All revocations, found by what they name: no token is held against those of others."""

    def __init__(self, events: Sequence[Revocation]) -> None:
        self._by_key: dict[tuple[str, str], list[Revocation]] = {}
        for event in events:
            kind = next((name for name in KEYS if getattr(event, name) is not None), "")
            self._by_key.setdefault((kind, getattr(event, kind) if kind else ""), []).append(event)

    def void(self, payload: Payload, standing: Standing) -> bool:
        """Whether any of them voids a token."""
        if not self._by_key:
            return False
        project, domain = standing.project, standing.domain
        keys = {
            ("audit_id", payload.audit_ids[0]),
            ("audit_chain_id", payload.audit_ids[-1]),
            ("user_id", payload.user_id),
            ("project_id", project.id if project else ""),
            ("domain_id", standing.user.domain_id),
            ("domain_id", domain.id if domain else ""),
            ("trust_id", payload.trust_id or ""),
            ("", ""),
        }
        return any(event.voids(payload, standing) for key in keys for event in self._by_key.get(key, ()))
