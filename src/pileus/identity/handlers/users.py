"""``/v3/users`` and ``/v3/groups``."""

import re

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection, cut, filters_of, linked, matching, page_of
from pileus.identity.model import Group, User
from pileus.identity.removal import remove_group, remove_user
from pileus.identity.resources import changed, domain_for, extra_of, found, given, same_domain, same_id
from pileus.identity.service import Identity
from pileus.identity.store import groups, projects, users
from pileus.identity.targets import Membership, New, Owned
from pileus.kernel import clock, ids
from pileus.kernel.errors import BadRequest, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.paging import Listed

_EXPIRY = re.compile(r"(?:(?P<operator>[a-z]+):)?(?P<moment>\d.*)")
OPERATORS = ("lt", "lte", "gt", "gte", "eq", "neq")


def find_user(request: Request[Identity], user_id: str) -> User:
    with request.service.database.read() as tx:
        return found(users.get(tx, user_id), "user", user_id)


def find_owner(request: Request[Identity], user_id: str) -> Owned:
    """The user of a path, whether there is one or not."""
    with request.service.database.read() as tx:
        return Owned(user_id, users.get(tx, user_id))


def find_group(request: Request[Identity], group_id: str) -> Group:
    with request.service.database.read() as tx:
        return found(groups.get(tx, group_id), "group", group_id)


def find_membership(request: Request[Identity], group_id: str, user_id: str) -> Membership:
    return Membership(find_user(request, user_id), find_group(request, group_id))


def new_user(request: Request[Identity]) -> New:
    return New("user", request.body.user)


def new_group(request: Request[Identity]) -> New:
    return New("group", request.body.group)


def expiry_filters(request: Request[Identity]) -> list[tuple[str, int]]:
    """``password_expires_at=lt:2026-01-01T00:00:00Z``. Raises BadRequest."""
    wanted = []
    for text in request.params("password_expires_at"):
        match = _EXPIRY.fullmatch(text)
        operator = (match and match["operator"]) or "eq"
        try:
            moment = clock.parse(match["moment"] if match else text)
        except ValueError:
            raise BadRequest("Timestamp not in expected format.") from None
        if operator not in OPERATORS:
            raise BadRequest(
                f"The given operator {operator} is not valid. It must be one of the following: "
                "'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'."
            )
        wanted.append((operator, moment))
    return wanted


def _shown(request: Request[Identity], listed: Listed[User], expiries: dict[str, int]) -> View:
    enabled = request.service.compliance.enabled
    shown = []
    for one in listed.items:
        view = views.user(one, expiries.get(one.id))
        view["enabled"] = enabled(one)
        shown.append(view)
    return collection(request, "users", shown, "users", more=listed.more)


def list_users(request: Request[Identity]) -> View:
    """List users."""
    filters = filters_of(request, "domain_id", "enabled", "name")
    with request.service.database.read() as tx:
        expiries = expiry_filters(request)
        listed = users.find(tx, filters, expiries, page_of(request), domain_id=request.context.domain_id)
        known = users.expiries_of(tx, [one.id for one in listed.items])
    return _shown(request, listed, known)


def create_user(request: Request[Identity], new: New) -> Response:
    """Create a user."""
    user, expires_at = request.service.accounts.create(new.body, request.context)
    return Response({"user": linked(request, "users", views.user(user, expires_at))}, status=201)


def show_user(request: Request[Identity], user: User) -> View:
    """Show a user."""
    with request.service.database.read() as tx:
        password = users.password(tx, user.id)
    view = linked(request, "users", views.user(user, password.expires_at if password else None))
    view["enabled"] = request.service.compliance.enabled(user)
    return {"user": view}


def update_user(request: Request[Identity], user: User) -> View:
    """Change a user."""
    after, expires_at = request.service.accounts.update(user, request.body.user)
    return {"user": linked(request, "users", views.user(after, expires_at))}


def delete_user(request: Request[Identity], user: User) -> None:
    """Delete a user."""
    with request.service.database.transaction() as tx:
        remove_user(tx, user.id)


def change_password(request: Request[Identity], user_id: str) -> None:
    """Change one's own password."""
    identity, body = request.service, request.body.user
    moment = identity.remembered.moment()
    user = identity.authentication.prove_own_password(user_id, body.original_password, moment)
    identity.accounts.change_password(user, body.password)


