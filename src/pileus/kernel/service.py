"""What makes a package a service: how it presents itself, declared as data, and what its handlers work with.

A service package has its API in ``routes.py`` (ROUTES), its slow work in ``operations/`` (KINDS), and the subclass of
Service in ``service.py``, which knows neither: pileus/cloud.py puts the three together.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from pileus.kernel.auth import Authenticator
from pileus.kernel.context import Context
from pileus.kernel.database import Database
from pileus.kernel.errors import DomainError, Unauthorized, UnsupportedMediaType
from pileus.kernel.http.bodies import BadBody
from pileus.kernel.http.faults import FaultFormat, IdentityFaults
from pileus.kernel.http.microversions import Microversions, Version
from pileus.kernel.http.request import own_target
from pileus.kernel.operations.periodic import Periodic
from pileus.kernel.operations.queue import Queue
from pileus.kernel.policy import REFUSAL, Enforcer, Rule
from pileus.kernel.rpc import Rpc
from pileus.kernel.services import Directory

StartResponse = Callable[..., Any]
REQUESTED_PATH = "pileus.requested_path"  # in the WSGI environment, where routed_path told another one


class _NoAuthenticator:
    """In force until the cloud is put together: nobody gets in."""

    def authenticate(self, token: str | None, service_token: str | None, base: Context) -> Context:
        raise Unauthorized("No identity service is configured.")


class Runtime:
    """What the services of one process share."""

    def __init__(
        self,
        *,
        database: Database,
        state_dir: Path,
        operations: Queue,
        rpc: Rpc,
        public_url: str = "",
        region: str = "RegionOne",
        host: str = "",
    ) -> None:
        self.database = database
        self.state_dir = state_dir
        self.operations = operations
        self.rpc = rpc
        self.public_url = public_url
        self.region = region
        self.host = host  # the name of this host in the cloud
        self.services = Directory()
        self.authenticator: Authenticator = _NoAuthenticator()


class Service:
    """Base of every service. A subclass fills in the class attributes and keeps its own collaborators.

    type, mount  its type in the catalogue ("compute"), and the path it is served below ("/compute").
    policy_before_body  the reference checks the policy before it looks at the body (a stranger learns 403, not 400).
    strict_slashes  a slash at the end makes another path, which is not found; but for the root and its versions.
    refusal  the message of a 403, ``{rule}`` being the rule that did not allow it.
    """

    type: ClassVar[str]
    mount: ClassVar[str]
    rules: ClassVar[Sequence[Rule]] = ()
    faults: ClassVar[FaultFormat]
    unauthorized_faults: ClassVar[FaultFormat] = IdentityFaults()
    microversions: ClassVar[Microversions | None] = None
    metadata: ClassVar[sa.MetaData | None] = None
    content_type: ClassVar[str] = "application/json"
    request_id_header: ClassVar[str | None] = None
    vary: ClassVar[str | None] = None
    policy_before_body: ClassVar[bool] = False
    strict_content_type: ClassVar[bool] = True
    strict_slashes: ClassVar[bool] = False
    refusal: ClassVar[str] = REFUSAL

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.database = runtime.database
        self.policy = Enforcer(self.rules, runtime.state_dir / "policy" / f"{self.type}.yaml", self.refusal)

    def routed_path(self, path: str) -> str:
        """The path of the route table that a requested one stands for: itself, but for older forms of paths."""
        return path

    def reroute(self, environ: dict[str, Any], start_response: StartResponse) -> StartResponse:
        """Prepares a request whose path was replaced (it is under REQUESTED_PATH); returns what starts its answer."""
        return start_response

    def admit(self, context: Context, environ: Mapping[str, Any]) -> None:
        """Raises a DomainError when a request that stands in the table is not one of this caller's."""

    def policy_target(self, resource: Any) -> Any:
        """What policy rules are checked against for a loaded resource."""
        return resource

    def unloaded_target(self, context: Context, parameters: Mapping[str, str]) -> Any:
        """What policy rules are checked against where nothing was loaded: the caller's own project and user."""
        return own_target(context)

    def faults_at(self, version: Version | None) -> FaultFormat:
        """The fault format of a microversion; None: the request did not get as far as having one."""
        return self.faults

    def bad_body(self, error: BadBody) -> DomainError:
        """The error of a body that is not of its type."""
        return error

    def wrong_content_type(self, content_type: str) -> DomainError:
        """The error of a body that is not JSON, where ``strict_content_type`` refuses one."""
        return UnsupportedMediaType(f"Unsupported Content-Type {content_type}")

    def periodic(self) -> Sequence[Periodic]:
        """Work that an engine does again and again."""
        return ()

    def agent_methods(self) -> Mapping[str, Callable[..., Any]]:
        """What this service's agent on a host can be asked to do; called once, where the agent is to run."""
        return {}

    def start_engine(self) -> None:
        """Starts this service's background work in an engine process (threads, watchers); called once."""

    def start_agent(self) -> None:
        """Starts this service's background work on a host, beside its ``agent_methods``; called once."""

    def stop(self) -> None:
        """Ends whatever ``start_engine`` and ``start_agent`` have started; also called when neither was."""
