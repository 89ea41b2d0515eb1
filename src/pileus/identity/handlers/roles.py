"""``/v3/roles``: roles, and which roles imply which."""

from typing import Any

from pileus.identity import views
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import Role
from pileus.identity.removal import remove_role
from pileus.identity.resources import (
    changed,
    extra_of,
    found,
    given,
    may_delete,
    may_update,
    options_of,
    same_domain,
    same_id,
)
from pileus.identity.service import Identity
from pileus.identity.store import assignments, projects, roles
from pileus.identity.targets import target_of
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import Forbidden, NotFound
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

NEVER_IMPLIED = ("admin",)


def get_role(tx: Tx, role_id: str) -> Role:
    return found(roles.get(tx, role_id), "role", role_id)


def _find(request: Request[Identity], role_id: str, action: str) -> Role:
    """The role, if the caller may do this to it."""
    with request.service.database.read() as tx:
        role = get_role(tx, role_id)
    rule = f"identity:{action}_domain_role" if role.domain_id else f"identity:{action}_role"
    request.authorize(rule, target_of(role))
    return role


def list_roles(request: Request[Identity]) -> View:
    """List roles."""
    domain_id = request.param("domain_id")
    request.authorize("identity:list_domain_roles" if domain_id else "identity:list_roles", {})
    with request.service.database.read() as tx:
        listed = roles.find(tx, filters_of(request, "name"), page_of(request), domain_id)
    return collection(request, "roles", [views.role(one) for one in listed.items], "roles", more=listed.more)


def create_role(request: Request[Identity]) -> Response:
    """Create a role."""
    body = request.body.role
    domain_id = given(body.domain_id, None)
    request.authorize("identity:create_domain_role" if domain_id else "identity:create_role", {})
    role = Role(
        id=ids.new_hex(),
        name=body.name.strip(),
        domain_id=domain_id,
        description=given(body.description, None),
        options=options_of(body.options, {}),
        extra=extra_of(body),
    )
    with request.service.database.transaction() as tx:
        if domain_id:
            found(projects.get_domain(tx, domain_id), "domain", domain_id)
        roles.insert(tx, role)
    return Response({"role": linked(request, "roles", views.role(role))}, status=201)


def show_role(request: Request[Identity], role_id: str) -> View:
    """Show a role."""
    return {"role": linked(request, "roles", views.role(_find(request, role_id, "get")))}


def update_role(request: Request[Identity], role_id: str) -> View:
    """Change a role."""
    role, body = _find(request, role_id, "update"), request.body.role
    same_id(body, role.id)
    same_domain(body, role.domain_id)
    may_update("role", role.id, role.options, body)
    after = changed(role, body, "name", "description")
    after = Role(
        id=role.id,
        name=after.name.strip(),
        domain_id=role.domain_id,
        description=after.description,
        options=options_of(body.options, role.options),
        extra=extra_of(body, role.extra),
    )
    with request.service.database.transaction() as tx:
        roles.update(tx, after)
    return {"role": linked(request, "roles", views.role(after))}


def delete_role(request: Request[Identity], role_id: str) -> None:
    """Delete a role."""
    role = _find(request, role_id, "delete")
    may_delete("role", role.id, role.options)
    with request.service.database.transaction() as tx:
        remove_role(tx, role.id)


def _shown(request: Request[Identity], role: Role) -> View:
    return {"id": role.id, "links": {"self": request.url(f"/v3/roles/{role.id}")}, "name": role.name}


def find_pair(request: Request[Identity], role_id: str, implied_role_id: str) -> tuple[Role, Role]:
    with request.service.database.read() as tx:
        return get_role(tx, role_id), get_role(tx, implied_role_id)


def find_prior(request: Request[Identity], role_id: str) -> Role:
    with request.service.database.read() as tx:
        return get_role(tx, role_id)


def _rule(request: Request[Identity], prior: Role, implied: Role) -> View:
    inference = {"prior_role": _shown(request, prior), "implies": _shown(request, implied)}
    return {
        "role_inference": inference,
        "links": {"self": request.url(f"/v3/roles/{prior.id}/implies/{implied.id}")},
    }


def _check_implied(tx: Tx, prior: Role, implied: Role) -> None:
    if implied.id not in assignments.implications(tx).get(prior.id, ()):
        raise NotFound(f"{prior.id} does not imply {implied.id}.")


def list_implied(request: Request[Identity], prior: Role) -> View:
    """List the roles that a role implies."""
    with request.service.database.read() as tx:
        implied_ids = sorted(assignments.implications(tx).get(prior.id, ()))
        implied = roles.entities.many(tx, implied_ids)
    inference = {
        "prior_role": _shown(request, prior),
        "implies": [_shown(request, implied[id]) for id in implied_ids if id in implied],
    }
    return {"role_inference": inference, "links": {"self": request.url(f"/v3/roles/{prior.id}/implies")}}


def show_implied(request: Request[Identity], pair: tuple[Role, Role]) -> View:
    """Show that a role implies another."""
    with request.service.database.read() as tx:
        _check_implied(tx, *pair)
    return _rule(request, *pair)


def check_implied(request: Request[Identity], pair: tuple[Role, Role]) -> None:
    """Check that a role implies another."""
    with request.service.database.read() as tx:
        _check_implied(tx, *pair)


def imply(request: Request[Identity], pair: tuple[Role, Role]) -> Response:
    """Let a role imply another."""
    prior, implied = pair
    if implied.name in NEVER_IMPLIED:
        raise Forbidden(f"{implied.id} cannot be an implied roles.")
    if prior.domain_id is None and implied.domain_id is not None:
        raise Forbidden("You are not authorized to perform the requested action: global roles cannot imply others.")
    with request.service.database.transaction() as tx:
        if prior.id in assignments.closure([implied.id], assignments.implications(tx)):
            raise Forbidden(f"{implied.id} cannot be an implied roles.")
        roles.imply(tx, prior.id, implied.id)
    return Response(_rule(request, prior, implied), status=201)


def no_longer_imply(request: Request[Identity], pair: tuple[Role, Role]) -> None:
    """End that a role implies another."""
    prior, implied = pair
    with request.service.database.transaction() as tx:
        if not roles.no_longer_imply(tx, prior.id, implied.id):
            raise NotFound(f"{prior.id} does not imply {implied.id}.")


def list_inferences(request: Request[Identity]) -> dict[str, Any]:
    """List all that roles imply."""
    with request.service.database.read() as tx:
        implied = assignments.implications(tx)
        known = {role.id: role for role in roles.entities.all(tx)}
    rules = [
        {
            "prior_role": _shown(request, known[prior]),
            "implies": [_shown(request, known[one]) for one in sorted(followers) if one in known],
        }
        for prior, followers in sorted(implied.items())
        if prior in known
    ]
    return {"role_inferences": rules, "links": {"self": request.url("/v3/role_inferences")}}
