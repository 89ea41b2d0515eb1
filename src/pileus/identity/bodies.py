"""The JSON bodies of authentication requests."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType


class DomainRef(Struct):
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET


class UserRef(Struct):
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    domain: DomainRef | UnsetType = UNSET


class PasswordUser(UserRef):
    password: str | None = None


class TotpUser(UserRef):
    passcode: str | None = None


class PasswordMethod(Struct):
    user: PasswordUser | UnsetType = UNSET


class TotpMethod(Struct):
    user: TotpUser | UnsetType = UNSET


class TokenMethod(Struct):
    id: str


class ApplicationCredentialMethod(Struct):
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    user: UserRef | UnsetType = UNSET
    secret: str | UnsetType = UNSET


class IdentityPart(Struct):
    methods: list[str]
    password: PasswordMethod | UnsetType = UNSET
    token: TokenMethod | UnsetType = UNSET
    application_credential: ApplicationCredentialMethod | UnsetType = UNSET
    totp: TotpMethod | UnsetType = UNSET
    oauth1: dict[str, Any] | UnsetType = UNSET


class ProjectRef(Struct):
    id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    domain: DomainRef | UnsetType = UNSET


class SystemRef(Struct):
    all: bool | UnsetType = UNSET


class TrustRef(Struct):
    id: str | UnsetType = UNSET


class Scope(Struct, rename={"trust": "OS-TRUST:trust"}):
    project: ProjectRef | UnsetType = UNSET
    domain: DomainRef | UnsetType = UNSET
    system: SystemRef | UnsetType = UNSET
    unscoped: dict[str, Any] | UnsetType = UNSET
    trust: TrustRef | UnsetType = UNSET


class Auth(Struct):
    identity: IdentityPart
    scope: Scope | str | UnsetType = UNSET


class AuthRequest(Struct):
    auth: Auth
