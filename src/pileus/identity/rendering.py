"""A token's body, as JSON: rendered once for as long as nothing it shows changes, the catalogue spliced in."""

from typing import Any

import msgspec

from pileus.identity.catalog import Catalog
from pileus.identity.remembered import Remembered
from pileus.identity.store import federation
from pileus.identity.tokens import DOMAIN, PROJECT, SYSTEM, UNSCOPED
from pileus.identity.validation import Valid
from pileus.kernel import clock
from pileus.kernel.database import Database


class Renderer:
    def __init__(self, database: Database, catalog: Catalog, remembered: Remembered) -> None:
        self._database, self._catalog, self._remembered = database, catalog, remembered

    def render(self, token: str, valid: Valid, moment: int, *, with_catalog: bool) -> bytes:
        """The body of an answer that shows a token."""
        inner = self._remembered.get(moment, ("body", token), lambda: self._encoded(valid, moment))
        if not with_catalog or valid.payload.scope == UNSCOPED:
            return b'{"token":' + inner + b"}"
        project = valid.standing.project
        catalog = bytes(self._catalog.encoded(moment, valid.payload.user_id, project.id if project else None))
        return b'{"token":' + inner[:-1] + b',"catalog":' + catalog + b"}}"

    def _encoded(self, valid: Valid, moment: int) -> bytes:
        body = token_body(valid)
        providers = self._remembered.get(moment, "service providers", self._service_providers)
        if providers:
            body["service_providers"] = providers
        return msgspec.json.encode(body)

    def _service_providers(self) -> list[dict[str, Any]]:
        """Where else, by federation, a token may be used."""
        with self._database.read() as tx:
            found = federation.find(tx, federation.SERVICE_PROVIDER)
        return [
            {"id": id, "auth_url": body["auth_url"], "sp_url": body["sp_url"]}
            for id, body in found.items()
            if body["enabled"]
        ]


def token_body(valid: Valid) -> dict[str, Any]:
    """All but the catalogue (keystone.common.render_token)."""
    payload, standing = valid.payload, valid.standing
    project, domain = standing.project, standing.domain
    body: dict[str, Any] = {
        "methods": list(payload.methods),
        "user": {
            "domain": {"id": standing.user_domain.id, "name": standing.user_domain.name},
            "id": standing.user.id,
            "name": standing.user.name,
            "password_expires_at": micro(standing.password_expires_at),
        },
        "audit_ids": list(payload.audit_ids),
        "expires_at": clock.iso_micro(payload.expires_at),
        "issued_at": clock.iso_micro(payload.issued_at),
    }
    if payload.scope == SYSTEM:
        body["system"] = {"all": True}
    elif payload.scope == DOMAIN and domain is not None:
        body["domain"] = {"id": domain.id, "name": domain.name}
    elif payload.scope == PROJECT and project is not None and domain is not None:
        body["project"] = {
            "domain": {"id": domain.id, "name": domain.name},
            "id": project.id,
            "name": project.name,
        }
        body["is_domain"] = project.is_domain
    if payload.scope != UNSCOPED:
        body["roles"] = [{"id": role.id, "name": role.name} for role in standing.roles]
    if standing.trust is not None:
        body["OS-TRUST:trust"] = {
            "id": standing.trust.id,
            "impersonation": standing.trust.impersonation,
            "trustor_user": {"id": standing.trust.trustor_user_id},
            "trustee_user": {"id": standing.trust.trustee_user_id},
        }
    if standing.access_token is not None:
        body["OS-OAUTH1"] = {
            "access_token_id": standing.access_token.id,
            "consumer_id": standing.access_token.consumer_id,
        }
    credential = standing.application_credential
    if credential is not None:
        body["application_credential"] = {
            "id": credential.id,
            "name": credential.name,
            "restricted": not credential.unrestricted,
        }
        if standing.access_rules:
            body["application_credential"]["access_rules"] = standing.access_rules
    return body


def micro(moment: int | None) -> str | None:
    return None if moment is None else clock.iso_micro(moment)
