"""Versions, tokens, and what becomes one: signed requests and OAuth."""

from pileus.identity import extension_bodies as bodies
from pileus.identity.bodies import AuthRequest
from pileus.identity.handlers import auth, discovery, oauth, revocations, signed_requests
from pileus.identity.routes.lines import crud
from pileus.kernel.http.routes import Route

DISCOVERY = [
    Route(method="GET", path="", handler=discovery.show_versions, public=True),
    Route(method="GET", path="/v3", handler=discovery.show_version, public=True),
]

AUTH = [
    Route(method="POST", path="/v3/auth/tokens", handler=auth.issue, body=AuthRequest, public=True),
    Route(
        method="GET",
        path="/v3/auth/tokens",
        handler=auth.validate,
        load=auth.find_subject,
        policy="identity:validate_token",
    ),
    Route(
        method="HEAD",
        path="/v3/auth/tokens",
        handler=auth.check,
        load=auth.find_subject,
        policy="identity:check_token",
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
    Route(method="GET", path="/v3/auth/projects", handler=auth.list_projects, policy="identity:get_auth_projects"),
    Route(method="GET", path="/v3/auth/domains", handler=auth.list_domains, policy="identity:get_auth_domains"),
    Route(method="GET", path="/v3/auth/system", handler=auth.list_systems, policy="identity:get_auth_system"),
]

SIGNED_REQUESTS = [
    Route(
        method="POST",
        path="/v3/ec2tokens",
        handler=signed_requests.authenticate_ec2,
        policy="identity:ec2tokens_validate",
        body=bodies.SignedRequest,
    ),
    Route(
        method="POST",
        path="/v3/s3tokens",
        handler=signed_requests.authenticate_s3,
        policy="identity:s3tokens_validate",
        body=bodies.SignedRequest,
    ),
    Route(
        method="GET",
        path="/v3/OS-REVOKE/events",
        handler=revocations.list_events,
        policy="identity:list_revoke_events",
    ),
]

_ACCESS = "/v3/users/{user_id}/OS-OAUTH1/access_tokens"
_ONE_ACCESS = _ACCESS + "/{access_token_id}"

OAUTH = [
    *crud(
        "OS-OAUTH1/consumers",
        "consumer/consumers",
        oauth.find_consumer,
        oauth.list_consumers,
        oauth.create_consumer,
        oauth.show_consumer,
        oauth.update_consumer,
        oauth.delete_consumer,
        bodies.ConsumerRequest,
        bodies.ConsumerRequest,
    ),
    Route(method="POST", path="/v3/OS-OAUTH1/request_token", handler=oauth.create_request_token, public=True),
    Route(method="POST", path="/v3/OS-OAUTH1/access_token", handler=oauth.create_access_token, public=True),
    Route(
        method="PUT",
        path="/v3/OS-OAUTH1/authorize/{request_token_id}",
        handler=oauth.authorize,
        policy="identity:authorize_request_token",
        body=bodies.AuthorizeRequest,
    ),
    Route(method="GET", path=_ACCESS, handler=oauth.list_access_tokens, policy="identity:list_access_tokens"),
    Route(
        method="GET",
        path=_ONE_ACCESS,
        handler=oauth.show_access_token,
        load=oauth.find_access_token,
        policy="identity:get_access_token",
        hides_absence=True,
    ),
    Route(
        method="DELETE",
        path=_ONE_ACCESS,
        handler=oauth.delete_access_token,
        load=oauth.find_access_token,
        policy="identity:delete_access_token",
        hides_absence=True,
        status=204,
    ),
    Route(
        method="GET",
        path=_ONE_ACCESS + "/roles",
        handler=oauth.list_access_token_roles,
        load=oauth.find_access_token,
        policy="identity:list_access_token_roles",
        hides_absence=True,
    ),
    Route(
        method="GET",
        path=_ONE_ACCESS + "/roles/{role_id}",
        handler=oauth.show_access_token_role,
        load=oauth.find_access_token,
        policy="identity:get_access_token_role",
        hides_absence=True,
    ),
]

ROUTES = [*DISCOVERY, *AUTH, *SIGNED_REQUESTS, *OAUTH]
