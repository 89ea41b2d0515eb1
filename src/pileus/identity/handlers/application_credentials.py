"""``/v3/users/{user_id}/application_credentials`` and ``access_rules``."""

import secrets

from msgspec import UNSET

from pileus.identity import views
from pileus.identity.handlers.caller import refuse_delegated, refuse_restricted, valid_caller
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import AccessRule, ApplicationCredential, RoleName
from pileus.identity.resource_bodies import NewAccessRule, NewApplicationCredential, RoleReference
from pileus.identity.resources import expiry_of, found, given
from pileus.identity.service import Identity
from pileus.identity.store import application_credentials as store
from pileus.identity.store import assignments, roles
from pileus.identity.targets import Owned
from pileus.kernel import ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

REFUSAL = "You are not authorized to perform the requested action: "


def find_credential(request: Request[Identity], application_credential_id: str) -> ApplicationCredential:
    with request.service.database.read() as tx:
        return found(store.get(tx, application_credential_id), "Application Credential", application_credential_id)


def _rule(tx: Tx, owner: Owned, access_rule_id: str) -> AccessRule:
    rule = store.access_rule_entities.get(tx, access_rule_id)
    return found(rule if rule is not None and rule.user_id == owner.user_id else None, "Access Rule", access_rule_id)


def _shown(tx: Tx, credentials: list[ApplicationCredential]) -> list[View]:
    role_ids = sorted({role_id for one in credentials for role_id in one.roles})
    known = roles.entities.many(tx, role_ids)
    rule_ids = sorted({rule_id for one in credentials for rule_id in one.access_rules or ()})
    rules = store.access_rule_entities.many(tx, rule_ids)
    shown = []
    for one in credentials:
        role_views = [
            {"id": id, "name": known[id].name, "domain_id": known[id].domain_id} for id in one.roles if id in known
        ]
        own = [views.access_rule(rules[id]) for id in one.access_rules or () if id in rules]
        shown.append(views.application_credential(one, role_views, own or None))
    return shown


def _path(user_id: str) -> str:
    return f"users/{user_id}/application_credentials"


def list_credentials(request: Request[Identity], owner: Owned) -> View:
    """List the application credentials of a user."""
    refuse_delegated(request)
    with request.service.database.read() as tx:
        listed = store.of_user(tx, owner.user_id, filters_of(request, "name"), page_of(request))
        shown = _shown(tx, listed.items)
    return collection(request, "application_credentials", shown, _path(owner.user_id), more=listed.more)


def create_credential(request: Request[Identity], owner: Owned) -> Response:
    """Create an application credential for the project one is scoped to."""
    refuse_delegated(request)
    refuse_restricted(request)
    body: NewApplicationCredential = request.body.application_credential
    caller = valid_caller(request)
    if caller is None or request.context.project_id is None or request.context.user_id != owner.user_id:
        raise Forbidden(REFUSAL + "Cannot create an application credential for another user.")
    expires_at = expiry_of(given(body.expires_at, None))
    secret = given(body.secret, None) or secrets.token_urlsafe(64)
    hashed = request.service.hasher.hash(secret)
    with request.service.database.transaction() as tx:
        credential = ApplicationCredential(
            id=ids.new_hex(),
            name=body.name,
            description=given(body.description, None),
            user_id=owner.user_id,
            project_id=request.context.project_id,
            system=None,
            secret_hash=hashed,
            unrestricted=bool(given(body.unrestricted, False)),
            expires_at=expires_at,
            roles=_roles(tx, given(body.roles, []), caller.standing.roles),
            access_rules=_rules(tx, owner.user_id, given(body.access_rules, [])),
        )
        store.insert(tx, credential)
        view = _shown(tx, [credential])[0]
    view["secret"] = secret
    return Response({"application_credential": linked(request, _path(owner.user_id), view)}, status=201)


def _roles(tx: Tx, asked: list[RoleReference], own: list[RoleName]) -> list[str]:
    """The ids of the asked roles with what they imply, or all of one's own. Raises BadRequest for others' roles."""
    if not asked:
        return [role.id for role in own]
    wanted = []
    for one in asked:
        role_id = given(one.id, None)
        if role_id is None:
            role = roles.first_named(tx, given(one.name, ""))
            role_id = found(role, "role", given(one.name, "")).id
        wanted.append(role_id)
    wanted = sorted(assignments.closure(wanted, assignments.implications(tx)))
    if not {role.id for role in own}.issuperset(wanted):
        raise BadRequest("Invalid application credential: Cannot create an application credential with unassigned role")
    return wanted


def _rules(tx: Tx, user_id: str, asked: list[NewAccessRule]) -> list[str] | None:
    """The ids of access rules, those made that the user has not yet; None: no restriction."""
    if not asked:
        return None
    chosen = []
    for one in asked:
        if one.id is not UNSET:
            rule = store.access_rule_entities.get(tx, one.id)
            owned = rule if rule is not None and rule.user_id == user_id else None
            chosen.append(found(owned, "Access Rule", one.id).id)
            continue
        if UNSET in (one.service, one.path, one.method):
            raise BadRequest("An access rule has an id, or a service, a path and a method.")
        service, path, method = given(one.service, ""), given(one.path, ""), str(given(one.method, "GET"))
        rule = store.same_rule(tx, user_id, service, path, method)
        if rule is None:
            rule = AccessRule(id=ids.new_hex(), user_id=user_id, service=service, path=path, method=method)
            store.access_rule_entities.insert(tx, rule)
        chosen.append(rule.id)
    return list(dict.fromkeys(chosen))


def show_credential(request: Request[Identity], credential: ApplicationCredential, user_id: str) -> View:
    """Show an application credential."""
    refuse_delegated(request)
    with request.service.database.read() as tx:
        view = _shown(tx, [credential])[0]
    return {"application_credential": linked(request, _path(credential.user_id), view)}


def delete_credential(request: Request[Identity], credential: ApplicationCredential, user_id: str) -> None:
    """Delete an application credential."""
    refuse_delegated(request)
    refuse_restricted(request)
    with request.service.database.transaction() as tx:
        store.delete(tx, credential.id)


def list_rules(request: Request[Identity], owner: Owned) -> View:
    """List the access rules of a user."""
    refuse_delegated(request)
    with request.service.database.read() as tx:
        filters = filters_of(request, "service", "path", "method")
        listed = store.rules_of_user(tx, owner.user_id, filters, page_of(request))
    shown = [views.access_rule(one) for one in listed.items]
    return collection(request, "access_rules", shown, f"users/{owner.user_id}/access_rules", more=listed.more)


def show_rule(request: Request[Identity], owner: Owned, access_rule_id: str) -> View:
    """Show an access rule."""
    refuse_delegated(request)
    with request.service.database.read() as tx:
        rule = _rule(tx, owner, access_rule_id)
    return {"access_rule": linked(request, f"users/{rule.user_id}/access_rules", views.access_rule(rule))}


def delete_rule(request: Request[Identity], owner: Owned, access_rule_id: str) -> None:
    """Delete an access rule that no application credential has."""
    refuse_delegated(request)
    with request.service.database.transaction() as tx:
        rule = _rule(tx, owner, access_rule_id)
        if store.rule_in_use(tx, rule):
            raise Forbidden("May not delete access rule in use by application credential")
        store.access_rule_entities.delete(tx, rule.id)
