"""Older forms of paths: with the project in them, and the ``/v2`` that knew no microversions.

``/v2.1/PROJECT/servers`` and ``/v2/PROJECT/servers`` are served as ``/v2.1/servers``; which it was shows in links.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pileus.kernel.context import Context
from pileus.kernel.errors import BadRequest
from pileus.kernel.service import REQUESTED_PATH, StartResponse

_PATH = re.compile(r"/(v2(?:\.1)?)(?:/([0-9a-f-]+))?(?=/[^/])")
_ASKED = ("HTTP_OPENSTACK_API_VERSION", "HTTP_X_OPENSTACK_NOVA_API_VERSION")
_TOLD = frozenset({"openstack-api-version", "x-openstack-nova-api-version", "vary"})


def routed(path: str) -> str:
    """The path of the route table; the documents of versions have no other."""
    match = _PATH.match(path)
    return path if match is None else "/v2.1" + path[match.end() :]


def prefix(environ: Mapping[str, Any]) -> tuple[str, str]:
    """The version and the project that a request's path began with: ``/v2.1``, and ``/PROJECT`` or nothing."""
    requested = environ.get(REQUESTED_PATH)
    match = None if requested is None else _PATH.match(requested)
    if match is None:
        return "/v2.1", ""
    return f"/{match[1]}", f"/{match[2]}" if match[2] else ""


def check_project(context: Context, environ: Mapping[str, Any]) -> None:
    """Raises BadRequest when the project in the path is not the caller's."""
    if REQUESTED_PATH not in environ:
        return
    project_id = prefix(environ)[1].removeprefix("/")
    if project_id and project_id != context.project_id:
        raise BadRequest(
            f"Malformed request URL: URL's project_id '{project_id}' doesn't match "
            f"Context's project_id '{context.project_id}'"
        )


def without_versions(environ: dict[str, Any], start_response: StartResponse) -> StartResponse:
    """Neither asks for a microversion nor tells which it was, where the path is one of ``/v2``."""
    if prefix(environ)[0] != "/v2":
        return start_response
    for name in _ASKED:
        environ.pop(name, None)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[..., Any]:
        kept = [(name, value) for name, value in headers if name.lower() not in _TOLD]
        started: Callable[..., Any] = start_response(status, kept, *rest)
        return started

    return start
