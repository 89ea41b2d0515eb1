"""Who asks, and under which request id: what travels with a request through services, operations, agents and logs."""

import re
from contextvars import ContextVar
from typing import Any

import msgspec

from pileus.kernel.access_rules import AccessRule

REQUEST_ID = re.compile(r"req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Context(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request's identity. Immutable; the unauthenticated context has no user."""

    request_id: str
    global_request_id: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    project_domain_id: str | None = None
    project_domain_name: str | None = None
    domain_id: str | None = None
    domain_name: str | None = None
    system_scope: str | None = None
    roles: tuple[str, ...] = ()
    service_roles: tuple[str, ...] = ()
    is_admin_project: bool = True
    token: str | None = None
    catalog: Any = None
    access_rules: tuple[AccessRule, ...] | None = None  # of a restricted application credential; None: no restriction

    @property
    def is_admin(self) -> bool:
        return "admin" in self.roles

    def with_request(self, request_id: str, global_request_id: str | None) -> "Context":
        return msgspec.structs.replace(self, request_id=request_id, global_request_id=global_request_id)

    def as_service(self) -> "Context":
        """The same request, in the name of the cloud itself: for calls that a user may not make but we must.

        The user and project stay visible, so that logs and traces tell for whom the call is made.
        """
        return msgspec.structs.replace(
            self,
            roles=("admin", "service"),
            service_roles=("service",),
            token=None,
            access_rules=None,
        )

    def without_token(self) -> "Context":
        """What may be stored: everything but the secret and the catalogue."""
        return msgspec.structs.replace(self, token=None, catalog=None)

    def policy_credentials(self) -> dict[str, Any]:
        """The credentials that policy rules are checked against, under oslo.context's names."""
        return {
            "user_id": self.user_id,
            "user_domain_id": self.user_domain_id,
            "project_id": self.project_id,
            "tenant_id": self.project_id,
            "project_domain_id": self.project_domain_id,
            "domain_id": self.domain_id,
            "system_scope": self.system_scope,
            "roles": self.roles,
            "service_roles": self.service_roles,
            "is_admin": self.is_admin,
            "is_admin_project": self.is_admin_project,
            "token": self._token_scope(),
        }

    def _token_scope(self) -> dict[str, Any]:
        """The parts of a token's body that identity's rules look into (``token.domain.id``)."""
        if self.domain_id is not None:
            return {"domain": {"id": self.domain_id}}
        if self.project_domain_id is not None:
            return {"project": {"domain": {"id": self.project_domain_id}}}
        return {}


def service_context(request_id: str) -> Context:
    """The context of work nobody asked for: periodic tasks and reconcilers."""
    return Context(request_id=request_id, user_name="pileus", roles=("admin", "service"), service_roles=("service",))


current: ContextVar[Context | None] = ContextVar("current", default=None)
"""The context of the work this thread or task is doing, for log lines and spans only: code passes contexts on."""
