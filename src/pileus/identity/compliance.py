"""The rules of passwords and accounts that an operator may set (PCI DSS): pure decisions on what is stored."""

import re
from collections.abc import Sequence

from pileus.identity.config import Settings
from pileus.identity.model import Password, User
from pileus.identity.passwords import Hasher
from pileus.kernel import clock
from pileus.kernel.errors import BadRequest

CHANGE_ON_FIRST_USE = "ignore_change_password_upon_first_use"
EXPIRY = "ignore_password_expiry"
LOCKOUT = "ignore_lockout_failure_attempts"
INACTIVITY = "ignore_user_inactivity"


class Compliance:
    def __init__(self, settings: Settings, hasher: Hasher) -> None:
        self._settings, self._hasher = settings, hasher
        self._pattern = re.compile(settings.password_regex) if settings.password_regex else None

    @property
    def locks(self) -> bool:
        return self._settings.lockout_failure_attempts > 0

    @property
    def notes_activity(self) -> bool:
        return self._settings.disable_user_account_days_inactive > 0

    def check_strength(self, password: str) -> None:
        """Raises BadRequest when a password does not match the operator's expression."""
        if self._pattern is not None and self._pattern.match(password) is None:
            detail = self._settings.password_regex_description or self._settings.password_regex
            raise BadRequest(f"The password does not match the requirements: {detail}.")

    def check_history(self, password: str, history: Sequence[Password]) -> None:
        """Raises BadRequest when a user's own new password is one of the last ones (newest first)."""
        count = self._settings.unique_last_password_count
        if any(self._hasher.verify(password, old.hash) for old in history[:count]):
            raise BadRequest(
                "The new password cannot be identical to a previous password. The total number which includes the new "
                f"password must be unique is {count}."
            )

    def check_age(self, current: Password | None) -> None:
        """Raises BadRequest when a user changes its password too soon after it last did so itself."""
        days = self._settings.minimum_password_age
        if not days or current is None or not current.self_service:
            return
        left = current.created_at + days * clock.DAY - clock.now()
        if left > 0:
            raise BadRequest(
                "You cannot change your password at this time due to the minimum password age. Once you change your "
                f"password, it must be used for {days} day(s) before it can be changed. Please try again in "
                f"{left // clock.DAY + 1} day(s) or contact your administrator to reset your password."
            )

    def kept(self, history: Sequence[Password]) -> list[str]:
        """The ids of old passwords (newest first, before a new one) that need not be kept any longer."""
        return [old.id for old in history[max(self._settings.unique_last_password_count, 1) :]]

    def expiry(self, user: User, created_at: int, *, self_service: bool) -> int | None:
        """When a password of this user that is made now expires."""
        settings = self._settings
        if settings.change_password_upon_first_use and not self_service and not user.options.get(CHANGE_ON_FIRST_USE):
            return created_at
        if not settings.password_expires_days or user.options.get(EXPIRY):
            return None
        return created_at + settings.password_expires_days * clock.DAY

    def expired(self, user: User, password: Password | None) -> bool:
        if password is None or password.expires_at is None or user.options.get(EXPIRY):
            return False
        return password.expires_at <= clock.now()

    def locked(self, user: User) -> bool:
        limit, duration = self._settings.lockout_failure_attempts, self._settings.lockout_duration
        if not limit or user.options.get(LOCKOUT) or user.failed_attempts < limit:
            return False
        return not duration or (user.failed_at or 0) + duration * clock.SECOND > clock.now()

    def may_lock(self, user: User) -> bool:
        return self.locks and not user.options.get(LOCKOUT)

    def enabled(self, user: User) -> bool:
        """Whether a user counts as enabled: one that was not seen for too long does not."""
        days = self._settings.disable_user_account_days_inactive
        if not user.enabled or not days or user.options.get(INACTIVITY) or user.last_active_at is None:
            return user.enabled
        return user.last_active_at + days * clock.DAY > clock.now()
