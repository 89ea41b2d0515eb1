"""What is registered about other identity and service providers."""

from typing import Any

from pileus.identity import extension_bodies as bodies
from pileus.identity.handlers import auth, federation
from pileus.identity.routes.lines import Load
from pileus.kernel.http.routes import Route


def _registering(path: str, name: str, listing: Load, create: Load, find: Load, body: Any, *, id: str) -> list[Route]:
    at = f"/v3/OS-FEDERATION/{path}/{{{id}}}"
    return [
        Route(method="GET", path=f"/v3/OS-FEDERATION/{path}", handler=listing, policy=f"identity:list_{name}s"),
        Route(method="PUT", path=at, handler=create, policy=f"identity:create_{name}", body=body),
        Route(
            method="GET", path=at, handler=federation.show, load=find, policy=f"identity:get_{name}", hides_absence=True
        ),
        Route(
            method="PATCH",
            path=at,
            handler=federation.update,
            load=find,
            policy=f"identity:update_{name}",
            hides_absence=True,
            body=body,
        ),
        Route(
            method="DELETE",
            path=at,
            handler=federation.delete,
            load=find,
            policy=f"identity:delete_{name}",
            hides_absence=True,
            status=204,
        ),
    ]


ROUTES = [
    # The older names of /v3/auth/projects and /v3/auth/domains.
    Route(
        method="GET",
        path="/v3/OS-FEDERATION/projects",
        handler=auth.list_projects,
        policy="identity:get_auth_projects",
    ),
    Route(
        method="GET",
        path="/v3/OS-FEDERATION/domains",
        handler=auth.list_domains,
        policy="identity:get_auth_domains",
    ),
    *_registering(
        "identity_providers",
        "identity_provider",
        federation.list_identity_providers,
        federation.create_identity_provider,
        federation.find_identity_provider,
        bodies.IdentityProviderRequest,
        id="identity_provider_id",
    ),
    *_registering(
        "identity_providers/{identity_provider_id}/protocols",
        "protocol",
        federation.list_protocols,
        federation.create_protocol,
        federation.find_protocol,
        bodies.ProtocolRequest,
        id="protocol_id",
    ),
    *_registering(
        "mappings",
        "mapping",
        federation.list_mappings,
        federation.create_mapping,
        federation.find_mapping,
        bodies.MappingRequest,
        id="mapping_id",
    ),
    *_registering(
        "service_providers",
        "service_provider",
        federation.list_service_providers,
        federation.create_service_provider,
        federation.find_service_provider,
        bodies.ServiceProviderRequest,
        id="service_provider_id",
    ),
]
