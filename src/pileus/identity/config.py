"""Options of the identity service."""

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
