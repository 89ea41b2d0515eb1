"""What a new cloud's identity begins with."""

from collections.abc import Mapping

from pileus.identity import vault
from pileus.identity.model import DEFAULT_DOMAIN, ON_SYSTEM, Password, Project, Role, Target, User
from pileus.identity.service import Identity
from pileus.identity.store import assignments, catalog, credentials, projects, tokens, users
from pileus.identity.tokens import rotate
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx

ROLES = ("admin", "manager", "member", "reader", "service")
IMPLIED = (("admin", "manager"), ("manager", "member"), ("member", "reader"))


def seed_foundations(identity: Identity) -> None:
    """Keys, the default domain and the roles of the reference. Does nothing that was done before."""
    with identity.database.transaction() as tx:
        if not tokens.keys(tx):
            rotate(tx, keep=identity.settings.token_lifetime)
        if not credentials.keys(tx):
            vault.add_key(tx)
        if projects.get(tx, DEFAULT_DOMAIN) is None:
            projects.insert(tx, _project(DEFAULT_DOMAIN, "Default", None, "The default domain"))
        known = {role.name: role.id for role in assignments.list_roles(tx) if role.domain_id is None}
        for name in ROLES:
            if name not in known:
                known[name] = ids.new_hex()
                assignments.insert_role(
                    tx,
                    Role(
                        id=known[name],
                        name=name,
                        domain_id=None,
                        description=None,
                        options={"immutable": True},
                        extra={},
                    ),
                )
        implied = assignments.implications(tx)
        for prior, follower in IMPLIED:
            if known[follower] not in implied.get(known[prior], ()):
                assignments.imply(tx, known[prior], known[follower])


def seed_project(identity: Identity, name: str, description: str = "") -> str:
    """A project of the default domain, by name; returns its id."""
    with identity.database.transaction() as tx:
        found = projects.get_by_name(tx, name, DEFAULT_DOMAIN)
        if found is not None:
            return found.id
        project = _project(ids.new_hex(), name, DEFAULT_DOMAIN, description)
        projects.insert(tx, project)
        return project.id


def seed_user(identity: Identity, name: str, password: str, grants: Mapping[str, tuple[str, ...]]) -> str:
    """A user of the default domain with a password and roles.

    ``grants``: project id, or ``system``, -> role names. A user that is there keeps its id, and gets this password.
    """
    with identity.database.read() as tx:
        found = users.get_by_name(tx, name, DEFAULT_DOMAIN)
        stored = users.password(tx, found.id) if found else None
    changed = stored is None or not identity.hasher.verify(password, stored.hash)
    hashed = identity.hasher.hash(password) if changed else ""
    with identity.database.transaction() as tx:
        user = found or _user(name)
        if found is None:
            users.insert(tx, user)
        if changed:
            users.add_password(tx, _password(user.id, hashed))
        for target_id, names in grants.items():
            target = ON_SYSTEM if target_id == "system" else Target("project", target_id)
            for role_name in names:
                role = assignments.get_role_by_name(tx, role_name)
                if role is not None:
                    assignments.grant(tx, "user", user.id, target, role.id)
        return user.id


def seed_endpoint(identity: Identity, service_type: str, name: str, region: str, urls: Mapping[str, str]) -> None:
    """A service with its endpoints by interface; a changed URL is corrected."""
    with identity.database.transaction() as tx:
        if catalog.region(tx, region) is None:
            catalog.insert_region(tx, region)
        service = catalog.service_of_type(tx, service_type)
        service_id = service.id if service is not None else ids.new_hex()
        if service is None:
            catalog.insert_service(tx, service_id, service_type, {"name": name})
        _seed_urls(tx, service_id, region, urls)


def _seed_urls(tx: Tx, service_id: str, region: str, urls: Mapping[str, str]) -> None:
    there = {(row.interface, row.region_id): row for row in catalog.endpoints_of(tx, service_id)}
    for interface, url in urls.items():
        row = there.get((interface, region))
        if row is None:
            catalog.insert_endpoint(tx, ids.new_hex(), service_id, interface, region, url)
        elif row.url != url:
            catalog.set_endpoint_url(tx, row.id, url)


def _project(project_id: str, name: str, domain_id: str | None, description: str) -> Project:
    return Project(
        id=project_id,
        name=name,
        domain_id=domain_id,
        parent_id=domain_id,
        is_domain=domain_id is None,
        enabled=True,
        description=description,
        options={},
        extra={},
    )


def _user(name: str) -> User:
    return User(
        id=ids.new_hex(),
        name=name,
        domain_id=DEFAULT_DOMAIN,
        enabled=True,
        default_project_id=None,
        options={},
        extra={},
        created_at=clock.now(),
        last_active_at=None,
        failed_attempts=0,
        failed_at=None,
    )


def _password(user_id: str, hashed: str) -> Password:
    return Password(
        id=ids.new_hex(),
        user_id=user_id,
        hash=hashed,
        self_service=False,
        created_at=clock.now(),
        expires_at=None,
    )
