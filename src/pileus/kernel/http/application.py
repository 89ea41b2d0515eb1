"""A service's routes as a Falcon WSGI application: the one way a request goes through any service.

authenticate -> negotiate the version -> find the line of the table -> load what the path names -> check the policy ->
decode the body -> run the handler -> encode the answer; and any error, in the service's fault format.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import falcon
import msgspec
from falcon.routing import CompiledRouter

from pileus.kernel import access_rules, ids, metrics
from pileus.kernel.auth import UNAUTHORIZED
from pileus.kernel.context import REQUEST_ID, Context, current
from pileus.kernel.database import retried
from pileus.kernel.errors import (
    BadRequest,
    DomainError,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
)
from pileus.kernel.http.bodies import UNREADABLE, BadBody, body_type
from pileus.kernel.http.inline import before_waiting
from pileus.kernel.http.microversions import Version
from pileus.kernel.http.request import Request
from pileus.kernel.http.responses import Response
from pileus.kernel.http.routes import Route, load_parameters
from pileus.kernel.log import record_span
from pileus.kernel.service import REQUESTED_PATH, Service
from pileus.kernel.services import CONTEXT_KEY

log = logging.getLogger(__name__)

INLINE, BLOCKING, STREAMS = "inline", "blocking", "streams"
ABSENT = "The resource could not be found."
NO_VERSION: Version = (0, 0)
_json = msgspec.json.Encoder().encode
_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Application:
    """WSGI application of one service."""

    def __init__(self, service: Service, routes: Sequence[Route]) -> None:
        self.service = service
        self.routes = routes
        self._router = CompiledRouter()
        self._falcon: falcon.App[falcon.Request, falcon.Response] = falcon.App(router=self._router)
        # Content types are set below, where there is content.
        self._falcon.resp_options.default_media_type = None  # type: ignore[assignment]
        options = self._falcon.req_options
        options.strip_url_path_trailing_slash = True
        options.keep_blank_qs_values = True
        options.auto_parse_form_urlencoded = False
        self._falcon.add_error_handler((Exception, falcon.HTTPError), self._unrouted)
        by_path: dict[str, dict[str, list[Route]]] = {}
        for route in routes:
            by_path.setdefault(route.path, {}).setdefault(route.method, []).append(route)
        for path, methods in by_path.items():
            self._falcon.add_route(path or "/", _Resource(self, methods))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        routed = self.service.routed_path(path)
        if routed != path:
            environ[REQUESTED_PATH], environ["PATH_INFO"] = path, routed
            start_response = self.service.reroute(environ, start_response)
        return self._falcon(environ, start_response)

    def mode(self, method: str, path: str) -> str:
        """How a request must be run: ``inline``, ``blocking`` or ``streams``; path is below the mount."""
        found = self._router.find(self.service.routed_path(path).rstrip("/") or "/")
        resource = found[0] if found else None
        return resource.modes.get(method, INLINE) if isinstance(resource, _Resource) else INLINE

    def _unrouted(self, req: falcon.Request, resp: falcon.Response, error: Any, params: Any) -> None:
        """A path that no line of the table names, a wrong method, or a request Falcon could not read."""
        base = self._base_context(req)
        version: Version | None = None
        try:
            if CONTEXT_KEY not in req.env:
                self._authenticate(req, base)
            version = self._negotiate(req)
            fault = NotFound(ABSENT) if self._another_path(req) else self._fault_of(req, error)
        except DomainError as earlier:
            fault = earlier
        self._write_fault(req, resp, fault, base.request_id, version)
        self._finish_headers(resp, base, version)

    def _another_path(self, req: falcon.Request) -> bool:
        """Whether a slash at the end makes this a path of its own, below the root and its versions."""
        return self.service.strict_slashes and req.env["PATH_INFO"].endswith("/") and req.path.count("/") > 1

    @staticmethod
    def _fault_of(req: falcon.Request, error: Exception) -> DomainError:
        if isinstance(error, falcon.HTTPMethodNotAllowed):
            # What stands in the table; that HEAD and OPTIONS are answered too goes without saying.
            allowed = dict(error.headers or {}).get("Allow", "").split(", ")
            headers = {"Allow": ", ".join(method for method in allowed if method not in ("HEAD", "OPTIONS"))}
            return MethodNotAllowed(f"The method {req.method} is not allowed for this resource.", headers=headers)
        if isinstance(error, falcon.HTTPError):
            fault = DomainError(error.description or error.title or "", title=error.title)
            fault.status = error.status_code
            if fault.status == 404:
                fault = NotFound(ABSENT)
            return fault
        log.error("request failed before it reached a handler", exc_info=error)
        return DomainError("An unexpected error prevented the server from fulfilling your request.")

    def serve(self, routes: list[Route], req: falcon.Request, resp: falcon.Response, params: Any) -> None:
        """Answers one routed request; never raises."""
        started = time.time()
        base = req.env.get(CONTEXT_KEY) or self._base_context(req)
        reset = current.set(base)
        version: Version | None = None
        route = routes[0]
        context = base
        try:
            if CONTEXT_KEY not in req.env and not route.public:
                context = self._authenticate(req, base)
            version = self._negotiate(req)
            if self._another_path(req):
                raise NotFound(ABSENT)
            if not route.public:
                self.service.admit(context, req.env)
            data = None
            if route.action is not None:
                data = self._read_data(req, route)
                routes = _of_action(routes, data)
            route = _at_version(routes, version)
            if route.action is not None and route.blocking:
                before_waiting()
            request = Request(self.service, context, route, req, version)
            request.data = data
            if route.rerun:
                retried(lambda: self._answer(request, resp, params))
            else:
                self._answer(request, resp, params)
        except DomainError as error:
            self._write_fault(req, resp, error, base.request_id, version)
        except falcon.HTTPError as error:  # a header that Falcon cannot read
            self._write_fault(req, resp, self._fault_of(req, error), base.request_id, version)
        except Exception:
            log.exception("%s %s failed", req.method, req.path)
            self._write_fault(req, resp, self._fault_500(base), base.request_id, version)
        finally:
            self._finish_headers(resp, base, version)
            if CONTEXT_KEY not in req.env:
                self._account(route, req, resp, context, started)
            current.reset(reset)

    @staticmethod
    def _fault_500(base: Context) -> DomainError:
        return DomainError(
            "An unexpected error prevented the server from fulfilling your request. "
            f"The operator finds the reason in the log under {base.request_id}."
        )

    def _base_context(self, req: falcon.Request) -> Context:
        given = req.env.get("HTTP_X_OPENSTACK_REQUEST_ID")
        return Context(ids.new_request_id(), given if given and REQUEST_ID.fullmatch(given) else None)

    def _authenticate(self, req: falcon.Request, base: Context) -> Context:
        env = req.env
        try:
            context = self.service.runtime.authenticator.authenticate(
                env.get("HTTP_X_AUTH_TOKEN"), env.get("HTTP_X_SERVICE_TOKEN"), base
            )
            if context.access_rules is not None and "service" not in context.service_roles:
                requested = env.get(REQUESTED_PATH, req.path)
                paths = (requested, self.service.mount + requested)
                if not access_rules.allow(context.access_rules, self.service.type, req.method, paths):
                    raise Unauthorized(UNAUTHORIZED)
            return context
        except Unauthorized as error:
            error.headers.setdefault("WWW-Authenticate", f'Keystone uri="{self._identity_url(req)}"')
            raise

    def _identity_url(self, req: falcon.Request) -> str:
        root = self.service.runtime.public_url or f"{req.scheme}://{req.netloc}"
        return root.rstrip("/") + "/identity"

    def _negotiate(self, req: falcon.Request) -> Version:
        microversions = self.service.microversions
        if microversions is None:
            return NO_VERSION
        legacy = microversions.legacy_header
        return microversions.negotiate(
            req.get_header("OpenStack-API-Version"), req.get_header(legacy) if legacy else None
        )

    def _answer(self, request: Request[Any], resp: falcon.Response, params: dict[str, str]) -> None:
        route, service = request.route, self.service
        if route.query is not None:
            route.query(request)
        if route.body is not None and not service.policy_before_body:
            request.body = self._read_body(request)
        loaded, arguments = self._load(request, params)
        if route.policy is not None:
            target = service.policy_target(loaded[0]) if loaded else service.unloaded_target(request.context, params)
            service.policy.enforce(request.context, route.policy, target)
        if route.body is not None and service.policy_before_body:
            request.body = self._read_body(request)
        result = route.handler(request, *loaded, **arguments)
        self._write(resp, route, result)

    def _load(self, request: Request[Any], params: dict[str, str]) -> tuple[tuple[Any, ...], dict[str, str]]:
        """What the path names, and the parameters that are left for the handler."""
        route, service = request.route, self.service
        if route.load is None:
            return (), params
        taken = load_parameters(route.load)
        try:
            found = route.load(request, **{name: params[name] for name in taken})
        except NotFound:
            if route.hides_absence and route.policy is not None:
                target = service.unloaded_target(request.context, params)
                service.policy.enforce(request.context, route.policy, target)
            raise
        return (found,), {name: value for name, value in params.items() if name not in taken}

    def _read_body(self, request: Request[Any]) -> Any:
        data = self._read_data(request.http, request.route) if request.data is None else request.data
        try:
            return body_type(request.route.body).decode(data, request.microversion)
        except BadBody as error:
            raise self.service.bad_body(error) from None

    def _read_data(self, req: falcon.Request, route: Route) -> bytes:
        if (req.content_length or 0) > route.max_body:
            raise TooLarge("Request is too large.")
        content_type = (req.content_type or "application/json").partition(";")[0].strip().lower()
        if self.service.strict_content_type and content_type != "application/json":
            raise self.service.wrong_content_type(content_type)
        data = req.bounded_stream.read(route.max_body + 1)
        if len(data) > route.max_body:
            raise TooLarge("Request is too large.")
        return data

    def _write(self, resp: falcon.Response, route: Route, result: Any) -> None:
        if not isinstance(result, Response):
            resp.status = route.status
            if result is not None:
                resp.data = result if isinstance(result, bytes) else _json(result)
            resp.content_type = route.content_type or self.service.content_type
            return
        resp.status = result.status or route.status
        for name, value in result.headers:
            resp.append_header(name, value)
        if result.stream is not None:
            resp.stream = result.stream
            if result.length is not None:
                resp.content_length = result.length
        elif result.body is not None:
            resp.data = result.body if isinstance(result.body, bytes) else _json(result.body)
        if result.content_type != "":
            resp.content_type = result.content_type or route.content_type or self.service.content_type

    def _write_fault(
        self, req: falcon.Request, resp: falcon.Response, error: DomainError, request_id: str, version: Version | None
    ) -> None:
        faults = self.service.unauthorized_faults if error.status == 401 else self.service.faults_at(version)
        content_type, body = faults.render(error, request_id, req.get_header("Accept") or "*/*")
        resp.status = error.status
        resp.stream = None
        resp.content_type, resp.data = content_type, body
        for name, value in error.headers.items():
            resp.set_header(name, value)

    def _finish_headers(self, resp: falcon.Response, base: Context, version: Version | None) -> None:
        resp.set_header("X-OpenStack-Request-Id", base.request_id)
        if self.service.request_id_header:
            resp.set_header(self.service.request_id_header, base.request_id)
        microversions = self.service.microversions
        if microversions is not None:
            if version is not None:
                for name, value in microversions.headers(version):
                    resp.set_header(name, value)
            resp.append_header("Vary", microversions.vary)
        elif self.service.vary:
            resp.append_header("Vary", self.service.vary)

    def _account(
        self, route: Route, req: falcon.Request, resp: falcon.Response, context: Context, started: float
    ) -> None:
        status = resp.status_code
        metrics.REQUESTS.labels(self.service.type, req.method, route.path, status).observe(time.time() - started)
        record_span(
            "request",
            f"{req.method} {self.service.mount}{req.path}",
            started,
            status=status,
            user_id=context.user_id,
            project_id=context.project_id,
            client=req.env.get("REMOTE_ADDR", ""),
        )


class _Resource:
    """All lines of the table at one path, as Falcon wants them: a responder a method."""

    def __init__(self, application: Application, methods: dict[str, list[Route]]) -> None:
        self.modes = {method: _mode(routes) for method, routes in methods.items()}
        for method, routes in methods.items():
            setattr(self, f"on_{method.lower()}", _responder(application, routes))
        if "GET" in methods and "HEAD" not in methods:
            self.modes["HEAD"] = self.modes["GET"]
            setattr(self, "on_head", _responder(application, methods["GET"]))  # noqa: B010
        if "OPTIONS" not in methods:
            setattr(self, "on_options", _not_allowed(list(methods)))  # noqa: B010


def _responder(application: Application, routes: list[Route]) -> Callable[..., None]:
    def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
        application.serve(routes, req, resp, params)

    return respond


def _not_allowed(methods: list[str]) -> Callable[..., None]:
    """What answers OPTIONS where no line of the table does: as any other method that is not there."""

    def respond(req: falcon.Request, resp: falcon.Response, **params: str) -> None:
        raise falcon.HTTPMethodNotAllowed(methods)

    return respond


def _mode(routes: list[Route]) -> str:
    if any(route.streams for route in routes):
        return STREAMS
    # Which action a request asks for is in its body: the line gets itself off the event loop (before_waiting).
    return BLOCKING if any(route.blocking and route.action is None for route in routes) else INLINE


def _of_action(routes: list[Route], data: bytes) -> list[Route]:
    """The lines of the action that a body asks for."""
    try:
        keys = list(_object(data))
    except UNREADABLE:
        raise BadRequest("Malformed request body") from None
    if len(keys) != 1:
        raise BadRequest("Malformed request body")
    found = [route for route in routes if route.action == keys[0]]
    if not found:
        raise BadRequest(f"There is no such action: {keys[0]}")
    return found


def _at_version(routes: list[Route], version: Version) -> Route:
    for route in routes:
        if route.minimum <= version <= route.maximum:
            return route
    raise NotFound(ABSENT)
