"""One line of an API: what a service's ``routes.py`` is made of."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from pileus.kernel.http.microversions import Version

MIB = 1 << 20
DEFAULT_MAX_BODY = 114_688  # oslo.middleware's limit of an ordinary request body, bytes


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A method and path, who may call it, and the function that answers.

    handler     ``handler(request, **path_parameters)``; returns a JSON-able value, a Response, or None for no body.
    policy      the rule that must allow the call, checked before the handler runs; None: any authenticated caller.
    load        ``load(request, **some_of_the_path_parameters)`` finds what the path names (or raises NotFound); the
                policy is checked against it and the handler gets it in place of the parameters that load took.
    query       ``query(request)`` raises BadRequest when the query string is not one of this line.
    hides_absence  when load finds nothing, the policy decides first, knowing no more than the path's parameters: who
                may not see such a thing learns 403, not 404.
    body        the type that the JSON body must be of; None: no body is read (``raw_body``: the handler reads it).
    action      the one key of the JSON body that selects this line among those of its path (``{"os-stop": null}``).
    status      of an answer that is not a Response.
    minimum, maximum  the microversions between which this line stands.
    public      no token is needed.
    blocking    may wait or take long: runs on a thread of its own, so that it delays nobody.
    streams     moves bodies of any size: runs on the threads kept for that, and its body is not limited.
    rerun       safe to run again when its transaction lost against another one (false for whoever reads a stream).
    """

    method: str
    path: str
    handler: Callable[..., Any]
    policy: str | None = None
    load: Callable[..., Any] | None = None
    query: Callable[[Any], None] | None = None
    hides_absence: bool = False
    body: Any = None
    action: str | None = None
    raw_body: bool = False
    status: int = 200
    minimum: Version = (0, 0)
    maximum: Version = (999, 999)
    public: bool = False
    blocking: bool = False
    streams: bool = False
    rerun: bool = True
    max_body: int = DEFAULT_MAX_BODY
    content_type: str | None = None

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring, or its name in words."""
        doc = inspect.getdoc(self.handler)
        return doc.splitlines()[0] if doc else self.handler.__name__.replace("_", " ")


@cache
def load_parameters(load: Callable[..., Any]) -> tuple[str, ...]:
    """The path parameters that a load function takes."""
    return tuple(inspect.signature(load).parameters)[1:]
