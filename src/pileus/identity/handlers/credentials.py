"""``/v3/credentials``, and EC2 credentials below a user."""

import hashlib
from typing import Any

import msgspec
from msgspec import UNSET, structs

from pileus.identity.handlers.caller import refuse_restricted, valid_caller
from pileus.identity.handlers.collections import View, collection, filters_of, linked, page_of
from pileus.identity.model import Credential
from pileus.identity.resources import extra_of, found, given, same_id
from pileus.identity.service import Identity
from pileus.identity.store import credentials as store
from pileus.identity.store import projects
from pileus.identity.targets import New, Owned
from pileus.identity.validation import Valid
from pileus.kernel import ids
from pileus.kernel.errors import BadRequest, Forbidden
from pileus.kernel.http.bodies import decode_json
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response

EC2 = "ec2"
BOUND = ("trust_id", "app_cred_id", "access_token_id")
REFUSAL = "You are not authorized to perform the requested action: "


def find_credential(request: Request[Identity], credential_id: str) -> Credential:
    with request.service.database.read() as tx:
        return found(store.get(tx, credential_id), "credential", credential_id)


def find_ec2(request: Request[Identity], user_id: str, credential_id: str) -> Credential:
    """By access key; the policy decides by the credential's own user, whatever user the path says."""
    with request.service.database.read() as tx:
        return found(store.get(tx, access_key_id(credential_id)), "credential", credential_id)


def new_credential(request: Request[Identity]) -> New:
    return New("credential", request.body.credential)


def access_key_id(access: str) -> str:
    """The id of the EC2 credential with an access key."""
    return hashlib.sha256(access.encode()).hexdigest()


def _delegated(caller: Valid | None) -> bool:
    if caller is None:
        return False
    payload = caller.payload
    return bool(payload.trust_id or payload.application_credential_id or "oauth1" in payload.methods)


def in_bounds(request: Request[Identity], project_id: str | None) -> bool:
    """A delegated token reaches credentials of its own project only."""
    return not _delegated(valid_caller(request)) or project_id == request.context.project_id


def _check_bounds(request: Request[Identity], project_id: str | None) -> None:
    if not in_bounds(request, project_id):
        raise Forbidden(REFUSAL + "Credential project does not match the project scope of the delegated token.")


def _view(request: Request[Identity], one: Credential) -> View:
    return {
        **one.extra,
        "id": one.id,
        "user_id": one.user_id,
        "project_id": one.project_id,
        "type": one.type,
        "blob": request.service.vault.open(one.sealed),
    }


def _checked_blob(text: str) -> dict[str, Any]:
    """The blob of an EC2 credential. Raises BadRequest."""
    try:
        blob = decode_json(text)
    except BadRequest:
        raise BadRequest("Invalid blob in credential") from None
    if not isinstance(blob, dict) or not blob:
        raise BadRequest("Expecting to find blob in credential.")
    if not isinstance(blob.get("access"), str):
        raise BadRequest("Expecting to find access in credential.")
    return blob


def list_credentials(request: Request[Identity]) -> View:
    """List credentials."""
    user_id = request.context.user_id
    target = {} if request.context.system_scope else {"credential": {"user_id": user_id}}
    request.authorize("identity:list_credentials", {"target": target})
    with request.service.database.read() as tx:
        filters = filters_of(request, "user_id", "type")
        sees_all = request.allowed("identity:get_credential", {"target": {"credential": {}}})
        listed = store.find(tx, filters, page_of(request), None if sees_all else user_id)
    shown = [
        _view(request, one)
        for one in listed.items
        if request.allowed("identity:get_credential", {"target": {"credential": one}})
        and in_bounds(request, one.project_id)
    ]
    return collection(request, "credentials", shown, "credentials", more=listed.more)


def create_credential(request: Request[Identity], new: New) -> Response:
    """Create a credential."""
    body, caller = new.body, valid_caller(request)
    is_ec2 = body.type.lower() == EC2
    project_id = given(body.project_id, None)
    if is_ec2:
        refuse_restricted(request)
        if not project_id:
            raise BadRequest("Expecting to find project_id in credential.")
    _check_bounds(request, project_id)
    text = body.blob if isinstance(body.blob, str) else msgspec.json.encode(body.blob).decode()
    credential_id = ids.new_hex()
    if is_ec2:
        blob = _checked_blob(text)
        credential_id = access_key_id(blob["access"])
        text = msgspec.json.encode(blob | _binding(caller)).decode() if _delegated(caller) else text
    credential = Credential(
        id=credential_id,
        user_id=body.user_id,
        project_id=project_id,
        type=body.type,
        sealed=request.service.vault.seal(text),
        extra=extra_of(body),
    )
    with request.service.database.transaction() as tx:
        store.insert(tx, credential)
    return Response({"credential": linked(request, "credentials", _view(request, credential))}, status=201)