def list_user_groups(request: Request[Identity], owner: Owned) -> View:
    """List the groups of a user."""
    found(owner.user, "user", owner.user_id)
    with request.service.database.read() as tx:
        listed = groups.find(
            tx,
            filters_of(request, "name"),
            page_of(request),
            user_id=owner.user_id,
            domain_id=request.context.domain_id,
        )
    return collection(request, "groups", [views.group(one) for one in listed.items], "groups", more=listed.more)


def list_user_projects(request: Request[Identity], owner: Owned) -> View:
    """List the projects that a user holds a role on."""
    found(owner.user, "user", owner.user_id)
    with request.service.database.read() as tx:
        held = request.service.access.projects_of(tx, owner.user_id)
        tags = projects.tags_of(tx, held)
    shown = [views.project(one, tags.get(one.id, [])) for one in held]
    shown, more = cut(request, matching(shown, filters_of(request, "domain_id", "enabled", "name")))
    return collection(request, "projects", shown, "projects", more=more)


def list_groups(request: Request[Identity]) -> View:
    """List groups."""
    domain_id = request.context.domain_id
    target = {"target": {} if domain_id is None else {"group": {"domain_id": domain_id}}}
    request.authorize("identity:list_groups", target)
    with request.service.database.read() as tx:
        filters = filters_of(request, "domain_id", "name")
        listed = groups.find(tx, filters, page_of(request), domain_id=domain_id)
    return collection(request, "groups", [views.group(one) for one in listed.items], "groups", more=listed.more)


def create_group(request: Request[Identity], new: New) -> Response:
    """Create a group."""
    body = new.body
    group = Group(
        id=ids.new_hex(),
        name=body.name.strip(),
        domain_id=domain_for(request.context, body.domain_id),
        description=given(body.description, ""),
        extra=extra_of(body),
    )
    with request.service.database.transaction() as tx:
        found(projects.get_domain(tx, group.domain_id), "domain", group.domain_id)
        groups.insert(tx, group)
    return Response({"group": linked(request, "groups", views.group(group))}, status=201)


def show_group(request: Request[Identity], group: Group) -> View:
    """Show a group."""
    return {"group": linked(request, "groups", views.group(group))}


def update_group(request: Request[Identity], group: Group) -> View:
    """Change a group."""
    body = request.body.group
    same_id(body, group.id)
    same_domain(body, group.domain_id)
    after = changed(group, body, "name", "description")
    after = Group(
        id=after.id,
        name=after.name.strip(),
        domain_id=after.domain_id,
        description=after.description,
        extra=extra_of(body, group.extra),
    )
    with request.service.database.transaction() as tx:
        groups.update(tx, after)
    return {"group": linked(request, "groups", views.group(after))}


def delete_group(request: Request[Identity], group: Group) -> None:
    """Delete a group."""
    with request.service.database.transaction() as tx:
        remove_group(tx, group.id)


def list_group_users(request: Request[Identity], group: Group) -> View:
    """List the users of a group."""
    filters = filters_of(request, "domain_id", "enabled", "name")
    with request.service.database.read() as tx:
        listed = users.find(
            tx,
            filters,
            expiry_filters(request),
            page_of(request),
            group_id=group.id,
            domain_id=request.context.domain_id,
        )
        known = users.expiries_of(tx, [one.id for one in listed.items])
    return _shown(request, listed, known)


def add_member(request: Request[Identity], membership: Membership) -> None:
    """Add a user to a group."""
    with request.service.database.transaction() as tx:
        groups.add_member(tx, membership.group.id, membership.user.id)


def check_member(request: Request[Identity], membership: Membership) -> None:
    """Check that a user is in a group."""
    group_id, user_id = membership.group.id, membership.user.id
    with request.service.database.read() as tx:
        if not groups.is_member(tx, group_id, user_id):
            raise NotFound(f"User '{user_id}' not found in group '{group_id}'")


def remove_member(request: Request[Identity], membership: Membership) -> None:
    """Remove a user from a group."""
    group_id, user_id = membership.group.id, membership.user.id
    with request.service.database.transaction() as tx:
        if not groups.remove_member(tx, group_id, user_id):
            raise NotFound(f"User '{user_id}' not found in group '{group_id}'")
