"""The called side: an agent's methods as a WSGI application, for a unix socket or TLS."""

from collections.abc import Callable, Iterable
from typing import Any

from pileus.kernel.rpc.methods import Methods

MAX_CALL = 16 << 20


class RpcApplication:
    """Answers ``POST /rpc``. Who may connect is the socket's matter: file permissions or client certificates."""

    def __init__(self, methods: Methods) -> None:
        self._methods = methods

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if environ["REQUEST_METHOD"] != "POST" or length > MAX_CALL:
            start_response("400 Bad Request", [("Content-Length", "0")])
            return []
        answer = self._methods.serve(environ["wsgi.input"].read(length))
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]

    def mode(self, method: str, path: str) -> str:
        """Every call may wait for the hypervisor (see kernel/http/server.py)."""
        return "blocking"
