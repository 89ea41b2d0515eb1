"""Options of the identity service."""

import re
from typing import Annotated

from msgspec import Meta, Struct


class Settings(Struct, frozen=True):
    token_lifetime: Annotated[int, Meta(ge=1, description="Seconds a new token is valid.")] = 3600
    expired_window: Annotated[
        int, Meta(ge=0, description="Seconds an expired token may still be validated by services that ask so.")
    ] = 172_800
    bcrypt_rounds: Annotated[int, Meta(ge=4, le=31, description="Cost of a password hash: 2^rounds.")] = 12
    key_rotation: Annotated[
        int, Meta(ge=0, description="Seconds between rotations of the token keys; 0: only by command.")
    ] = 86_400
    max_project_depth: Annotated[int, Meta(ge=1, description="Levels of projects below a domain.")] = 5
    list_limit: Annotated[int, Meta(ge=0, description="Most items in a list that asks for no limit; 0: all.")] = 0
    lockout_failure_attempts: Annotated[
        int, Meta(ge=0, description="Wrong passwords in a row that lock a user; 0: never.")
    ] = 0
    lockout_duration: Annotated[int, Meta(ge=0, description="Seconds a user stays locked; 0: until unlocked.")] = 1800
    password_expires_days: Annotated[int, Meta(ge=0, description="Days a password is valid; 0: for ever.")] = 0
    unique_last_password_count: Annotated[
        int,
        Meta(ge=0, description="Last passwords, the current one included, that a new one must differ from; 0: none."),
    ] = 0
    minimum_password_age: Annotated[
        int, Meta(ge=0, description="Days a user must keep a password before changing it; 0: none.")
    ] = 0
    password_regex: Annotated[str, Meta(description="What a password must match; empty: anything.")] = ""
    password_regex_description: Annotated[str, Meta(description="That rule in words, for users.")] = ""
    change_password_upon_first_use: Annotated[
        bool, Meta(description="A password set by an administrator must be changed before it can be used.")
    ] = False
    disable_user_account_days_inactive: Annotated[
        int, Meta(ge=0, description="Days without a login after which a user counts as disabled; 0: never.")
    ] = 0

    def __post_init__(self) -> None:
        try:
            re.compile(self.password_regex)
        except re.error as error:
            raise ValueError(f"password_regex is no regular expression: {error}") from error
