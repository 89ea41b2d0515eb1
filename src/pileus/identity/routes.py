"""The identity API, line by line."""

from pileus.identity.bodies import AuthRequest
from pileus.identity.handlers import auth, discovery
from pileus.kernel.http.routes import Route

ROUTES = [
    Route(method="GET", path="", handler=discovery.show_versions, public=True),
    Route(method="GET", path="/v3", handler=discovery.show_version, public=True),
    Route(method="POST", path="/v3/auth/tokens", handler=auth.issue, body=AuthRequest, public=True),
    Route(
        method="GET",
        path="/v3/auth/tokens",
        handler=auth.validate,
        load=auth.find_subject,
        policy="identity:validate_token",
    ),
    Route(
        method="DELETE",
        path="/v3/auth/tokens",
        handler=auth.revoke,
        load=auth.find_subject,
        policy="identity:revoke_token",
        status=204,
    ),
    Route(method="GET", path="/v3/auth/catalog", handler=auth.catalog, policy="identity:get_auth_catalog"),
]
