"""Finding domains, projects and users by what a request says of them; remembered until identity's data changes."""

from msgspec import UNSET, Struct

from pileus.identity.bodies import DomainRef, ProjectRef, UserRef
from pileus.identity.model import Password, Project, User
from pileus.identity.remembered import Remembered
from pileus.identity.store import projects, users
from pileus.kernel.database import Database, Tx


class Account(Struct, frozen=True):
    """A user with what a login needs to know."""

    user: User
    password: Password | None
    domain_enabled: bool


class Lookups:
    def __init__(self, database: Database, remembered: Remembered) -> None:
        self.database = database
        self._remembered = remembered

    def domain(self, given: DomainRef, moment: int) -> Project | None:
        def find() -> Project | None:
            with self.database.read() as tx:
                return _domain(tx, given)

        return self._remembered.get(moment, ("domain", given.id, given.name), find)

    def project(self, given: ProjectRef, moment: int) -> Project | None:
        """A project whose domain is enabled; the name needs a domain."""

        def find() -> Project | None:
            with self.database.read() as tx:
                return _project(tx, given)

        domain = given.domain or DomainRef()
        return self._remembered.get(moment, ("project", given.id, given.name, domain.id, domain.name), find)

    def account(self, given: UserRef, moment: int) -> Account | None:
        def find() -> Account | None:
            with self.database.read() as tx:
                return _account(tx, given)

        domain = given.domain or DomainRef()
        return self._remembered.get(moment, ("account", given.id, given.name, domain.id, domain.name), find)


def _domain(tx: Tx, given: DomainRef) -> Project | None:
    if given.name is not UNSET and given.name:
        return projects.get_domain_by_name(tx, given.name)
    return projects.get_domain(tx, given.id) if given.id is not UNSET else None


def _project(tx: Tx, given: ProjectRef) -> Project | None:
    if given.name is not UNSET and given.name:
        domain = _domain(tx, given.domain) if given.domain is not UNSET else None
        found = projects.get_by_name(tx, given.name, domain.id) if domain is not None else None
    else:
        found = projects.get(tx, given.id) if given.id is not UNSET else None
    if found is None:
        return None
    own_domain = projects.get(tx, found.domain_id) if found.domain_id else found
    return found if own_domain is not None and own_domain.enabled else None


def _account(tx: Tx, given: UserRef) -> Account | None:
    if given.id is not UNSET:
        user = users.get(tx, given.id)
    else:
        domain = _domain(tx, given.domain) if given.domain is not UNSET else None
        name = given.name or ""
        user = users.get_by_name(tx, name, domain.id) if domain is not None else None
    if user is None:
        return None
    own_domain = projects.get_domain(tx, user.domain_id)
    return Account(user, users.password(tx, user.id), own_domain is not None and own_domain.enabled)
