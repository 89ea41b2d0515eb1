"""``/v3/OS-TRUST/trusts``: roles lent to another user."""

from pileus.identity import views
from pileus.identity.extension_bodies import NewTrust
from pileus.identity.handlers.caller import valid_caller
from pileus.identity.handlers.collections import View, collection, linked
from pileus.identity.model import Role, Trust
from pileus.identity.resources import expiry_of, found, given
from pileus.identity.service import Identity
from pileus.identity.store import projects, roles, tokens, trusts, users
from pileus.identity.targets import New
from pileus.kernel import clock, ids
from pileus.kernel.database import Tx
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

MAX_REDELEGATIONS = 3
REFUSAL = "You are not authorized to perform the requested action: "


def find_trust(request: Request[Identity], trust_id: str) -> Trust:
    with request.service.database.read() as tx:
        trust = trusts.get(tx, trust_id)
    return found(trust if trust is not None and trust.usable(clock.now()) else None, "trust", trust_id)


def new_trust(request: Request[Identity]) -> New:
    return New("trust", request.body.trust)


def _refuse_application_credential(request: Request[Identity]) -> None:
    caller = valid_caller(request)
    if caller is not None and "application_credential" in caller.payload.methods:
        raise Forbidden(REFUSAL + "Using method 'application_credential' is not allowed for managing trusts.")


def _view(one: Trust) -> View:
    return {
        "id": one.id,
        "trustor_user_id": one.trustor_user_id,
        "trustee_user_id": one.trustee_user_id,
        "project_id": one.project_id,
        "impersonation": one.impersonation,
        "expires_at": views.moment(one.expires_at),
        "remaining_uses": one.remaining_uses,
        "redelegated_trust_id": one.redelegated_trust_id,
        "redelegation_count": one.redelegation_count,
        "deleted_at": None,
    }


def _shown(request: Request[Identity], tx: Tx, one: Trust) -> View:
    known = roles.entities.many(tx, one.roles)
    view = linked(request, "OS-TRUST/trusts", _view(one))
    view["roles"] = [linked(request, "roles", views.role(known[id])) for id in one.roles if id in known]
    view["roles_links"] = {
        "self": request.url(f"/v3/OS-TRUST/trusts/{one.id}/roles"),
        "next": None,
        "previous": None,
    }
    return view


def list_trusts(request: Request[Identity]) -> View:
    """List trusts."""
    trustor_id, trustee_id = request.param("trustor_user_id"), request.param("trustee_user_id")
    if trustor_id:
        target = {"target": {"trust": {"trustor_user_id": trustor_id}}}
        request.authorize("identity:list_trusts_for_trustor", target)
    elif trustee_id:
        target = {"target": {"trust": {"trustee_user_id": trustee_id}}}
        request.authorize("identity:list_trusts_for_trustee", target)
    else:
        request.authorize("identity:list_trusts", {})
    _refuse_application_credential(request)
    with request.service.database.read() as tx:
        listed = trusts.find(tx, trustor_id=trustor_id or None, trustee_id=trustee_id or None)
    return collection(request, "trusts", [_view(one) for one in listed], "OS-TRUST/trusts")


def create_trust(request: Request[Identity], new: New) -> Response:
    """Lend roles to another user."""
    _refuse_application_credential(request)
    body: NewTrust = new.body
    project_id = given(body.project_id, None)
    if project_id and not given(body.roles, []):
        raise Forbidden(REFUSAL + "At least one role should be specified.")
    if request.context.user_id != body.trustor_user_id:
        raise Forbidden(REFUSAL + "The authenticated user should match the trustor.")
    expires_at = expiry_of(given(body.expires_at, None))
    with request.service.database.transaction() as tx:
        found(users.get(tx, body.trustee_user_id), "user", body.trustee_user_id)
        parent = _redelegated(request, tx)
        chain = trusts.pedigree(tx, parent) if parent is not None else []
        trust = Trust(
            id=ids.new_hex(),
            trustor_user_id=body.trustor_user_id,
            trustee_user_id=body.trustee_user_id,
            project_id=project_id,
            impersonation=body.impersonation,
            expires_at=expires_at if expires_at is not None or parent is None else parent.expires_at,
            remaining_uses=given(body.remaining_uses, None),
            redelegated_trust_id=parent.id if parent is not None else None,
            redelegation_count=_redelegations(body, parent),
            roles=_role_ids(request, tx, body, chain[-1].trustor_user_id if chain else body.trustor_user_id),
        )
        for one in chain:
            _may_redelegate(one, trust)
        trusts.insert(tx, trust)
        view = _shown(request, tx, trust)
    return Response({"trust": view}, status=201)


