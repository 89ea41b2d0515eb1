"""Who is asking: the authentication methods, each proving one user.

Whatever goes wrong here is the same 401 to the outside, so that nobody learns which users exist; the reason goes to
the log.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from pileus.identity import oauth, totp
from pileus.identity.bodies import (
    ApplicationCredentialMethod,
    Auth,
    PasswordMethod,
    TokenMethod,
    TotpMethod,
    UserRef,
)
from pileus.identity.compliance import Compliance
from pileus.identity.lookups import Account, Lookups
from pileus.identity.model import AccessToken, ApplicationCredential, User
from pileus.identity.oauth import Signed
from pileus.identity.passwords import Hasher
from pileus.identity.receipts import open_receipt
from pileus.identity.store import application_credentials, credentials, users
from pileus.identity.store import oauth as oauth_store
from pileus.identity.tokens import METHODS, Sealer
from pileus.identity.validation import Validator
from pileus.identity.vault import Vault
from pileus.kernel import clock
from pileus.kernel.auth import UNAUTHORIZED
from pileus.kernel.errors import BadRequest, Forbidden, NotFound, Unauthorized

log = logging.getLogger(__name__)
T = TypeVar("T")


class Proven(Struct, frozen=True):
    """One user, proven by some methods.

    ``expires_at`` and ``audit_chain`` are those of the token that was used, if one was: a token made from another one
    lives no longer, and is revoked with its chain.
    """

    user: User
    methods: tuple[str, ...]
    expires_at: int | None = None
    audit_chain: tuple[str, ...] = ()
    application_credential: ApplicationCredential | None = None
    access_token: AccessToken | None = None


class Authentication:
    """Proves users."""

    def __init__(
        self,
        lookups: Lookups,
        hasher: Hasher,
        validator: Validator,
        compliance: Compliance,
        sealer: Sealer,
        vault: Vault,
    ) -> None:
        self._lookups, self._hasher, self._validator = lookups, hasher, validator
        self._compliance, self._sealer, self._vault = compliance, sealer, vault

    def prove(
        self, auth: Auth, moment: int, signed: Callable[[], Signed] | None = None, receipt: str | None = None
    ) -> Proven:
        """``signed``: the request as OAuth signs it; ``receipt``: what was proven before.

        Raises BadRequest for a method without its data, Unauthorized when any method does not prove the user.
        """
        proofs = [self._by_method(method, auth, moment, signed) for method in dict.fromkeys(auth.identity.methods)]
        if receipt is not None:
            proofs.append(self._by_receipt(receipt, moment))
        if not proofs:
            raise refused("no authentication method was given")
        if len({proof.user.id for proof in proofs}) > 1:
            raise refused("the methods prove different users")
        expiries = [proof.expires_at for proof in proofs if proof.expires_at is not None]
        methods = dict.fromkeys(method for proof in proofs for method in proof.methods)
        return Proven(
            proofs[0].user,
            tuple(methods),
            min(expiries) if expiries else None,
            next((proof.audit_chain for proof in proofs if proof.audit_chain), ()),
            next((proof.application_credential for proof in proofs if proof.application_credential), None),
            next((proof.access_token for proof in proofs if proof.access_token), None),
        )

    def _by_receipt(self, text: str, moment: int) -> Proven:
        try:
            receipt = open_receipt(self._sealer, text, moment)
        except NotFound as error:
            raise refused(error.message) from None
        account = self._lookups.account(UserRef(id=receipt.user_id), moment)
        if account is None or not account.domain_enabled or not self._compliance.enabled(account.user):
            raise refused("the receipt's user is gone or disabled")
        return Proven(account.user, receipt.methods)

    def _by_method(self, method: str, auth: Auth, moment: int, signed: Callable[[], Signed] | None) -> Proven:
        if method not in METHODS:
            raise refused(f"method {method} is not supported")
        data = getattr(auth.identity, method, UNSET)
        if data is UNSET:
            raise missing(method, "identity")
        if isinstance(data, PasswordMethod):
            return self._password(data, moment)
        if isinstance(data, TokenMethod):
            return self._token(data, moment)
        if isinstance(data, TotpMethod):
            return self._totp(data, moment)
        if method == "oauth1" and signed is not None:
            return self._oauth(signed(), moment)
        if isinstance(data, ApplicationCredentialMethod):
            return self._application_credential(data, moment)
        raise refused(f"method {method} is not supported")

    def _password(self, data: PasswordMethod, moment: int) -> Proven:
        given = required(data.user, "user", "password")
        account = self._verified(given, given.password or "", moment)
        if self._compliance.expired(account.user, account.password):
            log.info("authentication refused: the password of user %s has expired", account.user.id)
            raise Unauthorized(f"The password is expired and needs to be changed for user: {account.user.id}.")
        return Proven(account.user, ("password",))

    def prove_own_password(self, user_id: str, password: str, moment: int) -> User:
        """The user, if this is its password, expired or not. Raises Unauthorized."""
        return self._verified(UserRef(id=user_id), password, moment).user

    def _verified(self, given: UserRef, password: str, moment: int) -> Account:
        """The account of a user whose password is right. Unknown users take the same path and time."""
        account = self._account(given, moment)
        hashed = account.password.hash if account and account.password else None
        right = self._hasher.verify(password, hashed)
        user = self._current(account)
        locked = user is not None and self._compliance.locked(user)
        if not right or locked:
            if user is not None and not locked:
                self._note_failure(user)
            raise refused(f"wrong password, locked or unknown user {given.id or given.name}")
        if account is None or user is None or not self._compliance.enabled(user) or not account.domain_enabled:
            raise refused("the user or its domain is disabled")
        self._note_success(user)
        return account

    def _current(self, account: Account | None) -> User | None:
        """The user as it is now: failures and activity are written without voiding what is remembered."""
        if account is None or not (self._compliance.locks or self._compliance.notes_activity):
            return account.user if account else None
        with self._lookups.database.read() as tx:
            return users.get(tx, account.user.id)

    def _note_failure(self, user: User) -> None:
        if self._compliance.may_lock(user):
            with self._lookups.database.transaction() as tx:
                users.note_failure(tx, user.id, clock.now())

    def _note_success(self, user: User) -> None:
        failed = user.failed_attempts > 0
        now = clock.now()
        idle = self._compliance.notes_activity and now - (user.last_active_at or 0) > clock.DAY
        if failed or idle:
            with self._lookups.database.transaction() as tx:
                users.note_success(tx, user.id, now)

    def _totp(self, data: TotpMethod, moment: int) -> Proven:
        given = required(data.user, "user", "totp")
        account = self._account(given, moment)
        secrets: list[str] = []
        if account is not None:
            with self._lookups.database.read() as tx:
                stored = credentials.of_user(tx, account.user.id, "totp")
            secrets = [self._vault.open(one.sealed) for one in stored]
        right = totp.matches(given.passcode or "", secrets, clock.now())
        if account is None or not right:
            raise refused(f"wrong passcode or unknown user {given.id or given.name}")
        if not self._compliance.enabled(account.user) or not account.domain_enabled:
            raise refused("the user or its domain is disabled")
        return Proven(account.user, ("totp",))

    def _oauth(self, signed: Signed, moment: int) -> Proven:
        parameters = signed.parameters
        with self._lookups.database.read() as tx:
            token = oauth_store.access_tokens.get(tx, parameters.get("oauth_token", ""))
            consumer = oauth_store.consumers.get(tx, parameters.get("oauth_consumer_key", ""))
        if token is None or consumer is None or token.consumer_id != consumer.id:
            raise refused("unknown OAuth consumer or access token")
        if token.expires_at is not None and token.expires_at <= clock.now():
            raise refused("the OAuth access token has expired")
        if not oauth.valid(signed, consumer.secret, token.secret):
            raise refused("the OAuth signature is wrong")
        account = self._lookups.account(UserRef(id=token.authorizing_user_id), moment)
        if account is None or not account.domain_enabled or not self._compliance.enabled(account.user):
            raise refused("the user of the OAuth access token is gone or disabled")
        return Proven(account.user, ("oauth1",), token.expires_at, access_token=token)

    def _token(self, data: TokenMethod, moment: int) -> Proven:
        # A token that is worth nothing is the one refusal that the reference answers with 404.
        valid = self._validator.validate(data.id, moment)
        payload = valid.payload
        for delegation, id in (("trust", payload.trust_id), ("OAuth", payload.access_token_id)):
            if id is not None:
                raise Forbidden(
                    "You are not authorized to perform the requested action: Using "
                    f"{delegation}-scoped token to create another token."
                )
        return Proven(
            valid.standing.user,
            tuple(dict.fromkeys((*payload.methods, "token"))),
            payload.expires_at,
            payload.audit_ids[-1:],
            valid.standing.application_credential,
        )

    def _application_credential(self, data: ApplicationCredentialMethod, moment: int) -> Proven:
        credential, account = self._find_credential(data, moment)
        secret = "" if data.secret is UNSET else data.secret
        if not self._hasher.verify(secret, credential.secret_hash if credential else None):
            raise refused("wrong or unknown application credential")
        if credential is None or account is None or not account.user.enabled or not account.domain_enabled:
            raise refused("the application credential's user is gone or disabled")
        if credential.expires_at is not None and credential.expires_at <= clock.now():
            raise refused("the application credential has expired")
        return Proven(
            account.user, ("application_credential",), credential.expires_at, application_credential=credential
        )

    def _find_credential(
        self, data: ApplicationCredentialMethod, moment: int
    ) -> tuple[ApplicationCredential | None, Account | None]:
        database = self._lookups.database
        if data.id is not UNSET:
            with database.read() as tx:
                credential = application_credentials.get(tx, data.id)
            owner = UserRef(id=credential.user_id) if credential else None
            return credential, self._account(owner, moment) if owner else None
        if data.name is UNSET:
            raise missing("name or ID", "application credential")
        account = self._account(required(data.user, "user", "application credential"), moment)
        if account is None:
            return None, None
        with database.read() as tx:
            return application_credentials.get_by_name(tx, account.user.id, data.name), account

    def _account(self, given: UserRef, moment: int) -> Account | None:
        if given.id is UNSET and given.name is UNSET:
            raise missing("id or name", "user")
        if given.id is UNSET:
            required(given.domain, "domain", "user")
        return self._lookups.account(given, moment)


def required(value: T | UnsetType, attribute: str, target: str) -> T:
    """Raises BadRequest when the value was not given."""
    if isinstance(value, UnsetType):
        raise missing(attribute, target)
    return value


def missing(attribute: str, target: str) -> BadRequest:
    return BadRequest(
        f"Expecting to find {attribute} in {target}. The server could not comply with the request since it is either "
        "malformed or otherwise incorrect. The client is assumed to be in error."
    )


def refused(reason: str) -> Unauthorized:
    log.info("authentication refused: %s", reason)
    return Unauthorized(UNAUTHORIZED)