def _binding(caller: Valid | None) -> dict[str, str]:
    """What ties a credential made with a delegated token to that delegation."""
    if caller is None:
        return {}
    payload = caller.payload
    bound = {"trust_id": payload.trust_id, "app_cred_id": payload.application_credential_id}
    return {name: value for name, value in bound.items() if value}


def show_credential(request: Request[Identity], credential: Credential) -> View:
    """Show a credential."""
    _check_bounds(request, credential.project_id)
    return {"credential": linked(request, "credentials", _view(request, credential))}


def update_credential(request: Request[Identity], credential: Credential) -> View:
    """Change a credential."""
    body = request.body.credential
    _check_bounds(request, credential.project_id)
    same_id(body, credential.id)
    text = request.service.vault.open(credential.sealed)
    if body.blob is not UNSET:
        new = body.blob if isinstance(body.blob, str) else msgspec.json.encode(body.blob).decode()
        if credential.type.lower() == EC2:
            old_blob, new_blob = _checked_blob(text), _checked_blob(new)
            for name in (*BOUND, "access_id"):
                if old_blob.get(name) != new_blob.get(name):
                    raise BadRequest(f"{name} can not be updated for credential")
        text = new
    after = structs.replace(
        credential,
        user_id=given(body.user_id, credential.user_id),
        project_id=given(body.project_id, credential.project_id),
        type=given(body.type, credential.type),
        sealed=request.service.vault.seal(text),
        extra=extra_of(body, credential.extra),
    )
    request.authorize("identity:update_credential", {"target": {"credential": after}})
    with request.service.database.transaction() as tx:
        store.update(tx, after)
    return {"credential": linked(request, "credentials", _view(request, after))}


def delete_credential(request: Request[Identity], credential: Credential) -> None:
    """Delete a credential."""
    _check_bounds(request, credential.project_id)
    with request.service.database.transaction() as tx:
        store.delete(tx, credential.id)


def _ec2_view(request: Request[Identity], one: Credential) -> View:
    blob = msgspec.json.decode(request.service.vault.open(one.sealed))
    return {
        "user_id": one.user_id,
        "tenant_id": one.project_id,
        "access": blob.get("access"),
        "secret": blob.get("secret"),
        "trust_id": blob.get("trust_id"),
        "links": {"self": request.url(f"/v3/users/{one.user_id}/credentials/OS-EC2/{blob.get('access')}")},
    }


def list_ec2(request: Request[Identity], owner: Owned) -> View:
    """List the EC2 credentials of a user."""
    found(owner.user, "user", owner.user_id)
    with request.service.database.read() as tx:
        own = store.of_user(tx, owner.user_id, EC2)
    shown = [_ec2_view(request, one) for one in own if in_bounds(request, one.project_id)]
    return collection(request, "credentials", shown)


def create_ec2(request: Request[Identity], owner: Owned) -> Response:
    """Create an EC2 credential for a user on a project."""
    refuse_restricted(request)
    found(owner.user, "user", owner.user_id)
    caller, project_id = valid_caller(request), request.body.tenant_id
    _check_bounds(request, project_id)
    blob = {"access": ids.new_hex(), "secret": ids.new_hex(), "trust_id": None} | _binding(caller)
    credential = Credential(
        id=access_key_id(blob["access"] or ""),
        user_id=owner.user_id,
        project_id=project_id,
        type=EC2,
        sealed=request.service.vault.seal(msgspec.json.encode(blob).decode()),
        extra={},
    )
    with request.service.database.transaction() as tx:
        found(projects.get(tx, project_id), "project", project_id)
        store.insert(tx, credential)
    return Response({"credential": _ec2_view(request, credential)}, status=201)


def show_ec2(request: Request[Identity], credential: Credential) -> View:
    """Show an EC2 credential."""
    _check_bounds(request, credential.project_id)
    return {"credential": _ec2_view(request, credential)}


def delete_ec2(request: Request[Identity], credential: Credential) -> None:
    """Delete an EC2 credential."""
    refuse_restricted(request)
    delete_credential(request, credential)
