"""Users: how they are made and changed, with their passwords."""

from msgspec import UNSET, structs

from pileus.identity.compliance import Compliance
from pileus.identity.model import Password, User
from pileus.identity.passwords import Hasher
from pileus.identity.resource_bodies import NewUser, UserChange
from pileus.identity.resources import (
    changed,
    domain_for,
    extra_of,
    found,
    given,
    options_of,
    same_domain,
    same_id,
    truth,
)
from pileus.identity.store import projects, tokens, users
from pileus.kernel import clock, ids
from pileus.kernel.context import Context
from pileus.kernel.database import Database, Tx
from pileus.kernel.errors import BadRequest


class Accounts:
    """Hashing takes long, so it is done before a transaction begins; routes that end here are ``blocking``."""

    def __init__(self, database: Database, hasher: Hasher, compliance: Compliance) -> None:
        self._database, self._hasher, self._compliance = database, hasher, compliance

    def create(self, body: NewUser, context: Context) -> tuple[User, int | None]:
        """The user, and when its password expires. Raises BadRequest, NotFound (of its domain) or Conflict."""
        now = clock.now()
        user = User(
            id=ids.new_hex(),
            name=body.name.strip(),
            domain_id=domain_for(context, body.domain_id),
            enabled=truth(body.enabled, True),
            default_project_id=given(body.default_project_id, None),
            options=options_of(body.options, {}),
            extra=extra_of(body),
            created_at=now,
            last_active_at=now if self._compliance.notes_activity else None,
            failed_attempts=0,
            failed_at=None,
        )
        password = self._hashed(user, given(body.password, None))
        with self._database.transaction() as tx:
            found(projects.get_domain(tx, user.domain_id), "domain", user.domain_id)
            _check_default_project(tx, user.default_project_id)
            users.insert(tx, user)
            if password is not None:
                users.add_password(tx, password)
        return user, password.expires_at if password else None

    def update(self, before: User, body: UserChange) -> tuple[User, int | None]:
        """Raises BadRequest or Conflict."""
        same_id(body, before.id)
        same_domain(body, before.domain_id)
        after = structs.replace(
            changed(before, body, "default_project_id"),
            name=given(body.name, before.name).strip(),
            enabled=truth(body.enabled, before.enabled),
            options=options_of(body.options, before.options),
            extra=extra_of(body, before.extra),
        )
        if after.enabled and body.enabled is not UNSET:
            # An administrator's word unlocks a user, and wakes one that was not seen for long.
            active = clock.now() if self._compliance.notes_activity else before.last_active_at
            after = structs.replace(after, failed_attempts=0, failed_at=None, last_active_at=active)
        password = self._hashed(after, given(body.password, None))
        with self._database.transaction() as tx:
            if body.default_project_id is not UNSET:
                _check_default_project(tx, after.default_project_id)
            users.update(tx, after)
            if password is not None:
                self._replace(tx, password)
            elif body.password is None:
                users.forget_all_passwords(tx, after.id)
            if body.password is not UNSET or (before.enabled and not after.enabled):
                tokens.revoke(tx, user_id=after.id)
            current = users.password(tx, after.id)
        return after, current.expires_at if current else None

    def change_password(self, user: User, new: str) -> None:
        """A user's own change, the old password being proven. Raises BadRequest when a rule forbids it."""
        with self._database.read() as tx:
            history = users.password_history(tx, user.id)
        if user.options.get("lock_password"):
            raise BadRequest(
                "You cannot change your password at this time due to password policy disallowing password changes. "
                "Please contact your administrator to reset your password."
            )
        self._compliance.check_strength(new)
        self._compliance.check_age(history[0] if history else None)
        self._compliance.check_history(new, history)
        password = self._new_password(user, new, self_service=True)
        with self._database.transaction() as tx:
            self._replace(tx, password)
            tokens.revoke(tx, user_id=user.id)

    def _hashed(self, user: User, plain: str | None) -> Password | None:
        if plain is None:
            return None
        self._compliance.check_strength(plain)
        return self._new_password(user, plain, self_service=False)

    def _new_password(self, user: User, plain: str, *, self_service: bool) -> Password:
        hashed = self._hasher.hash(plain)
        now = clock.now()
        return Password(
            id=ids.new_hex(),
            user_id=user.id,
            hash=hashed,
            self_service=self_service,
            created_at=now,
            expires_at=self._compliance.expiry(user, now, self_service=self_service),
        )

    def _replace(self, tx: Tx, password: Password) -> None:
        old = self._compliance.kept(users.password_history(tx, password.user_id))
        if old:
            users.forget_passwords(tx, old)
        users.add_password(tx, password)


def _check_default_project(tx: Tx, project_id: str | None) -> None:
    project = projects.get(tx, project_id) if project_id else None
    if project is not None and project.is_domain:
        raise BadRequest(f"User's default project ID cannot be a domain ID: {project_id}")