def _redelegated(request: Request[Identity], tx: Tx) -> Trust | None:
    """The trust that the caller's token is of. Raises Forbidden for another kind of delegation."""
    caller = valid_caller(request)
    if caller is None:
        return None
    if "oauth1" in caller.payload.methods:
        raise Forbidden(REFUSAL + "Redelegation allowed for delegated by trust only.")
    trust_id = caller.payload.trust_id
    return None if trust_id is None else found(trusts.get(tx, trust_id), "trust", trust_id)


def _redelegations(body: NewTrust, parent: Trust | None) -> int:
    """How often the new trust may be passed on. Raises BadRequest or Forbidden."""
    asked, uses = given(body.redelegation_count, None), given(body.remaining_uses, None)
    if not given(body.allow_redelegation, False) or asked == 0:
        if uses is not None and uses <= 0:
            raise BadRequest("remaining_uses must be a positive integer or null.")
        return 0
    if asked and asked > MAX_REDELEGATIONS:
        raise Forbidden(f"Requested redelegation depth of {asked} is greater than allowed {MAX_REDELEGATIONS}")
    if uses is not None:
        raise BadRequest("remaining_uses must not be set if redelegation is allowed")
    if parent is None:
        return asked or MAX_REDELEGATIONS
    if asked and asked != parent.redelegation_count - 1:
        raise Forbidden('Modifying "redelegation_count" upon redelegation is forbidden.')
    return parent.redelegation_count - 1


def _may_redelegate(parent: Trust, trust: Trust) -> None:
    """Raises Forbidden when a trust would give more than the one it comes from."""
    if not 0 < parent.redelegation_count <= MAX_REDELEGATIONS:
        raise Forbidden(
            f"Remaining redelegation depth of {parent.redelegation_count} out of allowed range of "
            f"[0..{MAX_REDELEGATIONS}]"
        )
    if trust.remaining_uses is not None:
        raise Forbidden('Field "remaining_uses" must not be set in order to redelegate a trust')
    if parent.expires_at is not None and (trust.expires_at is None or trust.expires_at > parent.expires_at):
        raise Forbidden("Requested expiration time is more than redelegated trust can provide")
    if not set(trust.roles) <= set(parent.roles):
        raise Forbidden("Some of requested roles are not in redelegated trust")
    if trust.impersonation and not parent.impersonation:
        raise Forbidden(
            "Impersonation is not allowed because redelegated trust does not specify impersonation. Redelegated trust "
            f"id: {parent.id}"
        )


def _role_ids(request: Request[Identity], tx: Tx, body: NewTrust, trustor_id: str) -> list[str]:
    """Raises NotFound for a role that the trustor does not hold on the project."""
    project_id = given(body.project_id, None)
    held: set[str] = set()
    if project_id:
        found(projects.get(tx, project_id), "project", project_id)
        held = request.service.validator.role_ids_on_project(tx, trustor_id, project_id)
    wanted = []
    for one in given(body.roles, []):
        role_id = given(one.id, None)
        if role_id is None:
            name = given(one.name, "")
            role_id = found(roles.first_named(tx, name), "role", name).id
        if role_id not in held:
            found(None, "role", role_id)
        wanted.append(role_id)
    return list(dict.fromkeys(wanted))


def show_trust(request: Request[Identity], trust: Trust) -> View:
    """Show a trust."""
    _refuse_application_credential(request)
    with request.service.database.read() as tx:
        return {"trust": _shown(request, tx, trust)}


def delete_trust(request: Request[Identity], trust: Trust) -> None:
    """Delete a trust with those redelegated from it."""
    _refuse_application_credential(request)
    with request.service.database.transaction() as tx:
        for trust_id in trusts.delete(tx, trust.id):
            tokens.revoke(tx, trust_id=trust_id)


def list_roles(request: Request[Identity], trust: Trust) -> View:
    """List the roles of a trust."""
    _refuse_application_credential(request)
    with request.service.database.read() as tx:
        known = roles.entities.many(tx, trust.roles)
    shown = [views.role(known[id]) for id in trust.roles if id in known]
    return collection(request, "roles", shown, "roles")


def _role(request: Request[Identity], trust: Trust, role_id: str) -> Role:
    with request.service.database.read() as tx:
        return found(roles.get(tx, role_id) if role_id in trust.roles else None, "role", role_id)


def show_role(request: Request[Identity], trust: Trust, role_id: str) -> View:
    """Show a role of a trust."""
    _refuse_application_credential(request)
    return {"role": linked(request, "roles", views.role(_role(request, trust, role_id)))}
